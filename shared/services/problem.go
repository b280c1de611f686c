package services

import (
	"strings"

	"ciclo/shared/platform/problem"
)

// problems defines how the product answers refusals.
var problems = &problem.Product{
	Name:          "services",
	InvalidFormat: RequestInvalid, InvalidValue: RequestInvalid,
	Unauthorized: KeyInvalid, Forbidden: NotAllowed,
	NoRoute: NotFound, NoMethod: MethodNotAllowed,
	TooLarge: PayloadTooLarge, Media: MediaTypeUnsupported,
	Internal: InternalServerError, Unavailable: ServiceUnavailable,
	TooMany: TooManyRequests, Timeout: GatewayTimeout,
	Body: func(p *problem.Problem, correlationID string) any { return servicesProblem(p, correlationID) },
}

// ServicesProblem is the error document of the services product: App IO's ResponseError
// with more members.
type ServicesProblem struct {
	Type           string          `json:"type" doc:"URI of the problem type"`
	Title          string          `json:"title" doc:"The problem type in a few words"`
	Status         int             `json:"status" doc:"The HTTP status"`
	Detail         string          `json:"detail" doc:"What happened in this call; one line per offending field"`
	Errors         []problem.Field `json:"errors,omitempty" doc:"The offending fields"`
	State          string          `json:"state,omitempty" doc:"The current state, where it does not allow the action"`
	AllowedActions []string        `json:"allowedActions,omitzero" doc:"What the current state allows"`
	Version        int64           `json:"version,omitempty" doc:"The current version, where the call was for another; also in ETag"`
	CorrelationID  string          `json:"correlationId" doc:"The x-correlation-id of the call"`
}

func servicesProblem(p *problem.Problem, correlationID string) ServicesProblem {
	body := ServicesProblem{
		Type: problem.URN(p.Code), Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail, Errors: p.Fields,
		State: p.State, AllowedActions: p.AllowedActions, Version: p.Version, CorrelationID: correlationID,
	}
	if p.Code == RequestInvalid && p.Input != "" {
		body.Title = "Invalid " + p.Input
	}
	if len(p.Fields) > 0 {
		lines := make([]string, len(p.Fields))
		for i, f := range p.Fields {
			lines[i] = f.Name + ": " + f.Detail
		}
		body.Detail = strings.Join(lines, "\n")
	}
	return body
}
