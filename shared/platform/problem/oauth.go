package problem

import (
	"cmp"
	"net/http"
	"strings"
)

// What OAuth clients read as error in a refusal of a token endpoint (RFC 6749 §5.2, RFC
// 9449 §5). They match it letter by letter and raise it as the kind of the failure.
const (
	OAuthInvalidRequest       = "invalid_request"
	OAuthInvalidClient        = "invalid_client"
	OAuthInvalidGrant         = "invalid_grant"
	OAuthUnauthorizedClient   = "unauthorized_client"
	OAuthUnsupportedGrantType = "unsupported_grant_type"
	OAuthInvalidDPoPProof     = "invalid_dpop_proof"

	OAuthTemporarilyUnavailable = "temporarily_unavailable"
)

// OAuthError is the error of a problem at a token endpoint. What no operation has decided
// follows from the status; RFC 6749 has the last two for the authorization endpoint alone,
// and clients of token endpoints know them from there.
func OAuthError(p *Problem) string {
	switch byStatus := OAuthInvalidRequest; {
	case p.Code.Status == http.StatusServiceUnavailable:
		return OAuthTemporarilyUnavailable
	case p.Code.Status >= http.StatusInternalServerError:
		return "server_error"
	default:
		return cmp.Or(p.OAuth, byStatus)
	}
}

// OAuthDescription joins sentences. RFC 6749 §5.2 leaves out quotation marks, backslashes
// and what is not ASCII; an apostrophe stands for them.
func OAuthDescription(sentences ...string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '\''
		}
		return r
	}, strings.Join(sentences, " "))
}
