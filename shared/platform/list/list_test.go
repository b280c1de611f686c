package list_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cmpdiff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
)

var things = table.Schema{Name: "things", Expires: true}

// entry is what these tests list: a thing by its name.
type entry struct {
	Name string `dynamodbav:"name"`
}

type row struct{ id, name string }

// world is things, the clock of the machine, and who reads the lists.
type world struct {
	t     rapid.TB
	db    table.DB
	now   time.Time
	kind  list.Kind[entry, row]
	lists []*list.Lists[entry, row]

	stored   map[string]thing // as the engine has them
	inFlight map[string]write // by id: decided, not stored
	replaced []table.Key      // what the worker has to remove
}

// thing is a record as it is listed.
type thing struct {
	stamp  list.Stamp
	listed list.Listed[entry]
}

// write is a change on its way to the engine.
type write struct {
	begin time.Time
	steps []table.Step
	after thing
}

func newWorld(t rapid.TB, db table.DB) *world {
	w := &world{t: t, db: db, now: time.Unix(1_800_000_000, 0), stored: map[string]thing{}, inFlight: map[string]write{}}
	w.kind = list.Kind[entry, row]{
		Table: things.Name,
		Row:   func(id string, item table.Item) row { return row{id, table.Text(item, "name")} },
		Compare: func(a, b *row) int {
			return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.id, b.id))
		},
		CompareIDs: func(a, b *row) int { return strings.Compare(a.id, b.id) },
		Now:        func() time.Time { return w.now },
	}
	for range 3 {
		w.lists = append(w.lists, w.kind.New(db))
	}
	return w
}

// change decides how a thing is listed from now on.
func (w *world) change(id string, after list.Listed[entry]) {
	w.t.Helper()
	if _, busy := w.inFlight[id]; busy {
		return
	}
	before := w.stored[id]
	steps, stamp := w.kind.Steps(id, before.stamp, before.listed, after)
	if len(steps) == 0 {
		if stamp != before.stamp {
			w.t.Errorf("nothing changes, and the stamp becomes %s from %s", stamp, before.stamp)
		}
		return
	}
	if stamp <= before.stamp {
		w.t.Errorf("stamp %s comes after %s", stamp, before.stamp)
	}
	w.inFlight[id] = write{w.now, steps, thing{stamp, after}}
}

// store lets a change arrive at the engine.
func (w *world) store(id string) {
	w.t.Helper()
	f, ok := w.inFlight[id]
	if !ok {
		return
	}
	delete(w.inFlight, id)
	if err := w.db.Write(context.Background(), f.steps...); err != nil {
		w.t.Fatal(err)
	}
	w.stored[id] = f.after
	for _, step := range f.steps {
		item, err := table.Encode(step.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		if key, ok := list.Replaced(table.Change{Key: step.Key, New: item}); ok {
			w.replaced = append(w.replaced, key)
		}
	}
}

// advance moves the clock. No change is on its way for longer than a window.
func (w *world) advance(d time.Duration) {
	w.t.Helper()
	for id, f := range w.inFlight {
		if w.now.Add(d).Sub(f.begin) > list.Window {
			w.store(id)
		}
	}
	w.now = w.now.Add(d)
}

// sweep removes one entry that was replaced.
func (w *world) sweep() {
	if len(w.replaced) == 0 {
		return
	}
	if err := w.db.Write(context.Background(), table.Delete("remove", w.replaced[0])); err != nil {
		w.t.Fatal(err)
	}
	w.replaced = w.replaced[1:]
}

// compare reads lists and compares them with what is stored.
func (w *world) compare(l *list.Lists[entry, row], pks ...string) {
	w.t.Helper()
	var want, got []row
	var parts []list.Part[row]
	for _, pk := range pks {
		parts = append(parts, list.Part[row]{PK: pk, Match: func(r *row) bool { return r.name != "c" }})
		for id, thing := range w.stored {
			if e, ok := thing.listed[pk]; ok && e.Name != "c" {
				want = append(want, row{id, e.Name})
			}
		}
	}
	slices.SortFunc(want, func(a, b row) int { return w.kind.Compare(&a, &b) })
	rows, err := l.Rows(context.Background(), parts...)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rows {
		got = append(got, *r)
	}
	if diff := cmpdiff.Diff(want, got, cmpdiff.AllowUnexported(row{})); diff != "" {
		w.t.Fatalf("%v (-stored +read):\n%s", pks, diff)
	}
}

// TestRows: a list shows what is stored at every moment, whoever reads it, whatever is on its
// way, and whether or not the worker has removed what was replaced.
func TestRows(t *testing.T) {
	t.Parallel()
	db := engine.Bolt(t, []table.Schema{things})
	var runs int
	rapid.Check(t, func(t *rapid.T) {
		runs++
		w := newWorld(t, db)
		partition := func(i int) string { return fmt.Sprintf("run %d, list %d", runs, i) }
		ids := rapid.SampledFrom([]string{"1", "2", "3", "4", "5"})
		reader := rapid.IntRange(0, len(w.lists)-1)
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				after := list.Listed[entry]{}
				for i := range 2 {
					if name := rapid.SampledFrom([]string{"", "a", "b", "c", "d"}).Draw(t, "name"); name != "" {
						after[partition(i)] = entry{name}
					}
				}
				w.change(ids.Draw(t, "id"), after)
			},
			"store": func(t *rapid.T) { w.store(ids.Draw(t, "id")) },
			"sweep": func(*rapid.T) { w.sweep() },
			"read": func(t *rapid.T) {
				w.compare(w.lists[reader.Draw(t, "reader")], partition(rapid.IntRange(0, 1).Draw(t, "list")))
			},
			"restart": func(t *rapid.T) {
				w.lists[reader.Draw(t, "reader")] = w.kind.NewOf(db, rapid.IntRange(0, 20).Draw(t, "rows"))
			},
			"wait": func(t *rapid.T) { w.advance(time.Duration(rapid.IntRange(0, 45).Draw(t, "seconds")) * time.Second) },
			"rest": func(t *rapid.T) { w.advance(time.Duration(rapid.IntRange(1, 20).Draw(t, "hours")) * time.Hour) },
		})
	})
}
