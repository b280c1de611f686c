package catalog_test

import (
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// root is the repository, from this folder.
const root = "../../.."

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

// TestParity holds artifacts to their folders, and functions to their templates and
// events, in both directions.
func TestParity(t *testing.T) {
	t.Parallel()
	var folders []string
	for _, a := range catalog.Artifacts() {
		folders = append(folders, a.Folder())
	}
	slices.Sort(folders)
	folder := func(p string) string { return strings.TrimPrefix(path.Dir(p), root+"/") }
	found := slices.Concat(
		glob(t, "functions/*/main.go", folder), glob(t, "functions/*/*/main.go", folder), glob(t, "functions/*/*/*/*.go", folder))
	slices.Sort(found)
	if diff := cmp.Diff(folders, found); diff != "" {
		t.Errorf("functions/ differs from the artifacts (-artifacts +folders):\n%s", diff)
	}
	want := ids()
	if diff := cmp.Diff(slices.Compact(slices.Clone(want)), want); diff != "" {
		t.Errorf("ids of functions are there twice:\n%s", diff)
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(functions(t)))); diff != "" {
		t.Errorf("the templates differ from the operations (-operations +templates):\n%s", diff)
	}
	var events []string
	for _, f := range catalog.Functions() {
		events = append(events, f.Event())
	}
	slices.Sort(events)
	file := func(p string) string { return strings.TrimPrefix(p, root+"/") }
	have := slices.Concat(glob(t, "events/*.json", file), glob(t, "events/*/*.json", file))
	have = slices.DeleteFunc(have, func(p string) bool { return path.Dir(p) == "events/gateway" })
	slices.Sort(have)
	if diff := cmp.Diff(events, have); diff != "" {
		t.Errorf("events/ differs from the operations (-operations +events):\n%s", diff)
	}
}

func openAPI(t *testing.T) map[string]string {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	h, err := api.NewHandler(apitest.New(nil, nil).Deps(), catalog.Operations()...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.OpenAPI()
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
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
	readJSON(t, eventOf(t, id), &event)
	filled := event.Resource
	for name, value := range event.PathParameters {
		filled = strings.ReplaceAll(filled, "{"+name+"}", value)
	}
	if filled != event.Path || event.RequestContext.ResourcePath != event.Resource {
		t.Errorf("%s: path %s, resource %s and path parameters do not agree", eventOf(t, id), event.Path, event.Resource)
	}
	return event.HTTPMethod + " " + event.Resource
}

// eventOf is the event file of a function.
func eventOf(t *testing.T, id string) string {
	t.Helper()
	f, known := catalog.FunctionOf(id)
	if !known {
		t.Fatalf("no function is %s", id)
	}
	return f.Event()
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

// TestOperationsTable compares the one table that a template has by hand with its schema.
func TestOperationsTable(t *testing.T) {
	t.Parallel()
	p := readYAML[template](t, rootTemplate).Resources[logicalTable(retention.Operations)].Properties
	var keys []string
	for _, k := range p.KeySchema {
		keys = append(keys, k.AttributeName)
	}
	want := table.Schema{Name: retention.Operations.Name, Expires: true}
	if diff := cmp.Diff(want, retention.Operations); diff != "" || !slices.Equal(keys, []string{table.PK, table.SK}) {
		t.Errorf("the template has the keys %v, no index and no stream; the schema differs (-template +schema):\n%s", keys, diff)
	}
	if ttl := p.TimeToLive; ttl == nil || ttl.AttributeName != table.TTL || p.StreamSpecification != nil || len(p.GlobalSecondaryIndexes) > 0 {
		t.Errorf("the template has a TTL %v, a stream %v, indexes %v", ttl, p.StreamSpecification, p.GlobalSecondaryIndexes)
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
