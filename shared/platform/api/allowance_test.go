package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// TestAllowanceIsTold checks that every answer to a caller who is counted has the headers of
// the limit, whatever the answer is, and that no other answer has one.
func TestAllowanceIsTold(t *testing.T) {
	t.Parallel()
	limited := *product
	limited.Refusals = append(limited.Refusals, problemtest.NotInVersion)
	w := apitest.New(nil, []api.Op{sheet(&limited, fine)})
	h := w.Handler(t)
	counted := *me
	counted.Allowance = api.Allowance{Limit: 10, Remaining: 3, Interval: 1500 * time.Millisecond}
	over := api.Allowance{Limit: 10, Remaining: -2, Interval: 1500 * time.Millisecond}
	for name, tc := range map[string]struct {
		path      string
		identity  *api.Identity
		refusal   *api.Refusal
		remaining string
	}{
		"success":               {"/sheets/a", &counted, nil, "3"},
		"no such path":          {"/nowhere/a", &counted, nil, "3"},
		"not a valid request":   {"/sheets/a?x=%FF", &counted, nil, "3"},
		"nobody is counted":     {"/sheets/a", me, nil, ""},
		"no caller":             {"/sheets/a", nil, nil, ""},
		"refused by the door":   {"/sheets/a", nil, &api.Refusal{Code: problemtest.NotInVersion, Reason: "the proof"}, ""},
		"over the limit":        {"/sheets/a", nil, &api.Refusal{Code: problemtest.NotInVersion, Reason: "the limit", Allowance: over}, "0"},
		"over, by no such path": {"/nowhere/a", nil, &api.Refusal{Code: problemtest.NotInVersion, Reason: "the limit", Allowance: over}, "0"},
	} {
		ctx := t.Context()
		if tc.identity != nil {
			ctx = api.WithIdentity(ctx, *tc.identity)
		}
		if tc.refusal != nil {
			ctx = api.WithRefusal(ctx, *tc.refusal)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodPut, tc.path, http.NoBody))
		want := map[string]string{"X-Rate-Limit-Limit": "10", "X-Rate-Limit-Remaining": tc.remaining, "X-Rate-Limit-Interval": "1500"}
		for header, value := range want {
			if tc.remaining == "" {
				value = ""
			}
			if got := rec.Header().Get(header); got != value {
				t.Errorf("%s: %d, %s is %q, want %q", name, rec.Code, header, got, value)
			}
		}
		if rec.Header().Get("Retry-After") != "" {
			t.Errorf("%s: Retry-After %s", name, rec.Header().Get("Retry-After"))
		}
	}
}
