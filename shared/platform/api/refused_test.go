package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// TestRefusalHasTheReason checks that a 401 has the reason and a hint, unless the caller
// was identified.
func TestRefusalHasTheReason(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{sheet(product, fine), sheet(keyed(), fine)})
	h := w.Handler(t)
	for path, hint := range map[string]string{"/sheets/a": api.Bearer.Hint, "/manage/sheets/a": api.SubscriptionKey.Hint} {
		for _, tc := range []struct {
			reason string
			known  bool
			want   string
		}{
			{"", false, `"` + hint + `"`},
			{"no token", false, `"The credential was refused: no token. ` + hint + `"`},
			{"no token", true, ""},
		} {
			ctx := api.WithRefusal(t.Context(), api.Refusal{Reason: tc.reason})
			if tc.known {
				ctx = api.WithIdentity(ctx, *me)
			}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodPut, path, http.NoBody))
			if (rec.Code == http.StatusUnauthorized) == tc.known || !strings.Contains(rec.Body.String(), tc.want) {
				t.Errorf("%s refused for %q, known %v: %d %s, want %s", path, tc.reason, tc.known, rec.Code, rec.Body, tc.want)
			}
		}
	}
	if got, ok := api.RefusalFrom(t.Context()); ok {
		t.Errorf("a request without a refusal was refused for %q", got.Reason)
	}
}
