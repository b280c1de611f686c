// Package servicestest drives the services product in tests, as its clients do, and compares
// every answer with the API document.
package servicestest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob/folder"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/platform/testing/listtest"
	"ciclo/shared/services"
)

// Schemas are the tables of the product.
var Schemas = []table.Schema{services.Table}

// Suite is the operations that are tested together.
type Suite struct {
	Document func() *apitest.Document // the API document of the operations
	ops      []api.Op
}

// New returns the suite of the operations; there may be none.
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
	apitest.Each(t, Schemas, s.ops, func(t *testing.T, base *apitest.World) { test(s.open(t, base)) })
}

// Embedded runs test in a new World on the embedded engine: see [apitest.Embedded].
func (s *Suite) Embedded(t *testing.T, test func(w *World)) {
	t.Helper()
	apitest.Embedded(t, Schemas, s.ops, func(t *testing.T, base *apitest.World) { test(s.open(t, base)) })
}

// On returns a new World on a storage that has the tables of the product.
func (s *Suite) On(t testing.TB, db table.DB) *World {
	t.Helper()
	return s.open(t, apitest.New(db, s.ops))
}

// open adds what the product needs to a deployment: places for logos and secrets.
func (s *Suite) open(t testing.TB, base *apitest.World) *World {
	t.Helper()
	logos, err := folder.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	base.Blobs = logos
	tap := &hooked.DB{DB: base.DB}
	base.DB = tap
	w := &World{World: base, TB: t, Tap: tap, suite: s}
	w.NewMasterKey()
	if len(s.ops) > 0 {
		base.Handler(t) // before goroutines share it
	}
	return w
}

// NewMasterKey makes secrets that are stored in the World unreadable.
func (w *World) NewMasterKey() {
	w.Helper()
	sealer, err := local.Open("")
	if err != nil {
		w.Fatal(err)
	}
	w.Sealer = sealer
}

// For returns the same deployment for another test, such as a subtest.
func (w *World) For(tb testing.TB) *World {
	same := *w
	same.TB = tb
	return &same
}

// With returns another deployment on the same data with other settings.
func (w *World) With(settings map[string]string) *World {
	w.Helper()
	base := apitest.New(w.DB, w.suite.ops)
	base.Clock = w.Clock
	base.Log = w.World.Log
	base.Blobs = w.Blobs
	base.Sealer = w.Sealer
	maps.Copy(base.Settings, settings)
	base.Handler(w.TB)
	other := *w
	other.World = base
	return &other
}

// Manager returns the caller with a manage key of that owner with those permission groups.
func Manager(owner string, groups ...string) *api.Identity {
	return &api.Identity{Subject: owner, Kind: services.KindManage, Scopes: groups}
}

// As sends a request as that caller, nil for none, and compares the answer with the API
// document. path begins after [services.Base]; header has names and values in turn.
func (w *World) As(caller *api.Identity, method, path, body string, header ...string) apitest.Response {
	w.Helper()
	path = services.Base + path
	res := w.Call(w.TB, caller, method, path, body, header...)
	for _, finding := range w.suite.Document().Check(method, path, res) {
		w.Errorf("%s %s: the answer with status %d differs from the API document: %s\n%s", method, path, res.Status, finding, res.Raw)
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

// Refused fails unless the answer is a refusal with the code.
func (w *World) Refused(res apitest.Response, code problem.Code) {
	w.Helper()
	if got := CodeOf(res); res.Status != code.Status || got != code.Name {
		w.Errorf("the answer is %d %s, want %d %s\n%.400s", res.Status, got, code.Status, code.Name, res.Raw)
	}
}

// LogLines returns what was logged, one object per line.
func (w *World) LogLines() []map[string]any {
	w.Helper()
	return w.World.Log.Lines(w.TB)
}

// CodeOf returns the name of the code of a refusal, "" for another answer.
func CodeOf(res apitest.Response) string {
	urn := res.Text("type")
	return urn[strings.LastIndex(urn, ":")+1:]
}

// Items reads a partition of the table past the tap.
func (w *World) Items(pk string) []table.Item {
	w.Helper()
	var all []table.Item
	q := table.Query{Table: services.Table.Name, PK: pk, Consistent: true}
	err := table.All(w.Context(), w.Tap.DB, q, func(item table.Item) error {
		all = append(all, item)
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// Decode returns a stored item as a T.
func Decode[T any](tb testing.TB, item table.Item) *T {
	tb.Helper()
	v, err := table.As[T](item)
	if err != nil {
		tb.Fatal(err)
	}
	if v == nil {
		tb.Fatal("there is no item")
	}
	return v
}

// Age makes the entries of lists in a partition a day older, past the tap, with what their
// records know of them, and starts the functions anew, so that what a list costs does not
// depend on what has just been written.
func (w *World) Age(pks ...string) {
	w.Helper()
	items := map[table.Key]table.Item{}
	for _, pk := range pks {
		for _, item := range w.Items(pk) {
			items[table.Key{Table: services.Table.Name, PK: pk, SK: table.Text(item, table.SK)}] = item
		}
	}
	for some := range slices.Chunk(listtest.Age(items), table.MaxSteps) {
		if err := w.Tap.DB.Write(w.Context(), some...); err != nil {
			w.Fatal(err)
		}
	}
	w.Restart()
	w.Handler(w.TB)
}
