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
)

// oauthError is the error of a problem at a token endpoint. What no operation has decided
// follows from the status; RFC 6749 has the last two for the authorization endpoint alone,
// and clients of token endpoints know them from there.
func oauthError(p *Problem) string {
	switch byStatus := OAuthInvalidRequest; {
	case p.Code.Status == http.StatusServiceUnavailable:
		return "temporarily_unavailable"
	case p.Code.Status >= http.StatusInternalServerError:
		return "server_error"
	default:
		return cmp.Or(p.OAuth, byStatus)
	}
}

// oauthDescription joins sentences. RFC 6749 §5.2 leaves out quotation marks, backslashes
// and what is not ASCII; an apostrophe stands for them.
func oauthDescription(sentences ...string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '\''
		}
		return r
	}, strings.Join(sentences, " "))
}

// InteropTokenProblem is the error document of the token endpoint of the interop product.
type InteropTokenProblem struct {
	InteropProblem
	OAuthError  string `json:"error" doc:"The kind of the failure (RFC 6749 §5.2)"`
	Description string `json:"error_description" doc:"What is wrong, for whoever develops the client"`
}

func interopTokenProblem(p *Problem, correlationID string) InteropTokenProblem {
	body := authorizationProblem(p, correlationID)
	sentences := []string{body.Detail}
	if len(body.Errors) > 1 { // the first says no more than the detail
		sentences = nil
		for _, e := range body.Errors[1:] {
			sentences = append(sentences, e.Detail)
		}
	}
	return InteropTokenProblem{body, oauthError(p), oauthDescription(sentences...)}
}

// ConsumersTokenProblem is the error document of the token endpoint of the consumers
// product, whose error is that of OAuth.
type ConsumersTokenProblem struct {
	Type          string  `json:"type" doc:"URI of the problem type"`
	Title         string  `json:"title" doc:"The problem type in one sentence"`
	Status        int     `json:"status" doc:"The HTTP status"`
	Detail        string  `json:"detail" doc:"What happened this time"`
	ErrorCode     string  `json:"errorCode" doc:"The problem type as a code"`
	OAuthError    string  `json:"error" maxLength:"256" doc:"The kind of the failure (RFC 6749 §5.2)"`
	Description   string  `json:"error_description" doc:"What is wrong, for whoever develops the client"`
	Errors        []Field `json:"errors,omitempty" doc:"The offending fields"`
	CorrelationID string  `json:"correlationId" doc:"The x-correlation-id of the call"`
}

func consumersTokenProblem(p *Problem, correlationID string) ConsumersTokenProblem {
	sentences := []string{p.Detail}
	if p.Code == InvalidGrant && len(p.Fields) > 0 { // the first says no more than the detail
		sentences = nil
		for _, f := range p.Fields {
			sentences = append(sentences, f.Detail)
		}
	}
	return ConsumersTokenProblem{
		Type: URN(p.Code), Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail, ErrorCode: p.Code.Name,
		OAuthError: oauthError(p), Description: oauthDescription(sentences...), Errors: p.Fields, CorrelationID: correlationID,
	}
}
