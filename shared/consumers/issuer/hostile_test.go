package issuer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/testing/apitest"
)

// hostile is an assertion that is refused, and a part of the refusal.
type hostile struct{ what, assertion, says string }

const (
	notSigned = "not signed by a key"
	badForm   = "three parts"
	badBase64 = "is not base64url"
	badObject = "not one JSON object"
	badAlg    = "alg must be ES256"
	badKid    = "kid must be the id"
	badIssuer = "iss and sub must both be"
	badAud    = "aud must be or contain"
)

// formCases are not JWTs, or JWTs that two parsers could read differently.
func (w *world) formCases() []hostile {
	now := w.Clock.Now()
	good := w.assertion(nil, nil)
	parts := strings.Split(good, ".")
	of := func(header, payload string) string { return signed(header, payload, keys()[0]) }
	twice := func(object, member string) string { return "{" + member + "," + object[1:] }
	return []hostile{
		{"nothing", "", badForm},
		{"a word", "something", badForm},
		{"two parts", parts[0] + "." + parts[1], badForm},
		{"four parts", good + "." + parts[2], badForm},
		{"five parts, encrypted", "a.b.c.d.e", badForm},
		{"no signature", parts[0] + "." + parts[1] + ".", badBase64},
		{"no header", "." + parts[1] + "." + parts[2], badBase64},
		{"padding", parts[0] + "=." + parts[1] + "." + parts[2], badBase64},
		{"a line break", parts[0] + "." + parts[1] + "\n." + parts[2], badBase64},
		{"a space before", " " + good, badBase64},
		{"other base64", parts[0] + "." + parts[1] + "." + strings.Repeat("+", 86), badBase64},
		{"Bearer before", "Bearer " + good, badBase64},
		{"header is a list", of("[]", body(now, nil)), badObject},
		{"payload is a text", of(head(nil), `"x"`), badObject},
		{"payload is null", of(head(nil), "null"), badObject},
		{"payload has more behind", of(head(nil), body(now, nil)+"{}"), badObject},
		{"alg twice", of(twice(head(nil), `"alg":"none"`), body(now, nil)), badObject},
		{"kid twice, escaped", of(twice(head(nil), `"k\u0069d":"x"`), body(now, nil)), badObject},
		{"iss twice", of(head(nil), twice(body(now, nil), `"iss":"`+other+`"`)), badObject},
		{"exp twice", of(head(nil), twice(body(now, nil), `"exp":1`)), badObject},
		{"no UTF-8", of(head(nil), twice(body(now, nil), "\"x\":\"\xff\"")), badObject},
		{"twice the length", of(head(nil), body(now, set{"x": strings.Repeat("x", 6<<10)})), "expected length <= 8192"},
	}
}

// headerCases have a header that is not allowed.
func (w *world) headerCases() []hostile {
	now := w.Clock.Now()
	mac := func(alg string, secret []byte) string {
		text := b64([]byte(head(set{"alg": alg}))) + "." + b64([]byte(body(now, nil)))
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(text))
		return text + "." + b64(h.Sum(nil))
	}
	none := b64([]byte(head(set{"alg": "none"}))) + "." + b64([]byte(body(now, nil)))
	point := must(keys()[0].PublicKey.Bytes())
	all := []hostile{
		{"none, no signature", none + ".", badBase64},
		{"none, some signature", none + ".AA", badAlg},
		{"HMAC with the public key", mac("HS256", point), badAlg},
		{"HMAC with the public key as ES256", mac("ES256", point), notSigned},
		{"kid is a path", w.assertion(set{"kid": "../key-1"}, nil), badKid},
		{"kid has a #", w.assertion(set{"kid": "x#KEY"}, nil), badKid},
		{"kid has 65 characters", w.assertion(set{"kid": strings.Repeat("k", 65)}, nil), badKid},
		{"kid has a line break", w.assertion(set{"kid": kid + "\n"}, nil), badKid},
	}
	for _, alg := range []any{"None", "RS256", "HS256", "ES384", "ES512", "es256", "ES256K", "EdDSA", "", nil, 7, []string{"ES256"}, absent} {
		all = append(all, hostile{fmt.Sprint("alg ", alg), w.assertion(set{"alg": alg}, nil), "alg "})
	}
	for _, value := range []any{"", nil, 7, []string{kid}, absent} {
		all = append(all, hostile{fmt.Sprint("kid ", value), w.assertion(set{"kid": value}, nil), badKid})
	}
	for _, typ := range []any{"JOSE", "at+jwt", "dpop+jwt", "", nil, 7} {
		all = append(all, hostile{fmt.Sprint("typ ", typ), w.assertion(set{"typ": typ}, nil), "typ must be JWT"})
	}
	for _, crit := range []any{[]string{"exp"}, []string{}, nil, set{}} {
		all = append(all, hostile{fmt.Sprint("crit ", crit), w.assertion(set{"crit": crit}, nil), "crit"})
	}
	return all
}

