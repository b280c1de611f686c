package journal_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
)

// TestTrailCountsOnce: a row is read for its count by one list alone, and lists that fail while
// they count do not begin again.
func TestTrailCountsOnce(t *testing.T) {
	t.Parallel()
	w := world{apitest.New(engine.Bolt(t, schemas), nil)}
	const rows = 20_000
	trail := w.trail(t)
	for i := 0; i < rows; {
		var steps []table.Step
		for range table.MaxSteps {
			w.Clock.Advance(time.Second)
			id, at, err := trail.Next()
			if err != nil {
				t.Fatal(err)
			}
			row := trail.Row(owner, id, at, func(e journal.Expiry) journal.Row { return event{ID: id, Expiry: e} })
			row.Label = fmt.Sprint(len(steps))
			steps = append(steps, row)
		}
		if err := w.DB.Write(t.Context(), steps...); err != nil {
			t.Fatal(err)
		}
		i += len(steps)
	}
	w.Clock.Advance(time.Minute)
	tap := &hooked.DB{DB: w.DB}
	deps := w.Deps()
	deps.DB = tap
	slow, err := journal.NewTrail(deps)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	read := 0
	tap.Set(func(c *hooked.Call) error {
		mu.Lock()
		defer mu.Unlock()
		if c.Query != nil && !c.Query.Descending {
			if read > 10_000 {
				return hooked.ErrDown
			}
		}
		err := c.Run()
		if c.Query != nil && !c.Query.Descending {
			read += len(c.Page.Items)
		}
		return err
	})
	list := func() (int, error) {
		tally, err := tap.Get(t.Context(), journal.TallyKey(owner))
		if err != nil {
			t.Fatal(err)
		}
		_, total, err := journal.ListTrail[event](t.Context(), slow, owner, tally, 0, 10)
		return total, err
	}
	if _, err := list(); err == nil {
		t.Fatal("the storage does not fail")
	}
	read = 0
	if total, err := list(); err != nil || total != rows || read > rows-10_000 {
		t.Errorf("the second list: %d rows, %v; it has counted %d, want %d at most", total, err, read, rows-10_000)
	}
	read = 0
	if total, err := list(); err != nil || total != rows || read != 0 {
		t.Errorf("the third list: %d rows, %v; it has counted %d", total, err, read)
	}
}
