package interop

import (
	"ciclo/shared/platform/problem"
)

// problems is how the product answers problems.
var problems = &problem.Product{
	Name:          "interop",
	InvalidFormat: BadRequest, InvalidValue: BadRequest,
	Unauthorized: TokenNotValid, Forbidden: OperationForbidden,
	NoRoute: NoRoute, NoMethod: NoMethod,
	TooLarge: ContentTooLarge, Media: MediaNotSupported,
	Internal: GenericError, Unavailable: Unavailable,
	TooMany: TooManyRequests, Timeout: GatewayTimeout,
	Body: func(p *problem.Problem, correlationID string) any { return interopProblem(p, correlationID) },
}

// InteropError is one entry of an InteropProblem.
type InteropError struct {
	Code   string `json:"code" doc:"Service and number of the problem"`
	Detail string `json:"detail" doc:"What happened this time"`
}

// InteropProblem is the error document of the interop product: PDND's Problem, extended
// by the current state and the actions that it allows.
type InteropProblem struct {
	Type           string         `json:"type" doc:"about:blank"`
	Title          string         `json:"title" doc:"The problem type in a few words"`
	Status         int            `json:"status" doc:"The HTTP status"`
	Detail         string         `json:"detail" doc:"What happened this time"`
	CorrelationID  string         `json:"correlationId" doc:"The x-correlation-id of the call"`
	Errors         []InteropError `json:"errors" nullable:"false" doc:"The problem with its code; for an invalid request one entry for each field"`
	State          string         `json:"state,omitempty" doc:"The current state, when it does not allow the action"`
	AllowedActions []string       `json:"allowedActions,omitzero" doc:"What the current state allows"`
}

func interopProblem(p *problem.Problem, correlationID string) InteropProblem {
	body := InteropProblem{
		Type: "about:blank", Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail, CorrelationID: correlationID,
		State: p.State, AllowedActions: p.AllowedActions,
	}
	for _, f := range p.Fields {
		body.Errors = append(body.Errors, InteropError{Code: f.Code, Detail: f.Name + ": " + f.Detail})
	}
	if len(body.Errors) == 0 {
		body.Errors = []InteropError{{Code: p.Code.Name, Detail: p.Detail}}
	}
	return body
}