// claimCases have a claim that is not allowed.
func (w *world) claimCases() (all []hostile) {
	add := func(claim string, says string, values ...any) {
		for _, value := range values {
			all = append(all, hostile{fmt.Sprintf("%s %v", claim, value), w.assertion(nil, set{claim: value}), says})
		}
	}
	at := func(d time.Duration) int64 { return w.Clock.Now().Add(d).Unix() }
	add("iss", badIssuer, other, "", nil, 7, []string{card}, card+" ", card[1:], card+"0", absent)
	add("sub", badIssuer, other, "", nil, 7, []string{card}, "agg@example", absent)
	for _, both := range []any{"", "ISSUER#001", "ISSUER-00\n", "ISSUER-0001", "ISSUER001", nil, []string{card}} {
		all = append(all, hostile{fmt.Sprintf("iss and sub %v", both), w.assertion(nil, set{"iss": both, "sub": both}), badIssuer})
	}
	add("exp", "claim exp is missing", absent, nil, 0, "")
	add("exp", "claim exp must be", -1, 1e40, -1.5, "1", fmt.Sprint(at(time.Minute)), []int64{at(time.Minute)}, at(time.Minute)*1e9)
	add("exp", "is over", 1, at(-time.Hour), at(-time.Second), at(0))
	add("exp", "900 seconds ahead at most", at(16*time.Minute+time.Second), at(time.Hour), at(time.Minute)*10, int64(253402300799))
	for _, claim := range []string{"iat", "nbf"} {
		add(claim, "claim "+claim+" ", at(61*time.Second), at(4*time.Minute), nil, "", "now", -1, -1.5)
	}
	add("aud", "claim aud ", "", nil, 7, []string{}, set{}, url0, url0+"/", url0+"/oauth2/token/", url0+"/token",
		"https://api.d1.thalescloud.io/", "http://api.d1.thalescloud.io",
		"https://API.d1.thalescloud.io", audience, []any{"https://api.d1.thalescloud.io", 7}, []string{url0 + "/other"})
	return all
}

// signatureCases have a wrong signature and no other fault.
func (w *world) signatureCases() []hostile {
	good := w.assertion(nil, nil)
	dot := strings.LastIndexByte(good, '.')
	text := good[:dot]
	raw := must(base64.RawURLEncoding.DecodeString(good[dot+1:]))
	with := func(signature []byte) string { return text + "." + b64(signature) }
	flipped := append([]byte{raw[0] ^ 1}, raw[1:]...)
	n := elliptic.P256().Params().N.FillBytes(make([]byte, 32))
	p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	sum := sha256.Sum256([]byte(text))
	der := must(ecdsa.SignASN1(rand.Reader, keys()[0], sum[:]))
	r, s, err := ecdsa.Sign(rand.Reader, p384, sum[:])
	wide := must(append(r.FillBytes(make([]byte, 48)), s.FillBytes(make([]byte, 48))...), err)
	big0 := new(big.Int).SetBytes(raw[:32])
	ownKey := set{"jwk": jwk(keys()[1]), "jku": "https://evil.example"}
	bare := set{"iss": card, "sub": card, "exp": w.Clock.Now().Add(time.Minute).Unix()}
	payload := body(w.Clock.Now(), set{"scope": "d1-api:consumer:full", "x": 1})
	return []hostile{
		{"another key", signed(head(nil), body(w.Clock.Now(), nil), keys()[1]), notSigned},
		{"its own key in the header", signed(head(ownKey), body(w.Clock.Now(), nil), keys()[1]), notSigned},
		{"another payload", strings.Split(good, ".")[0] + "." + b64([]byte(payload)) + "." + b64(raw), notSigned},
		{"another header", b64([]byte(head(set{"x": 1}))) + text[strings.IndexByte(text, '.'):] + "." + b64(raw), notSigned},
		{"a bit changed", with(flipped), notSigned},
		{"zeros", with(make([]byte, 64)), notSigned},
		{"the order twice", with(append(n, n...)), notSigned},
		{"s is zero", with(append(raw[:32:32], make([]byte, 32)...)), notSigned},
		{"r twice", with(append(big0.FillBytes(make([]byte, 32)), raw[:32]...)), notSigned},
		{"a byte short", with(raw[:63]), notSigned},
		{"a byte more", with(append(raw[:64:64], 0)), notSigned},
		{"in DER", with(der), notSigned},
		{"of P-384", with(wide), notSigned},
		{"an unknown issuer", w.assertion(nil, set{"iss": "NOBODY-001", "sub": "NOBODY-001"}), notSigned},
		{"an unknown kid", w.assertion(set{"kid": "key-2"}, nil), notSigned},
		{"another issuer's kid", w.assertion(set{"kid": "theirs"}, nil), notSigned},
		{"another issuer", w.assertion(set{"kid": "theirs"}, set{"iss": other, "sub": other}), notSigned},
		{"the kid in capitals", w.assertion(set{"kid": strings.ToUpper(kid)}, nil), notSigned},
		{"signed by the deployment", must(signer().Sign(w.Context(), "JWT", bare)), badAlg},
	}
}

