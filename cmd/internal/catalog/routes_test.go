package catalog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/api"
	"ciclo/shared/problem"
)

// apiDefinition is the part of functions/api.yaml that the tests read.
type apiDefinition struct {
	KeySource  string `yaml:"x-amazon-apigateway-api-key-source"`
	Components struct {
		Schemes map[string]struct {
			Name       string `yaml:"name"`
			Authorizer struct {
				TTL int  `yaml:"authorizerResultTtlInSeconds"`
				URI text `yaml:"authorizerUri"`
			} `yaml:"x-amazon-apigateway-authorizer"`
		} `yaml:"securitySchemes"`
	} `yaml:"components"`
	Paths     map[string]map[string]route `yaml:"paths"`
	Responses map[string]struct {
		StatusCode string            `yaml:"statusCode"`
		Templates  map[string]string `yaml:"responseTemplates"`
	} `yaml:"x-amazon-apigateway-gateway-responses"`
}

type text struct {
	Text string `yaml:"Fn::Sub"`
}

type route struct {
	Parameters []struct {
		Name string `yaml:"name"`
		In   string `yaml:"in"`
	} `yaml:"parameters"`
	Security    []map[string][]string `yaml:"security"`
	Integration struct {
		Type        string `yaml:"type"`
		Method      string `yaml:"httpMethod"`
		URI         text   `yaml:"uri"`
		Credentials struct {
			Path []string `yaml:"Fn::GetAtt"`
		} `yaml:"credentials"`
	} `yaml:"x-amazon-apigateway-integration"`
}

// guards are the schemes of a route, by the scheme of its product, "" for an
// operation that anybody may call. A usage plan counts what has an api_key.
var guards = map[string]string{"": "", api.Bearer.Name: "Bearer", api.SubscriptionKey.Name: "api_key Subscription"}

func guard(s api.Spec) string {
	if s.Public {
		return ""
	}
	return s.Product.Scheme.Name
}

func (r route) guard() string {
	var schemes []string
	for _, s := range r.Security {
		schemes = append(schemes, slices.Sorted(maps.Keys(s))...)
	}
	return strings.Join(schemes, " ")
}

func (r route) parameters() []string {
	var names []string
	for _, p := range r.Parameters {
		names = append(names, p.In+" {"+p.Name+"}")
	}
	return names
}

// routes returns the routes of API Gateway by method and path.
func routes(t *testing.T) map[string]route {
	t.Helper()
	all := map[string]route{}
	for path, methods := range readYAML[apiDefinition](t, definition).Paths {
		for method, r := range methods {
			all[strings.ToUpper(method)+" "+path] = r
		}
	}
	return all
}

// TestRoutes compares each operation's method and path with its route in API
// Gateway's definition, its event and the OpenAPI document, and the route with
// the function it calls.
func TestRoutes(t *testing.T) {
	t.Parallel()
	deployed, routed, documented := functions(t), routes(t), openAPI(t)
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		want := spec.Method + " " + spec.Path
		r, ok := routed[want]
		if !ok {
			t.Errorf("%s: %s has no route %s", spec.ID, definition, want)
		}
		checkRoute(t, spec, r)
		if f := deployed[spec.ID]; f.file == "" || f.file == rootTemplate {
			t.Errorf("%s: its function is in %q, want a nested template", spec.ID, f.file)
		}
		if got := eventRoute(t, spec.ID); got != want {
			t.Errorf("%s: its event is for %s, the operation says %s", spec.ID, got, want)
		}
		if documented[want] != flat(spec.ID) {
			t.Errorf("%s: docs/openapi.json has %q for %s", spec.ID, documented[want], want)
		}
		delete(documented, want)
		delete(routed, want)
	}
	for route := range documented {
		t.Errorf("docs/openapi.json has %s, which no operation serves", route)
	}
	for route := range routed {
		t.Errorf("%s has %s, which no operation serves", definition, route)
	}
}

