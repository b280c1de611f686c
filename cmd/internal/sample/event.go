package sample

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/services"
)

// Example is what the event of an operation has that does not follow from the operation.
type Example struct {
	By    string   // who calls, where it is not whom most events of the product are by
	Path  []string // the values of the path's parameters, in their order
	Query string   // without the question mark
	Body  string   // JSON or, where the operation takes one, a form
}

// event is an event as API Gateway sends it to a function (payload format 1.0).
type event struct {
	Resource   string              `json:"resource"`
	Path       string              `json:"path"`
	HTTPMethod string              `json:"httpMethod"`
	Headers    map[string]string   `json:"headers"`
	HeaderList map[string][]string `json:"multiValueHeaders"`
	Query      map[string]string   `json:"queryStringParameters"`
	QueryList  map[string][]string `json:"multiValueQueryStringParameters"`
	Parameters map[string]string   `json:"pathParameters"`
	Variables  map[string]string   `json:"stageVariables"`
	Context    requestContext      `json:"requestContext"`
	Body       *string             `json:"body"`
	Base64     bool                `json:"isBase64Encoded"`
}

type requestContext struct {
	AccountID         string             `json:"accountId"`
	APIID             string             `json:"apiId"`
	Authorizer        map[string]any     `json:"authorizer,omitempty"`
	DeploymentID      string             `json:"deploymentId"`
	DomainName        string             `json:"domainName"`
	DomainPrefix      string             `json:"domainPrefix"`
	ExtendedRequestID string             `json:"extendedRequestId"`
	HTTPMethod        string             `json:"httpMethod"`
	Identity          map[string]*string `json:"identity"`
	Path              string             `json:"path"`
	Protocol          string             `json:"protocol"`
	RequestID         string             `json:"requestId"`
	RequestTime       string             `json:"requestTime"`
	RequestTimeEpoch  int64              `json:"requestTimeEpoch"`
	ResourceID        string             `json:"resourceId"`
	ResourcePath      string             `json:"resourcePath"`
	Stage             string             `json:"stage"`
}

const (
	domainPrefix = "abcde12345"
	domain       = domainPrefix + ".execute-api.eu-south-1.amazonaws.com"
	userAgent    = "example-backend/1.0"
	source       = "203.0.113.10"
	stage        = "v1"
)

