package main

import (
	"testing"

	"ciclo/cmd/internal/catalog"
)

// TestGatewayHeaders: no answer of the gateway's own is kept by a cache, and each 401
// says which credentials there are (RFC 9110 §11.6.1, RFC 6750 §3.1).
func TestGatewayHeaders(t *testing.T) {
	t.Parallel()
	challenges := map[string]map[string]string{
		"consumers": {"UNAUTHORIZED": "'Bearer'", "EXPIRED_TOKEN": `'Bearer error="invalid_token"'`},
		"services":  {"UNAUTHORIZED": "'Subscription-Key'", "EXPIRED_TOKEN": "'Subscription-Key'"},
		"interop":   {"UNAUTHORIZED": "'Bearer'", "EXPIRED_TOKEN": `'Bearer error="invalid_token"'`},
	}
	for _, product := range catalog.Products() {
		responses, err := gatewayResponses(styleOf(product))
		if err != nil || len(responses) == 0 {
			t.Fatal(err)
		}
		for kind, r := range responses {
			if got := r.Parameters["gatewayresponse.header.Cache-Control"]; got != "'no-store'" {
				t.Errorf("%s: %s has Cache-Control %s", product.Name, kind, got)
			}
			want := challenges[product.Name][kind]
			if got := r.Parameters["gatewayresponse.header.WWW-Authenticate"]; got != want || (got != "") != (r.StatusCode == "401") {
				t.Errorf("%s: %s (%s) has WWW-Authenticate %s, want %s", product.Name, kind, r.StatusCode, got, want)
			}
		}
	}
}
