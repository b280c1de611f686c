package assertion_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/platform/assertion"
)

const (
	cardIssuer = "ISSUER_-01"
	bearerKid  = "key-1"
)

// bearers is what the tests expect.
var bearers = assertion.BearerExpected{Audiences: []string{audience, endpoint}, MaxTTL: assertion.MaxBearerTTL}

// grant is the assertion of a JWT bearer grant, with changes.
func grant(header, payload set) string {
	h := object(set{"alg": "ES256", "kid": bearerKid, "typ": "JWT"}, header)
	return es256(h, object(set{"iss": cardIssuer, "sub": cardIssuer, "exp": at(time.Minute)}, payload))
}

// parseBearer parses at now, and fails the test where a reason tells what is in the token.
func parseBearer(t *testing.T, token string) (assertion.Bearer, []string) {
	t.Helper()
	b, reasons := assertion.ParseBearer(token, bearers, now)
	for _, reason := range reasons {
		keeps(t, assertion.Failure{Name: "a grant", Reason: reason}, token)
		if strings.Contains(reason, cardIssuer) || strings.Contains(reason, bearerKid) {
			t.Errorf("the reason tells of the token: %s", reason)
		}
	}
	if reasons != nil && (b.Issuer != "" || b.Kid != "" || b.SignedBy(&keys().ec.PublicKey)) {
		t.Errorf("%+v came with reasons", b)
	}
	return b, reasons
}

func TestBearers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ header, payload set }{
		{},
		{header: set{"typ": absent}},
		{header: set{"typ": "jwt", "x5t": "x"}},
		{payload: set{"exp": at(time.Second)}},
		{payload: set{"exp": at(assertion.MaxBearerTTL)}},
		{payload: set{"exp": at(assertion.MaxBearerTTL + assertion.Leeway)}},
		{payload: set{"exp": float64(at(time.Minute)) + 0.5, "iat": float64(at(0)) + 0.25}},
		{payload: set{"iat": at(assertion.Leeway), "nbf": at(assertion.Leeway)}},
		{payload: set{"iat": 1, "nbf": at(0)}},
		{payload: set{"aud": audience}},
		{payload: set{"aud": []string{"x", endpoint}}},
		{payload: set{"other": set{"iss": 1}, "jti": 7}},
	} {
		b, reasons := parseBearer(t, grant(tc.header, tc.payload))
		if reasons != nil || b.Issuer != cardIssuer || b.Kid != bearerKid {
			t.Errorf("%v: %+v, %v", tc, b, reasons)
		}
		if !b.SignedBy(&keys().ec.PublicKey) || b.SignedBy(&keys().stranger.PublicKey) || b.SignedBy(&keys().p384.PublicKey) {
			t.Errorf("%v: signed by the wrong key", tc)
		}
	}
}

func TestRefusedBearers(t *testing.T) {
	t.Parallel()
	one := func(header, payload set) []string {
		_, reasons := parseBearer(t, grant(header, payload))
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
		{nil, set{"iss": client, "sub": client}, "iss and sub"},
		{nil, set{"iss": absent, "sub": absent}, "iss and sub"},
		{nil, set{"exp": absent}, "exp is missing"},
		{nil, set{"exp": 0}, "exp is missing"},
		{nil, set{"exp": "1"}, "exp must be"},
		{nil, set{"exp": at(0)}, "exp is over"},
		{nil, set{"exp": at(assertion.MaxBearerTTL + assertion.Leeway + time.Second)}, "900 seconds ahead"},
		{nil, set{"exp": 253402300800}, "exp must be"},
		{nil, set{"iat": at(assertion.Leeway + time.Second)}, "iat is in the future"},
		{nil, set{"nbf": at(assertion.Leeway + time.Second)}, "nbf is in the future"},
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
	if _, reasons := parseBearer(t, "a.b"); len(reasons) != 1 || !strings.Contains(reasons[0], "three parts") {
		t.Errorf("no JWT: %q", reasons)
	}
	twice := es256(`{"alg":"ES256","kid":"a","kid":"a"}`, `{"iss":1,"iss":1}`)
	if _, reasons := parseBearer(t, twice); len(reasons) != 2 || !strings.Contains(reasons[0], "header") || !strings.Contains(reasons[1], "payload") {
		t.Errorf("members twice: %q", reasons)
	}
}

// TestChangedBearers changes every byte of a signature, and the text.
func TestChangedBearers(t *testing.T) {
	t.Parallel()
	text, signature := split(grant(nil, nil))
	for i := range signature {
		changed := slices.Clone(signature)
		changed[i] ^= 1
		if b, reasons := parseBearer(t, text+"."+b64(changed)); reasons != nil || b.SignedBy(&keys().ec.PublicKey) {
			t.Errorf("byte %d: %v", i, reasons)
		}
	}
	for _, n := range []int{1, 32, 63} {
		if b, _ := parseBearer(t, text+"."+b64(signature[:n])); b.SignedBy(&keys().ec.PublicKey) {
			t.Errorf("%d bytes pass", n)
		}
	}
	other, _ := split(grant(nil, set{"exp": at(2 * time.Minute)}))
	if b, _ := parseBearer(t, other+"."+b64(signature)); b.SignedBy(&keys().ec.PublicKey) {
		t.Error("another text passes")
	}
}
