// Package interoptest drives operations of the interop product in tests, as its
// clients do, and holds every answer against the API document.
package interoptest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// Suite is operations that are tested together.
type Suite struct {
	// Tables besides that of the product, and what every World is given before it is
	// used; either may be nil.
	Tables  []table.Schema
	Prepare func(*apitest.World)

	ops       []api.Op
	published func() *apitest.Document
}

// New makes a Suite.
func New(ops []api.Op) *Suite { return &Suite{ops: ops, published: apitest.Published(ops)} }

// World is a deployment whose storage a test can watch.
type World struct {
	*apitest.World
	testing.TB
	Tap     *hooked.DB
	suite   *Suite
	written *written
}

// written remembers at which keys something was ever written.
type written struct {
	table.DB
	mu   sync.Mutex
	keys map[table.Key]bool
}

// Write implements [table.DB].
func (w *written) Write(ctx context.Context, steps ...table.Step) error {
	w.mu.Lock()
	for _, step := range steps {
		w.keys[step.Key] = true
	}
	w.mu.Unlock()
	return w.DB.Write(ctx, steps...)
}

// Each runs test in a new World on each engine.
func (s *Suite) Each(t *testing.T, test func(w *World)) {
	t.Helper()
	apitest.Each(t, s.Schemas(), s.ops, s.watched(test))
}

// Embedded is Each without DynamoDB Local: see [apitest.Embedded].
func (s *Suite) Embedded(t *testing.T, test func(w *World)) {
	t.Helper()
	apitest.Embedded(t, s.Schemas(), s.ops, s.watched(test))
}

// On runs test in a new World on a storage that has the tables.
func (s *Suite) On(t *testing.T, db table.DB, test func(w *World)) {
	t.Helper()
	s.watched(test)(t, apitest.New(db, s.ops))
}

// Schemas are the tables of the suite.
func (s *Suite) Schemas() []table.Schema { return append([]table.Schema{interop.Table}, s.Tables...) }

func (s *Suite) watched(test func(w *World)) func(*testing.T, *apitest.World) {
	return func(t *testing.T, base *apitest.World) {
		written := &written{DB: base.DB, keys: map[table.Key]bool{}}
		tap := &hooked.DB{DB: written}
		base.DB = tap
		if s.Prepare != nil {
			s.Prepare(base)
		}
		w := &World{base, t, tap, s, written}
		w.Handler(t)
		test(w)
	}
}

// Object is JSON of which a test knows the members.
type Object = map[string]any

// Organization is the caller behind a token of an organization with those roles.
func Organization(id string, roles ...string) *api.Identity {
	return &api.Identity{Subject: id, Kind: interop.KindOrganization, Scopes: roles}
}

