package assertion_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop/assertion"
)

const (
	unsigned = "invalidSignature"
	unusable = "unexpectedClientAssertionSignatureVerificationError"
	over     = "tokenExpiredError"
	early    = "jsonWebTokenError"
)

// verify is what speaks against a signature and the time.
func verify(a assertion.Assertion, key crypto.PublicKey, alg string, now time.Time) []assertion.Failure {
	return append(a.SignedBy(key, alg), a.Current(now)...)
}

// parsed is the assertion of a token that Parse finds nothing wrong with.
func parsed(t *testing.T, token string) assertion.Assertion {
	t.Helper()
	a, failures := assertion.Parse(request(token), expected)
	if failures != nil {
		t.Fatalf("not parsed: %+v", failures)
	}
	return a
}

func TestVerifyPinsTheKey(t *testing.T) {
	t.Parallel()
	k := keys()
	es, rs := es256(head(nil), claims(nil)), rs256(claims(nil))
	edPublic, _, err := ed25519.GenerateKey(rand.Reader)
	large := func(bits uint) *rsa.PublicKey {
		return &rsa.PublicKey{N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), bits-1), big.NewInt(1)), E: 65537}
	}
	//nolint:staticcheck // made wrong on purpose
	offCurve := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}
	for name, tc := range map[string]struct {
		token string
		key   crypto.PublicKey
		alg   string
		want  []string
	}{
		"ES256":                         {es, k.ec.Public(), "ES256", nil},
		"RS256":                         {rs, k.rsa.Public(), "RS256", nil},
		"ES256 by somebody":             {es, k.stranger.Public(), "ES256", []string{unsigned}},
		"RS256 by somebody":             {rs, k.other.Public(), "RS256", []string{unsigned}},
		"ES256 for an RSA key":          {es, k.rsa.Public(), "RS256", []string{badAlg}},
		"RS256 for an EC key":           {rs, k.ec.Public(), "ES256", []string{badAlg}},
		"EC key registered for RS256":   {es, k.ec.Public(), "RS256", []string{unusable}},
		"RSA key registered for ES256":  {rs, k.rsa.Public(), "ES256", []string{unusable}},
		"RSA key registered for none":   {rs, k.rsa.Public(), "none", []string{unusable}},
		"RSA key registered for HS256":  {rs, k.rsa.Public(), "HS256", []string{unusable}},
		"key registered for nothing":    {es, k.ec.Public(), "", []string{unusable}},
		"no key":                        {es, nil, "ES256", []string{unusable}},
		"no key for nothing":            {es, nil, "", []string{unusable}},
		"a private key":                 {es, k.ec, "ES256", []string{unusable}},
		"a key by value":                {rs, k.rsa.PublicKey, "RS256", []string{unusable}},
		"a secret":                      {es, []byte("secret"), "HS256", []string{unusable}},
		"Ed25519":                       {es, must(edPublic, err), "EdDSA", []string{unusable}},
		"P-384 under ES256":             {sign(head(nil), claims(nil), k.p384), k.p384.Public(), "ES256", []string{unusable}},
		"P-384 key for a token by P256": {es, k.p384.Public(), "ES256", []string{unusable}},
		"RSA of 2040 bits":              {sign(head(set{"alg": "RS256"}), claims(nil), k.weak), k.weak.Public(), "RS256", []string{unusable}},
		"RSA of 8193 bits":              {rs, large(8193), "RS256", []string{unusable}},
		"RSA of 8192 bits":              {rs, large(8192), "RS256", []string{unsigned}},
		"RS256 said, ES256 done":        {sign(head(set{"alg": "RS256"}), claims(nil), k.ec), k.ec.Public(), "ES256", []string{badAlg}},
		"ES256 said, RS256 done":        {sign(head(nil), claims(nil), k.rsa), k.rsa.Public(), "RS256", []string{badAlg}},
		"no point of the curve":         {es, offCurve, "ES256", []string{unsigned}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names(t, verify(parsed(t, tc.token), tc.key, tc.alg, now), tc.token, tc.want...)
		})
	}
}

