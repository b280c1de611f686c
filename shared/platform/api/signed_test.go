package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// stamp signs answers by what it was given.
type stamp struct {
	err  error
	mu   sync.Mutex
	seen int
}

// Load implements [api.Integrity].
func (s *stamp) Load(context.Context) error { return s.err }

// Sign implements [api.Integrity].
func (s *stamp) Sign(_ context.Context, h http.Header, body []byte, client string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen++
	if s.err == nil {
		h.Set("Seal", fmt.Sprintf("%s|%s|%s", h.Get("Content-Type"), client, body))
	}
	return s.err
}

// signedProduct has an edition that is signed and one that is not.
var signedProduct = &api.Product{
	Product: problemtest.Product, Scheme: api.Bearer, Pass: api.ByTenant, Integrity: func(api.Deps) api.Integrity { return &stamp{} },
	Editions: []api.Edition{{Signed: true}, {Name: "v2", Base: "/v2"}},
}

type letterOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// burst panics when it is written, after the status.
type burst struct{}

// MarshalJSON implements [json.Marshaler].
func (burst) MarshalJSON() ([]byte, error) { panic("boom") }

type burstOutput struct{ Body burst }

// signedOps are a letter, one that is public, one of another product, and one without content.
func signedOps() []api.Op {
	op := func(id string, change func(*api.Spec), run func(context.Context, *getInput) (*letterOutput, error)) api.Op {
		spec := api.Spec{
			ID: id + "/get", Method: http.MethodGet, Path: "/" + id + "/{thingId}", Product: signedProduct, Scopes: []string{"full"},
			Status: http.StatusOK, Produces: "text/plain",
		}
		change(&spec)
		return api.Operation[store, getInput, letterOutput]{
			Spec: func() api.Spec { return spec }, Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
			Run: func(_ *store, ctx context.Context, in *getInput) (*letterOutput, error) { return run(ctx, in) },
		}
	}
	same := func(*api.Spec) {}
	letter := func(context.Context, *getInput) (*letterOutput, error) {
		return &letterOutput{"text/plain", []byte("dear")}, nil
	}
	return []api.Op{
		op("letters", same, letter),
		op("posters", public, letter),
		op("others", func(s *api.Spec) { s.Product = product }, letter),
		op("refusals", same, func(context.Context, *getInput) (*letterOutput, error) {
			return nil, problem.New(problemtest.Product.NoRoute, "There is no letter.")
		}),
		op("panics", same, func(context.Context, *getInput) (*letterOutput, error) { panic("boom") }),
		api.Operation[store, getInput, burstOutput]{
			Spec: func() api.Spec {
				return api.Spec{
					ID: "bursts/get", Method: http.MethodGet, Path: "/bursts/{thingId}", Product: signedProduct, Scopes: []string{"full"}, Status: 200,
				}
			},
			Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
			Run:  func(*store, context.Context, *getInput) (*burstOutput, error) { return &burstOutput{}, nil },
		},
		api.Operation[store, getInput, struct{}]{
			Spec: func() api.Spec {
				return api.Spec{
					ID: "nothing/get", Method: http.MethodGet, Path: "/nothing/{thingId}", Product: signedProduct, Scopes: []string{"full"},
					Status: http.StatusNoContent,
				}
			},
			Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
			Run:  func(*store, context.Context, *getInput) (*struct{}, error) { return &struct{}{}, nil },
		},
	}
}

