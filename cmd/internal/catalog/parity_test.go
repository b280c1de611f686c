package catalog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/api"
	"ciclo/shared/problem"
	"ciclo/shared/table"
)

// root is the repository, from this folder.
const root = "../../.."

// The parts of template.yaml that the test reads. Tags such as !Ref are read as
// the name they tag.
type template struct {
	Resources map[string]resource `yaml:"Resources"`
}

type resource struct {
	Type       string     `yaml:"Type"`
	Properties properties `yaml:"Properties"`
}

type properties struct {
	GatewayResponses map[string]struct {
		StatusCode int               `yaml:"StatusCode"`
		Templates  map[string]string `yaml:"ResponseTemplates"`
	} `yaml:"GatewayResponses"`
	CodeURI     string `yaml:"CodeUri"`
	Environment struct {
		Variables map[string]string `yaml:"Variables"`
	} `yaml:"Environment"`
	Policies []struct {
		Statement []statement `yaml:"Statement"`
	} `yaml:"Policies"`
	Events map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			Method string `yaml:"Method"`
			Path   string `yaml:"Path"`
			Auth   struct {
				Authorizer     string `yaml:"Authorizer"`
				APIKeyRequired bool   `yaml:"ApiKeyRequired"`
			} `yaml:"Auth"`
		} `yaml:"Properties"`
	} `yaml:"Events"`
	KeySchema              []key      `yaml:"KeySchema"`
	GlobalSecondaryIndexes []gsi      `yaml:"GlobalSecondaryIndexes"`
	StreamSpecification    *yaml.Node `yaml:"StreamSpecification"`
	TimeToLive             *struct {
		AttributeName string `yaml:"AttributeName"`
	} `yaml:"TimeToLiveSpecification"`
}

type statement struct {
	Effect   string   `yaml:"Effect"`
	Action   []string `yaml:"Action"`
	Resource []string `yaml:"Resource"`
}

type key struct {
	AttributeName string `yaml:"AttributeName"`
}

type gsi struct {
	IndexName  string `yaml:"IndexName"`
	KeySchema  []key  `yaml:"KeySchema"`
	Projection struct {
		NonKeyAttributes []string `yaml:"NonKeyAttributes"`
	} `yaml:"Projection"`
}

func readTemplate(t *testing.T) template {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var tpl template
	if err := yaml.Unmarshal(b, &tpl); err != nil {
		t.Fatal(err)
	}
	return tpl
}

// functions returns the template's functions by id.
func (tpl template) functions(t *testing.T) map[string]properties {
	t.Helper()
	found := map[string]properties{}
	for logical, r := range tpl.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		id := ""
		for _, f := range catalog.Functions() {
			if logicalID(f.ID) == logical {
				id = f.ID
			}
		}
		if want := ".build/" + flat(id) + "/"; id == "" || r.Properties.CodeURI != want {
			t.Errorf("template.yaml: %s has CodeUri %s, want %s; its name must be the function's id in Pascal case", logical, r.Properties.CodeURI, want)
		}
		found[id] = r.Properties
	}
	return found
}

func flat(id string) string { return strings.ReplaceAll(id, "/", "-") }

// logicalID is the id in Pascal case: consumer/register-cards → ConsumerRegisterCards.
func logicalID(id string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(flat(id), "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

func ids() []string {
	var all []string
	for _, f := range catalog.Functions() {
		all = append(all, f.ID)
	}
	return all
}

func glob(t *testing.T, pattern string, id func(path string) string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		t.Fatal(err)
	}
	found := make([]string, len(paths))
	for i, p := range paths {
		found[i] = id(filepath.ToSlash(p))
	}
	slices.Sort(found)
	return found
}

// TestParity holds operation, function folder, template and event together, in
// both directions.
func TestParity(t *testing.T) {
	t.Parallel()
	want := ids()
	folders := glob(t, "functions/*/*/main.go", func(p string) string {
		return strings.TrimSuffix(strings.TrimPrefix(p, root+"/functions/"), "/main.go")
	})
	if diff := cmp.Diff(want, folders); diff != "" {
		t.Errorf("functions/ differs from the operations (-operations +folders):\n%s", diff)
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(readTemplate(t).functions(t)))); diff != "" {
		t.Errorf("template.yaml differs from the operations (-operations +template):\n%s", diff)
	}
	var events []string
	for _, id := range want {
		events = append(events, flat(id))
	}
	found := glob(t, "events/*.json", func(p string) string { return strings.TrimSuffix(filepath.Base(p), ".json") })
	if diff := cmp.Diff(events, found); diff != "" {
		t.Errorf("events/ differs from the operations (-operations +events):\n%s", diff)
	}
}

