package assertion_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ciclo/shared/platform/assertion"
)

const (
	proofFormat   = "invalidDPoPProofFormat"
	proofStrict   = "dpopProofInvalidClaims"
	proofBadAlg   = "dpopAlgorithmNotAllowed"
	proofBadHtu   = "invalidDPoPHtu"
	proofUnsigned = "invalidDPoPSignature"
	proofOld      = "expiredDPoPProof"
	proofEarly    = "notYetValidDPoPProof"
	twoProofs     = "multipleDPoPProofsError"
	mismatch      = "dpopTokenBindingMismatch"
)

func parseProof(token string) (assertion.Proof, []assertion.Failure) {
	return assertion.ParseProof([]string{token}, "POST", endpoint, now)
}

// thumbprint is RFC 7638 in other words: members in the order of their names.
func thumbprint(public any) string {
	m := jwk(public, nil)
	sum := sha256.Sum256([]byte(show(m))) // encoding/json sorts names, and these need no escapes
	return b64(sum[:])
}

func TestParseProofReadsTheProof(t *testing.T) {
	t.Parallel()
	k := keys()
	es := assertion.Proof{JKT: thumbprint(k.ec.Public()), JTI: "a jti", Until: now.Add(61 * time.Second)}
	rs := es
	rs.JKT = thumbprint(k.rsa.Public())
	long := es
	long.JTI = strings.Repeat("è", 256)
	with := func(changes set) string { return proof(proofHead(nil), proofClaims(changes)) }
	for name, tc := range map[string]struct {
		token string
		want  assertion.Proof
	}{
		"ES256":                       {with(nil), es},
		"RS256":                       {rsaProof(nil), rs},
		"the other half of s":         {otherHalf(with(nil)), es},
		"the key says what it is for": {rsaProof(set{"alg": "RS256", "use": "sig", "key_ops": []string{"verify"}, "kid": "1", "ext": true}), rs},
		"a jti of 256 letters":        {with(set{"jti": long.JTI}), long},
		"with ath":                    {with(set{"ath": strings.Repeat("a", 43)}), es},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, failures := parseProof(tc.token)
			names(t, failures, tc.token)
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreUnexported(got)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestParseProofRefuses(t *testing.T) {
	t.Parallel()
	cases := slices.Concat(proofHeadCases(), jwkCases(), proofClaimCases())
	for _, tc := range formCases(t) {
		for i := range tc.want {
			tc.want[i] = proofFormat
		}
		cases = append(cases, tc)
	}
	for name, token := range signatures(proof(proofHead(nil), proofClaims(nil)), rsaProof(nil)) {
		cases = append(cases, refuse(name, token, proofUnsigned))
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p, failures := parseProof(tc.token)
			names(t, failures, tc.token, tc.want...)
			if p != (assertion.Proof{}) {
				t.Errorf("a proof came with the failures: %+v", p)
			}
		})
	}
}

func proofHeadCases() []refusal {
	k := keys()
	var cases []refusal
	with := func(name string, changes set, want ...string) {
		cases = append(cases, refuse(name, proof(proofHead(changes), proofClaims(nil)), want...))
	}
	for _, v := range []any{absent, "", nil} {
		with("typ "+show(v), set{"typ": v}, "dpopTypNotFound")
		with("alg "+show(v), set{"alg": v}, "dpopAlgorithmNotFound")
		with("jwk "+show(v), set{"jwk": v}, "dpopJwkNotFound")
	}
	for _, v := range []any{"JWT", "DPoP+JWT", "application/dpop+jwt", "dpop+jwt ", 7, []string{"dpop+jwt"}} {
		with("typ "+show(v), set{"typ": v}, "invalidDPoPTyp")
	}
	for _, v := range []any{"none", "NONE", "HS256", "RS384", "PS256", "ES384", "EdDSA", "es256", 256} {
		with("alg "+show(v), set{"alg": v}, proofBadAlg)
	}
	with("RS256 said, ES256 done", set{"alg": "RS256"}, proofBadAlg)
	for name, v := range (set{"kid": "1", "crit": []string{"htm"}, "b64": false, "jku": "https://evil.example", "x5u": "https://evil.example", "x5c": []string{"AA"}, "cty": "JWT", "zip": "DEF"}) {
		with("header with "+name, set{name: v}, proofStrict)
	}
	with("everything of the header", set{"typ": 1, "alg": 1, "jwk": 1, "x": 1}, "invalidDPoPTyp", proofBadAlg, proofStrict, proofStrict)
	return append(
		cases,
		refuse("the key of somebody", sign(proofHead(nil), proofClaims(nil), k.stranger), proofUnsigned),
		refuse("the RSA key of somebody", sign(proofHead(set{"alg": "RS256", "jwk": jwk(k.rsa.Public(), nil)}), proofClaims(nil), k.other), proofUnsigned),
		refuse("ES256 with an RSA key", proof(proofHead(set{"jwk": jwk(k.rsa.Public(), nil)}), proofClaims(nil)), proofBadAlg),
		refuse("an assertion", es256(head(nil), claims(nil)), "invalidDPoPTyp", "dpopJwkNotFound", "dpopHtmNotFound", "dpopHtuNotFound", proofStrict, proofStrict),
	)
}