// Event returns the event of an operation as indented JSON: the envelope follows from the
// operation, what is in it from the operation's example. It has "<token>", "<key>",
// "<assertion>" and "<grant>" where [Surroundings.Fill] puts credentials.
func Event(spec api.Spec) ([]byte, error) {
	example, known := examples()[spec.ID]
	if !known {
		return nil, fmt.Errorf("%s has no example", spec.ID)
	}
	e := event{
		Resource: spec.Path, HTTPMethod: spec.Method, Headers: headers(spec, example), HeaderList: map[string][]string{},
		Context: requestContext{
			AccountID: "123456789012", APIID: domainPrefix, DeploymentID: "a1b2c3", DomainName: domain, DomainPrefix: domainPrefix,
			ExtendedRequestID: "JKJaXmPLvHcEShA=", HTTPMethod: spec.Method, Identity: identity(), Protocol: "HTTP/1.1",
			RequestID: "9f2c4d5e-6a7b-4c8d-9e0f-1a2b3c4d5e04", RequestTime: "21/Nov/2026:10:00:00 +0000", RequestTimeEpoch: 1795255200000,
			ResourceID: "abc123", ResourcePath: spec.Path, Stage: stage,
		},
	}
	if err := e.fill(spec, example); err != nil {
		return nil, fmt.Errorf("%s: %w", spec.ID, err)
	}
	for name, value := range e.Headers {
		e.HeaderList[name] = []string{value}
	}
	if !spec.Public {
		who := caller(spec, example)
		e.Context.Authorizer = who.AuthorizerContext()
		e.Context.Authorizer["principalId"] = who.Subject
		e.Context.Authorizer["integrationLatency"] = 5
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(e)
	return out.Bytes(), err
}

var inBraces = regexp.MustCompile(`\{(\w+)\}`)

// fill puts the example's path, query and body into an event.
func (e *event) fill(spec api.Spec, example Example) error {
	e.Path = spec.Path
	names := inBraces.FindAllStringSubmatch(spec.Path, -1)
	if len(names) != len(example.Path) {
		return fmt.Errorf("its example has %d path parameters, its path %d", len(example.Path), len(names))
	}
	for i, name := range names {
		if e.Parameters == nil {
			e.Parameters = map[string]string{}
		}
		e.Parameters[name[1]] = example.Path[i]
		e.Path = strings.ReplaceAll(e.Path, name[0], example.Path[i])
	}
	e.Context.Path = "/" + stage + e.Path
	if example.Query != "" {
		query, err := url.ParseQuery(example.Query)
		if err != nil {
			return err
		}
		e.QueryList = query
		e.Query = map[string]string{}
		for name, values := range query { // the last one, as API Gateway does
			e.Query[name] = values[len(values)-1]
		}
	}
	if example.Body != "" {
		e.Body = &example.Body
	}
	return nil
}

func headers(spec api.Spec, example Example) map[string]string {
	all := map[string]string{
		"Accept": cmp.Or(spec.Produces, "application/json"), "Host": domain, "User-Agent": userAgent,
		"X-Amzn-Trace-Id":  "Root=1-673f0a1c-4b6d2e8f90a1b2c3d4e5f602",
		"x-correlation-id": "example-" + strings.ReplaceAll(spec.ID, "/", "-"),
		"X-Forwarded-For":  source, "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https",
	}
	switch {
	case spec.Public:
	case spec.Product.Scheme.Name == api.SubscriptionKey.Name:
		all[api.KeyHeader] = "<key>"
	default:
		all["Authorization"] = "Bearer <token>"
	}
	switch {
	case example.Body == "":
	case spec.Form != api.NoForm:
		all["Content-Type"] = "application/x-www-form-urlencoded"
	case spec.Method == http.MethodPatch:
		all["Content-Type"] = "application/merge-patch+json"
	default:
		all["Content-Type"] = "application/json"
	}
	return all
}

// identity is what API Gateway says about a caller that is none of AWS's.
func identity() map[string]*string {
	from, agent := source, userAgent
	all := map[string]*string{"sourceIp": &from, "userAgent": &agent}
	for _, name := range []string{
		"accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType", "cognitoIdentityId",
		"cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
	} {
		all[name] = nil
	}
	return all
}

// caller returns who calls an operation, with a role that it takes.
func caller(spec api.Spec, example Example) api.Identity {
	takes := func(scope string) bool { return slices.Contains(spec.Scopes, scope) }
	switch {
	case spec.Product.Scheme.Name == api.SubscriptionKey.Name && takes(services.GroupReview) && !takes(services.GroupWrite):
		return api.Identity{Subject: reviewer, Kind: services.KindManage, Scopes: services.Reviewers}
	case spec.Product.Scheme.Name == api.SubscriptionKey.Name && takes(services.GroupSubscriptions):
		return api.Identity{Subject: operator, Kind: services.KindManage, Scopes: services.Operators}
	case spec.Product.Scheme.Name == api.SubscriptionKey.Name:
		return api.Identity{Subject: owner, Kind: services.KindManage, Scopes: ownersGroups}
	case takes(consumers.RoleOperator):
		return api.Identity{Subject: operator, Kind: consumers.KindOperator, Scopes: consumers.Operators}
	case takes(consumers.ScopeFull):
		return api.Identity{Subject: issuerID, Tenants: []string{issuerID}, Kind: "issuer", Scopes: consumers.Writers}
	case takes(interop.RoleReader):
		return organization(cmp.Or(example.By, producer), interop.RoleReader)
	case takes(interop.RoleCertifier):
		return organization(certifier, interop.RoleCertifier)
	}
	return organization(cmp.Or(example.By, producer), interop.RoleAdmin)
}

func organization(id, role string) api.Identity {
	return api.Identity{Subject: id, Kind: interop.KindOrganization, Scopes: []string{role}}
}

// Callers of events that are not in the sample data.
const (
	operator = "operator"
	reviewer = "platform"
)

// ownersGroups are the permission groups of a subscription that asks for none.
var ownersGroups = []string{"ApiMessageWrite", "ApiInfoRead", "ApiMessageRead", "ApiLimitedProfileRead", services.GroupWrite}

// examples returns the examples of all operations by id.
func examples() map[string]Example {
	all := map[string]Example{}
	for _, some := range []map[string]Example{consumersExamples, servicesExamples, interopExamples} {
		maps.Copy(all, some)
	}
	return all
}
