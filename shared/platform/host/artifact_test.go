package host_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/problemtest"
)

type nothing struct{}

// opened counts what was opened, by what it is.
type opened map[string]int

func (o opened) store(id string) func(api.Deps) (*api.Deps, error) {
	return func(deps api.Deps) (*api.Deps, error) {
		o[id]++
		return &deps, nil
	}
}

func (o opened) operation(id string, needs ...api.Need) api.Op {
	return api.Operation[api.Deps, nothing, nothing]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: id, Method: http.MethodGet, Path: "/" + id, Status: http.StatusNoContent, Needs: needs,
				Product: &api.Product{Product: problemtest.Product, Scheme: api.Bearer},
			}
		},
		Open: o.store(id),
		Run:  func(*api.Deps, context.Context, *nothing) (*nothing, error) { return &nothing{}, nil },
	}
}

// artifact is an artifact with three operations, a worker, a job and two authorizers.
func (o opened) artifact() (operations []api.Op, options []host.Option) {
	none := func() []api.Access { return nil }
	return []api.Op{o.operation("a/get"), o.operation("a/seal", api.NeedSeal, api.NeedUnseal), o.operation("b/sign", api.NeedSign)},
		[]host.Option{
			host.Worker(api.Worker[api.Deps]{
				ID: "a/follow", Table: &table.Schema{Name: "things"}, Access: none, Open: o.store("a/follow"),
				Handle: func(*api.Deps, context.Context, table.Change) error { return nil },
			}),
			host.Job(api.Job[api.Deps, nothing, nothing]{
				ID: "a/expire", Access: none, Open: o.store("a/expire"),
				Run: func(*api.Deps, context.Context, nothing) (nothing, error) { return nothing{}, nil },
			}),
			host.Authorizer(api.Authorizer[knower]{
				ID: "authorizer/a", Open: func(api.Deps) (knower, error) {
					o["authorizer/a"]++
					return knower{}, nil
				},
			}),
			host.RequestAuthorizer(api.Authorizer[keeper]{
				ID: "authorizer/b", Open: func(api.Deps) (keeper, error) {
					o["authorizer/b"]++
					return keeper{}, nil
				},
			}),
			host.Sealer(func(func(string) string) (seal.Sealer, error) {
				o["sealer"]++
				return local.Open("")
			}),
		}
}

type keeper struct{}

// Enter implements [host.Door].
func (keeper) Enter(context.Context, string, []string, http.Header) (api.Identity, *api.Refusal, error) {
	return api.Identity{}, nil, nil
}

type knower struct{}

// Authenticate implements [host.Authenticator].
func (knower) Authenticate(context.Context, string) (api.Identity, error) { return api.Identity{}, nil }

func handledBy(handler string) func(string) string {
	return func(name string) string { return map[string]string{"_HANDLER": handler, "PREWARM": "off"}[name] }
}

// TestOpenSelects: of an artifact, what the handler names is opened once, with what it
// needs, and nothing else.
func TestOpenSelects(t *testing.T) {
	t.Parallel()
	for handler, want := range map[string]string{
		"a/get":        "a/get=1 func(context.Context, events.APIGatewayProxyRequest)",
		"a/seal":       "a/seal=1 sealer=1 func(context.Context, events.APIGatewayProxyRequest)",
		"a/follow":     "a/follow=1 func(context.Context, host.StreamEvent)",
		"a/expire":     "a/expire=1 func(context.Context, json.RawMessage)",
		"authorizer/a": "authorizer/a=1 func(context.Context, events.APIGatewayCustomAuthorizerRequest)",
		"authorizer/b": "authorizer/b=1 func(context.Context, events.APIGatewayCustomAuthorizerRequestTypeRequest)",
	} {
		counts := opened{}
		operations, options := counts.artifact()
		h, err := host.Open(handledBy(handler), slog.New(slog.DiscardHandler), operations, options...)
		if err != nil {
			t.Errorf("%s: %v", handler, err)
			continue
		}
		var got strings.Builder
		for _, id := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&got, "%s=%d ", id, counts[id])
		}
		fmt.Fprintf(&got, "%T", h)
		if !strings.HasPrefix(got.String(), want) {
			t.Errorf("%s: opened %s, want %s", handler, got.String(), want)
		}
	}
}

// TestOpenMountsOneOperation: the paths of other operations of the artifact are unknown.
func TestOpenMountsOneOperation(t *testing.T) {
	t.Parallel()
	operations, options := opened{}.artifact()
	h, err := host.Open(handledBy("a/get"), slog.New(slog.DiscardHandler), operations, options...)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/a/get": http.StatusNoContent, "/a/seal": http.StatusNotFound, "/b/sign": http.StatusNotFound} {
		e := events.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Path: path}
		e.RequestContext.Authorizer = map[string]any{"subject": "s"}
		serve, ok := h.(func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error))
		if !ok {
			t.Fatalf("the handler is %T", h)
		}
		if res, err := serve(t.Context(), e); err != nil || res.StatusCode != want {
			t.Errorf("%s = %d, %v, want %d", path, res.StatusCode, err, want)
		}
	}
}

// TestOpenRefuses what the artifact does not have, with a list of what it has, and
// operations whose needs nothing provides for; nothing is opened then.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const list = "which this artifact does not have; set Handler to one of: " +
		"a/expire, a/follow, a/get, a/seal, authorizer/a, authorizer/b, b/sign"
	for handler, want := range map[string]string{
		"":          `the function's handler is "", ` + list,
		"bootstrap": `the function's handler is "bootstrap", ` + list,
		"a/":        `the function's handler is "a/", ` + list,
		"A/get":     `the function's handler is "A/get", ` + list,
		"b/sign":    `operation b/sign: it needs "sign", for which the artifact's main has no option`,
	} {
		counts := opened{}
		operations, options := counts.artifact()
		h, err := host.Open(handledBy(handler), slog.New(slog.DiscardHandler), operations, options...)
		if h != nil || fmt.Sprint(err) != want || len(counts) > 0 {
			t.Errorf("%q: %T, %v, opened %v, want %s", handler, h, err, counts, want)
		}
	}
}
