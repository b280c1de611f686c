package catalog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// apiDefinition is the part of an api.yaml that the tests read.
type apiDefinition struct {
	KeySource  string `yaml:"x-amazon-apigateway-api-key-source"`
	Components struct {
		Schemes map[string]struct {
			Name       string `yaml:"name"`
			Authorizer struct {
				TTL int  `yaml:"authorizerResultTtlInSeconds"`
				URI text `yaml:"authorizerUri"`

				Credentials getAtt `yaml:"authorizerCredentials"`
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
		Credentials getAtt `yaml:"credentials"`
	} `yaml:"x-amazon-apigateway-integration"`
}

type getAtt struct {
	Path []string `yaml:"Fn::GetAtt"`
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

// routes returns the routes of a product's API by method and path.
func routes(t *testing.T, product string) map[string]route {
	t.Helper()
	all := map[string]route{}
	for path, methods := range readYAML[apiDefinition](t, definition(product)).Paths {
		for method, r := range methods {
			all[strings.ToUpper(method)+" "+path] = r
		}
	}
	return all
}

// TestRoutes compares each operation's method and path with its route in the product's
// API, its event and the OpenAPI document, and the route with the function it calls.
func TestRoutes(t *testing.T) {
	t.Parallel()
	deployed, documented := functions(t), openAPI(t)
	for _, product := range catalog.Products() {
		routed := routes(t, product.Name)
		for _, op := range product.Operations {
			spec := op.Describe()
			want := spec.Method + " " + spec.Path
			r, ok := routed[want]
			if !ok {
				t.Errorf("%s: %s has no route %s", spec.ID, definition(product.Name), want)
			}
			checkRoute(t, spec, r)
			if f := deployed[spec.ID]; path.Dir(f.file) != "functions/"+product.Name || f.file == productTemplate(product.Name) {
				t.Errorf("%s: its function is in %q, want a nested template of the product", spec.ID, f.file)
			}
			if got := eventRoute(t, spec.ID); got != want {
				t.Errorf("%s: its event is for %s, the operation says %s", spec.ID, got, want)
			}
			if documented[want] != spec.OperationID {
				t.Errorf("%s: the OpenAPI document has %q for %s", spec.ID, documented[want], want)
			}
			delete(documented, want)
			delete(routed, want)
		}
		for route := range routed {
			t.Errorf("%s has %s, which no operation serves", definition(product.Name), route)
		}
	}
	for route := range documented {
		t.Errorf("the OpenAPI document has %s, which no operation serves", route)
	}
}

func checkRoute(t *testing.T, spec api.Spec, r route) {
	t.Helper()
	if got, want := r.Integration.URI.Text, invocation(spec.ID); got != want {
		t.Errorf("%s: its route calls\n%s, want\n%s", spec.ID, got, want)
	}
	got := fmt.Sprint(r.Integration.Type, " ", r.Integration.Method, " ", r.Integration.Credentials.Path)
	if got != "aws_proxy POST [ApiInvocation Arn]" {
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

// invocation is how API Gateway calls a function.
func invocation(id string) string {
	return "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/" +
		"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Prefix}-" + flat(id) + ":live/invocations"
}

// TestAuthorizers says where API Gateway looks for credentials, which function it asks,
// as whom, and how long it goes on with the answer.
func TestAuthorizers(t *testing.T) {
	t.Parallel()
	schemes := map[string]map[string]string{
		"consumers": {"Bearer": "Authorization authorizer/issuer 300"},
		"services":  {"api_key": "x-api-key", "Subscription": api.KeyHeader + " authorizer/subscription 60"},
		"interop":   {"Bearer": "Unused authorizer/bearer 0"}, // each request is asked about
	}
	for _, product := range catalog.Products() {
		d := readYAML[apiDefinition](t, definition(product.Name))
		got := map[string]string{}
		for name, s := range d.Components.Schemes {
			if got[name] = s.Name; s.Authorizer.URI.Text == "" {
				continue
			}
			role := slices.Equal(s.Authorizer.Credentials.Path, []string{"ApiInvocation", "Arn"})
			if role && s.Authorizer.URI.Text == invocation(product.Authorizer) {
				got[name] += " " + product.Authorizer
			}
			got[name] += " " + strconv.Itoa(s.Authorizer.TTL)
		}
		if diff := cmp.Diff(schemes[product.Name], got); diff != "" {
			t.Errorf("%s: authorizers differ (-want +definition):\n%s", product.Name, diff)
		}
		if _, counted := got["api_key"]; counted != (d.KeySource == "AUTHORIZER") {
			t.Errorf("%s: API keys come from %q; where there are some, the authorizer names a caller's usage plan", product.Name, d.KeySource)
		}
	}
}

// TestGatewayResponses holds what API Gateway answers itself to the products: the
// status of a code, and the body that the product's functions would send for it.
func TestGatewayResponses(t *testing.T) {
	t.Parallel()
	for _, product := range catalog.Products() {
		p := product.Operations[0].Describe().Product
		codes := []problem.Code{
			p.NoRoute, p.Unauthorized, p.Forbidden, p.InvalidFormat, p.TooLarge, p.TooMany, p.Internal, p.Unavailable, p.Timeout,
		}
		responses := readYAML[apiDefinition](t, definition(product.Name)).Responses
		for _, name := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} {
			if _, ok := responses[name]; !ok {
				t.Errorf("%s has no gateway response %s", definition(product.Name), name)
			}
		}
		for name, r := range responses {
			body := r.Templates["application/json"]
			var sent struct{ Detail string }
			if err := json.Unmarshal([]byte(body), &sent); err != nil {
				t.Errorf("%s, %s: %v", product.Name, name, err)
			}
			if !slices.ContainsFunc(codes, func(c problem.Code) bool {
				want, err := json.Marshal(p.Body(problem.New(c, "%s", sent.Detail), "$context.requestId"))
				return err == nil && string(want) == body && r.StatusCode == strconv.Itoa(c.Status)
			}) {
				t.Errorf("%s, %s (%s) is no answer of the product: %s", product.Name, name, r.StatusCode, body)
			}
		}
	}
}
