package assertion_test

import (
	"testing"

	"ciclo/shared/interop/assertion"
)

// urls are the claim htu of a proof and the URL of the request.
type urls struct{ htu, url string }

var sameURLs = []urls{
	{"https://auth.example/token.oauth2", endpoint},
	{"HTTPS://Auth.EXAMPLE/token.oauth2", endpoint},
	{"https://auth.example:443/token.oauth2", endpoint},
	{"https://auth.example:/token.oauth2", endpoint},
	{"https://auth.example/token%2eoauth2", endpoint},
	{"https://auth.example/%74oken.oauth2", endpoint},
	{endpoint, "https://AUTH.example:443/token.oauth2?a=b#c"},
	{endpoint, endpoint + "?htu=%"},
	{endpoint, endpoint + "#?x"},
	{"https://auth.example", "https://auth.example/"},
	{"https://auth.example/", "https://auth.example"},
	{"http://localhost:80/a", "http://localhost/a"},
	{"https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"},
	{"https://auth.example/a%2fb", "https://auth.example/a%2Fb"},
	{"https://auth.example/caff%C3%A8", "https://auth.example/caff%c3%a8"},
	{"https://auth.example/%41%5A%61%7A%30%39%2D%2E%5F%7E", "https://auth.example/AZaz09-._~"},
}

var otherURLs = []urls{
	{"https://auth.example/%40", "https://auth.example/@"}, // what is reserved may mean another thing
	{"https://auth.example/%3A", "https://auth.example/:"},
	{endpoint + "?", endpoint},
	{endpoint + "?a=b", endpoint + "?a=b"},
	{endpoint + "#", endpoint},
	{endpoint + "#c", endpoint + "#c"},
	{endpoint + "/", endpoint},
	{"https://auth.example/Token.oauth2", endpoint},
	{"https://auth.example//token.oauth2", endpoint},
	{"https://auth.example:8443/token.oauth2", endpoint},
	{"https://auth.example:80/token.oauth2", endpoint},
	{"https://auth.example:0443/token.oauth2", endpoint},
	{"http://auth.example/token.oauth2", endpoint},
	{"http://auth.example:443/token.oauth2", endpoint},
	{"https://auth.example.evil.example/token.oauth2", endpoint},
	{"https://auth.example./token.oauth2", endpoint},
	{"https://evil.example/token.oauth2", endpoint},
	{"https://auth.example@evil.example/token.oauth2", endpoint},
	{"https://me@auth.example/token.oauth2", endpoint},
	{"https://auth.example/a%2Fb", "https://auth.example/a/b"},
	{"https://auth.example/a%252Fb", "https://auth.example/a%2Fb"},
	{"https://auth.example/token.oauth2%", endpoint},
	{" " + endpoint, endpoint},
	{endpoint + " ", endpoint},
	{"//auth.example/token.oauth2", endpoint},
	{"auth.example/token.oauth2", endpoint},
	{"/token.oauth2", endpoint},
	{"https:auth.example/token.oauth2", endpoint},
	{"https:///token.oauth2", endpoint},
	{"ftp://auth.example/a", "ftp://auth.example/a"},
	{"https:///a", "https:///a"},
	{"://", "://"},
	{"x", "x"},
}

func TestParseProofHoldsTheURL(t *testing.T) {
	t.Parallel()
	check := func(tc urls, want ...string) {
		t.Run(tc.htu+" for "+tc.url, func(t *testing.T) {
			t.Parallel()
			token := proof(proofHead(nil), proofClaims(set{"htu": tc.htu}))
			_, failures := assertion.ParseProof([]string{token}, "POST", tc.url, now)
			names(t, failures, token, want...)
		})
	}
	for _, tc := range sameURLs {
		check(tc)
	}
	for _, tc := range otherURLs {
		check(tc, proofBadHtu)
	}
	token := proof(proofHead(nil), proofClaims(set{"htm": "GET"}))
	if _, failures := assertion.ParseProof([]string{token}, "GET", endpoint, now); failures != nil {
		t.Errorf("another method: %v", failures)
	}
}
