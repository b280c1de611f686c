package problem

import (
	"net/http"
	"strings"
)

// The codes of the services product. Titles and the details of refused
// transitions are App IO's, which has no codes; hence some titles come twice.
var (
	RequestInvalid      = Code{"REQUEST_INVALID", http.StatusBadRequest, "Invalid request"}
	TopicUnknown        = Code{"TOPIC_UNKNOWN", http.StatusBadRequest, "Bad Request"}
	ImageInvalid        = Code{"IMAGE_INVALID", http.StatusBadRequest, "Image not valid"}
	KeyInvalid          = Code{"KEY_INVALID", http.StatusUnauthorized, "Unauthorized"}
	NotAllowed          = Code{"NOT_ALLOWED", http.StatusForbidden, "You are not allowed here"}
	NoValidScopes       = Code{"NO_VALID_SCOPES", http.StatusForbidden, "User has no valid scopes"}
	NotFound            = Code{"NOT_FOUND", http.StatusNotFound, "Not found"}
	ServiceNotFound     = Code{"SERVICE_NOT_FOUND", http.StatusNotFound, "Not found"}
	PublicationNotFound = Code{"PUBLICATION_NOT_FOUND", http.StatusNotFound, "Not Found"}
	LogoNotFound        = Code{"LOGO_NOT_FOUND", http.StatusNotFound, "Not found"}
	NoTransition        = Code{"NO_TRANSITION", http.StatusConflict, "Conflict"}
	DuplicateName       = Code{"DUPLICATE_NAME", http.StatusConflict, "Conflict"}
	VersionConflict     = Code{"VERSION_CONFLICT", http.StatusConflict, "Conflict"}
	PreconditionFailed  = Code{"PRECONDITION_FAILED", http.StatusPreconditionFailed, "Precondition Failed"}
	InternalServerError = Code{"INTERNAL_SERVER_ERROR", http.StatusInternalServerError, "Internal server error"}
)

// Services is the error style of the services product.
var Services = &Product{
	Name:          "services",
	InvalidFormat: RequestInvalid, InvalidValue: RequestInvalid,
	Unauthorized: KeyInvalid, Forbidden: NotAllowed,
	NoRoute: NotFound, NoMethod: MethodNotAllowed,
	TooLarge: PayloadTooLarge, Media: MediaTypeUnsupported,
	Internal: InternalServerError, Unavailable: ServiceUnavailable,
	TooMany: TooManyRequests, Timeout: GatewayTimeout,
	Body: func(p *Problem, correlationID string) any { return servicesProblem(p, correlationID) },
}

// ServicesProblem is the error document of the services product: App IO's
// ResponseError, and what helps the caller besides.
type ServicesProblem struct {
	Type           string   `json:"type" doc:"URI of the problem type"`
	Title          string   `json:"title" doc:"The problem type in a few words"`
	Status         int      `json:"status" doc:"The HTTP status"`
	Detail         string   `json:"detail" doc:"What happened this time; one line per offending field"`
	Errors         []Field  `json:"errors,omitempty" doc:"The offending fields"`
	State          string   `json:"state,omitempty" doc:"The current state, when it does not allow the action"`
	AllowedActions []string `json:"allowedActions,omitzero" doc:"What the current state allows"`
	Version        int64    `json:"version,omitempty" doc:"The current version, when the call was for another; also in ETag"`
	CorrelationID  string   `json:"correlationId" doc:"The x-correlation-id of the call"`
}

func servicesProblem(p *Problem, correlationID string) ServicesProblem {
	body := ServicesProblem{
		Type: URN(p.Code), Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail, Errors: p.Fields,
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
