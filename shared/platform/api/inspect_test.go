package api_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

type inspectedInput struct {
	Body struct {
		Size   string `json:"size" maxLength:"3"`
		Colour string `json:"colour,omitempty"`
		Note   *bool  `json:"note,omitempty" nullable:"true"`
		Cover  struct {
			Kind string `json:"kind,omitempty"`
			Note *bool  `json:"note,omitempty" nullable:"true"`
		} `json:"cover,omitzero"`
		Parts []struct {
			Kind string `json:"kind,omitempty"`
		} `json:"parts,omitempty" nullable:"false"`
		Named map[string]struct {
			Kind string `json:"kind,omitempty"`
		} `json:"named,omitempty"`
		Tags []string `json:"tags,omitempty" nullable:"false" uniqueItems:"true"`
		Many []any    `json:"many,omitempty" nullable:"false" uniqueItems:"true"`
		Deep [][]any  `json:"deep,omitempty" nullable:"false" uniqueItems:"true"`
	}
}

func inspected(p *api.Product) api.Op {
	return api.Operation[store, inspectedInput, struct{}]{
		Spec: func() api.Spec {
			return api.Spec{ID: "thing/patch", Method: "PATCH", Path: "/things", Tag: "Things", Product: p, Status: 204}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run:  func(*store, context.Context, *inspectedInput) (*struct{}, error) { return &struct{}{}, nil },
	}
}

// TestInspectedBodies sends null for all kinds of members, and repeated elements of all
// kinds, to each product.
func TestInspectedBodies(t *testing.T) {
	t.Parallel()
	for _, product := range []*problem.Product{problemtest.Product, problemtest.Product, problemtest.Product, problemtest.Product} {
		w := apitest.New(nil, []api.Op{inspected(&api.Product{Product: product, Scheme: api.Bearer})})
		for body, where := range map[string]string{
			`{"size":"S"}`: "",
			`{"size":"S","note":null,"cover":{"note":null}}`:            "",
			`{"size":"S","unknown":null}`:                               "",
			`{"size":"S","colour":null}`:                                "body.colour",
			`{"size":"S","cover":null}`:                                 "body.cover",
			`{"size":"S","cover":{"kind":null}}`:                        "body.cover.kind",
			`{"size":"S","cover":{"kind":null},"colour":null}`:          "body.colour body.cover.kind",
			`{"size":"S","colour":"","cover":{"unknown":{"a":null}}}`:   "",
			`{"size":"S","parts":[{"kind":"a"},{"kind":null}]}`:         "body.parts[1].kind",
			`{"size":"S","parts":null}`:                                 "body.parts",
			`{"size":"S","named":{"a":{"kind":null}}}`:                  "body.named.a.kind",
			`{"size":"S","named":null}`:                                 "body.named",
			`{"size":null}`:                                             "body.size",
			`{"size":"S","tags":["a","b"]}`:                             "",
			`{"size":"S","tags":["a","b","a"]}`:                         "body.tags",
			`{"size":"S","many":[{},[],null,0,"",false]}`:               "",
			`{"size":"S","many":[{"a":1,"b":[2]},{"b":[2.0],"a":1e0}]}`: "body.many",
			`{"size":"S","many":[[],[]]}`:                               "body.many",
			`{"size":"S","deep":[[],[1]]}`:                              "",
			`{"size":"S","deep":[[1],[1]]}`:                             "body.deep",
		} {
			res := w.Call(t, me, "PATCH", "/things", body)
			if got := strings.Join(offending(res), " "); got != where && product != problemtest.Product || (res.Status == 400) != (where != "") {
				t.Errorf("%s: %s = %d for %q, want %q", product.Name, body, res.Status, got, where)
			}
		}
	}
}

// offending returns the fields that an answer names.
func offending(res apitest.Response) []string {
	var found []string
	all, _ := res.Body["errors"].([]any)
	for _, one := range all {
		entry, _ := one.(map[string]any)
		at, ok := entry["field"].(string)
		if !ok { // interop
			detail, _ := entry["detail"].(string)
			at, _, _ = strings.Cut(detail, ":")
		}
		found = append(found, at)
	}
	slices.Sort(found)
	return found
}

// TestDifferentElementsAreDocumented checks that the document has uniqueItems, although this
// package checks repeated elements itself.
func TestDifferentElementsAreDocumented(t *testing.T) {
	t.Parallel()
	h, err := api.NewHandler(apitest.New(nil, nil).Deps(), inspected(product))
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.OpenAPI()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ UniqueItems bool }
			}
		}
	}
	if err != nil || json.Unmarshal(text, &doc) != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"tags": true, "many": true, "deep": true, "parts": false} {
		if got := doc.Components.Schemas["ThingInspectedInputBody"].Properties[name].UniqueItems; got != want {
			t.Errorf("uniqueItems of %s is %v in %v", name, got, doc.Components.Schemas)
		}
	}
}