func jwkCases() []refusal {
	k := keys()
	var cases []refusal
	ec := func(name string, changes set) {
		header := proofHead(set{"jwk": jwk(k.ec.Public(), changes)})
		cases = append(cases, refuse("EC "+name, proof(header, proofClaims(nil)), proofStrict))
	}
	rs := func(name string, changes set) {
		cases = append(cases, refuse("RSA "+name, rsaProof(changes), proofStrict))
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		ec("with "+name, set{name: "secret"})
		rs("with "+name, set{name: nil})
	}
	point := must(k.ec.PublicKey.Bytes())
	for _, name := range []string{"x", "y"} {
		for _, v := range []any{absent, "", nil, 7, "A", b64(point[1:32]), b64(append([]byte{0}, point[1:33]...)), b64(make([]byte, 32)), b64(point[1:33]) + "="} {
			ec(name+" "+show(v), set{name: v})
		}
	}
	ec("not on the curve", set{"x": b64(append(make([]byte, 31), 1)), "y": b64(append(make([]byte, 31), 1))})
	ec("with x of 31 bytes and y of 33", set{"x": b64(point[1:32]), "y": b64(point[32:])})
	ec("above the field", set{"x": b64(slices.Repeat([]byte{255}, 32))})
	for _, v := range []any{absent, "P-384", "p-256", "secp256k1", nil} {
		ec("crv "+show(v), set{"crv": v})
	}
	for _, v := range []any{absent, "RSA", "oct", "OKP", "ec", nil, 1} {
		ec("kty "+show(v), set{"kty": v})
	}
	n := k.rsa.N.Bytes()
	large := append([]byte{1}, make([]byte, 1024)...)
	for _, v := range []any{absent, "", nil, 7, "A", b64(append([]byte{0}, n...)), b64(n[1:]), b64(large), b64(n) + "="} {
		rs("n "+show(v), set{"n": v})
	}
	for _, v := range []any{
		absent, "", nil, 65537, b64([]byte{0}), b64([]byte{1}), b64([]byte{2}), b64([]byte{0, 1, 0, 1}), b64([]byte{1, 0, 0}),
		b64([]byte{128, 0, 0, 1}), b64([]byte{1, 0, 0, 0, 1}), b64(large),
	} {
		rs("e "+show(v), set{"e": v})
	}
	for _, e := range [][]byte{{3}, {17}, {1, 0, 3}, {127, 255, 255, 255}} { // which other verifiers take
		rs("e "+b64(e), set{"e": b64(e)})
	}
	for bits, want := range map[uint]string{4096: proofUnsigned, 4097: proofStrict, 8192: proofStrict} {
		n := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), bits-1), big.NewInt(1))
		cases = append(cases, refuse(fmt.Sprint("RSA of bits: ", bits), rsaProof(set{"n": b64(n.Bytes())}), want))
	}
	for name, values := range map[string][]any{
		"alg": {"ES256", "none", "", 1, nil}, "use": {"enc", "", nil, 1}, "key_ops": {[]string{"sign"}, []string{}, "verify", nil, []any{"verify", 1}},
	} {
		for _, v := range values {
			rs(name+" "+show(v), set{name: v})
		}
	}
	add := func(name string, token string, want ...string) { cases = append(cases, refuse(name, token, want...)) }
	add("RSA of 2040 bits", sign(proofHead(set{"alg": "RS256", "jwk": jwk(k.weak.Public(), nil)}), proofClaims(nil), k.weak), proofStrict)
	add("P-384 under ES256", sign(proofHead(set{"jwk": jwk(k.p384.Public(), nil)}), proofClaims(nil), k.p384), proofStrict)
	add("P-384 called P-256", sign(proofHead(set{"jwk": jwk(k.p384.Public(), set{"crv": "P-256"})}), proofClaims(nil), k.p384), proofStrict)
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	add("Ed25519", proof(proofHead(set{"alg": "EdDSA", "jwk": set{"kty": "OKP", "crv": "Ed25519", "x": b64(must(ed, err))}}), proofClaims(nil)), proofBadAlg, proofStrict)
	for _, v := range []any{"key", 7, true, []any{}, set{}, []set{jwk(k.ec.Public(), nil)}} {
		add("jwk "+show(v), proof(proofHead(set{"jwk": v}), proofClaims(nil)), proofStrict)
	}
	twice := strings.Replace(proofHead(nil), `"kty":"EC"`, `"kty":"EC","kty":"EC"`, 1)
	add("jwk with kty twice", proof(twice, proofClaims(nil)), proofStrict)
	return cases
}

