package apitest

import (
	"fmt"
	"regexp"
	"slices"
)

// oauthErrors are what clients of token endpoints know (RFC 6749 §5.2 and §4.1.2.1, RFC
// 9449 §5), written down a second time.
var oauthErrors = map[int][]string{
	400: {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_dpop_proof"},
	413: {"invalid_request"},
	415: {"invalid_request"},
	500: {"server_error"},
	429: {"temporarily_unavailable"},
	503: {"temporarily_unavailable"},
}

// described is the form of a description (RFC 6749 §5.2).
var described = regexp.MustCompile(`^[ !#-\[\]-~]+$`)

// OAuth is what speaks against an answer of a token endpoint, as OAuth clients read it;
// "" for nothing.
func OAuth(res Response) string {
	kind, text := res.Text("error"), res.Text("error_description")
	switch {
	case res.Header.Get("Content-Type") != "application/json":
		return fmt.Sprintf("the Content-Type is %q", res.Header.Get("Content-Type"))
	case res.Status == 200 && (res.Text("access_token") == "" || res.Text("token_type") == "" || res.Header.Get("Cache-Control") == ""):
		return "there is no token, no type or no Cache-Control"
	case res.Status != 200 && !slices.Contains(oauthErrors[res.Status], kind):
		return fmt.Sprintf("the error is %q", kind)
	case res.Status != 200 && !described.MatchString(text):
		return fmt.Sprintf("the description is %q", text)
	}
	return ""
}
