package main

import (
	"cmp"
	"encoding/json"
	"strconv"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// gatewayResponse is how API Gateway answers itself.
type gatewayResponse struct {
	StatusCode string            `yaml:"statusCode"`
	Parameters map[string]string `yaml:"responseParameters"`
	Templates  map[string]string `yaml:"responseTemplates"`
}

// answer is what API Gateway answers itself: a code of the product, and what happened.
type answer struct {
	code   problem.Code
	detail string
	retry  bool // a second later
}

// answers returns what API Gateway answers itself as the functions of a product would,
// by its type of response. Types that are not here (a failing authorizer's among them)
// are answered as DEFAULT_*.
func answers(p *api.Product) map[string]answer {
	return map[string]answer{
		// An unknown path, or a known one with another method; with an Authorization
		// header, which the gateway then takes for a signature, the second.
		"MISSING_AUTHENTICATION_TOKEN": {p.NoRoute, "No operation has this path and method.", false},
		"INVALID_SIGNATURE":            {p.NoRoute, "No operation has this path and method.", false},
		"RESOURCE_NOT_FOUND":           {p.NoRoute, "No operation has this path and method.", false},
		"UNAUTHORIZED":                 {p.Unauthorized, p.Scheme.Hint, false},
		"EXPIRED_TOKEN":                {p.Unauthorized, p.Scheme.Hint, false},
		"ACCESS_DENIED":                {p.Forbidden, "The credential does not cover this operation.", false},
		// A subscription's usageKey that no usage plan has.
		"INVALID_API_KEY":     {p.Forbidden, "The key has no usage plan.", false},
		"WAF_FILTERED":        {p.Forbidden, "The request was filtered.", false},
		"DEFAULT_4XX":         {p.InvalidFormat, "The request is malformed.", false},
		"REQUEST_TOO_LARGE":   {p.TooLarge, "The request is larger than the API takes.", false},
		"THROTTLED":           {p.TooMany, "Repeat the call a little later.", true},
		"DEFAULT_5XX":         {p.Internal, "The call may be repeated.", false},
		"INTEGRATION_FAILURE": {p.Unavailable, "The call may be repeated.", true},
		"INTEGRATION_TIMEOUT": {p.Timeout, "The call may have taken effect; read the state before repeating it.", false},
	}
}

// challenge returns the WWW-Authenticate of the gateway's own 401, "" for other types
// of response. UNAUTHORIZED is also the answer to a request without a credential, so it
// cannot say that a token was refused (RFC 6750 §3.1).
func challenge(p *api.Product, kind string) string {
	switch kind {
	case "EXPIRED_TOKEN":
		return cmp.Or(p.Scheme.Refused, p.Scheme.Challenge)
	case "UNAUTHORIZED":
		return p.Scheme.Challenge
	}
	return ""
}

// gatewayResponses returns what the gateway answers itself as the functions of the
// product would. The templates know no conditions, so the correlation id is the
// gateway's request id even where the caller sent one.
func gatewayResponses(p *api.Product) (map[string]gatewayResponse, error) {
	responses := map[string]gatewayResponse{}
	for kind, a := range answers(p) {
		body, err := json.Marshal(p.Body(problem.New(a.code, "%s", a.detail), "$context.requestId"))
		if err != nil {
			return nil, err
		}
		headers := map[string]string{
			"gatewayresponse.header.Cache-Control":    "'no-store'",
			"gatewayresponse.header.Content-Type":     "'application/problem+json'",
			"gatewayresponse.header.x-correlation-id": "context.requestId",
		}
		if value := challenge(p, kind); value != "" {
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
