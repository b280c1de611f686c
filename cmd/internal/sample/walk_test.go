package sample_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/sample"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/testing/apitest"
)

// walk is a deployment of all operations with the sample data, on the embedded engine,
// in which every operation has a request that it answers with success: its event's.
type walk struct {
	*testing.T
	db       *recorder
	handler  http.Handler
	around   *sample.Surroundings
	requests map[string]request // by operation id
	document document
}

// request is what an event file sends.
type request struct {
	api.Spec
	as     api.Identity
	path   string
	query  url.Values
	body   []byte // nil for none
	header http.Header
}

// recorder notes what storage is asked for, a line for each key and query.
type recorder struct {
	table.DB
	mu    sync.Mutex
	calls []string
}

func (r *recorder) note(verb string, what any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf("%s %+v", verb, what))
}

func (r *recorder) Get(ctx context.Context, k table.Key) (table.Item, error) {
	r.note("get", k)
	return r.DB.Get(ctx, k)
}

func (r *recorder) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	for _, k := range keys {
		r.note("get", k)
	}
	return r.DB.BatchGet(ctx, keys)
}

func (r *recorder) Query(ctx context.Context, q table.Query) (table.Page, error) {
	r.note("query", q)
	return r.DB.Query(ctx, q)
}

func (r *recorder) Write(ctx context.Context, steps ...table.Step) error {
	for _, s := range steps {
		r.note(fmt.Sprint("write ", s.Verb), s.Key)
	}
	return r.DB.Write(ctx, steps...)
}

// surround starts surroundings that several deployments share: their credentials and what
// was signed with them.
func surround(t *testing.T) *sample.Surroundings {
	t.Helper()
	around, err := sample.Surround(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(around.Stop)
	return around
}

func newWalk(t *testing.T, around *sample.Surroundings, signer *sign.Signer) *walk {
	t.Helper()
	w := &walk{T: t, db: &recorder{}, around: around, requests: map[string]request{}}
	t.Cleanup(w.empty)
	deps := around.Deps(w.db)
	deps.Signer, deps.Keys = signer, signer.Keys()
	h, err := api.NewHandler(deps, catalog.Operations()...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.OpenAPI()
	if err == nil {
		err = json.Unmarshal(text, &w.document)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.handler = h
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		w.requests[spec.ID] = w.event(spec)
	}
	return w
}

// one is a deployment of a test that needs one.
func one(t *testing.T) *walk {
	t.Helper()
	return newWalk(t, surround(t), newSigner(t))
}

func newSigner(t *testing.T) *sign.Signer {
	t.Helper()
	signer, err := local.Open("")
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// eventFile is the event file of a function.
func eventFile(id string) string {
	f, _ := catalog.FunctionOf(id)
	return filepath.Join("..", "..", "..", f.Event())
}

// event reads the request of an operation's event file.
func (w *walk) event(spec api.Spec) request {
	w.Helper()
	text, err := os.ReadFile(eventFile(spec.ID))
	if err != nil {
		w.Fatal(err)
	}
	var e struct {
		Path            string
		Body            *string
		IsBase64Encoded bool
		Query           url.Values  `json:"multiValueQueryStringParameters"`
		Header          http.Header `json:"multiValueHeaders"`
		RequestContext  struct{ Authorizer map[string]any }
	}
	if err := json.Unmarshal(w.around.Fill(text), &e); err != nil {
		w.Fatal(err)
	}
	r := request{Spec: spec, path: e.Path, query: e.Query, header: http.Header{}}
	r.as, _ = api.IdentityFromAuthorizer(e.RequestContext.Authorizer)
	if kind := e.Header["Content-Type"]; kind != nil {
		r.header["Content-Type"] = kind
	}
	if e.Body != nil {
		r.body = []byte(*e.Body)
		if e.IsBase64Encoded {
			if r.body, err = base64.StdEncoding.DecodeString(*e.Body); err != nil {
				w.Fatal(err)
			}
		}
	}
	return r
}

// each runs test for every operation, in the order of their ids.
func (w *walk) each(test func(r request)) {
	for _, id := range slices.Sorted(maps.Keys(w.requests)) {
		test(w.requests[id])
	}
}

// empty ends the storage.
func (w *walk) empty() {
	if db, ok := w.db.DB.(*bolt.DB); ok {
		if err := db.Close(); err != nil {
			w.Error(err)
		}
	}
	w.db.DB = nil
}

// seed begins anew with what the request of an operation speaks of, and nothing else.
func (w *walk) seed(r request) {
	w.Helper()
	w.empty()
	db, err := bolt.Open("", catalog.Schemas())
	if err != nil {
		w.Fatal(err)
	}
	w.db.DB = db
	if err := w.around.Seed(w.Context(), w.db, r.ID); err != nil {
		w.Fatal(err)
	}
	w.db.calls = nil
}

// send sends a request.
func (w *walk) send(r request) apitest.Response {
	w.Helper()
	target := r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req := httptest.NewRequestWithContext(w.Context(), r.Method, target, strings.NewReader(string(r.body)))
	req.Header = r.header.Clone()
	if r.as.Subject != "" {
		req = req.WithContext(api.WithIdentity(req.Context(), r.as))
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, req)
	res := apitest.Response{Status: rec.Code, Header: rec.Header(), Raw: rec.Body.String()}
	if strings.HasPrefix(res.Raw, "{") {
		if err := json.Unmarshal([]byte(res.Raw), &res.Body); err != nil {
			w.Errorf("%s: %v", r.ID, err)
		}
	}
	return res
}

// refused sends a request that is not valid; at is a part of the answer.
func (w *walk) refused(r request, status int, what, at string) {
	w.Helper()
	if res := w.send(r); res.Status != status || !strings.Contains(res.Raw, at) {
		w.Errorf("%s with %s = %d, want %d about %s\n%.300s", r.ID, what, res.Status, status, at, res.Raw)
	}
}