// signatures are tokens whose signature was replaced: the same for an assertion
// and a proof, as those of the EC or the RSA key.
func signatures(es, rs string) map[string]string {
	k := keys()
	text, sig := split(es)
	rsaText, rsaSig := split(rs)
	zero, one := make([]byte, 32), append(make([]byte, 31), 1)
	n := k.ec.Params().N.Bytes()
	sum, rsaSum := sha256.Sum256([]byte(text)), sha256.Sum256([]byte(rsaText))
	ec := func(parts ...[]byte) string { return text + "." + b64(slices.Concat(parts...)) }
	der := x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)
	mac := func(secret []byte) string {
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(rsaText))
		return rsaText + "." + b64(h.Sum(nil))
	}
	larger := new(big.Int).Add(new(big.Int).SetBytes(rsaSig), k.rsa.N)
	return map[string]string{
		"r is 0":                    ec(zero, sig[32:]),
		"s is 0":                    ec(sig[:32], zero),
		"r and s are 0":             ec(zero, zero),
		"r and s are 1":             ec(one, one),
		"r is n":                    ec(n, sig[32:]),
		"s is n":                    ec(sig[:32], n),
		"r and s are n":             ec(n, n),
		"r and s are the most":      ec(slices.Repeat([]byte{255}, 64)),
		"r and s swapped":           ec(sig[32:], sig[:32]),
		"DER":                       ec(must(ecdsa.SignASN1(rand.Reader, k.ec, sum[:]))),
		"one byte short":            ec(sig[:63]),
		"one byte more":             ec(sig, []byte{0}),
		"a zero before":             ec([]byte{0}, sig),
		"halves of 33":              ec([]byte{0}, sig[:32], []byte{0}, sig[32:]),
		"one byte":                  ec([]byte{1}),
		"RSA signature under ES256": ec(rsaSig),
		"of another text":           ec(signature(text+" ", k.ec)),
		"RSA, one byte short":       rsaText + "." + b64(rsaSig[1:]),
		"RSA, one byte more":        rsaText + "." + b64(append(slices.Clone(rsaSig), 0)),
		"RSA, a zero before":        rsaText + "." + b64(append([]byte{0}, rsaSig...)),
		"RSA, all 0":                rsaText + "." + b64(make([]byte, 256)),
		"RSA, 1":                    rsaText + "." + b64(append(make([]byte, 255), 1)),
		"RSA, plus n":               rsaText + "." + b64(larger.Bytes()),
		"RSA, PSS padding":          rsaText + "." + b64(must(rsa.SignPSS(rand.Reader, k.rsa, crypto.SHA256, rsaSum[:], nil))),
		"RSA, no hash named":        rsaText + "." + b64(must(rsa.SignPKCS1v15(rand.Reader, k.rsa, 0, rsaSum[:]))),
		"EC signature under RS256":  rsaText + "." + b64(sig),
		"HMAC with DER":             mac(der),
		"HMAC with PEM":             mac(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: der})),
		"HMAC with n":               mac(k.rsa.N.Bytes()),
		"HMAC with nothing":         mac(nil),
	}
}

// otherHalf replaces s by n-s: signers may produce either, RFC 7518 §3.4 wants no choice.
func otherHalf(token string) string {
	text, raw := split(token)
	s := new(big.Int).SetBytes(raw[32:])
	s.Sub(elliptic.P256().Params().N, s).FillBytes(raw[32:])
	return text + "." + b64(raw)
}

func TestVerifyRefusesSignatures(t *testing.T) {
	t.Parallel()
	es, rs := es256(head(nil), claims(nil)), rs256(claims(nil))
	for name, token := range signatures(es, rs) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := parsed(t, token)
			key := map[string]crypto.PublicKey{"ES256": keys().ec.Public(), "RS256": keys().rsa.Public()}[a.Alg]
			names(t, verify(a, key, a.Alg, now), token, unsigned)
		})
	}
	names(t, verify(parsed(t, otherHalf(es)), keys().ec.Public(), "ES256", now), es)
	names(t, verify(assertion.Assertion{}, keys().ec.Public(), "ES256", now), es, badAlg, over)
}

func TestVerifyLooksAtTheClock(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		changes set
		after   time.Duration
		want    []string
	}{
		"a second before the end":             {set{"exp": at(time.Second)}, 0, nil},
		"just before the end":                 {set{"exp": at(time.Second)}, time.Second - 1, nil},
		"at the end":                          {set{"exp": at(0)}, 0, []string{over}},
		"a second after the end":              {set{"exp": at(-time.Second)}, 0, []string{over}},
		"over before it began":                {set{"iat": at(0), "exp": at(-time.Hour)}, 0, []string{over}},
		"long over":                           {set{"exp": 1}, 0, []string{over}},
		"for ever":                            {set{"exp": 253402300799}, 0, nil},
		"issued long ago":                     {set{"iat": 1}, 0, nil},
		"issued a minute ahead":               {set{"iat": at(time.Minute), "exp": at(time.Hour)}, 0, nil},
		"issued a minute and a second ahead":  {set{"iat": at(61 * time.Second), "exp": at(time.Hour)}, 0, []string{early}},
		"the same, nearly a second later":     {set{"iat": at(61 * time.Second), "exp": at(time.Hour)}, time.Second - 1, []string{early}},
		"the same, a second later":            {set{"iat": at(61 * time.Second), "exp": at(time.Hour)}, time.Second, nil},
		"not before a minute ahead":           {set{"nbf": at(time.Minute), "exp": at(time.Hour)}, 0, nil},
		"not before a minute and a second":    {set{"nbf": at(61 * time.Second), "exp": at(time.Hour)}, 0, []string{"notBeforeError"}},
		"issued at the end of time":           {set{"iat": 253402300799, "exp": 253402300799}, 0, []string{early}},
		"issued ahead, and over":              {set{"iat": at(61 * time.Second), "exp": at(0)}, 0, []string{over, early}},
		"in another zone, a second before it": {set{"exp": at(time.Second)}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := es256(head(nil), claims(tc.changes))
			clock := now.Add(tc.after).In(time.FixedZone("", 7200))
			names(t, verify(parsed(t, token), keys().ec.Public(), "ES256", clock), token, tc.want...)
			strange := sign(head(nil), claims(tc.changes), keys().stranger)
			names(t, verify(parsed(t, strange), keys().ec.Public(), "ES256", clock), strange, append([]string{unsigned}, tc.want...)...)
		})
	}
	token := es256(head(nil), claims(set{"exp": at(-time.Second)}))
	failures := verify(parsed(t, token), keys().ec.Public(), "ES256", now.In(time.FixedZone("", 7200)))
	if want := "ended at 2026-05-04T09:59:59Z and it is 2026-05-04T10:00:00Z"; !strings.Contains(failures[0].Reason, want) {
		t.Errorf("reason %q does not say %q", failures[0].Reason, want)
	}
}
