package consumers

import (
	"strings"

	"ciclo/shared/platform/form"
	"ciclo/shared/platform/problem"
)

// problems describes how the product answers refusals.
var problems = &problem.Product{
	Name:          "consumers",
	InvalidFormat: FieldInvalidFormat, InvalidValue: FieldInvalidValue,
	Unauthorized: AuthorizerUnauthorized, Forbidden: AuthorizerForbidden,
	NoRoute: ResourceNotFound, NoMethod: MethodNotAllowed,
	TooLarge: PayloadTooLarge, Media: MediaTypeUnsupported,
	Internal: InternalError, Unavailable: ServiceUnavailable,
	TooMany: TooManyRequests, Timeout: GatewayTimeout,
	Body:      func(p *problem.Problem, correlationID string) any { return consumersProblem(p, correlationID) },
	TokenBody: func(p *problem.Problem, correlationID string) any { return consumersTokenProblem(p, correlationID) },
}

// ConsumersProblem is the error document of the consumers product: RFC 9457 plus
// D1's error (v1) and errorCode (v2).
type ConsumersProblem struct {
	Type           string          `json:"type" doc:"URI of the problem type"`
	Title          string          `json:"title" doc:"The problem type in one sentence"`
	Status         int             `json:"status" doc:"The HTTP status"`
	Detail         string          `json:"detail" doc:"What happened this time"`
	ErrorCode      string          `json:"errorCode" doc:"The problem type as a code"`
	Error          string          `json:"error" maxLength:"256" doc:"For troubleshooting only; may change"`
	Errors         []problem.Field `json:"errors,omitempty" doc:"The offending fields"`
	State          string          `json:"state,omitempty" doc:"The current state, when it does not allow the action"`
	AllowedActions []string        `json:"allowedActions,omitzero" doc:"What the current state allows"`
	CorrelationID  string          `json:"correlationId" doc:"The x-correlation-id of the call"`
}

func consumersProblem(p *problem.Problem, correlationID string) ConsumersProblem {
	text := p.Detail
	if len(p.Fields) > 0 {
		text = p.Fields[0].Name + ": " + p.Fields[0].Detail
	}
	return ConsumersProblem{
		Type:  problem.URN(p.Code),
		Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail,
		ErrorCode: p.Code.Name, Error: ErrorText(text), Errors: p.Fields,
		State: p.State, AllowedActions: p.AllowedActions, CorrelationID: correlationID,
	}
}

// errorTextSet are the characters of D1 v1's pattern for error texts.
const errorTextSet = form.Base64URL + ` /\[],.'#;:{}()?!*`

// inWords replaces signs that D1 v1's pattern for error texts refuses by words.
var inWords = strings.NewReplacer(
	" >= ", " at least ", " <= ", " at most ",
	" > ", " more than ", " < ", " less than ",
	" = ", " equal to ", " & ", " and ",
)

// ErrorText makes s match D1 v1's pattern for error texts: signs of comparison become
// words, each other refused character an apostrophe, and the text is cut after 256
// characters.
func ErrorText(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(errorTextSet, r) {
			return r
		}
		return '\''
	}, inWords.Replace(s))
	return s[:min(len(s), 256)]
}

// ConsumersTokenProblem is the error document of the token endpoint of the consumers
// product. Its member error is the one of OAuth 2.0.
type ConsumersTokenProblem struct {
	Type          string          `json:"type" doc:"URI of the problem type"`
	Title         string          `json:"title" doc:"The problem type in one sentence"`
	Status        int             `json:"status" doc:"The HTTP status"`
	Detail        string          `json:"detail" doc:"What happened this time"`
	ErrorCode     string          `json:"errorCode" doc:"The problem type as a code"`
	OAuthError    string          `json:"error" maxLength:"256" doc:"The kind of the failure (RFC 6749 §5.2)"`
	Description   string          `json:"error_description" doc:"What is wrong, for the developers of the client"`
	Errors        []problem.Field `json:"errors,omitempty" doc:"The offending fields"`
	CorrelationID string          `json:"correlationId" doc:"The x-correlation-id of the call"`
}

func consumersTokenProblem(p *problem.Problem, correlationID string) ConsumersTokenProblem {
	sentences := []string{p.Detail}
	if p.Code == InvalidGrant && len(p.Fields) > 0 { // the first field repeats the detail
		sentences = nil
		for _, f := range p.Fields {
			sentences = append(sentences, f.Detail)
		}
	}
	return ConsumersTokenProblem{
		Type: problem.URN(p.Code), Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail, ErrorCode: p.Code.Name,
		OAuthError: problem.OAuthError(p), Description: problem.OAuthDescription(sentences...), Errors: p.Fields, CorrelationID: correlationID,
	}
}
