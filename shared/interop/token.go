package interop

import (
	"net/http"

	"ciclo/shared/platform/problem"
)

// The codes of the token endpoint, which has one for all that can be wrong with a request
// (PDND, 015).
var (
	TokenRefused         = problem.Code{Name: "015-0008", Status: http.StatusBadRequest, Title: "Bad request"}
	TokenFailed          = problem.Code{Name: "015-0000", Status: http.StatusInternalServerError, Title: "Unexpected error"}
	VouchersNotAvailable = problem.Code{Name: "015-9995", Status: http.StatusServiceUnavailable, Title: "Service unavailable"}
	TokensTooMany        = problem.Code{Name: "007-10004", Status: http.StatusTooManyRequests, Title: "Too Many Requests"}
	TokenTimeout         = problem.Code{Name: "015-9994", Status: http.StatusGatewayTimeout, Title: "Gateway timeout"}
)

// Authorization is the error style of the token endpoint: that of interop, with one code
// for all that can be wrong with a request. The details are further entries.
var Authorization = &problem.Product{
	Name:          "authorization",
	InvalidFormat: TokenRefused, InvalidValue: TokenRefused,
	Unauthorized: TokenNotValid, Forbidden: OperationForbidden,
	NoRoute: NoRoute, NoMethod: NoMethod,
	TooLarge: ContentTooLarge, Media: MediaNotSupported,
	Internal: TokenFailed, Unavailable: VouchersNotAvailable,
	TooMany: TokensTooMany, Timeout: TokenTimeout,
	Body:      func(p *problem.Problem, correlationID string) any { return authorizationProblem(p, correlationID) },
	TokenBody: func(p *problem.Problem, correlationID string) any { return interopTokenProblem(p, correlationID) },
}

// refusal is the only detail that PDND gives.
const refusal = "Unable to generate a token for the given request"

func authorizationProblem(p *problem.Problem, correlationID string) InteropProblem {
	body := interopProblem(p, correlationID)
	switch p.Code {
	case TokenRefused:
		body.Detail = refusal
		body.Errors = []InteropError{{Code: p.Code.Name, Detail: refusal}}
		for _, f := range p.Fields {
			detail := f.Detail
			if f.Name != f.Code { // it names a parameter
				detail = f.Name + ": " + detail
			}
			body.Errors = append(body.Errors, InteropError{Code: f.Code, Detail: detail})
		}
	case TokenFailed:
		body.Type = "internalServerError"
	}
	return body
}

// InteropTokenProblem is the error document of the token endpoint of the interop product.
type InteropTokenProblem struct {
	InteropProblem
	OAuthError  string `json:"error" doc:"The kind of the failure (RFC 6749 §5.2)"`
	Description string `json:"error_description" doc:"What is wrong, for the developers of the client"`
}

func interopTokenProblem(p *problem.Problem, correlationID string) InteropTokenProblem {
	body := authorizationProblem(p, correlationID)
	sentences := []string{body.Detail}
	if len(body.Errors) > 1 { // the first repeats the detail
		sentences = nil
		for _, e := range body.Errors[1:] {
			sentences = append(sentences, e.Detail)
		}
	}
	return InteropTokenProblem{
		InteropProblem: body,
		OAuthError:     problem.OAuthError(p),
		Description:    problem.OAuthDescription(sentences...),
	}
}
