package grant_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/consumers/grant"
)

const (
	cardIssuer = "ISSUER_-01"
	kid        = "key-1"
	audience   = "https://auth.example/client-assertion"
	endpoint   = "https://auth.example/token.oauth2"
)

var now = time.Date(2026, time.May, 4, 10, 0, 0, 0, time.UTC)

func at(d time.Duration) int64 { return now.Add(d).Unix() }

// keyring has private keys.
type keyring struct{ ec, stranger, p384 *ecdsa.PrivateKey }

var keys = sync.OnceValue(func() keyring {
	return keyring{
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

// es256 signs any two strings by ES256, whatever the header says.
func es256(header, payload string) string {
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	return text + "." + b64(must(jwt.SigningMethodES256.Sign(text, keys().ec)))
}

func split(token string) (text string, signature []byte) {
	dot := strings.LastIndexByte(token, '.')
	return token[:dot], must(base64.RawURLEncoding.DecodeString(token[dot+1:]))
}

// expected is what the tests expect.
var expected = grant.Expected{Audiences: []string{audience, endpoint}, MaxTTL: grant.MaxTTL}

// made is a valid assertion, with changes.
func made(header, payload set) string {
	h := object(set{"alg": "ES256", "kid": kid, "typ": "JWT"}, header)
	return es256(h, object(set{"iss": cardIssuer, "sub": cardIssuer, "exp": at(time.Minute)}, payload))
}

// parse parses at now, and fails the test where a reason tells what is in the token.
func parse(t *testing.T, token string) (grant.Assertion, []string) {
	t.Helper()
	b, reasons := grant.Parse(token, expected, now)
	for _, reason := range reasons {
		if !strings.HasSuffix(reason, ".") || strings.Contains(reason, "%!") {
			t.Errorf("the reason %q is no sentence", reason)
		}
		for _, part := range append(strings.Split(token, "."), cardIssuer, kid) {
			if len(part) > 4 && strings.Contains(reason, part) {
				t.Errorf("the reason tells %q: %s", part, reason)
			}
		}
	}
	if reasons != nil && (b.Issuer != "" || b.Kid != "" || b.SignedBy(&keys().ec.PublicKey)) {
		t.Errorf("%+v came with reasons", b)
	}
	return b, reasons
}

func TestAssertions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ header, payload set }{
		{},
		{header: set{"typ": absent}},
		{header: set{"typ": "jwt", "x5t": "x"}},
		{payload: set{"exp": at(time.Second)}},
		{payload: set{"exp": at(grant.MaxTTL)}},
		{payload: set{"exp": at(grant.MaxTTL + grant.Leeway)}},
		{payload: set{"exp": float64(at(time.Minute)) + 0.5, "iat": float64(at(0)) + 0.25}},
		{payload: set{"iat": at(grant.Leeway), "nbf": at(grant.Leeway)}},
		{payload: set{"iat": 1, "nbf": at(0)}},
		{payload: set{"aud": audience}},
		{payload: set{"aud": []string{"x", endpoint}}},
		{payload: set{"other": set{"iss": 1}, "jti": 7}},
	} {
		b, reasons := parse(t, made(tc.header, tc.payload))
		if reasons != nil || b.Issuer != cardIssuer || b.Kid != kid {
			t.Errorf("%v: %+v, %v", tc, b, reasons)
		}
		if !b.SignedBy(&keys().ec.PublicKey) || b.SignedBy(&keys().stranger.PublicKey) || b.SignedBy(&keys().p384.PublicKey) {
			t.Errorf("%v: signed by the wrong key", tc)
		}
	}
}

func TestRefusedAssertions(t *testing.T) {
	t.Parallel()
	one := func(header, payload set) []string {
		_, reasons := parse(t, made(header, payload))
		return reasons
	}
	for _, tc := range []struct {
		header, payload set
		says            string
	}{
		{set{"alg": "RS256"}, nil, "alg must be ES256"},
		{set{"alg": "none"}, nil, "alg must be ES256"},
		{set{"alg": absent}, nil, "alg is missing"},
		{set{"kid": absent}, nil, "kid must be"},
		{set{"kid": ""}, nil, "kid must be"},
		{set{"kid": strings.Repeat("k", 65)}, nil, "kid must be"},
		{set{"kid": 7}, nil, "kid must be"},
		{set{"typ": "dpop+jwt"}, nil, "typ must be"},
		{set{"crit": nil}, nil, "crit"},
		{set{"crit": []string{"exp"}}, nil, "crit"},
		{nil, set{"iss": "ISSUER_-02"}, "iss and sub"},
		{nil, set{"sub": absent}, "iss and sub"},
		{nil, set{"iss": "a client", "sub": "a client"}, "iss and sub"},
		{nil, set{"iss": absent, "sub": absent}, "iss and sub"},
		{nil, set{"exp": absent}, "exp is missing"},
		{nil, set{"exp": 0}, "exp is missing"},
		{nil, set{"exp": "1"}, "exp must be"},
		{nil, set{"exp": at(0)}, "exp is over"},
		{nil, set{"exp": at(grant.MaxTTL + grant.Leeway + time.Second)}, "900 seconds ahead"},
		{nil, set{"exp": 253402300800}, "exp must be"},
		{nil, set{"iat": at(grant.Leeway + time.Second)}, "iat is in the future"},
		{nil, set{"nbf": at(grant.Leeway + time.Second)}, "nbf is in the future"},
		{nil, set{"iat": nil}, "iat is missing"},
		{nil, set{"nbf": "x"}, "nbf must be"},
		{nil, set{"iat": -1}, "iat must be"},
		{nil, set{"aud": "x"}, "aud must be"},
		{nil, set{"aud": nil}, "aud is missing"},
		{nil, set{"aud": []any{audience, 1}}, "aud must be"},
	} {
		if reasons := one(tc.header, tc.payload); len(reasons) != 1 || !strings.Contains(reasons[0], tc.says) {
			t.Errorf("%v %v: %q, want one with %q", tc.header, tc.payload, reasons, tc.says)
		}
	}
	all := one(set{"alg": "none", "typ": "x", "kid": "", "crit": 1}, set{"iss": "", "exp": 1, "iat": "", "nbf": "", "aud": "x"})
	if len(all) != 9 {
		t.Errorf("%d reasons: %q", len(all), all)
	}
	if _, reasons := parse(t, "a.b"); len(reasons) != 1 || !strings.Contains(reasons[0], "three parts") {
		t.Errorf("no JWT: %q", reasons)
	}
	twice := es256(`{"alg":"ES256","kid":"a","kid":"a"}`, `{"iss":1,"iss":1}`)
	_, reasons := parse(t, twice)
	if len(reasons) != 2 || !strings.Contains(reasons[0], "header") || !strings.Contains(reasons[1], "payload") {
		t.Errorf("members twice: %q", reasons)
	}
}

// TestChangedAssertions changes every byte of a signature, and the text.
func TestChangedAssertions(t *testing.T) {
	t.Parallel()
	text, signature := split(made(nil, nil))
	for i := range signature {
		changed := slices.Clone(signature)
		changed[i] ^= 1
		if b, reasons := parse(t, text+"."+b64(changed)); reasons != nil || b.SignedBy(&keys().ec.PublicKey) {
			t.Errorf("byte %d: %v", i, reasons)
		}
	}
	for _, n := range []int{1, 32, 63} {
		if b, _ := parse(t, text+"."+b64(signature[:n])); b.SignedBy(&keys().ec.PublicKey) {
			t.Errorf("%d bytes pass", n)
		}
	}
	other, _ := split(made(nil, set{"exp": at(2 * time.Minute)}))
	if b, _ := parse(t, other+"."+b64(signature)); b.SignedBy(&keys().ec.PublicKey) {
		t.Error("another text passes")
	}
}
