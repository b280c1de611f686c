package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// TestIdentityRoundTrip encodes identities as API Gateway carries them, a flat JSON object
// of strings, and decodes them.
func TestIdentityRoundTrip(t *testing.T) {
	t.Parallel()
	word := rapid.StringMatching(`[!-~é]{1,20}`)
	words := rapid.Custom(func(t *rapid.T) []string {
		if all := rapid.SliceOfN(word, 0, 4).Draw(t, "words"); len(all) > 0 {
			return all
		}
		return nil
	})
	rapid.Check(t, func(t *rapid.T) {
		want := api.Identity{
			Subject:  word.Draw(t, "subject"),
			Tenants:  words.Draw(t, "tenants"),
			Scopes:   words.Draw(t, "scopes"),
			Kind:     rapid.StringMatching(`[A-Z]{0,9}`).Draw(t, "kind"),
			Group:    rapid.StringMatching(`[A-Za-z0-9_-]{0,9}`).Draw(t, "group"),
			Networks: words.Draw(t, "networks"),
			Client:   word.Draw(t, "client"),
			User:     word.Draw(t, "user"),
			Allowance: api.Allowance{
				Limit: rapid.IntRange(1, 1e6).Draw(t, "limit"), Remaining: rapid.IntRange(0, 1e6).Draw(t, "remaining"),
				Interval: time.Duration(rapid.IntRange(1, 1e6).Draw(t, "interval")) * time.Millisecond,
			},
		}
		sent := want
		sent.UsageKey = word.Draw(t, "usage key") // for the gateway alone
		text, err := json.Marshal(sent.AuthorizerContext())
		if err != nil {
			t.Fatal(err)
		}
		var flat map[string]string
		if err := json.Unmarshal(text, &flat); err != nil {
			t.Fatalf("%s: the gateway takes strings only: %v", text, err)
		}
		got := map[string]any{}
		for name, value := range flat {
			got[name] = value
		}
		if id, ok := api.IdentityFromAuthorizer(got); !ok || !cmp.Equal(id, want) {
			t.Fatalf("%v, %s", ok, cmp.Diff(want, id))
		}
	})
}

func TestIdentityIgnoresOtherTypes(t *testing.T) {
	t.Parallel()
	got, ok := api.IdentityFromAuthorizer(map[string]any{
		"subject": "s", "group": 1, "networks": []any{"192.0.2.1"}, "scopes": nil, "kind": true,
	})
	if want := (api.Identity{Subject: "s"}); !ok || !cmp.Equal(got, want) {
		t.Errorf("identity = %+v, %v", got, ok)
	}
}

func TestSource(t *testing.T) {
	t.Parallel()
	var seen string
	w := apitest.New(nil, []api.Op{sheet(keyed(), func(ctx context.Context, _ *sheetInput) error {
		if from := api.Source(ctx); from.IsValid() {
			seen = from.String()
		}
		return nil
	})})
	for address, want := range map[string]string{
		"192.0.2.1:1234":          "192.0.2.1",
		"192.0.2.1:0":             "192.0.2.1",
		"[2001:db8::1]:0":         "2001:db8::1",
		"[2001:0DB8:0::0001]:443": "2001:db8::1",
		"[::ffff:192.0.2.1]:80":   "192.0.2.1",
		"[fe80::1%eth0]:80":       "fe80::1%eth0",
		// Not known.
		"": "", ":0": "", "192.0.2.1": "", "2001:db8::1": "", "[::1]": "", "localhost:80": "", "192.0.2.256:80": "",
		"192.0.2.1:x": "", "@": "", "192.0.2.1:1, 10.0.0.1:1": "", "192.0.02.1:1": "",
	} {
		req := httptest.NewRequestWithContext(api.WithIdentity(t.Context(), *me), "PUT", "/manage/sheets/a", http.NoBody)
		req.RemoteAddr = address
		// A header does not change the source.
		req.Header.Set("X-Forwarded-For", "198.51.100.7")
		rec := httptest.NewRecorder()
		seen = ""
		if w.Handler(t).ServeHTTP(rec, req); rec.Code != 204 || seen != want {
			t.Errorf("from %q: %d, source %q, want %q", address, rec.Code, seen, want)
		}
	}
	if api.Source(t.Context()).IsValid() {
		t.Error("there is a source outside of a request")
	}
}
