package host_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// wax signs answers, unless it fails.
type wax struct {
	err   error
	loads int
}

// Load implements [api.Integrity].
func (w *wax) Load(context.Context) error {
	w.loads++
	return w.err
}

// Sign implements [api.Integrity].
func (w *wax) Sign(_ context.Context, h http.Header, _ []byte, _ string) error {
	h.Set("Seal", "wax")
	return w.err
}

// TestOpenLoadsTheKeyOfAnswers checks that a function of a signed product gets its key when
// it starts, and starts without: where that fails, where prewarming is off, and where the
// deployment has nothing to seal with.
func TestOpenLoadsTheKeyOfAnswers(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		env    map[string]string
		public bool
		err    error
		loads  int
		want   string // the header
		logged string
	}{
		"signs":         {env: map[string]string{"SEAL_KEY_ID": "k"}, loads: 1, want: "wax"},
		"fails":         {env: map[string]string{"SEAL_KEY_ID": "k"}, err: errors.New("no key"), loads: 1, want: "wax", logged: "no key"},
		"not prewarmed": {env: map[string]string{"SEAL_KEY_ID": "k", "PREWARM": "off"}, want: "wax"},
		"public":        {env: map[string]string{"SEAL_KEY_ID": "k"}, public: true},
		"without a key": {env: map[string]string{}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			seen, sealers := &wax{err: c.err}, 0
			product := &api.Product{
				Product: problemtest.Product, Scheme: api.Bearer, Editions: []api.Edition{{Signed: true}},
				Integrity: func(deps api.Deps) api.Integrity {
					if deps.Sealer == nil {
						t.Error("it has no sealer")
					}
					return seen
				},
			}
			op := api.Operation[api.Deps, nothing, nothing]{
				Spec: func() api.Spec {
					return api.Spec{
						ID: "a/get", Method: http.MethodGet, Path: "/a", Status: http.StatusNoContent, Product: product, Public: c.public,
					}
				},
				Open: func(deps api.Deps) (*api.Deps, error) { return &deps, nil },
				Run:  func(*api.Deps, context.Context, *nothing) (*nothing, error) { return &nothing{}, nil },
			}
			c.env["_HANDLER"] = "a/get"
			log := &apitest.Log{}
			h, err := host.Open(func(name string) string { return c.env[name] }, slog.New(slog.NewJSONHandler(log, nil)), []api.Op{op},
				host.Integrity(func(func(string) string) (seal.Sealer, error) {
					sealers++
					return local.Open("")
				}))
			if err != nil {
				t.Fatal(err)
			}
			if seen.loads != c.loads || !strings.Contains(log.String(), c.logged) || (log.String() == "") != (c.logged == "") {
				t.Errorf("the key was loaded %d times, want %d; logged %q", seen.loads, c.loads, log)
			}
			if signs := c.want != ""; (sealers == 1) != signs {
				t.Errorf("%d sealers are open; signs: %v", sealers, signs)
			}
			serve, _ := h.(func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error))
			res, err := serve(t.Context(), events.APIGatewayProxyRequest{
				HTTPMethod: http.MethodGet, Path: "/a",
				RequestContext: events.APIGatewayProxyRequestContext{Authorizer: map[string]any{"subject": "s"}},
			})
			if got := http.Header(res.MultiValueHeaders).Get("Seal"); err != nil || res.StatusCode != http.StatusNoContent || got != c.want {
				t.Errorf("answered %d, signed by %q, %v, want %q", res.StatusCode, got, err, c.want)
			}
		})
	}
}
