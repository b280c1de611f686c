package assertion_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/jose"
)

const (
	client   = "0b6c5c9e-6f0a-4a3e-8d2b-7a1f4c9e2d10"
	purpose  = "5d1e7f3a-92b4-4c68-a0d7-3e8b6f5c1a29"
	audience = "https://auth.example/client-assertion"
	kid      = "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMN-1"
	hash     = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	endpoint = "https://auth.example/token.oauth2"
)

var now = time.Date(2026, time.May, 4, 10, 0, 0, 0, time.UTC)

func at(d time.Duration) int64 { return now.Add(d).Unix() }

// codes are PDND's numbers, written down a second time.
var codes = map[string]string{
	"unexpectedClientAssertionSignatureVerificationError": "0001", "invalidAssertionType": "0002", "invalidGrantType": "0003",
	"invalidAudience": "0004", "audienceNotFound": "0005", "invalidClientAssertionFormat": "0006", "jtiNotFound": "0008",
	"issuedAtNotFound": "0009", "expNotFound": "0010", "issuerNotFound": "0011", "subjectNotFound": "0012", "invalidSubject": "0013",
	"invalidPurposeIdClaimFormat": "0014", "kidNotFound": "0015",
	"tokenExpiredError": "0017", "jsonWebTokenError": "0018", "notBeforeError": "0019",
	"invalidPurposeState": "0020", "invalidAgreementState": "0021", "invalidEServiceState": "0022", "invalidClientIdFormat": "0023",
	"invalidSubjectFormat": "0024", "invalidDigestClaim": "0025", "invalidHashLength": "0026", "invalidHashAlgorithm": "0027",
	"algorithmNotFound": "0028", "algorithmNotAllowed": "0029", "purposeIdNotProvided": "0030", "invalidKidFormat": "0031",
	"clientAssertionInvalidClaims": "0032", "invalidSignature": "0033",

	"invalidDPoPProofFormat": "0002", "dpopJtiNotFound": "0004", "dpopJtiAlreadyCached": "0005", "dpopIatNotFound": "0006",
	"dpopTypNotFound": "0007", "invalidDPoPTyp": "0008", "dpopJwkNotFound": "0009", "dpopHtmNotFound": "0010", "invalidDPoPHtm": "0011",
	"dpopHtuNotFound": "0012", "invalidDPoPHtu": "0013", "dpopAlgorithmNotFound": "0016", "dpopAlgorithmNotAllowed": "0017",
	"dpopProofInvalidClaims": "0018", "invalidDPoPSignature": "0019", "expiredDPoPProof": "0020", "notYetValidDPoPProof": "0021",
	"multipleDPoPProofsError": "0022", "dpopTokenBindingMismatch": "0023", "dpopAthNotFound": "0024", "invalidDPoPAth": "0025",
}

// keyring has private keys, made once because RSA takes its time.
type keyring struct {
	rsa, other, weak *rsa.PrivateKey
	ec, stranger     *ecdsa.PrivateKey
	p384             *ecdsa.PrivateKey
}

var keys = sync.OnceValue(func() keyring {
	return keyring{
		rsa:      must(rsa.GenerateKey(rand.Reader, 2048)),
		other:    must(rsa.GenerateKey(rand.Reader, 2048)),
		weak:     must(rsa.GenerateKey(rand.Reader, 2040)),
		ec:       must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		stranger: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		p384:     must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
	}
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// set changes members of a JSON object; absent removes one.
type set map[string]any

var absent = new(int)

func object(base, changes set) string {
	m := maps.Clone(base)
	for name, v := range changes {
		m[name] = v
		if v == absent {
			delete(m, name)
		}
	}
	return string(must(json.Marshal(m)))
}

// show names a case by its value.
func show(v any) string {
	if v == absent {
		return "absent"
	}
	return string(must(json.Marshal(v)))
}

// head is the header of a valid assertion, with changes.
func head(changes set) string { return object(set{"alg": "ES256", "kid": kid, "typ": "JWT"}, changes) }

// claims is the payload of a valid assertion, with changes.
func claims(changes set) string {
	return object(set{
		"jti": "one of many", "iat": at(0), "exp": at(time.Minute), "iss": client, "sub": client, "aud": audience, "purposeId": purpose,
	}, changes)
}

// sign signs any two texts by the algorithm of the key, whatever the header says.
func sign(header, payload string, key crypto.Signer) string {
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	return text + "." + b64(signature(text, key))
}

func signature(text string, key crypto.Signer) []byte {
	sum := sha256.Sum256([]byte(text))
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:]))
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		size := (key.Params().BitSize + 7) / 8
		return must(append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), err)
	}
	panic("no such key")
}

