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

// warmInput is an input without members that counts the validated requests.
type warmInput struct{}

var validated atomic.Int32

// Resolve implements huma.Resolver.
func (*warmInput) Resolve(huma.Context) []error {
	validated.Add(1)
	return nil
}

// TestPrewarmGoesInAndStops checks that prewarming gets past Enter without a caller, and
// stops before the operation, also when it needs no input.
func TestPrewarmGoesInAndStops(t *testing.T) {
	t.Parallel()
	var passed, ran int
	p := keyed()
	p.Enter = func(s api.Spec, _ api.Identity) *problem.Problem {
		return problem.New(s.Product.Forbidden, "No caller is allowed.")
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
	if n := validated.Load(); n != 3 || passed != 2 || ran != 0 {
		t.Errorf("prewarming validated %d requests, want 3; Pass was called for %d, want 2; %d ran, want none", n, passed, ran)
	}
	if w.Log.String() != "" {
		t.Errorf("prewarming logged %s", w.Log)
	}
	// Later requests are not marked as prewarming.
	if res := w.Call(t, me, "GET", "/manage/all", ""); res.Status != http.StatusForbidden || passed != 2 {
		t.Errorf("afterwards Enter is skipped: %d", res.Status)
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
