package main

import "testing"

// TestGatewayHeaders: no answer of the gateway's own is kept by a cache, and each 401
// says which credentials there are (RFC 9110 §11.6.1, RFC 6750 §3.1).
func TestGatewayHeaders(t *testing.T) {
	t.Parallel()
	responses, err := gatewayResponses()
	if err != nil || len(responses) == 0 {
		t.Fatal(err)
	}
	challenges := map[string]string{
		"UNAUTHORIZED":  "'Bearer, Subscription-Key'",
		"EXPIRED_TOKEN": `'Bearer error="invalid_token"'`,
	}
	for kind, r := range responses {
		if got := r.Parameters["gatewayresponse.header.Cache-Control"]; got != "'no-store'" {
			t.Errorf("%s has Cache-Control %s", kind, got)
		}
		if got := r.Parameters["gatewayresponse.header.WWW-Authenticate"]; got != challenges[kind] || (got != "") != (r.StatusCode == "401") {
			t.Errorf("%s (%s) has WWW-Authenticate %s, want %s", kind, r.StatusCode, got, challenges[kind])
		}
	}
}
