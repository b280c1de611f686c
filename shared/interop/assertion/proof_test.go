package assertion_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ciclo/shared/interop/assertion"
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
		"ES256":                {with(nil), es},
		"RS256":                {rsaProof(nil), rs},
		"the other half of s":  {otherHalf(with(nil)), es},
		"a jti of 256 letters": {with(set{"jti": long.JTI}), long},
		"with ath":             {with(set{"ath": strings.Repeat("a", 43)}), es},
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
	for name, v := range (set{
		"kid": "1", "crit": []string{"htm"}, "b64": false, "jku": "https://evil.example", "x5u": "https://evil.example",
		"x5c": []string{"AA"}, "cty": "JWT", "zip": "DEF",
	}) {
		with("header with "+name, set{name: v}, proofStrict)
	}
	with("everything of the header", set{"typ": 1, "alg": 1, "jwk": 1, "x": 1}, "invalidDPoPTyp", proofBadAlg, proofStrict, proofStrict)
	return append(
		cases,
		refuse("the key of somebody", sign(proofHead(nil), proofClaims(nil), k.stranger), proofUnsigned),
		refuse(
			"the RSA key of somebody",
			sign(proofHead(set{"alg": "RS256", "jwk": jwk(k.rsa.Public(), nil)}), proofClaims(nil), k.other),
			proofUnsigned,
		),
		refuse("ES256 with an RSA key", proof(proofHead(set{"jwk": jwk(k.rsa.Public(), nil)}), proofClaims(nil)), proofBadAlg),
		refuse(
			"an assertion", es256(head(nil), claims(nil)),
			"invalidDPoPTyp", "dpopJwkNotFound", "dpopHtmNotFound", "dpopHtuNotFound", proofStrict, proofStrict,
		),
	)
}

func proofClaimCases() []refusal {
	var cases []refusal
	with := func(name string, changes set, want ...string) {
		cases = append(cases, refuse(name, proof(proofHead(nil), proofClaims(changes)), want...))
	}
	for claim, missing := range map[string]string{
		"htm": "dpopHtmNotFound", "htu": "dpopHtuNotFound", "iat": "dpopIatNotFound", "jti": "dpopJtiNotFound",
	} {
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
		sign(
			proofHead(set{"typ": "JWT", "kid": 1}),
			object(set{}, set{"htm": "GET", "htu": "x", "iat": 1, "jti": 1, "ath": 1, "exp": 1}),
			keys().stranger,
		),
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
		"in 10 seconds":             {10 * time.Second, 0, nil},
		"in 11 seconds":             {11 * time.Second, 0, []string{proofEarly}},
		"in 11 seconds, nearly 10":  {11 * time.Second, time.Second - 1, []string{proofEarly}},
		"in 11 seconds, one later":  {11 * time.Second, time.Second, nil},
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

// TestProofForAnAccessToken uses a proof together with an access token, of which it must
// have the hash.
func TestProofForAnAccessToken(t *testing.T) {
	t.Parallel()
	ath := func(token string) string {
		sum := sha256.Sum256([]byte(token))
		return b64(sum[:])
	}
	const sent = "a-token-itself"
	for name, tc := range map[string]struct {
		ath  any
		want []string
	}{
		"its token":       {ath(sent), nil},
		"another token":   {ath("other"), []string{"invalidDPoPAth"}},
		"token cut short": {ath(sent[:len(sent)-1]), []string{"invalidDPoPAth"}},
		"no token":        {ath(""), []string{"invalidDPoPAth"}},
		"padded":          {ath(sent) + "=", []string{proofStrict}},
		"no ath":          {absent, []string{"dpopAthNotFound"}},
		"null":            {nil, []string{"dpopAthNotFound"}},
		"empty":           {"", []string{"dpopAthNotFound"}},
		"a number":        {7, []string{proofStrict}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := proof(proofHead(nil), proofClaims(set{"ath": tc.ath}))
			use := assertion.Use{Method: "POST", URLs: []string{"https://other.example/", endpoint}, Token: sent}
			_, failures := assertion.ReadProofFor(use, []string{token}, now)
			names(t, failures, token, tc.want...)
			use.URLs = use.URLs[:1]
			_, failures = assertion.ReadProofFor(use, []string{token}, now)
			names(t, failures, token, append([]string{proofBadHtu}, tc.want...)...)
		})
	}
}

func TestProofBindsAnAccessToken(t *testing.T) {
	t.Parallel()
	jkt := thumbprint(keys().ec.Public())
	for name, tc := range map[string]struct {
		jkt  string
		want []string
	}{
		"its key":            {jkt, nil},
		"another key":        {thumbprint(keys().stranger.Public()), []string{mismatch}},
		"a token not bound":  {"", []string{mismatch}},
		"in capitals":        {strings.ToUpper(jkt), []string{mismatch}},
		"the key in padding": {jkt + "=", []string{mismatch}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, failures := parseProof(proof(proofHead(nil), proofClaims(nil)))
			names(t, failures, "")
			names(t, p.Binds(tc.jkt), "", tc.want...)
		})
	}
	names(t, assertion.Proof{}.Binds(""), "", mismatch) // of a proof that was refused
}
