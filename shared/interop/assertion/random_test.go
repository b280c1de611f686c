package assertion_test

import (
	"crypto"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ciclo/shared/interop/assertion"
)

// believed tells whether an assertion is parsed and verified, as both its readers do.
func believed(token string, key crypto.PublicKey, alg string) bool {
	a, failures := assertion.Parse(request(token), expected)
	return failures == nil && verify(a, key, alg, now) == nil
}

// flipped is the text with one byte made another.
func flipped(t *rapid.T, text string) string {
	i := rapid.IntRange(0, len(text)-1).Draw(t, "at")
	raw := []byte(text)
	raw[i] ^= byte(rapid.IntRange(1, 255).Draw(t, "with"))
	return string(raw)
}

func TestEveryByteIsSigned(t *testing.T) {
	t.Parallel()
	k := keys()
	digest := claims(set{"digest": set{"alg": "SHA256", "value": hash}})
	es, rs := es256(head(nil), digest), rs256(digest)
	esProof, rsProof := proof(proofHead(nil), proofClaims(nil)), rsaProof(nil)
	if !believed(es, k.ec.Public(), "ES256") || !believed(rs, k.rsa.Public(), "RS256") {
		t.Fatal("what the test departs from is not believed")
	}
	rapid.Check(t, func(t *rapid.T) {
		if token := flipped(t, es); believed(token, k.ec.Public(), "ES256") {
			t.Fatalf("believed: %q", token)
		}
		if token := flipped(t, rs); believed(token, k.rsa.Public(), "RS256") {
			t.Fatalf("believed: %q", token)
		}
		for _, valid := range []string{esProof, rsProof} {
			if token := flipped(t, valid); parsesProof(token) {
				t.Fatalf("believed: %q", token)
			}
		}
	})
}

func parsesProof(token string) bool {
	_, failures := parseProof(token)
	return failures == nil
}

// more is the object with one member more, at either end.
func more(t *rapid.T, text, name string) string {
	value := rapid.SampledFrom([]string{`1`, `null`, `""`, `"x"`, `[]`, `{}`, `{"a":[1,{}]}`, `true`, `-0.1e9`}).Draw(t, "value")
	member := string(must(json.Marshal(name))) + ":" + value
	if rapid.Bool().Draw(t, "first") {
		return "{" + member + "," + text[1:]
	}
	return text[:len(text)-1] + "," + member + "}"
}

