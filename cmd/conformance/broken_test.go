package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestBreaks drives servers that answer everything in one way: one accepts what must be
// refused, the other refuses what is as good as the sample.
func TestBreaks(t *testing.T) {
	t.Parallel()
	for status, want := range map[int][]finding{
		http.StatusOK: {
			{"accepted", "no credential"},
			{"accepted", "the body with no /name"},
			{"accepted", "path parameter thingId"},
			{"accepted", "the body {"},
			{"accepted", "a role that may only read"},
		},
		http.StatusBadRequest: {{"refused", "an unknown query parameter: "}},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(server.Close)
		c := open(t)
		r := newReport(c)
		w := newWorld(server.URL, c, r)
		by := &caller{name: "caller", id: "a", authorize: header("Authorization", "Bearer x")}
		people := &crowd{producer: by, consumer: by, stranger: by, certifier: by, readers: map[string]*caller{"a": by}}
		for _, o := range c.operations {
			o.offered = true
			w.samples[o] = call{by: by, method: o.method, path: thing, body: []byte(`{"name":"name"}`)}
			if o.id == "getThings" {
				w.samples[o] = call{by: by, method: o.method, path: "/things/all"}
			}
		}
		if err := w.breaks(t.Context(), people); err != nil {
			t.Fatal(err)
		}
		found := map[finding]bool{}
		for m := range r.mismatches {
			found[m.finding] = true
		}
		for _, f := range want {
			if !found[f] {
				t.Errorf("a server that answers %d: not found: %v", status, f)
			}
		}
	}
}
