package issuer_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/api"
)

// answers returns the answers of the token endpoint under a setting: "a token", or the refusal.
func (w *world) answers(setting, value string, assertions ...string) (all []string) {
	w.Helper()
	deps := w.Deps()
	settings := deps.Setting
	deps.Setting = func(name string) string {
		if name == setting {
			return value
		}
		return settings(name)
	}
	h, err := api.NewHandler(deps, issuer.Token)
	if err != nil {
		w.Fatal(err)
	}
	for _, assertion := range assertions {
		r := httptest.NewRequestWithContext(w.Context(), "POST", endpoint,
			strings.NewReader(changed(set{"grant_type": jwtGrant, "assertion": assertion}, nil)))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		answer := rec.Body.String()
		if rec.Code == 200 {
			answer = "a token"
		} else if !strings.Contains(answer, consumers.InvalidGrant.Name) {
			w.Errorf("%s=%s: %d %s", setting, value, rec.Code, answer)
		}
		all = append(all, answer)
	}
	return all
}

// TestSettings: a deployment can require an audience, another maximum lifetime, and that each
// assertion is used once. The defaults are those of D1.
func TestSettings(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		now := w.Clock.Now().Unix()
		for _, c := range []struct {
			setting, value string
			claims         []set
			want           []string
		}{
			{
				"", "",
				[]set{
					{"aud": absent},
					{"aud": "https://api.d1.thalescloud.io"},
					{"aud": url0},
					{"aud": url0 + "/oauth2"},
					{"aud": url0 + "/oauth2/token"},
					{"aud": url0 + "/authz/v1/oauth2/token"},
				},
				[]string{"a token", "a token", "claim aud must be", "a token", "a token", "a token"},
			},
			{
				"TOKEN_ASSERTION_AUDIENCE", "https://own.example",
				[]set{{"aud": absent}, {"aud": "https://api.d1.thalescloud.io"}, {"aud": "https://own.example"}},
				[]string{"claim aud is missing", "claim aud must be", "a token"},
			},
			{"TOKEN_ASSERTION_SECONDS", "60", []set{{"exp": now + 120}, {"exp": now + 121}}, []string{"a token", "60 seconds ahead at most"}},
			{"", "", []set{{"exp": now + 16*60}, {"exp": now + 16*60 + 1}}, []string{"a token", "900 seconds ahead at most"}},
			{"", "", []set{{"jti": "one"}, {"jti": "one"}, {"jti": absent}}, []string{"a token", "a token", "a token"}},
			{
				"TOKEN_ASSERTION_ONCE", "true",
				[]set{{"jti": "one"}, {"jti": "one"}, {"jti": "two"}, {"jti": absent}},
				[]string{"a token", "used before", "a token", "claim jti is missing"},
			},
		} {
			var assertions []string
			for _, claims := range c.claims {
				assertions = append(assertions, w.assertion(nil, claims))
			}
			for i, answer := range w.answers(c.setting, c.value, assertions...) {
				if !strings.Contains(answer, c.want[i]) {
					w.Errorf("%s=%s: %v comes to %s, want %q", c.setting, c.value, c.claims[i], answer, c.want[i])
				}
			}
		}
	})
}
