package api_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/api"
	"ciclo/shared/api/apitest"
	"ciclo/shared/problem"
)

type nullsInput struct {
	Body struct {
		Size   string `json:"size" maxLength:"3"`
		Colour string `json:"colour,omitempty"`
		Note   *bool  `json:"note,omitempty" nullable:"true"`
		Cover  struct {
			Kind string `json:"kind,omitempty"`
			Note *bool  `json:"note,omitempty" nullable:"true"`
		} `json:"cover,omitzero"`
	}
}

// TestNoNulls sends null for all kinds of members, in a product that takes null
// for leaving them out and in one that does not.
func TestNoNulls(t *testing.T) {
	t.Parallel()
	world := func(p *api.Product) *apitest.World {
		return apitest.New(nil, []api.Op{api.Operation[store, nullsInput, struct{}]{
			Spec: func() api.Spec {
				return api.Spec{ID: "thing/patch", Method: "PATCH", Path: "/things", Tag: "Things", Product: p, Status: 204}
			},
			Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
			Run:  func(*store, context.Context, *nullsInput) (*struct{}, error) { return &struct{}{}, nil },
		}})
	}
	strict := world(&api.Product{Product: problem.Interop, Scheme: api.Bearer, NoNulls: true})
	lenient := world(&api.Product{Product: problem.Interop, Scheme: api.Bearer})
	for body, where := range map[string]string{
		`{"size":"S"}`: "",
		`{"size":"S","note":null,"cover":{"note":null}}`:          "",
		`{"size":"S","unknown":null}`:                             "",
		`{"size":"S","colour":null}`:                              "body.colour",
		`{"size":"S","cover":null}`:                               "body.cover",
		`{"size":"S","cover":{"kind":null}}`:                      "body.cover.kind",
		`{"size":"S","cover":{"kind":null},"colour":null}`:        "body.colour body.cover.kind",
		`{"size":"S","colour":"","cover":{"unknown":{"a":null}}}`: "",
	} {
		res := strict.Call(t, me, "PATCH", "/things", body)
		var found []string
		all, _ := res.Body["errors"].([]any)
		for _, one := range all {
			entry, _ := one.(map[string]any)
			at, _, _ := strings.Cut(entry["detail"].(string), ":")
			found = append(found, at)
		}
		slices.Sort(found)
		if got := strings.Join(found, " "); got != where || (res.Status == 400) != (where != "") {
			t.Errorf("%s = %d, null is refused for %q, want %q", body, res.Status, got, where)
		}
		if res := lenient.Call(t, me, "PATCH", "/things", body); res.Status != 204 {
			t.Errorf("%s = %d where null is nothing", body, res.Status)
		}
	}
	for _, w := range []*apitest.World{strict, lenient} {
		if res := w.Call(t, me, "PATCH", "/things", `{"size":null}`); res.Status != 400 || !strings.Contains(res.Raw, "body.size: expected string") {
			t.Errorf("null for what is required = %d %s", res.Status, res.Raw)
		}
	}
}
