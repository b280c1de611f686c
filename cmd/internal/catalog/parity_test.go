package catalog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/table"
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
	found := slices.Concat(glob(t, "functions/*/main.go", folder), glob(t, "functions/*/*/main.go", folder), glob(t, "functions/*/*/*/*.go", folder))
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

// TestTables compares the schemas with the template's tables.
func TestTables(t *testing.T) {
	t.Parallel()
	tables := map[string]resource{}
	for _, tpl := range templates(t) {
		for name, r := range tpl.Resources {
			if r.Type == "AWS::DynamoDB::Table" {
				tables[name] = r
			}
		}
	}
	for _, s := range catalog.Schemas() {
		r, ok := tables[logicalTable(s)]
		if !ok {
			t.Errorf("the templates lack the table %s", logicalTable(s))
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
	for _, name := range []string{"OperationsTable", "InteropTable"} { // where something is put that ends by itself
		if ttl := tables[name].Properties.TimeToLive; ttl == nil || ttl.AttributeName != table.TTL {
			t.Errorf("%s lacks its TTL", name)
		}
	}
}

func names(keys []key) string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.AttributeName
	}
	return strings.Join(all, " ")
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