// TestHostileAssertions sends assertions that are refused. Header and claims are checked before
// the storage is read, and the answer repeats no part of the assertion.
func TestHostileAssertions(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		w.register(other, "theirs", keys()[1])
		all := slices.Concat(w.formCases(), w.headerCases(), w.claimCases(), w.signatureCases())
		for _, tc := range all {
			w.hostile(tc, "JSON", func() apitest.Response { return w.grant(tc.assertion) })
			w.hostile(tc, "form", func() apitest.Response { return w.form(tc.assertion) })
		}
		if len(all) < 100 {
			w.Errorf("%d cases", len(all))
		}
		w.Want(w.grant(w.assertion(nil, nil)), 200) // the assertion that all cases change
	})
}

// hostile sends a hostile assertion in a body of that kind.
func (w *world) hostile(tc hostile, kind string, send func() apitest.Response) {
	w.Helper()
	code := consumers.InvalidGrant
	if strings.HasPrefix(tc.says, "expected length") {
		code = consumers.FieldInvalidFormat
	}
	w.Tap.Set(nil)
	res := send()
	w.Refused(tc.what, res, code, tc.says)
	reads := 0
	if tc.says == notSigned {
		reads = 1
	}
	if w.Tap.Seen() != reads {
		w.Errorf("%s as %s reads %d times, want %d", tc.what, kind, w.Tap.Seen(), reads)
	}
	for _, part := range append(strings.Split(tc.assertion, "."), card, kid) {
		if len(part) > 4 && strings.Contains(res.Raw, part) {
			w.Errorf("%s as %s is answered with a part of it: %s", tc.what, kind, res.Raw)
		}
	}
}

// TestRefusalsTellNothing: unknown issuers, unknown keys and wrong signatures have the same
// answer, byte for byte.
func TestRefusalsTellNothing(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		w.register(other, "theirs", keys()[1])
		first := ""
		for _, tc := range w.signatureCases() {
			if tc.says != notSigned {
				continue
			}
			res := w.grant(tc.assertion, "x-correlation-id", "same")
			raw := fmt.Sprint(res.Status, res.Header, res.Raw)
			if first == "" {
				first = raw
			}
			if raw != first {
				w.Errorf("%s is answered with\n%s, not\n%s", tc.what, raw, first)
			}
		}
	})
}

// TestAcceptedAssertions sends assertions with everything that is allowed.
func TestAcceptedAssertions(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		long := strings.Repeat("k", 64)
		w.register(card, long, keys()[0])
		at := func(d time.Duration) int64 { return w.Clock.Now().Add(d).Unix() }
		for _, header := range []set{
			nil, {"typ": absent}, {"typ": "jwt"}, {"kid": long}, {"x5t": "x", "jku": "https://evil.example/jwks", "jwk": jwk(keys()[1])},
		} {
			w.Want(w.grant(w.assertion(header, nil)), 200)
		}
		for _, claims := range []set{
			{"exp": at(time.Second)},
			{"exp": at(16 * time.Minute)},
			{"exp": float64(at(time.Minute)) + 0.5, "iat": float64(at(0)) + 0.5, "nbf": float64(at(0)) + 0.5},
			{"iat": absent},
			{"iat": at(time.Minute)},
			{"iat": at(-24 * time.Hour)},
			{"nbf": at(time.Minute)},
			{"nbf": at(-time.Minute)},
			{"aud": absent},
			{"aud": url0 + "/oauth2"},
			{"aud": url0 + "/oauth2/token"},
			{"aud": []string{"https://other.example", url0 + endpoint}},
			{"jti": "x", "scope": "d1-api:account:full", "other": set{"iss": other}},
		} {
			res := w.Want(w.form(w.assertion(nil, claims)), 200)
			if res.Text("scope") != both {
				w.Errorf("the scope is %q", res.Text("scope"))
			}
		}
		// Up to 8 KB.
		longest := ""
		for n := 5 << 10; len(longest) < 8190; n++ {
			longest = w.assertion(nil, set{"x": strings.Repeat("x", n)})
		}
		w.Want(w.form(longest), 200)
		w.Want(w.grant(longest), 200)
	})
}

// TestTimePasses sends one assertion until it ends.
func TestTimePasses(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		assertion := w.assertion(nil, nil)
		w.Want(w.grant(assertion), 200)
		w.Clock.Advance(5*time.Minute - time.Second)
		w.Want(w.grant(assertion), 200)
		w.Clock.Advance(time.Second)
		w.Refused("one that is over", w.grant(assertion), consumers.InvalidGrant, "is over")
	})
}
