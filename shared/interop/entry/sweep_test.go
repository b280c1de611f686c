package entry_test

import (
	"slices"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/entry"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
)

type named struct {
	Name string `dynamodbav:"name"`
}

// TestSweep: of everything that is written about a record, the worker removes the entries that
// were replaced, and nothing else, however often a change is delivered.
func TestSweep(t *testing.T) {
	t.Parallel()
	engine.Each(t, []table.Schema{interop.Table}, func(t *testing.T, db table.DB) {
		kind := list.Kind[named, string]{Table: interop.Table.Name}
		handle, err := entry.Sweep.Start(api.Deps{DB: db})
		if err != nil {
			t.Fatal(err)
		}
		var before list.Listed[named]
		var stamp list.Stamp
		var changes []table.Change
		for _, after := range []list.Listed[named]{{"A": {"1"}}, {"A": {"2"}, "B": {"2"}}, {"A": {"3"}, "B": {"3"}}, {"B": {"4"}}} {
			var steps []table.Step
			steps, stamp = kind.Steps("id", stamp, before, after)
			steps = append(steps, table.Put("record", interop.Key("RECORD", "RECORD"), named{string(stamp)}))
			changes = append(changes, written(t, db, steps)...)
			before = after
		}
		for _, change := range slices.Concat(changes, changes) {
			if err := handle(t.Context(), change); err != nil {
				t.Fatal(err)
			}
		}
		for _, pk := range []string{"A", "B", "RECORD"} { // A has the entry that says that the record left
			page, err := db.Query(t.Context(), table.Query{Table: interop.Table.Name, PK: pk, Consistent: true})
			if err != nil || len(page.Items) != 1 {
				t.Errorf("%s has %v, %v", pk, page.Items, err)
			}
		}
	})
}

// written writes steps and returns the changes that a stream delivers.
func written(t *testing.T, db table.DB, steps []table.Step) (changes []table.Change) {
	t.Helper()
	if err := db.Write(t.Context(), steps...); err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		item, err := db.Get(t.Context(), step.Key)
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, table.Change{Key: step.Key, New: item})
	}
	return changes
}
