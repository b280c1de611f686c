package assertion_test

import (
	"testing"

	"ciclo/shared/interop/assertion"
)

func TestParseProofHoldsTheURL(t *testing.T) {
	t.Parallel()
	const ok, bad = true, false
	for _, tc := range []struct {
		htu, url string
		want     bool
	}{
		{"https://auth.example/token.oauth2", endpoint, ok},
		{"HTTPS://Auth.EXAMPLE/token.oauth2", endpoint, ok},
		{"https://auth.example:443/token.oauth2", endpoint, ok},
		{"https://auth.example:/token.oauth2", endpoint, ok},
		{"https://auth.example/token%2eoauth2", endpoint, ok},
		{"https://auth.example/%74oken.oauth2", endpoint, ok},
		{endpoint, "https://AUTH.example:443/token.oauth2?a=b#c", ok},
		{endpoint, endpoint + "?htu=%", ok},
		{endpoint, endpoint + "#?x", ok},
		{"https://auth.example", "https://auth.example/", ok},
		{"https://auth.example/", "https://auth.example", ok},
		{"http://localhost:80/a", "http://localhost/a", ok},
		{"https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a", ok},
		{"https://auth.example/a%2fb", "https://auth.example/a%2Fb", ok},
		{"https://auth.example/caff%C3%A8", "https://auth.example/caff%c3%a8", ok},
		{"https://auth.example/%41%5A%61%7A%30%39%2D%2E%5F%7E", "https://auth.example/AZaz09-._~", ok},
		{"https://auth.example/%40", "https://auth.example/@", bad}, // what is reserved may mean another thing
		{"https://auth.example/%3A", "https://auth.example/:", bad},
		{endpoint + "?", endpoint, bad},
		{endpoint + "?a=b", endpoint + "?a=b", bad},
		{endpoint + "#", endpoint, bad},
		{endpoint + "#c", endpoint + "#c", bad},
		{endpoint + "/", endpoint, bad},
		{"https://auth.example/Token.oauth2", endpoint, bad},
		{"https://auth.example//token.oauth2", endpoint, bad},
		{"https://auth.example:8443/token.oauth2", endpoint, bad},
		{"https://auth.example:80/token.oauth2", endpoint, bad},
		{"https://auth.example:0443/token.oauth2", endpoint, bad},
		{"http://auth.example/token.oauth2", endpoint, bad},
		{"http://auth.example:443/token.oauth2", endpoint, bad},
		{"https://auth.example.evil.example/token.oauth2", endpoint, bad},
		{"https://auth.example./token.oauth2", endpoint, bad},
		{"https://evil.example/token.oauth2", endpoint, bad},
		{"https://auth.example@evil.example/token.oauth2", endpoint, bad},
		{"https://me@auth.example/token.oauth2", endpoint, bad},
		{"https://auth.example/a%2Fb", "https://auth.example/a/b", bad},
		{"https://auth.example/a%252Fb", "https://auth.example/a%2Fb", bad},
		{"https://auth.example/token.oauth2%", endpoint, bad},
		{" " + endpoint, endpoint, bad},
		{endpoint + " ", endpoint, bad},
		{"//auth.example/token.oauth2", endpoint, bad},
		{"auth.example/token.oauth2", endpoint, bad},
		{"/token.oauth2", endpoint, bad},
		{"https:auth.example/token.oauth2", endpoint, bad},
		{"https:///token.oauth2", endpoint, bad},
		{"ftp://auth.example/a", "ftp://auth.example/a", bad},
		{"https:///a", "https:///a", bad},
		{"://", "://", bad},
		{"x", "x", bad},
	} {
		t.Run(tc.htu+" for "+tc.url, func(t *testing.T) {
			t.Parallel()
			token := proof(proofHead(nil), proofClaims(set{"htu": tc.htu}))
			_, failures := assertion.ParseProof([]string{token}, "POST", tc.url, now)
			var want []string
			if !tc.want {
				want = []string{proofBadHtu}
			}
			names(t, failures, token, want...)
		})
	}
	if _, failures := assertion.ParseProof([]string{proof(proofHead(nil), proofClaims(set{"htm": "GET"}))}, "GET", endpoint, now); failures != nil {
		t.Errorf("another method: %v", failures)
	}
}
