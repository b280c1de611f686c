package voucher_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/platform/testing/apitest"
)

// TestOAuthErrors checks the OAuth error and the description of each kind of failure. With
// generic errors all failures have the same.
func TestOAuthErrors(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"explained", "generic"} {
		withConfig(t, func(w *apitest.World) { w.Settings["VOUCHER_ERRORS"] = setting }, func(w *world) {
			p := w.newRequester()
			good := func(changes object) string { return w.assertion(p, changes) }
			for name, c := range map[string]struct {
				body, proof, want, description string
			}{
				"another grant": {
					form(good(nil), map[string]string{"grant_type": "password"}), "", "unsupported_grant_type",
					"grant_type must be client_credentials.",
				},
				"no grant": {form(good(nil), map[string]string{"grant_type": ""}), "", "unsupported_grant_type", "grant_type must be"},
				"another type": {
					form(good(nil), map[string]string{"client_assertion_type": "x"}), "", "invalid_request",
					"client_assertion_type must be",
				},
				"another client":    {form(good(nil), map[string]string{"client_id": "x"}), "", "invalid_request", "client_id must be"},
				"a parameter twice": {form(good(nil), nil) + "&grant_type=x", "", "invalid_request", "body.grant_type: expected at most one value"},
				"no assertion":      {form("", nil), "", "invalid_client", "three parts"},
				"two claims": {
					form(good(object{"aud": nil, "jti": nil}), nil), "", "invalid_client",
					"The claim jti is missing: set it to a text. The claim aud is missing",
				},
				"expired":            {form(good(object{"exp": 1}), nil), "", "invalid_client", "ended at 1970"},
				"an unknown client":  {form(good(object{"sub": uuid.NewString()}), nil), "", "invalid_client", ""},
				"no purpose":         {form(good(object{"purposeId": nil}), nil), "", "invalid_client", "purposeId"},
				"another's purpose":  {form(good(object{"purposeId": uuid.NewString()}), nil), "", "unauthorized_client", "link them first"},
				"a proof for others": {form(good(nil), nil), w.newProof(nil, object{"htm": "GET"}), "invalid_dpop_proof", "htm"},
			} {
				w.Clock.Advance(time.Millisecond)
				var header []string
				if c.proof != "" {
					header = []string{"DPoP", c.proof}
				}
				res := w.issue(c.body, header...)
				want, description := c.want, c.description
				if setting == "generic" && name != "a parameter twice" {
					want, description = "invalid_client", "Unable to generate a token for the given request"
				}
				if res.Text("error") != want || !strings.Contains(res.Text("error_description"), description) {
					t.Errorf("%s, %s: error %q, description %q; want %q and %q", name, setting, res.Text("error"), res.Text("error_description"), want,
						description)
				}
			}
			w.act(producer, p.purpose, "suspend")
			if res := w.issue(form(good(nil), nil)); setting == "explained" && res.Text("error") != "unauthorized_client" {
				t.Errorf("the error for a suspended purpose is %q", res.Text("error"))
			}
		})
	}
}