// TestAnswersAreSigned checks which answers are signed, with the body and the type that are
// sent: those of a product and an edition that are signed, whatever they say.
func TestAnswersAreSigned(t *testing.T) {
	t.Parallel()
	signed := &stamp{}
	w := apitest.New(nil, signedOps())
	deps := w.Deps()
	deps.Integrity = signed
	h, err := api.NewHandler(deps, signedOps()...)
	if err != nil {
		t.Fatal(err)
	}
	h.Prewarm()
	if signed.seen != 0 {
		t.Error("prewarming signs answers")
	}
	caller := *me
	caller.Client = "client-1"
	for _, c := range []struct {
		method, path, base string
		as                 *api.Identity
		status             int
		want               string // of the header, up to the body; "" for none
		reject             bool
	}{
		{"GET", "/letters/mine", "", &caller, 200, "text/plain|client-1|dear", false},
		{"GET", "/letters/mine", "/v2", &caller, 200, "", false},
		{"GET", "/letters/mine", "", nil, 401, "application/problem+json||{", false},
		{"GET", "/letters/mine?%FF", "", me, 400, "application/problem+json||{", false},
		{"GET", "/letters/mine", "", &api.Identity{Subject: "me"}, 403, "application/problem+json||{", false},
		{"POST", "/letters/mine", "", &caller, 405, "application/problem+json|client-1|{", false},
		{"HEAD", "/letters/mine", "", &caller, 405, "application/problem+json|client-1|", false},
		{"GET", "/letters", "", &caller, 404, "application/problem+json|client-1|{", false},
		{"GET", "/letters/mine", "", nil, 400, "application/problem+json||{", true},
		{"GET", "/refusals/mine", "", &caller, 404, "application/problem+json|client-1|{", false},
		{"GET", "/panics/mine", "", &caller, 500, "application/problem+json|client-1|{", false},
		{"GET", "/bursts/mine", "", &caller, 500, "application/problem+json|client-1|{", false},
		{"GET", "/nothing/mine", "", &caller, 204, "|client-1|", false},
		{"GET", "/posters/mine", "", nil, 200, "", false},
		{"GET", "/others/mine", "", me, 200, "", false},
		{"GET", "/others/mine", "", nil, 401, "", false},
	} {
		r := httptest.NewRequestWithContext(api.WithBase(t.Context(), c.base), c.method, c.path, http.NoBody)
		if c.as != nil {
			r = r.WithContext(api.WithIdentity(r.Context(), *c.as))
		}
		rec := httptest.NewRecorder()
		if c.reject {
			h.Reject(rec, r, "It cannot be read.")
		} else {
			h.ServeHTTP(rec, r)
		}
		got, body := rec.Header().Get("Seal"), rec.Body.String()
		if rec.Code != c.status || !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s %s%s = %d, signed as %q, want %d and %q", c.method, c.base, c.path, rec.Code, got, c.status, c.want)
		}
		if sent := got[strings.LastIndexByte(got, '|')+1:]; got != "" && c.method != "HEAD" && sent != body {
			t.Errorf("%s %s: signed %q, sent %q", c.method, c.path, sent, body)
		}
		if c.method == "HEAD" && !strings.HasSuffix(got, "|") {
			t.Errorf("%s %s: signed %q, nothing is sent", c.method, c.path, got)
		}
	}
}

// TestAnswersWithoutKey checks that an answer that cannot be signed is sent as it is, and
// logged as an error.
func TestAnswersWithoutKey(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, signedOps())
	deps := w.Deps()
	deps.Integrity = &stamp{err: errors.New("no key")}
	h, err := api.NewHandler(deps, signedOps()...)
	if err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(api.WithIdentity(t.Context(), *me), "GET", "/letters/mine", http.NoBody))
	if rec.Code != 200 || rec.Body.String() != "dear" || rec.Header().Get("Seal") != "" {
		t.Errorf("answered %d %s %v", rec.Code, rec.Body, rec.Header())
	}
	lines := w.Log.Lines(t)
	if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["unsigned"] != "no key" || lines[0]["status"] != 200.0 {
		t.Errorf("logged %v", lines)
	}
}

// TestAnswersAtOnce checks that answers which are held back at the same time do not mix.
func TestAnswersAtOnce(t *testing.T) {
	t.Parallel()
	deps := apitest.New(nil, nil).Deps()
	deps.Integrity = &stamp{}
	free := *signedProduct
	free.Pass = nil
	echo := api.Operation[store, getInput, letterOutput]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "echo/get", Method: "GET", Path: "/echo/{thingId}", Product: &free, Scopes: []string{"full"}, Status: 200, Produces: "text/plain",
			}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, _ context.Context, in *getInput) (*letterOutput, error) {
			return &letterOutput{"text/plain", []byte(in.ThingID)}, nil
		},
	}
	h, err := api.NewHandler(deps, echo)
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for i := range 16 {
		work.Go(func() {
			for range 20 {
				want := strings.Repeat(string(rune('a'+i)), 1+i%5)
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequestWithContext(api.WithIdentity(t.Context(), *me), "GET", "/echo/"+want, http.NoBody))
				if got := rec.Header().Get("Seal"); rec.Body.String() != want || got != "text/plain||"+want {
					t.Errorf("answered %s, signed as %s, want %s", rec.Body, got, want)
					return
				}
			}
		})
	}
	work.Wait()
}

// TestNeedsOfSignedProducts checks that the need to sign follows from the product.
func TestNeedsOfSignedProducts(t *testing.T) {
	t.Parallel()
	own := make([]api.Need, 1, 2)
	own[0] = api.NeedSeal
	for what, c := range map[string]struct {
		spec api.Spec
		want []api.Need
	}{
		"signed":       {api.Spec{Product: signedProduct, Needs: own}, []api.Need{api.NeedSeal, api.NeedIntegrity}},
		"public":       {api.Spec{Product: signedProduct, Needs: own, Public: true}, own},
		"not signed":   {api.Spec{Product: product, Needs: own}, own},
		"no operation": {api.Spec{}, nil},
	} {
		if got := c.spec.AllNeeds(); !slices.Equal(got, c.want) {
			t.Errorf("%s: needs %v, want %v", what, got, c.want)
		}
	}
	if own[:2][1] != "" {
		t.Error("the operation's own needs have changed")
	}
}
