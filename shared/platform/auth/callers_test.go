package auth_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/platform/auth"
)

// fromEnv is a Bearer of the environment with changes. Its issuer publishes the keys of
// the tests.
func fromEnv(t *testing.T, changes map[string]string) *auth.Bearer {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(keys().published))
	}))
	t.Cleanup(server.Close)
	all := map[string]string{"JWKS_URL": server.URL}
	maps.Copy(all, changes)
	b, err := auth.FromEnv(environment(all), everybody(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// kinds are the claims of a token of each kind of caller.
var kinds = map[string]set{
	"organization": {"organizationId": organizationID, "role": "m2m"},
	"issuer":       {},
	"aggregator":   {"sub": "aggregator", "issuers": []string{"AAAAAAAAAA"}},
	"operator":     {"sub": "ops@example", "role": "operator"},
}

// lastingClaims are claims of a token of the issuer by the clock of the machine.
func lastingClaims(of ...set) string {
	all := set{"iat": absent, "exp": time.Now().Add(time.Hour).Unix()}
	for _, changes := range of {
		maps.Copy(all, changes)
	}
	return payload(all)
}

// TestCallers has every kind of caller come with a token of the configured issuer,
// under every setting of the kinds that it may identify.
func TestCallers(t *testing.T) {
	t.Parallel()
	const role = "role=operator"
	for _, tc := range []struct {
		callers, operator string
		want              []string
	}{
		{"", "", []string{"organization", "issuer", "aggregator"}},
		{"organizations,card-issuers", "", []string{"organization", "issuer", "aggregator"}},
		{" card-issuers , organizations", role, []string{"organization", "issuer", "aggregator", "operator"}},
		{"organizations", "", []string{"organization"}},
		{"organizations", role, []string{"organization", "operator"}},
		{"card-issuers", "", []string{"issuer", "aggregator"}},
		{"card-issuers", role, []string{"issuer", "aggregator", "operator"}},
		{"none", role, []string{"operator"}},
		{"", "role=admin", []string{"organization", "issuer", "aggregator"}},
	} {
		b := fromEnv(t, map[string]string{"CALLERS": tc.callers, "OPERATOR_CLAIM": tc.operator})
		for kind, changes := range kinds {
			id, err := b.Authenticate(t.Context(), "Bearer "+es256(head(nil), lastingClaims(changes)))
			switch may := slices.Contains(tc.want, kind); {
			case may && (err != nil || id.Kind != kind):
				t.Errorf("%q, %q: %s is %+v, %v", tc.callers, tc.operator, kind, id, err)
			case !may && (!errors.Is(err, auth.ErrUnauthorized) || id.Subject != ""):
				t.Errorf("%q, %q: %s is %+v, %v, want ErrUnauthorized", tc.callers, tc.operator, kind, id, err)
			}
		}
	}
}

// TestOperatorClaim reads the operator by other claims than a role.
func TestOperatorClaim(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		claim   string
		changes set
		want    string // the kind of caller
	}{
		{"cognito:groups=ops", set{"cognito:groups": []string{"readers", "ops"}}, "operator"},
		{"cognito:groups=ops", set{"cognito:groups": []string{"readers"}}, "issuer"},
		{"client_id=a=b", set{"client_id": "a=b"}, "operator"},
		{"scope=ciclo/operate", set{"scope": "openid ciclo/operate"}, "operator"},
		{"scope=ciclo/operate", set{"scope": "ciclo/operates"}, "issuer"},
		{"scp=operate", set{"scp": []string{"operate"}}, "operator"},
		{"name=ops", set{"name": "call me ops"}, "issuer"},
		{"https://example/roles=ops", set{"https://example/roles": "ops"}, "operator"},
		{"role=ops", set{"role": "operator"}, "issuer"},
		{"role=ops", set{"role": "ops", "organizationId": organizationID}, "organization"},
	} {
		b := fromEnv(t, map[string]string{"OPERATOR_CLAIM": tc.claim})
		id, err := b.Authenticate(t.Context(), "Bearer "+es256(head(nil), lastingClaims(tc.changes)))
		operates := id.Tenants == nil && slices.Equal(id.Scopes, []string{"operator"})
		if err != nil || id.Kind != tc.want || (id.Kind == "operator") != operates && id.Kind != "organization" {
			t.Errorf("%s: %v is %+v, %v, want %s", tc.claim, tc.changes, id, err, tc.want)
		}
	}
}

func TestUnacceptableCallers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		callers, operator string
		want              []string // parts of the error
	}{
		{"everybody", "", []string{"CALLERS must be", "organizations", "card-issuers", "none"}},
		{"organizations,operators", "", []string{"CALLERS must be"}},
		{"organizations,", "", []string{"CALLERS must be"}},
		{"organizations,none", "role=operator", []string{"CALLERS must be"}},
		{"ORGANIZATIONS", "", []string{"CALLERS must be"}},
		{"none", "", []string{"CALLERS is none", "OPERATOR_CLAIM must be set"}},
		{"", "operator", []string{"OPERATOR_CLAIM must be", "role=operator"}},
		{"", "=operator", []string{"OPERATOR_CLAIM must be"}},
		{"", "role=", []string{"OPERATOR_CLAIM must be"}},
	} {
		b, err := auth.FromEnv(environment(map[string]string{"CALLERS": tc.callers, "OPERATOR_CLAIM": tc.operator}), everybody(nil), nil)
		if b != nil || err == nil {
			t.Fatalf("%q, %q: %v, %v", tc.callers, tc.operator, b, err)
		}
		for _, part := range tc.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q, %q: error %q lacks %q", tc.callers, tc.operator, err, part)
			}
		}
	}
}

// TestBoundTokens refuses tokens with a cnf claim of every issuer, for every kind of
// caller and every confirmation (RFC 9449 §7.2, RFC 8705 §3).
func TestBoundTokens(t *testing.T) {
	t.Parallel()
	b := fromEnv(t, owning(map[string]string{"SIGN_AUDIENCE": ownAudience, "OPERATOR_CLAIM": "role=operator"}))
	later := time.Now().Add(time.Hour).Unix()
	tokens := map[string]func(cnf any) string{
		"a voucher": func(cnf any) string {
			return by(keys().rsa, "rsa", ownClaims(set{"iat": absent, "exp": later, "cnf": cnf}))
		},
		"a token of D1": func(cnf any) string { return by(keys().rsa, "rsa", d1Claims(set{"cnf": cnf})) },
	}
	for kind, changes := range kinds {
		tokens["of the configured issuer, "+kind] = func(cnf any) string {
			return "Bearer " + es256(head(nil), lastingClaims(changes, set{"cnf": cnf}))
		}
	}
	thumbprint := strings.Repeat("A", 43)
	for name, token := range tokens {
		if _, err := b.Authenticate(t.Context(), token(absent)); err != nil {
			t.Errorf("%s, not bound: %v", name, err)
		}
		for bound, cnf := range map[string]any{
			"by DPoP": set{"jkt": thumbprint}, "to a certificate": set{"x5t#S256": thumbprint},
			"to both":  set{"jkt": thumbprint, "x5t#S256": thumbprint},
			"to a key": set{"jwk": set{"kty": "EC"}}, "to nothing": set{}, "to null": nil, "to a text": "x",
		} {
			id, err := b.Authenticate(t.Context(), token(cnf))
			if !errors.Is(err, auth.ErrUnauthorized) || !strings.Contains(err.Error(), "bound to a key") || id.Subject != "" {
				t.Errorf("%s, bound %s: %+v, %v", name, bound, id, err)
			}
		}
	}
}
