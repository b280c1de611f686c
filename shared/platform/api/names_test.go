package api_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Field has the name of a type of package problem.
type Field struct {
	Colour string `json:"colour"`
}

type fieldsOutput struct {
	Body struct {
		Ours   Field         `json:"ours"`
		Theirs problem.Field `json:"theirs"`
		Many   []Field       `json:"many"`
	}
}

// TestSchemaNames checks that types of the same name in two packages, and types without a
// name in two resources, get different schemas, and that types of no body get none.
func TestSchemaNames(t *testing.T) {
	t.Parallel()
	op := func(id, path string) api.Op {
		return api.Operation[store, struct{}, fieldsOutput]{
			Spec: func() api.Spec {
				return api.Spec{ID: id, Method: "GET", Path: path, Tag: "Things", Product: product, Status: 200}
			},
			Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
			Run:  func(*store, context.Context, *struct{}) (*fieldsOutput, error) { return &fieldsOutput{}, nil },
		}
	}
	schemas := documented(t, op("thing/get", "/thing"), op("other/get", "/other")).Components.Schemas
	got := map[string][]string{}
	for name, schema := range schemas {
		got[name] = slices.Sorted(maps.Keys(schema.Properties))
	}
	if len(got["ProblemtestProblem"]) == 0 {
		t.Errorf("there is no schema for problems: %v", got)
	}
	delete(got, "ProblemtestProblem")
	body := []string{"many", "ours", "theirs"}
	want := map[string][]string{
		"Api_testField": {"colour"}, "ProblemField": {"code", "detail", "field"},
		"ThingFieldsOutputBody": body, "OtherFieldsOutputBody": body,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schemas (-want +got):\n%s", diff)
	}
}
