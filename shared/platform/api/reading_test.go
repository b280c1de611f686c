package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// fragile is an input that panics in the phase that it names.
type fragile struct {
	Body struct {
		At string `json:"at"`
	}
}

func (f *fragile) Resolve(huma.Context) []error { f.panicAt("validated"); return nil }

func (f *fragile) Check() []problem.Field { f.panicAt("checked"); return nil }

func (f *fragile) panicAt(here string) {
	if f.Body.At == here {
		panic(here)
	}
}

// TestPanicsByPhase checks that a panic during reading and validation is answered with 400,
// because the request causes it, and a panic in the operation with 500. Both are logged as
// errors with the stack.
func TestPanicsByPhase(t *testing.T) {
	t.Parallel()
	for _, of := range []*api.Product{
		{Product: problemtest.Product, Scheme: api.Bearer},
		{Product: problemtest.Product, Scheme: api.SubscriptionKey, AnyMedia: true},
		{Product: problemtest.Product, Scheme: api.Bearer, Lists: true},
	} {
		of.Enter = func(_ api.Spec, id api.Identity) *problem.Problem {
			if id.Kind == "entered" {
				panic("entered")
			}
			return nil
		}
		of.Pass = func(_ context.Context, _ api.Spec, _ api.Identity, in any) *problem.Problem {
			in.(*fragile).panicAt("passed")
			return nil
		}
		op := api.Operation[store, fragile, struct{}]{
			Spec: func() api.Spec {
				return api.Spec{ID: "thing/put", Method: "PUT", Path: "/things", Tag: "Things", Product: of, Scopes: []string{"full"}, Status: 204}
			},
			Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
			Run: func(_ *store, _ context.Context, in *fragile) (*struct{}, error) {
				in.panicAt("run")
				return &struct{}{}, nil
			},
		}
		for at, want := range map[string]int{"nowhere": 204, "validated": 400, "checked": 400, "entered": 500, "passed": 500, "run": 500} {
			w := apitest.New(nil, []api.Op{op})
			caller := &api.Identity{Subject: "s", Kind: at, Scopes: []string{"full"}}
			res := w.Call(t, caller, "PUT", "/things", fmt.Sprintf(`{"at":%q}`, at))
			if res.Status != want {
				t.Errorf("%s: a panic where it is %s = %d, want %d\n%s", of.Name, at, res.Status, want, res.Raw)
			}
			line := w.Log.Lines(t)[0]
			stack, _ := line["stack"].(string)
			panicked := want != 204
			logged := line["level"] == "ERROR"
			caused := line["cause"] == "panic: "+at
			located := strings.Contains(stack, "reading_test.go")
			if logged != panicked || caused != panicked || located != panicked {
				t.Errorf("%s: a panic where it is %s is logged as %v", of.Name, at, line)
			}
			if strings.Contains(res.Raw, at) && want != 204 {
				t.Errorf("%s: the answer contains the panic: %s", of.Name, res.Raw)
			}
		}
	}
}
