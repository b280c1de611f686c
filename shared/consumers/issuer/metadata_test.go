package issuer_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/api"
)

// TestMetadata reads what clients find out by themselves (RFC 8414).
func TestMetadata(t *testing.T) {
	embedded(t, func(w *world) {
		res := w.Want(w.As(nil, "GET", "/.well-known/oauth-authorization-server/oauth2", ""), 200)
		want := set{
			"issuer": url0 + "/oauth2", "token_endpoint": url0 + "/oauth2/token", "jwks_uri": url0 + "/oauth2/jwks.json",
			"scopes_supported": []any{"d1-api:consumer:read", "d1-api:consumer:full"}, "response_types_supported": []any{"none"},
			"grant_types_supported": []any{jwtGrant}, "token_endpoint_auth_methods_supported": []any{"none"},
		}
		if diff := cmp.Diff(want, res.Body); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
		if got := res.Header.Get("Cache-Control"); got != "public, max-age=300" {
			t.Errorf("metadata is kept as %q", got)
		}
		published := w.Want(w.As(nil, "GET", "/oauth2/jwks.json", ""), 200)
		if keys, _ := published.Body["keys"].([]any); len(keys) != 1 {
			t.Errorf("the keys are %v", published.Body)
		}
		deps := w.Deps()
		deps.Setting = func(string) string { return "" }
		h, err := api.NewHandler(deps, issuer.Metadata)
		if err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/.well-known/oauth-authorization-server/oauth2", http.NoBody))
		if rec.Code != 503 || !strings.Contains(rec.Body.String(), "SERVICE_UNAVAILABLE") {
			t.Errorf("without an issuer: %d %s", rec.Code, rec.Body)
		}
	})
}

// TestOAuthErrors: each kind of failure is one that OAuth clients know, with its reasons.
func TestOAuthErrors(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		for name, c := range map[string]struct{ body, error, description string }{
			"another grant": {
				`{"grant_type":"password","assertion":"x"}`, "unsupported_grant_type",
				"The parameter grant_type must be " + jwtGrant + ".",
			},
			"no assertion": {
				`{"grant_type":"` + jwtGrant + `"}`, "invalid_request",
				"The request is not valid: body.assertion: required property is missing.",
			},
			"two reasons": {
				changed(set{"grant_type": jwtGrant, "assertion": w.assertion(set{"crit": []string{"exp"}}, set{"exp": 1})}, nil), "invalid_grant",
				"The header may not have crit. The claim exp is over, for it is 2026-11-21T10:00:00Z: make a new assertion, and check the clock.",
			},
			"another's key": {
				changed(set{"grant_type": jwtGrant, "assertion": signed(head(nil), body(w.Clock.Now(), nil), keys()[1])}, nil), "invalid_grant",
				"The assertion is not signed by a key that is registered for its iss under its kid.",
			},
		} {
			res := w.Want(w.As(nil, "POST", endpoint, c.body), 400)
			if res.Text("error") != c.error || res.Text("error_description") != c.description {
				t.Errorf("%s: error %q, description %q", name, res.Text("error"), res.Text("error_description"))
			}
		}
	})
}
