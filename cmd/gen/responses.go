package main

import (
	"encoding/json"
	"strconv"

	"ciclo/shared/api"
	"ciclo/shared/problem"
)

// gatewayResponse is how API Gateway answers itself.
type gatewayResponse struct {
	StatusCode string            `yaml:"statusCode"`
	Parameters map[string]string `yaml:"responseParameters"`
	Templates  map[string]string `yaml:"responseTemplates"`
}

// answers are what API Gateway answers itself, by its type of response. Types that
// are not here (a failing authorizer's among them) are answered as DEFAULT_*.
var answers = map[string]struct {
	code   problem.Code
	detail string
	retry  bool // a second later
}{
	// An unknown path, or a known one with another method; with an Authorization
	// header, which the gateway then takes for a signature, the second.
	"MISSING_AUTHENTICATION_TOKEN": {problem.ResourceNotFound, "No operation has this path and method.", false},
	"INVALID_SIGNATURE":            {problem.ResourceNotFound, "No operation has this path and method.", false},
	"RESOURCE_NOT_FOUND":           {problem.ResourceNotFound, "No operation has this path and method.", false},
	"UNAUTHORIZED":                 {problem.AuthorizerUnauthorized, "Send a valid access token as Authorization: Bearer.", false},
	"EXPIRED_TOKEN":                {problem.AuthorizerUnauthorized, "Send a valid access token as Authorization: Bearer.", false},
	"ACCESS_DENIED":                {problem.AuthorizerForbidden, "The token does not cover this issuer or operation.", false},
	// A subscription's usageKey that no usage plan has.
	"INVALID_API_KEY":     {problem.AuthorizerForbidden, "The key has no usage plan.", false},
	"WAF_FILTERED":        {problem.AuthorizerForbidden, "The request was filtered.", false},
	"DEFAULT_4XX":         {problem.FieldInvalidFormat, "The request is malformed.", false},
	"REQUEST_TOO_LARGE":   {problem.PayloadTooLarge, "The request is larger than the API takes.", false},
	"THROTTLED":           {problem.TooManyRequests, "Repeat the call a little later.", true},
	"DEFAULT_5XX":         {problem.InternalError, "The call may be repeated.", false},
	"INTEGRATION_FAILURE": {problem.ServiceUnavailable, "The call may be repeated.", true},
	"INTEGRATION_TIMEOUT": {problem.GatewayTimeout, "The call may have taken effect; read the state before repeating it.", false},
}

// challenges are the WWW-Authenticate of the gateway's own 401, by its type of response.
// UNAUTHORIZED is also the answer to a request without a credential, of either product,
// so it names both schemes and cannot say that a token was refused (RFC 6750 §3.1).
var challenges = map[string]string{
	"UNAUTHORIZED":  api.Bearer.Challenge + ", " + api.SubscriptionKey.Challenge,
	"EXPIRED_TOKEN": api.Bearer.Refused,
}

// gatewayResponses returns what the gateway answers itself as the functions of the
// consumers product would. The templates know no conditions, so the correlation id is
// the gateway's request id even where the caller sent one.
func gatewayResponses() (map[string]gatewayResponse, error) {
	responses := map[string]gatewayResponse{}
	for kind, a := range answers {
		body, err := json.Marshal(problem.Consumers.Body(problem.New(a.code, "%s", a.detail), "$context.requestId"))
		if err != nil {
			return nil, err
		}
		headers := map[string]string{
			"gatewayresponse.header.Cache-Control":    "'no-store'",
			"gatewayresponse.header.Content-Type":     "'application/problem+json'",
			"gatewayresponse.header.x-correlation-id": "context.requestId",
		}
		if value, ok := challenges[kind]; ok {
			headers["gatewayresponse.header.WWW-Authenticate"] = "'" + value + "'"
		}
		if a.retry {
			headers["gatewayresponse.header.Retry-After"] = "'1'"
		}
		responses[kind] = gatewayResponse{
			StatusCode: strconv.Itoa(a.code.Status), Parameters: headers,
			Templates: map[string]string{"application/json": string(body)},
		}
	}
	return responses, nil
}
