// Package problemtest has a product for the tests of the platform, which knows none:
// a code for each refusal that the platform makes itself, and a plain body.
package problemtest

import (
	"net/http"

	"ciclo/shared/platform/problem"
)

// The codes of the product.
var (
	InvalidFormat = problem.Code{Name: "INVALID_FORMAT", Status: http.StatusBadRequest, Title: "A field is malformed."}
	InvalidValue  = problem.Code{Name: "INVALID_VALUE", Status: http.StatusBadRequest, Title: "A field has a value that is not allowed."}
	Unauthorized  = problem.Code{Name: "UNAUTHORIZED", Status: http.StatusUnauthorized, Title: "The credential is missing or not valid."}
	Forbidden     = problem.Code{Name: "FORBIDDEN", Status: http.StatusForbidden, Title: "The credential does not allow this."}
	NoRoute       = problem.Code{Name: "NO_ROUTE", Status: http.StatusNotFound, Title: "There is nothing at this path."}
	NotFound      = problem.Code{Name: "NOT_FOUND", Status: http.StatusNotFound, Title: "The item does not exist."}
	NoMethod      = problem.Code{Name: "NO_METHOD", Status: http.StatusMethodNotAllowed, Title: "The path does not have this method."}
	NotInVersion  = problem.Code{Name: "NOT_IN_VERSION", Status: http.StatusPreconditionFailed, Title: "The item is in another version."}
	TooLarge      = problem.Code{Name: "TOO_LARGE", Status: http.StatusRequestEntityTooLarge, Title: "The request body is too large."}
	Media         = problem.Code{Name: "MEDIA", Status: http.StatusUnsupportedMediaType, Title: "The request body is not JSON."}
	Internal      = problem.Code{Name: "INTERNAL", Status: http.StatusInternalServerError, Title: "Something went wrong."}
	Unavailable   = problem.Code{Name: "UNAVAILABLE", Status: http.StatusServiceUnavailable, Title: "The call may be repeated."}
	TooMany       = problem.Code{Name: "TOO_MANY", Status: http.StatusTooManyRequests, Title: "There are too many requests."}
	Timeout       = problem.Code{Name: "TIMEOUT", Status: http.StatusGatewayTimeout, Title: "The answer took too long."}
)

// Product is how the product answers refusals.
var Product = &problem.Product{
	Name:          "test",
	InvalidFormat: InvalidFormat, InvalidValue: InvalidValue,
	Unauthorized: Unauthorized, Forbidden: Forbidden,
	NoRoute: NoRoute, NoMethod: NoMethod,
	TooLarge: TooLarge, Media: Media,
	Internal: Internal, Unavailable: Unavailable,
	TooMany: TooMany, Timeout: Timeout,
	Body: func(p *problem.Problem, correlationID string) any { return body(p, correlationID) },
}

// Problem is the document of a refusal.
type Problem struct {
	Type           string          `json:"type"`
	Title          string          `json:"title"`
	Status         int             `json:"status"`
	Detail         string          `json:"detail"`
	ErrorCode      string          `json:"errorCode"`
	Errors         []problem.Field `json:"errors,omitempty"`
	State          string          `json:"state,omitempty"`
	AllowedActions []string        `json:"allowedActions,omitzero"`
	Version        int64           `json:"version,omitempty"`
	CorrelationID  string          `json:"correlationId"`
}

// body is the document of p. As in App IO, the title of an invalid request names the body.
func body(p *problem.Problem, correlationID string) Problem {
	b := Problem{
		Type: problem.URN(p.Code), Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail, ErrorCode: p.Code.Name,
		Errors: p.Fields, State: p.State, AllowedActions: p.AllowedActions, Version: p.Version, CorrelationID: correlationID,
	}
	if p.Input != "" && (p.Code == InvalidFormat || p.Code == InvalidValue) {
		b.Title = "Invalid " + p.Input
	}
	return b
}