// TestRoutes compares each operation's method and path with its route in the
// template, its event and the OpenAPI document.
func TestRoutes(t *testing.T) {
	t.Parallel()
	functions := readTemplate(t).functions(t)
	documented := openAPI(t)
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		want := spec.Method + " " + spec.Path
		route := functions[spec.ID].Events["Route"]
		if got := route.Properties.Method + " " + route.Properties.Path; got != want || route.Type != "Api" {
			t.Errorf("%s: template.yaml routes %s, the operation says %s", spec.ID, got, want)
		}
		auth := route.Properties.Auth
		if got := fmt.Sprint(auth.Authorizer, " ", auth.APIKeyRequired); got != guards[guard(spec)] {
			t.Errorf("%s: template.yaml has Auth %s, want %s", spec.ID, got, guards[guard(spec)])
		}
		if got := eventRoute(t, spec.ID); got != want {
			t.Errorf("%s: its event is for %s, the operation says %s", spec.ID, got, want)
		}
		if documented[want] != flat(spec.ID) {
			t.Errorf("%s: docs/openapi.json has %q for %s", spec.ID, documented[want], want)
		}
		delete(documented, want)
	}
	for route := range documented {
		t.Errorf("docs/openapi.json has %s, which no operation serves", route)
	}
}

// guards are the authorizer of a route, "" for the default one, and whether a
// usage plan counts it.
var guards = map[string]string{"": "NONE false", api.Bearer.Name: " false", api.SubscriptionKey.Name: "Subscription true"}

func guard(s api.Spec) string {
	if s.Public {
		return ""
	}
	return s.Product.Scheme.Name
}

func openAPI(t *testing.T) map[string]string {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	readJSON(t, "docs/openapi.json", &doc)
	routes := map[string]string{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			routes[strings.ToUpper(method)+" "+path] = op.OperationID
		}
	}
	return routes
}

func eventRoute(t *testing.T, id string) string {
	t.Helper()
	var event struct {
		Resource, Path, HTTPMethod string
		PathParameters             map[string]string
		RequestContext             struct{ ResourcePath string }
	}
	readJSON(t, "events/"+flat(id)+".json", &event)
	filled := event.Resource
	for name, value := range event.PathParameters {
		filled = strings.ReplaceAll(filled, "{"+name+"}", value)
	}
	if filled != event.Path || event.RequestContext.ResourcePath != event.Resource {
		t.Errorf("events/%s.json: path %s, resource %s and path parameters do not agree", flat(id), event.Path, event.Resource)
	}
	return event.HTTPMethod + " " + event.Resource
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
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
	responses := readTemplate(t).Resources["Api"].Properties.GatewayResponses
	if len(responses) == 0 {
		t.Fatal("template.yaml has no gateway responses")
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
		if diff := cmp.Diff(want, got); diff != "" || r.StatusCode != c.Status {
			t.Errorf("%s (%d) differs from the catalogue (-catalogue +template):\n%s", name, r.StatusCode, diff)
		}
	}
}

// TestTables compares the schemas with the template's tables.
func TestTables(t *testing.T) {
	t.Parallel()
	tpl := readTemplate(t)
	for _, s := range catalog.Schemas() {
		r, ok := tpl.Resources[logicalTable(s)]
		if !ok || r.Type != "AWS::DynamoDB::Table" {
			t.Errorf("template.yaml lacks the table %s", logicalTable(s))
			continue
		}
		p := r.Properties
		if got := names(p.KeySchema); got != "pk sk" {
			t.Errorf("%s: key %s", s.Name, got)
		}
		if (p.StreamSpecification != nil) != s.Stream {
			t.Errorf("%s: the schema says stream %v, the template differs", s.Name, s.Stream)
		}
		want, got := map[string]string{}, map[string]string{}
		for _, i := range s.Indexes {
			want[i.Name] = i.PK + " " + i.SK + ": " + fmt.Sprint(slices.Sorted(slices.Values(i.Project)))
		}
		for _, i := range p.GlobalSecondaryIndexes {
			got[i.IndexName] = names(i.KeySchema) + ": " + fmt.Sprint(slices.Sorted(slices.Values(i.Projection.NonKeyAttributes)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: indexes differ (-schema +template):\n%s", s.Name, diff)
		}
	}
	if ttl := tpl.Resources["OperationsTable"].Properties.TimeToLive; ttl == nil || ttl.AttributeName != table.TTL {
		t.Error("the operations table lacks its TTL")
	}
}

func names(keys []key) string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.AttributeName
	}
	return strings.Join(all, " ")
}

// TestStackSize keeps the stack below CloudFormation's limit of 500 resources;
// from 450 on a product moves to a nested stack.
func TestStackSize(t *testing.T) {
	t.Parallel()
	// SAM makes a role, version, alias, deployment group and permission of each
	// function, next to the function itself.
	const perFunction = 6
	n := 0
	for _, r := range readTemplate(t).Resources {
		if n++; r.Type == "AWS::Serverless::Function" {
			n += perFunction - 1
		}
	}
	if n >= 450 {
		t.Errorf("the stack has about %d resources; move a product to a nested stack", n)
	}
}

// TestMachines proves every lifecycle sound.
func TestMachines(t *testing.T) {
	t.Parallel()
	for _, m := range catalog.Machines() {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
}
