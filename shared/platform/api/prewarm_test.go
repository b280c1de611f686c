package api_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// warmInput asks for nothing, and counts the requests that are looked at.
type warmInput struct{}

var lookedAt atomic.Int32

// Resolve implements huma.Resolver.
func (*warmInput) Resolve(huma.Context) []error {
	lookedAt.Add(1)
	return nil
}

// TestPrewarmGoesInAndStops: an operation behind Enter is reached, although
// nobody is calling, and one that asks for nothing does not run all the same.
func TestPrewarmGoesInAndStops(t *testing.T) {
	t.Parallel()
	var passed, ran int
	p := keyed()
	p.Enter = func(s api.Spec, _ api.Identity) *problem.Problem {
		return problem.New(s.Product.Forbidden, "Nobody may come in.")
	}
	p.Pass = func(context.Context, api.Spec, api.Identity, any) *problem.Problem {
		passed++
		return nil
	}
	op := func(id, method string, change func(*api.Spec)) api.Op {
		spec := api.Spec{ID: id, Method: method, Path: "/manage/all", Product: p, Scopes: []string{"full"}, Status: http.StatusNoContent}
		change(&spec)
		return api.Operation[store, warmInput, struct{}]{
			Spec: func() api.Spec {
				return spec
			}, Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
			Run: func(*store, context.Context, *warmInput) (*struct{}, error) {
				ran++
				return &struct{}{}, nil
			},
		}
	}
	ops := []api.Op{op("all/list", "GET", func(*api.Spec) {}), op("all/delete", "DELETE", func(*api.Spec) {}), op("all/info", "POST", public)}
	w := apitest.New(nil, ops)
	w.Handler(t).(*api.Handler).Prewarm()
	if n := lookedAt.Load(); n != 3 || passed != 2 || ran != 0 {
		t.Errorf("prewarming looked at %d requests, want 3; Pass was asked about %d, want 2; %d ran, want none", n, passed, ran)
	}
	if w.Log.String() != "" {
		t.Errorf("prewarming logged %s", w.Log)
	}
	// The mark is of the prewarming alone.
	if res := w.Call(t, me, "GET", "/manage/all", ""); res.Status != http.StatusForbidden || passed != 2 {
		t.Errorf("afterwards Enter is passed by: %d", res.Status)
	}
	if res := w.Call(t, nil, "POST", "/manage/all", ""); res.Status != http.StatusNoContent || ran != 1 {
		t.Errorf("afterwards a public operation does not run: %d", res.Status)
	}
}

func TestPrewarmDoesNothing(t *testing.T) {
	t.Parallel()
	w := world()
	ran := false
	op := api.Operation[store, putInput, putOutput]{
		Spec: func() api.Spec {
			return api.Spec{ID: "thing/any", Method: "PUT", Path: "/any/{thingId}", Product: product, Scopes: []string{"full"}, Status: 204}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(*store, context.Context, *putInput) (*putOutput, error) {
			ran = true
			return &putOutput{}, nil
		},
	}
	h, err := api.NewHandler(w.Deps(), append(ops(), op)...)
	if err != nil {
		t.Fatal(err)
	}
	h.Prewarm()
	if ran || w.Log.String() != "" {
		t.Errorf("prewarming ran the operation: %v; it logged %q", ran, w.Log.String())
	}
}