func checkRoute(t *testing.T, spec api.Spec, r route) {
	t.Helper()
	const invocation = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/" +
		"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-%s:live/invocations"
	if got, want := r.Integration.URI.Text, fmt.Sprintf(invocation, flat(spec.ID)); got != want {
		t.Errorf("%s: its route calls\n%s, want\n%s", spec.ID, got, want)
	}
	if got := fmt.Sprint(r.Integration.Type, " ", r.Integration.Method, " ", r.Integration.Credentials.Path); got != "aws_proxy POST [ApiInvocation Arn]" {
		t.Errorf("%s: its route is integrated as %s", spec.ID, got)
	}
	if want, known := guards[guard(spec)]; r.guard() != want || !known {
		t.Errorf("%s: its route is guarded by %q, want %q", spec.ID, r.guard(), want)
	}
	var want []string
	for _, name := range regexp.MustCompile(`\{\w+\}`).FindAllString(spec.Path, -1) {
		want = append(want, "path "+name)
	}
	if diff := cmp.Diff(want, r.parameters()); diff != "" {
		t.Errorf("%s: path parameters differ (-operation +route):\n%s", spec.ID, diff)
	}
}

// TestAuthorizers says where API Gateway looks for credentials, and how long it goes
// on with an authorizer's answer.
func TestAuthorizers(t *testing.T) {
	t.Parallel()
	d := readYAML[apiDefinition](t, definition)
	got := map[string]string{}
	for name, s := range d.Components.Schemes {
		function, _, _ := strings.Cut(s.Authorizer.URI.Text[strings.LastIndex(s.Authorizer.URI.Text, "/functions/")+1:], "/invocations")
		got[name] = fmt.Sprint(s.Name, " ", function, " ", s.Authorizer.TTL)
	}
	want := map[string]string{
		"api_key":      "x-api-key  0",
		"Bearer":       "Authorization functions/${AuthorizerBearerAliaslive} 300",
		"Subscription": api.KeyHeader + " functions/${AuthorizerSubscriptionAliaslive} 60",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("authorizers differ (-want +definition):\n%s", diff)
	}
	if d.KeySource != "AUTHORIZER" {
		t.Errorf("API keys come from %s; the authorizer names a caller's usage plan", d.KeySource)
	}
}

// TestInvocation holds what API Gateway may call to the resources of operations.
func TestInvocation(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for _, op := range catalog.Operations() {
		resource, _, _ := strings.Cut(op.Describe().ID, "/")
		want["arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-"+resource+"-*:live"] = true
	}
	got := map[string]bool{}
	for _, p := range readTemplate(t).Resources["ApiInvocation"].Properties.Policies {
		for _, s := range p.Document.Statement {
			if s.Effect != "Allow" || !slices.Equal(s.Action, []string{"lambda:InvokeFunction"}) {
				t.Errorf("ApiInvocation: %s %s", s.Effect, s.Action)
			}
			for _, r := range s.Resource {
				got[r] = true
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ApiInvocation differs from the operations (-operations +%s):\n%s", rootTemplate, diff)
	}
}

// TestGatewayResponses holds what API Gateway answers itself to the catalogue
// of problems: same type, title and status for a code, same members.
func TestGatewayResponses(t *testing.T) {
	t.Parallel()
	codes := map[string]problem.Code{}
	for _, c := range []problem.Code{
		problem.ResourceNotFound, problem.AuthorizerUnauthorized, problem.AuthorizerForbidden, problem.FieldInvalidFormat,
		problem.PayloadTooLarge, problem.TooManyRequests, problem.InternalError, problem.ServiceUnavailable, problem.GatewayTimeout,
	} {
		codes[c.Name] = c
	}
	responses := readYAML[apiDefinition](t, definition).Responses
	for _, name := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} {
		if _, ok := responses[name]; !ok {
			t.Errorf("%s has no gateway response %s", definition, name)
		}
	}
	for name, r := range responses {
		var got problem.ConsumersProblem
		decoder := json.NewDecoder(strings.NewReader(r.Templates["application/json"]))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c := codes[got.ErrorCode]
		want := problem.ConsumersProblem{
			Type: problem.URN(c), Title: c.Title, Status: c.Status, Detail: got.Detail,
			ErrorCode: c.Name, Error: problem.ErrorText(got.Detail), CorrelationID: "$context.requestId",
		}
		if diff := cmp.Diff(want, got); diff != "" || r.StatusCode != strconv.Itoa(c.Status) {
			t.Errorf("%s (%s) differs from the catalogue (-catalogue +definition):\n%s", name, r.StatusCode, diff)
		}
	}
}