func TestEveryClaimIsKnown(t *testing.T) {
	t.Parallel()
	assertionOf := func(h, p string) []assertion.Failure {
		_, failures := assertion.Parse(request(es256(h, p)), expected)
		return failures
	}
	proofOf := func(h, p string) []assertion.Failure {
		_, failures := parseProof(proof(h, p))
		return failures
	}
	parts := []struct {
		valid, optional, unknown, twice string
		read                            func(changed string) []assertion.Failure
	}{
		{head(nil), "", strict, format, func(h string) []assertion.Failure { return assertionOf(h, claims(nil)) }},
		{claims(nil), "digest", strict, format, func(p string) []assertion.Failure { return assertionOf(head(nil), p) }},
		{proofHead(nil), "", proofStrict, proofFormat, func(h string) []assertion.Failure { return proofOf(h, proofClaims(nil)) }},
		{proofClaims(nil), "ath", proofStrict, proofFormat, func(p string) []assertion.Failure { return proofOf(proofHead(nil), p) }},
	}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom(parts).Draw(t, "part")
		var members set
		if json.Unmarshal([]byte(part.valid), &members) != nil {
			t.Fatal("the test is wrong")
		}
		known := slices.Sorted(maps.Keys(members))
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z_]{1,12}`), rapid.SampledFrom(known)).
			Filter(func(name string) bool { return part.optional == "" || name != part.optional }).Draw(t, "name")
		want := part.unknown
		if slices.Contains(known, name) {
			want = part.twice
		}
		if failures := part.read(more(t, part.valid, name)); len(failures) != 1 || failures[0].Name != want {
			t.Fatalf("%q more: %+v, want %s", name, failures, want)
		}
	})
}

// checkReasons fails where a reason tells a part of the token that is longer than a word.
func checkReasons(t *testing.T, token string, failures []assertion.Failure) {
	t.Helper()
	for _, f := range failures {
		if f.Name == "" || f.Code != codes[f.Name] || !strings.HasSuffix(f.Reason, ".") {
			t.Fatalf("%+v", f)
		}
		quoted := func(part string) bool { return len(part) > 40 && strings.Contains(f.Reason, part) }
		if len(token) > 48 && slices.ContainsFunc(strings.Split(token, "."), quoted) {
			t.Fatalf("the reason %q tells the token", f.Reason)
		}
	}
}

// FuzzParse shows that no text but the tokens we signed is believed, that none
// panics, and that reasons keep it to themselves.
func FuzzParse(f *testing.F) {
	valid := map[string]bool{es256(head(nil), claims(nil)): true, rs256(claims(nil)): true}
	for token := range valid {
		f.Add(token)
		f.Add(token[:len(token)-2])
	}
	f.Fuzz(func(t *testing.T, token string) {
		a, failures := assertion.Parse(request(token), expected)
		checkReasons(t, token, failures)
		if failures != nil {
			return
		}
		if a.ClientID != client || a.Kid == "" || a.JTI == "" || !slices.Contains(a.Audience, audience) {
			t.Fatalf("%q is %+v", token, a)
		}
		for alg, key := range map[string]crypto.PublicKey{"ES256": keys().ec.Public(), "RS256": keys().rsa.Public()} {
			failures = verify(a, key, alg, now)
			checkReasons(t, token, failures)
			if failures == nil && !valid[token] {
				t.Fatalf("%q is believed", token)
			}
		}
	})
}

// FuzzParseProof shows the same of proofs, which bring their key: one that is good
// is signed, for this request and this moment.
func FuzzParseProof(f *testing.F) {
	for _, token := range []string{proof(proofHead(nil), proofClaims(nil)), rsaProof(nil)} {
		f.Add(token, endpoint)
		f.Add(token[:len(token)-2], "https://auth.example:443/%74oken.oauth2?a=b#c")
	}
	f.Fuzz(func(t *testing.T, token, url string) {
		p, failures := assertion.ParseProof([]string{token}, "POST", url, now)
		checkReasons(t, token, failures)
		if failures != nil {
			return
		}
		if len(p.JKT) != 43 || p.JTI == "" || !p.Until.After(now) || len(strings.Split(token, ".")) != 3 {
			t.Fatalf("%q is %+v", token, p)
		}
	})
}

func BenchmarkParseVerify(b *testing.B) {
	k := keys()
	for name, tc := range map[string]struct {
		token string
		key   crypto.PublicKey
	}{
		"ES256": {es256(head(nil), claims(nil)), k.ec.Public()}, "RS256": {rs256(claims(nil)), k.rsa.Public()},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !believed(tc.token, tc.key, name) {
					b.Fatal("not believed")
				}
			}
		})
	}
}

func BenchmarkParseProof(b *testing.B) {
	for name, token := range map[string]string{"ES256": proof(proofHead(nil), proofClaims(nil)), "RS256": rsaProof(nil)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !parsesProof(token) {
					b.Fatal("not believed")
				}
			}
		})
	}
}

// BenchmarkParseHostile shows what the largest token costs that is none.
func BenchmarkParseHostile(b *testing.B) {
	for name, payload := range map[string]string{
		"deep": `{"aud":` + strings.Repeat("[", 9000) + strings.Repeat("]", 2000), "wide": `{"aud":[` + strings.Repeat(`"",`, 3500) + `""]}`,
		"members": "{" + strings.Repeat(`"a":1,`, 1800) + `"b":1}`,
	} {
		token := b64([]byte(head(nil))) + "." + b64([]byte(payload)) + ".AA"
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, failures := assertion.Parse(request(token), expected); failures == nil {
					b.Fatal("parsed")
				}
			}
		})
	}
}
