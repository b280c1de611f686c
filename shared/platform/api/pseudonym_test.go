package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// TestRefusedCallersAreLogged checks that the log lines of refused callers have a pseudonym
// of the source, and that no others have one.
func TestRefusedCallersAreLogged(t *testing.T) {
	t.Parallel()
	stranger := &api.Identity{Subject: "stranger"}
	open := func(s *api.Spec) { s.Public, s.Path, s.ID = true, "/open/{id}", "open/put" }
	w := apitest.New(nil, []api.Op{sheet(product, fine), sheet(product, fine, open)})
	last := func(as *api.Identity, path, body, from, reason string) (status int, line map[string]any) {
		ctx := api.WithRefusal(t.Context(), api.Refusal{Reason: reason})
		if as != nil {
			ctx = api.WithIdentity(ctx, *as)
		}
		r := httptest.NewRequestWithContext(ctx, http.MethodPut, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.RemoteAddr = from
		rec := httptest.NewRecorder()
		w.Handler(t).ServeHTTP(rec, r)
		lines := w.Log.Lines(t)
		return rec.Code, lines[len(lines)-1]
	}
	const from = "198.51.100.7:4711"
	for _, tc := range []struct {
		as         *api.Identity
		path, body string
		status     int
		logged     bool
	}{
		{nil, "/sheets/a", `{}`, 401, true},
		{stranger, "/sheets/a", `{}`, 403, true},
		{me, "/sheets/a", `{"size":11}`, 400, false},
		{me, "/nowhere", `{}`, 404, false},
		{nil, "/open/a", `{"size":11}`, 400, true},
		{nil, "/open/a", `{}`, 204, false},
	} {
		status, line := last(tc.as, tc.path, tc.body, from, "no token")
		source, _ := line["source"].(string)
		if status != tc.status || (len(source) == 16) != tc.logged || (line["refusal"] == "no token") != (status == 401) {
			t.Errorf("%v, %s %s: %d, want %d; source logged: want %v; %v", tc.as, tc.path, tc.body, status, tc.status, tc.logged, line)
		}
	}
	if strings.Contains(w.Log.String(), "198.51.100") {
		t.Error("the log has the address")
	}
	source := func(from string) any {
		_, line := last(nil, "/sheets/a", `{}`, from, "")
		if _, logged := line["refusal"]; logged {
			t.Errorf("%s: the refusal without a reason is logged with one: %v", from, line)
		}
		return line["source"]
	}
	for _, tc := range []struct {
		one, other string
		same       bool
	}{
		{from, "198.51.100.7:9", true},
		{from, "[::ffff:198.51.100.7]:9", true},
		{from, "198.51.100.8:4711", false},
		{"[2001:db8::1]:1", "[2001:db8::ffff:2]:2", true}, // one network
		{"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		{"[fe80::1%eth0]:1", "[fe80::1%eth1]:1", true},
	} {
		if one, other := source(tc.one), source(tc.other); one == nil || (one == other) != tc.same {
			t.Errorf("%s is %v and %s is %v, the same: want %v", tc.one, one, tc.other, other, tc.same)
		}
	}
	if got := source("unknown"); got != nil {
		t.Errorf("an unknown address is %v", got)
	}
}

func TestPseudonym(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	address := netip.MustParseAddr("198.51.100.0")
	for range 1000 {
		p := api.Pseudonym(address.String())
		if p != api.Pseudonym(address.String()) || len(p) != 16 || seen[p] != "" {
			t.Errorf("%s is %s, as %s is", address, p, seen[p])
		}
		seen[p], address = address.String(), address.Next()
	}
}