// As sends a request and holds the answer against the API document, so that every
// test is one of the document, too.
func (w *World) As(caller *api.Identity, method, path, body string, header ...string) apitest.Response {
	w.Helper()
	res := w.Call(w.TB, caller, method, path, body, header...)
	for _, finding := range w.suite.published().Check(method, path, res) {
		w.Errorf("%s %s is answered with %d, other than the API document says: %s\n%s", method, path, res.Status, finding, res.Raw)
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

// Refused fails unless the answer is a refusal with the code that names the thing.
func (w *World) Refused(res apitest.Response, code problem.Code, names ...string) {
	w.Helper()
	if got := CodeOf(res); res.Status != code.Status || got != code.Name || res.Text("title") != code.Title {
		w.Errorf("refused with %d %s, want %d %s\n%s", res.Status, got, code.Status, code.Name, res.Raw)
	}
	for _, name := range names {
		if !strings.Contains(res.Text("detail"), name) {
			w.Errorf("refused with %q, which does not name %s", res.Text("detail"), name)
		}
	}
}

// Answers fails unless a request is answered with that status and code, "" for
// success: a line of the published table of answers.
func (w *World) Answers(caller *api.Identity, method, path, body string, status int, code string) {
	w.Helper()
	if res := w.As(caller, method, path, body); res.Status != status || CodeOf(res) != code {
		w.Errorf("%s %s %.60s = %d %s, want %d %s", method, path, body, res.Status, CodeOf(res), status, code)
	}
}

// CodeOf is the code of a refusal, "" when there is none.
func CodeOf(res apitest.Response) string {
	all, _ := res.Body["errors"].([]any)
	for _, one := range all {
		entry, _ := one.(Object)
		return fmt.Sprint(entry["code"])
	}
	return ""
}

// Answered is the code of a refusal, or the status of success.
func Answered(res apitest.Response) string {
	if code := CodeOf(res); code != "" {
		return code
	}
	return fmt.Sprint(res.Status)
}

// Results are the entries of a page.
func Results(res apitest.Response) (all []Object) {
	list, _ := res.Body["results"].([]any)
	for _, one := range list {
		entry, _ := one.(Object)
		all = append(all, entry)
	}
	return all
}

// Members are the entries of a page by one of their members.
func Members(res apitest.Response, name string) (all []string) {
	for _, entry := range Results(res) {
		all = append(all, fmt.Sprint(entry[name]))
	}
	return all
}

// Total is how many entries a list has in all.
func Total(res apitest.Response) int {
	page, _ := res.Body["pagination"].(Object)
	n, _ := page["totalCount"].(float64)
	return int(n)
}

// JSON encodes what a test sends.
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Items are what is stored in a partition, by sort key.
func (w *World) Items(pk string) map[string]Object {
	w.Helper()
	found := map[string]Object{}
	err := table.All(w.Context(), w.Tap.DB, table.Query{Table: interop.Table.Name, PK: pk, Consistent: true}, func(item table.Item) error {
		var attributes Object
		err := table.Decode(item, &attributes)
		found[fmt.Sprint(attributes[table.SK])] = attributes
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// Stored is everything that is stored at the keys that are picked.
func (w *World) Stored(picked func(table.Key) bool) map[table.Key]Object {
	w.Helper()
	w.written.mu.Lock()
	var keys []table.Key
	for key := range w.written.keys {
		if picked(key) {
			keys = append(keys, key)
		}
	}
	w.written.mu.Unlock()
	found := map[table.Key]Object{}
	for some := range slices.Chunk(keys, table.MaxBatch) {
		items, err := w.written.DB.BatchGet(w.Context(), some)
		if err != nil {
			w.Fatal(err)
		}
		for i, item := range items {
			if item == nil {
				continue
			}
			attributes, err := table.As[Object](item)
			if err != nil {
				w.Fatal(err)
			}
			found[some[i]] = *attributes
		}
	}
	return found
}

// cost is what the log counted of the last request.
func (w *World) cost() (trips, items float64) {
	lines := w.World.Log.Lines(w.TB)
	last := lines[len(lines)-1]
	trips, _ = last["roundTrips"].(float64)
	items, _ = last["itemsRead"].(float64)
	return trips, items
}

// Costs fails unless a request takes so many round trips and reads so many items, as
// its log line counts.
func (w *World) Costs(what string, trips, items float64, caller *api.Identity, method, path, body string) {
	w.Helper()
	if res := w.As(caller, method, path, body); res.Status >= 500 {
		w.Errorf("%s: %s", what, res.Raw)
	}
	if t, i := w.cost(); t != trips || i != items {
		w.Errorf("%s takes %v round trips and %v items, want %v and %v", what, t, i, trips, items)
	}
}

// Race makes n calls at the same time, none of which writes before so many writers
// want to, and tallies their answers.
func (w *World) Race(n, writers int, call func(i int) string) map[string]int {
	w.Helper()
	w.Tap.Set(hooked.Gate(writers, nil))
	defer w.Tap.Set(nil)
	answers := make([]string, n)
	var racing sync.WaitGroup
	for i := range n {
		racing.Go(func() { answers[i] = call(i) })
	}
	racing.Wait()
	count := map[string]int{}
	for _, answer := range answers {
		count[answer]++
	}
	return count
}
