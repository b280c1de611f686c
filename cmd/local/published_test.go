package main

import (
	"net/http"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers"
)

// TestPublishedPaths calls every operation without a credential, with a slash at the
// end of its path and, where D1 publishes one, below a base path: the answer is that
// of the plain path, which is never 404.
func TestPublishedPaths(t *testing.T) {
	t.Parallel()
	c := open(t, embedded(t))
	status := func(method, path string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultTransport.RoundTrip(r) // no redirects
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		plain := parameterName.ReplaceAllString(spec.Path, "x")
		want := status(spec.Method, plain)
		if want == http.StatusNotFound || want == http.StatusMethodNotAllowed {
			t.Errorf("%s %s is answered %d", spec.Method, plain, want)
		}
		variants := []string{plain + "/"}
		if spec.Product == consumers.Product {
			variants = append(variants, "/banking/v1"+plain, "/authz/v1"+plain+"/")
		}
		for _, path := range variants {
			if got := status(spec.Method, path); got != want {
				t.Errorf("%s %s is answered %d, %s is answered %d", spec.Method, path, got, plain, want)
			}
		}
	}
	for _, path := range []string{"/banking/v1", "/banking/v1issuers", "/banking/v2/issuers/ISSUER-001/consumers/ann"} {
		if got := status(http.MethodGet, path); got != http.StatusNotFound {
			t.Errorf("GET %s is answered %d, want 404", path, got)
		}
	}
	if got := status(http.MethodGet, "/docs/interop"); got != http.StatusOK {
		t.Errorf("GET /docs/interop is answered %d", got)
	}
}