func proofClaimCases() []refusal {
	var cases []refusal
	with := func(name string, changes set, want ...string) {
		cases = append(cases, refuse(name, proof(proofHead(nil), proofClaims(changes)), want...))
	}
	for claim, missing := range map[string]string{"htm": "dpopHtmNotFound", "htu": "dpopHtuNotFound", "iat": "dpopIatNotFound", "jti": "dpopJtiNotFound"} {
		for _, v := range []any{absent, "", nil} {
			with(claim+" "+show(v), set{claim: v}, missing)
		}
	}
	with("htm is a number", set{"htm": 7}, "dpopHtmNotFound") // as with PDND
	for _, v := range []string{"post", "Post", "GET", "POST ", "POST,GET"} {
		with("htm "+v, set{"htm": v}, "invalidDPoPHtm")
	}
	for _, v := range []any{7, []string{endpoint}, set{}} {
		with("htu "+show(v), set{"htu": v}, proofBadHtu)
	}
	with("iat is 0", set{"iat": 0}, "dpopIatNotFound")
	for _, v := range []any{"1777888800", -1, 1e300, 253402300800, true, []int{1}} {
		with("iat "+show(v), set{"iat": v}, proofStrict)
	}
	with("iat in milliseconds", set{"iat": now.UnixMilli()}, proofStrict)
	with("iat at the end of time", set{"iat": 253402300799}, proofEarly)
	with("iat in 1970", set{"iat": 1}, proofOld)
	for _, v := range []any{7, true, []string{"a"}, set{}, strings.Repeat("è", 257)} {
		with("jti "+show(v), set{"jti": v}, proofStrict)
	}
	for _, v := range []any{"", nil, 7, "short", strings.Repeat("a", 44), strings.Repeat("a", 42) + "+", strings.Repeat("a", 43) + "="} {
		with("ath "+show(v), set{"ath": v}, proofStrict)
	}
	for _, name := range []string{"exp", "nbf", "nonce", "iss", "sub", "aud", "HTM"} {
		with("payload with "+name, set{name: 1}, proofStrict)
	}
	cases = append(cases, refuse(
		"everything, in order",
		sign(proofHead(set{"typ": "JWT", "kid": 1}), object(set{}, set{"htm": "GET", "htu": "x", "iat": 1, "jti": 1, "ath": 1, "exp": 1}), keys().stranger),
		"invalidDPoPTyp", "invalidDPoPHtm", proofBadHtu, proofOld, proofStrict, proofStrict, proofStrict, proofStrict,
	))
	return cases
}

