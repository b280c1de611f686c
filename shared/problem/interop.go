package problem

import "net/http"

// The codes of the interop product: service and number as PDND has them, with
// the status of its M2M gateway (v3).
var (
	BadRequest         = Code{"017-9999", http.StatusBadRequest, "Bad request"}
	TokenNotValid      = Code{"017-10014", http.StatusUnauthorized, "Token verification failed"}
	OperationForbidden = Code{"017-9989", http.StatusForbidden, "Insufficient privileges"}
	InteropNoRoute     = Code{"017-9998", http.StatusNotFound, "Not found"}
	InteropNoMethod    = Code{"017-9997", http.StatusMethodNotAllowed, "Method not allowed"}
	ContentTooLarge    = Code{"017-10031", http.StatusRequestEntityTooLarge, "Content too large"}
	InteropMedia       = Code{"017-9996", http.StatusUnsupportedMediaType, "Unsupported media type"}
	GenericError       = Code{"017-9991", http.StatusInternalServerError, "Unexpected error"}
	InteropUnavailable = Code{"017-9995", http.StatusServiceUnavailable, "Service unavailable"}

	// Of the catalogue, 001.
	DescriptorNotFound        = Code{"001-0001", http.StatusNotFound, "EService descriptor not found"}
	DescriptorNotValid        = Code{"001-0003", http.StatusBadRequest, "Descriptor is not in the expected state"}
	EServiceNotFound          = Code{"001-0005", http.StatusNotFound, "EService not found"}
	DraftDescriptorExists     = Code{"001-0006", http.StatusBadRequest, "A draft descriptor already exists"}
	EServiceNameDuplicate     = Code{"001-0007", http.StatusConflict, "Duplicated service name"}
	InconsistentDailyCalls    = Code{"001-0010", http.StatusBadRequest, "Inconsistent daily calls"}
	EServiceNotInDraftState   = Code{"001-0012", http.StatusBadRequest, "EService is not in draft state"}
	EServiceWithoutDescriptor = Code{"001-0022", http.StatusConflict, "EService without valid descriptors"}
	PersonalDataSet           = Code{"001-0050", http.StatusConflict, "Personal data flag is set"}
	InvalidEServiceFlags      = Code{"001-0025", http.StatusBadRequest, "Invalid EService flags"}
)

// Interop is the error style of the interop product.
var Interop = &Product{
	Name:          "interop",
	InvalidFormat: BadRequest, InvalidValue: BadRequest,
	Unauthorized: TokenNotValid, Forbidden: OperationForbidden,
	NoRoute: InteropNoRoute, NoMethod: InteropNoMethod,
	TooLarge: ContentTooLarge, Media: InteropMedia,
	Internal: GenericError, Unavailable: InteropUnavailable,
	Body: func(p *Problem, correlationID string) any { return interopProblem(p, correlationID) },
}

// InteropError is one entry of an InteropProblem.
type InteropError struct {
	Code   string `json:"code" doc:"Service and number of the problem"`
	Detail string `json:"detail" doc:"What happened this time"`
}

// InteropProblem is the error document of the interop product: PDND's Problem, and
// what the current state allows.
type InteropProblem struct {
	Type           string         `json:"type" doc:"about:blank"`
	Title          string         `json:"title" doc:"The problem type in a few words"`
	Status         int            `json:"status" doc:"The HTTP status"`
	Detail         string         `json:"detail" doc:"What happened this time"`
	CorrelationID  string         `json:"correlationId" doc:"The x-correlation-id of the call"`
	Errors         []InteropError `json:"errors" nullable:"false" doc:"The problem by its code; of an invalid request one entry per field"`
	State          string         `json:"state,omitempty" doc:"The current state, when it does not allow the action"`
	AllowedActions []string       `json:"allowedActions,omitzero" doc:"What the current state allows"`
}

func interopProblem(p *Problem, correlationID string) InteropProblem {
	body := InteropProblem{
		Type: "about:blank", Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail, CorrelationID: correlationID,
		State: p.State, AllowedActions: p.AllowedActions,
	}
	for _, f := range p.Fields {
		body.Errors = append(body.Errors, InteropError{f.Code, f.Name + ": " + f.Detail})
	}
	if len(body.Errors) == 0 {
		body.Errors = []InteropError{{p.Code.Name, p.Detail}}
	}
	return body
}
