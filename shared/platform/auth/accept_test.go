package auth_test

import (
	"crypto/elliptic"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
)

// issuerOf is the card issuer that the fixture's tokens name.
func issuerOf(scopes ...string) api.Identity {
	return api.Identity{Subject: tenant, Tenants: []string{tenant}, Scopes: scopes, Kind: "issuer"}
}

func TestAuthenticateReadsTheIdentity(t *testing.T) {
	t.Parallel()
	hundred := strings.TrimSpace(strings.Repeat("AGGREGATED ", 100))
	aggregatorOf := func(tenants ...string) api.Identity {
		return api.Identity{Subject: "agg@example|1", Tenants: tenants, Scopes: []string{"d1-api:consumer:full"}, Kind: "aggregator"}
	}
	for name, tc := range map[string]struct {
		claims set
		want   api.Identity
	}{
		"one scope":                {set{}, issuerOf("d1-api:consumer:full")},
		"several scopes":           {set{"scope": "a  b c"}, issuerOf("a", "b", "c")},
		"scopes as array":          {set{"scope": []string{"a", "b"}}, issuerOf("a", "b")},
		"scp as array":             {set{"scope": absent, "scp": []string{"a", "b"}}, issuerOf("a", "b")},
		"scope before scp":         {set{"scope": "a", "scp": "b"}, issuerOf("a")},
		"no scope":                 {set{"scope": absent}, issuerOf()},
		"the app of an end user":   {set{"scope": "digibank:card"}, issuerOf("digibank:card")},
		"one of several audiences": {set{"aud": []string{"other", audience}}, issuerOf("d1-api:consumer:full")},
		"claims we do not know":    {set{"azp": "x", "SUB": "other", "roles": []int{1}}, issuerOf("d1-api:consumer:full")},
		"aggregator, array": {
			set{"sub": "agg@example|1", "issuers": []string{"AAAAAAAAAA", "BBBBBBBBBB"}},
			aggregatorOf("AAAAAAAAAA", "BBBBBBBBBB"),
		},
		"aggregator, string":      {set{"sub": "agg@example|1", "issuers": "AAAAAAAAAA BBBBBBBBBB"}, aggregatorOf("AAAAAAAAAA", "BBBBBBBBBB")},
		"aggregator of one":       {set{"sub": "agg@example|1", "issuers": []string{"AAAAAAAAAA"}}, aggregatorOf("AAAAAAAAAA")},
		"aggregator of a hundred": {set{"sub": "agg@example|1", "issuers": hundred}, aggregatorOf(strings.Fields(hundred)...)},
		"subject is not of its list": {
			set{"sub": tenant, "issuers": "AAAAAAAAAA"},
			api.Identity{Subject: tenant, Tenants: []string{"AAAAAAAAAA"}, Scopes: []string{"d1-api:consumer:full"}, Kind: "aggregator"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			for alg, token := range map[string]string{"ES256": es256(head(nil), payload(tc.claims)), "RS256": rs256(payload(tc.claims))} {
				got, err := f.Authenticate(t.Context(), "Bearer "+token)
				if err != nil {
					t.Fatalf("%s: %v", alg, err)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("%s: -want +got\n%s", alg, diff)
				}
			}
		})
	}
}

func TestAuthenticateAccepts(t *testing.T) {
	t.Parallel()
	valid := es256(head(nil), payload(nil))
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	for name, header := range map[string]string{
		"lower case scheme":         "bearer " + valid,
		"odd case scheme":           "bEARER " + valid,
		"expired within the leeway": "Bearer " + es256(head(nil), payload(set{"exp": at(-59 * time.Second)})),
		"nbf within the leeway":     "Bearer " + es256(head(nil), payload(set{"nbf": at(60 * time.Second)})),
		"iat within the leeway":     "Bearer " + es256(head(nil), payload(set{"iat": at(60 * time.Second)})),
		"no iat":                    "Bearer " + es256(head(nil), payload(set{"iat": absent})),
		"until the year 9999":       "Bearer " + es256(head(nil), payload(set{"exp": 253402300799})),
		"no typ":                    "Bearer " + es256(head(set{"typ": absent}), payload(nil)),
		"at+jwt":                    "Bearer " + es256(head(set{"typ": "at+jwt"}), payload(nil)),
		"other half of s":           "Bearer " + otherHalf(valid),
		"kid of two types, EC":      "Bearer " + es256(head(set{"kid": "both"}), payload(nil)),
		"kid of two types, RSA":     "Bearer " + sign("RS256", head(set{"alg": "RS256", "kid": "both"}), payload(nil), keys().rsa),
		"key hints are ignored": "Bearer " + es256(head(set{
			"jku": "https://evil.example/jwks", "x5u": "https://evil.example/cert", "x5c": []string{"AAAA"}, "jwk": set{"kty": "oct", "k": "AAAA"},
		}), payload(nil)),
		"as long as allowed": "Bearer " + longToken(t, 8192),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.accepts(t, header)
			if !regexp.MustCompile(auth.HeaderPattern).MatchString(header) {
				t.Error("API Gateway refuses it unseen")
			}
			if n := f.jwks.Fetches(); n != 1 {
				t.Errorf("%d fetches, want 1", n)
			}
		})
	}
}

// otherHalf replaces s by n-s: signers may produce either, RFC 7518 §3.4 wants no choice.
func otherHalf(token string) string {
	text, raw := split(token)
	s := new(big.Int).SetBytes(raw[32:])
	s.Sub(elliptic.P256().Params().N, s).FillBytes(raw[32:])
	return text + "." + b64(raw)
}

// longToken is a valid token of exactly size bytes.
func longToken(t *testing.T, size int) string {
	t.Helper()
	for kid := range 4 { // base64 skips one length in four
		header := head(set{"more": strings.Repeat("h", kid)})
		for pad := range size {
			payload := payload(set{"pad": strings.Repeat("p", pad)})
			if got := (len(header)*4+2)/3 + (len(payload)*4+2)/3 + 86 + 2; got == size {
				return es256(header, payload)
			} else if got > size {
				break
			}
		}
	}
	t.Fatal(fmt.Errorf("no token of %d bytes", size))
	return ""
}
