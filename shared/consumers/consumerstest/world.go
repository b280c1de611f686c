// Package consumerstest drives the consumers product in tests, as its clients do, and
// compares every answer with the API document.
package consumerstest

import (
	"maps"
	"strings"
	"testing"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// Issuer is the card issuer of most tests.
const Issuer = "ISSUER-001"

// OAuthPath is the path of the token endpoint.
const OAuthPath = "/oauth2/token"

// Schemas are the tables of the product.
var Schemas = []table.Schema{consumer.Consumers, retention.Operations}

// Suite is the operations that are tested together.
type Suite struct {
	// Prepare sets up each World before it is used; it may be nil.
	Prepare func(*apitest.World)
	// Document returns the API document of the operations.
	Document func() *apitest.Document

	ops []api.Op
}

// New returns the suite of the operations.
func New(ops ...api.Op) *Suite { return &Suite{ops: ops, Document: apitest.Published(ops)} }

// World is one deployment of the operations. A test can see the calls of its storage, hold
// them and make them fail.
type World struct {
	*apitest.World
	testing.TB
	Tap   *hooked.DB
	suite *Suite
}

// Each runs test in a new World on each engine.
func (s *Suite) Each(t *testing.T, test func(w *World)) {
	t.Helper()
	t.Parallel()
	apitest.Each(t, Schemas, s.ops, func(t *testing.T, base *apitest.World) { test(s.open(t, base)) })
}

// Embedded runs test in a new World on the embedded engine: see [apitest.Embedded].
func (s *Suite) Embedded(t *testing.T, test func(w *World)) {
	t.Helper()
	t.Parallel()
	apitest.Embedded(t, Schemas, s.ops, func(t *testing.T, base *apitest.World) { test(s.open(t, base)) })
}

// On returns a new World on a storage that has the tables of the product.
func (s *Suite) On(t testing.TB, db table.DB) *World {
	t.Helper()
	return s.open(t, apitest.New(db, s.ops))
}

func (s *Suite) open(t testing.TB, base *apitest.World) *World {
	t.Helper()
	tap := &hooked.DB{DB: base.DB}
	base.DB = tap
	if s.Prepare != nil {
		s.Prepare(base)
	}
	base.Handler(t) // before goroutines share it
	return &World{World: base, TB: t, Tap: tap, suite: s}
}

// For returns the same deployment for another test, such as one with another context.
func (w *World) For(tb testing.TB) *World {
	same := *w
	same.TB = tb
	return &same
}

// With returns another deployment on the same storage, clock and log, with other settings
// and a tap of its own.
func (w *World) With(settings map[string]string) *World {
	w.Helper()
	base := apitest.New(w.Tap.DB, w.suite.ops)
	base.Clock = w.Clock
	base.Log = w.World.Log
	maps.Copy(base.Settings, settings)
	return w.suite.open(w.TB, base)
}

// As sends a request as that caller, nil for none, and compares the answer with the API
// document. header has names and values in turn.
func (w *World) As(caller *api.Identity, method, path, body string, header ...string) apitest.Response {
	w.Helper()
	res := w.Call(w.TB, caller, method, path, body, header...)
	for _, finding := range w.suite.Document().Check(method, path, res) {
		w.Errorf("%s %s: the answer with status %d differs from the API document: %s\n%s", method, path, res.Status, finding, res.Raw)
	}
	if method == "POST" && path == OAuthPath {
		if finding := apitest.OAuth(res); finding != "" {
			w.Errorf("an OAuth client cannot read the answer with status %d: %s\n%s", res.Status, finding, res.Raw)
		}
	}
	return res
}

// Want fails unless the answer has the status.
func (w *World) Want(res apitest.Response, status int) apitest.Response {
	w.Helper()
	if res.Status != status {
		w.Fatalf("status = %d, want %d\n%s", res.Status, status, res.Raw)
	}
	return res
}

// Refused fails unless the answer is a refusal with the code that contains the words.
func (w *World) Refused(what string, res apitest.Response, code problem.Code, words string) {
	w.Helper()
	if res.Status != code.Status || CodeOf(res) != code.Name || !strings.Contains(res.Raw, words) {
		w.Errorf("%s: the answer is %d %s, want %d %s and %q\n%s", what, res.Status, CodeOf(res), code.Status, code.Name, words, res.Raw)
	}
}

// CodeOf returns the name of the code of a refusal, "" for another answer.
func CodeOf(res apitest.Response) string { return res.Text("errorCode") }

// LogLines returns what was logged, one object per line.
func (w *World) LogLines() []map[string]any {
	w.Helper()
	return w.World.Log.Lines(w.TB)
}

// Logged returns what was logged as text.
func (w *World) Logged() string { return w.World.Log.String() }

// Item returns the stored item with that key, past the tap.
func (w *World) Item(key table.Key) table.Item {
	w.Helper()
	item, err := w.Tap.DB.Get(w.Context(), key)
	if err != nil {
		w.Fatal(err)
	}
	return item
}

// ConsumerPath returns the path of a consumer of Issuer.
func ConsumerPath(id string) string { return "/issuers/" + Issuer + "/consumers/" + id }