// es256 is an assertion signed as it should be, rs256 the same for RSA.
func es256(header, payload string) string { return sign(header, payload, keys().ec) }

func rs256(payload string) string { return sign(head(set{"alg": "RS256"}), payload, keys().rsa) }

func split(token string) (text string, signature []byte) {
	dot := strings.LastIndexByte(token, '.')
	return token[:dot], must(base64.RawURLEncoding.DecodeString(token[dot+1:]))
}

func request(token string) assertion.Request {
	return assertion.Request{ClientID: client, ClientAssertion: token, ClientAssertionType: assertion.Type, GrantType: assertion.Grant}
}

var expected = assertion.Expected{
	Audiences: []string{"https://auth.example/other", audience}, Algorithms: []string{jose.RS256, jose.ES256},
}

// jwk writes a public key by hand, so that the tests have their own reading of RFC 7518.
func jwk(public any, changes set) set {
	var m set
	switch key := public.(type) {
	case *rsa.PublicKey:
		m = set{"kty": "RSA", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}
	case *ecdsa.PublicKey:
		point := must(key.Bytes())[1:]
		half := len(point) / 2
		m = set{"kty": "EC", "crv": key.Params().Name, "x": b64(point[:half]), "y": b64(point[half:])}
	}
	for name, v := range changes {
		m[name] = v
		if v == absent {
			delete(m, name)
		}
	}
	return m
}

// proofHead is the header of a valid proof, with changes.
func proofHead(changes set) string {
	return object(set{"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(keys().ec.Public(), nil)}, changes)
}

// proofClaims is the payload of a valid proof, with changes.
func proofClaims(changes set) string {
	return object(set{"htm": "POST", "htu": endpoint, "iat": at(0), "jti": "a jti"}, changes)
}

// proof is a proof signed as it should be, rsaProof the same for RSA.
func proof(header, payload string) string { return sign(header, payload, keys().ec) }

func rsaProof(changes set) string {
	return sign(proofHead(set{"alg": "RS256", "jwk": jwk(keys().rsa.Public(), changes)}), proofClaims(nil), keys().rsa)
}

// names fails the test unless the failures have these names, in this order, PDND's
// numbers, and reasons that keep the token to themselves.
func names(t *testing.T, got []assertion.Failure, token string, want ...string) {
	t.Helper()
	var found []string
	for _, f := range got {
		found = append(found, f.Name)
		if f.Code != codes[f.Name] {
			t.Errorf("%s has the number %q, want %q", f.Name, f.Code, codes[f.Name])
		}
		keeps(t, f, token)
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("failures, -want +got\n%s\n%+v", diff, got)
	}
}

// keeps fails the test where a reason is no sentence, or tells what is in the token.
func keeps(t *testing.T, f assertion.Failure, token string) {
	t.Helper()
	if !strings.HasSuffix(f.Reason, ".") || strings.Contains(f.Reason, "%!") || len(f.Reason) > 600 {
		t.Errorf("%s has the reason %q", f.Name, f.Reason)
	}
	parts := append(strings.Split(token, "."), client, purpose, kid, hash, "one of many", "a jti", "secret")
	for _, part := range slices.DeleteFunc(parts, func(p string) bool { return len(p) < 5 }) {
		if strings.Contains(f.Reason, part) {
			t.Errorf("the reason of %s tells %q: %s", f.Name, part, f.Reason)
		}
	}
}

func TestKindsOfCallersHaveTheirNumbers(t *testing.T) {
	t.Parallel()
	for _, k := range []assertion.Kind{
		assertion.PurposeIDNotProvided, assertion.InvalidPurposeState, assertion.InvalidAgreementState,
		assertion.InvalidEServiceState, assertion.ProofAlreadyUsed,
	} {
		want := assertion.Failure{Name: k.Name, Code: codes[k.Name], Reason: "Why."}
		if got := k.Because("Why."); got != want || got.Code == "" {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// longToken is a valid assertion of exactly size bytes.
func longToken(t *testing.T, size int) string {
	t.Helper()
	for spaces := range 4 { // base64 skips one length in four
		header := head(nil) + strings.Repeat(" ", spaces)
		rest := size - 2 - 86 - base64.RawURLEncoding.EncodedLen(len(header))
		payload := claims(set{"jti": strings.Repeat("j", base64.RawURLEncoding.DecodedLen(rest)-len(claims(set{"jti": ""})))})
		if token := es256(header, payload); len(token) == size {
			return token
		}
	}
	t.Fatal(fmt.Errorf("no token of %d bytes", size))
	return ""
}
