package problem

import (
	"net/http"
	"regexp"
	"strings"
)

// The codes of the consumers product. The FIELD_ and AUTHORIZER_UNAUTHORIZED
// names are D1 v2's; v1 documents statuses only.
var (
	FieldInvalidFormat     = Code{"FIELD_INVALID_FORMAT", http.StatusBadRequest, "A field is malformed."}
	FieldInvalidValue      = Code{"FIELD_INVALID_VALUE", http.StatusBadRequest, "A field has a value that is not allowed."}
	AuthorizerUnauthorized = Code{"AUTHORIZER_UNAUTHORIZED", http.StatusUnauthorized, "The access token is missing or not valid."}
	AuthorizerForbidden    = Code{"AUTHORIZER_FORBIDDEN", http.StatusForbidden, "The access token does not allow this."}
	UnsupportedGrantType   = Code{"UNSUPPORTED_GRANT_TYPE", http.StatusBadRequest, "The grant type is not the one there is."}
	InvalidGrant           = Code{"INVALID_GRANT", http.StatusBadRequest, "The assertion is not valid."}
	ConsumerNotFound       = Code{"CONSUMER_NOT_FOUND", http.StatusNotFound, "The consumer does not exist."}
	CardNotFound           = Code{"CARD_NOT_FOUND", http.StatusNotFound, "The card does not exist."}
	IssuerKeyNotFound      = Code{"KEY_NOT_FOUND", http.StatusNotFound, "The issuer has no key with this kid."}
	OperationNotFound      = Code{"OPERATION_NOT_FOUND", http.StatusNotFound, "The operation does not exist or is no longer kept."}
	ResourceNotFound       = Code{"RESOURCE_NOT_FOUND", http.StatusNotFound, "There is nothing at this path."}
	MethodNotAllowed       = Code{"METHOD_NOT_ALLOWED", http.StatusMethodNotAllowed, "The path does not have this method."}
	ConsumerDeleted        = Code{"CONSUMER_DELETED", http.StatusConflict, "The consumer was deleted and its id cannot be used again."}
	OperationInProgress    = Code{"OPERATION_IN_PROGRESS", http.StatusConflict, "The consumer is being deleted."}
	IDInUse                = Code{"ID_IN_USE", http.StatusConflict, "The id belongs to another consumer."}
	PayloadTooLarge        = Code{"PAYLOAD_TOO_LARGE", http.StatusRequestEntityTooLarge, "The request body is too large."}
	MediaTypeUnsupported   = Code{"MEDIA_TYPE_UNSUPPORTED", http.StatusUnsupportedMediaType, "The request body is not JSON."}
	InternalError          = Code{"INTERNAL_ERROR", http.StatusInternalServerError, "Something went wrong on our side."}
	TooManyRequests        = Code{"TOO_MANY_REQUESTS", http.StatusTooManyRequests, "There are too many requests."} // by API Gateway
	GatewayTimeout         = Code{"GATEWAY_TIMEOUT", http.StatusGatewayTimeout, "The answer took too long."}       // by API Gateway
	ServiceUnavailable     = Code{"SERVICE_UNAVAILABLE", http.StatusServiceUnavailable, "The service is busy; the call may be repeated."}
)

// Consumers is the error style of the consumers product.
var Consumers = &Product{
	Name:          "consumers",
	InvalidFormat: FieldInvalidFormat, InvalidValue: FieldInvalidValue,
	Unauthorized: AuthorizerUnauthorized, Forbidden: AuthorizerForbidden,
	NoRoute: ResourceNotFound, NoMethod: MethodNotAllowed,
	TooLarge: PayloadTooLarge, Media: MediaTypeUnsupported,
	Internal: InternalError, Unavailable: ServiceUnavailable,
	TooMany: TooManyRequests, Timeout: GatewayTimeout,
	Body:      func(p *Problem, correlationID string) any { return consumersProblem(p, correlationID) },
	TokenBody: func(p *Problem, correlationID string) any { return consumersTokenProblem(p, correlationID) },
}

// ConsumersProblem is the error document of the consumers product: RFC 9457 plus
// D1's error (v1) and errorCode (v2).
type ConsumersProblem struct {
	Type           string   `json:"type" doc:"URI of the problem type"`
	Title          string   `json:"title" doc:"The problem type in one sentence"`
	Status         int      `json:"status" doc:"The HTTP status"`
	Detail         string   `json:"detail" doc:"What happened this time"`
	ErrorCode      string   `json:"errorCode" doc:"The problem type as a code"`
	Error          string   `json:"error" maxLength:"256" doc:"For troubleshooting only; may change"`
	Errors         []Field  `json:"errors,omitempty" doc:"The offending fields"`
	State          string   `json:"state,omitempty" doc:"The current state, when it does not allow the action"`
	AllowedActions []string `json:"allowedActions,omitzero" doc:"What the current state allows"`
	CorrelationID  string   `json:"correlationId" doc:"The x-correlation-id of the call"`
}

func consumersProblem(p *Problem, correlationID string) ConsumersProblem {
	text := p.Detail
	if len(p.Fields) > 0 {
		text = p.Fields[0].Name + ": " + p.Fields[0].Detail
	}
	return ConsumersProblem{
		Type:  URN(p.Code),
		Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail,
		ErrorCode: p.Code.Name, Error: ErrorText(text), Errors: p.Fields,
		State: p.State, AllowedActions: p.AllowedActions, CorrelationID: correlationID,
	}
}

// URN is the URI of the problem type, RFC 9457 §3.1.1.
func URN(c Code) string { return "urn:ciclo:problem:" + c.Name }

// errorTextRefused is the complement of D1 v1's pattern for error texts.
var errorTextRefused = regexp.MustCompile(`[^a-zA-Z0-9_ /\\\[\],.'#;:{}()?!*-]`)

// inWords says in words the signs that D1 v1's pattern for error texts refuses.
var inWords = strings.NewReplacer(" >= ", " at least ", " <= ", " at most ", " > ", " more than ", " < ", " less than ", " = ", " equal to ", " & ", " and ")

// ErrorText makes s fit D1 v1's pattern for error texts: signs of comparison become
// words, other characters an apostrophe, and 256 characters are kept.
func ErrorText(s string) string {
	s = errorTextRefused.ReplaceAllString(inWords.Replace(s), "'")
	return s[:min(len(s), 256)]
}