func TestParseProofWantsOneProof(t *testing.T) {
	t.Parallel()
	token := proof(proofHead(nil), proofClaims(nil))
	for name, tc := range map[string]struct {
		values []string
		want   []string
	}{
		"one":              {[]string{token}, nil},
		"none":             {nil, []string{proofFormat}},
		"an empty one":     {[]string{""}, []string{proofFormat}},
		"two":              {[]string{token, token}, []string{twoProofs}},
		"one and nothing":  {[]string{token, ""}, []string{twoProofs}},
		"two, joined":      {[]string{token + "," + token}, []string{twoProofs}},
		"two, with spaces": {[]string{token + ", " + token}, []string{twoProofs}},
		"a comma after":    {[]string{token + ","}, []string{twoProofs}},
		"two and a space":  {[]string{token + " " + token}, []string{proofFormat}},
		"a scheme before":  {[]string{"DPoP " + token}, []string{proofFormat}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := assertion.ParseProof(tc.values, "POST", endpoint, now)
			names(t, failures, token, tc.want...)
		})
	}
}

func TestParseProofLooksAtTheClock(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		issued, after time.Duration
		want          []string
	}{
		"now":                       {0, 0, nil},
		"a minute ago":              {-time.Minute, 0, nil},
		"a minute ago and a little": {-time.Minute, time.Second - 1, nil},
		"61 seconds ago":            {-61 * time.Second, 0, []string{proofOld}},
		"in 5 seconds":              {5 * time.Second, 0, nil},
		"in 6 seconds":              {6 * time.Second, 0, []string{proofEarly}},
		"in 6 seconds, nearly 5":    {6 * time.Second, time.Second - 1, []string{proofEarly}},
		"in 6 seconds, one later":   {6 * time.Second, time.Second, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := proof(proofHead(nil), proofClaims(set{"iat": at(tc.issued)}))
			clock := now.Add(tc.after).In(time.FixedZone("", 7200))
			p, failures := assertion.ParseProof([]string{token}, "POST", endpoint, clock)
			names(t, failures, token, tc.want...)
			if failures != nil {
				return
			}
			// Good until just before Until, and not from then on.
			_, failures = assertion.ParseProof([]string{token}, "POST", endpoint, p.Until.Add(-1))
			names(t, failures, token)
			_, failures = assertion.ParseProof([]string{token}, "POST", endpoint, p.Until)
			names(t, failures, token, proofOld)
		})
	}
}

func TestProofBindsAnAccessToken(t *testing.T) {
	t.Parallel()
	ath := func(token string) string {
		sum := sha256.Sum256([]byte(token))
		return b64(sum[:])
	}
	jkt := thumbprint(keys().ec.Public())
	for name, tc := range map[string]struct {
		ath        any
		token, jkt string
		want       []string
	}{
		"its token":          {ath("a-token-itself"), "a-token-itself", jkt, nil},
		"another token":      {ath("other"), "a-token-itself", jkt, []string{proofStrict}},
		"token cut short":    {ath("a-token-itself"), "a-token-itsel", jkt, []string{proofStrict}},
		"no ath":             {absent, "a-token-itself", jkt, []string{proofStrict}},
		"no ath, no token":   {absent, "", jkt, []string{proofStrict}},
		"another key":        {ath("a-token-itself"), "a-token-itself", thumbprint(keys().stranger.Public()), []string{mismatch}},
		"a token not bound":  {ath("a-token-itself"), "a-token-itself", "", []string{mismatch}},
		"neither":            {ath("other"), "a-token-itself", strings.ToUpper(jkt), []string{proofStrict, mismatch}},
		"the key in padding": {ath("a-token-itself"), "a-token-itself", jkt + "=", []string{mismatch}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, failures := parseProof(proof(proofHead(nil), proofClaims(set{"ath": tc.ath})))
			names(t, failures, "")
			names(t, p.Binds(tc.token, tc.jkt), tc.token, tc.want...)
		})
	}
	names(t, assertion.Proof{}.Binds("", ""), "", proofStrict, mismatch) // of a proof that was refused
}
