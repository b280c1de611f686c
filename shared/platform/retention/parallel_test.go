package retention_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
)

// TestOneBatchInParallel: the rows of one owner and day are read by several readers, and removed
// by several requests at the same time. Each row is read once and removed once, also a row whose
// key is the one at which a range was cut, and none is read without need.
func TestOneBatchInParallel(t *testing.T) {
	t.Parallel()
	const size, page = 3000, 250
	evening := edge.Add(-time.Minute)
	for name, tc := range map[string]struct {
		ops    []op
		within time.Duration
	}{
		"over the day":  {spread(size, 1, edge.Add(-9*time.Hour), 10*time.Second), 14 * time.Second},
		"in one minute": {spread(size, 1, evening, 10*time.Millisecond), 14 * time.Second},
		"morning, evening": {slices.Concat(
			spread(size/2, 1, edge.Add(-9*time.Hour), time.Millisecond), spread(size/2, 1, evening, time.Millisecond),
		), 14 * time.Second},
		"in one instant": {oneInstant(size), 18 * time.Second}, // there is hardly a range to cut
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := world{apitest.New(engine.Bolt(t, schemas), nil)}
				w.record(t, tc.ops...)
				watched := &watcher{world: w, removed: map[table.Key]int{}}
				took := stopwatch()
				rep, err := w.through(watched.see, nil).purge(t)
				rows := len(tc.ops) + watched.added
				if err != nil || !rep.Done || rep.Deleted != rows || rep.Scanned != rows || len(watched.removed) != rows {
					t.Errorf("purge = %+v, %v; removed %d of %d", rep, err, len(watched.removed), rows)
				}
				for key, n := range watched.removed {
					if n > 1 {
						t.Errorf("%v is removed %d times", key, n)
					}
				}
				// One after the other, 12 pages and 120 requests would take 132 s.
				if took() > tc.within {
					t.Errorf("the run takes %v", took())
				}
				if pages := size/page + 1; watched.reads > 2*pages+watched.added {
					t.Errorf("%d reads of %d pages", watched.reads, pages)
				}
			})
		})
	}
}

// oneInstant returns operations of one consumer in one millisecond that has expired.
func oneInstant(n int) []op {
	ops := make([]op, n)
	for i := range ops {
		ops[i] = op{at: edge, n: i}
	}
	return ops
}

// watcher delays every call by a second of the fake clock and counts what is read and removed.
// Where a range begins inside of a batch, it adds a row at that key.
type watcher struct {
	world
	mu      sync.Mutex
	reads   int
	added   int
	removed map[table.Key]int
}

func (w *watcher) see(c call) error {
	if rows := c.query != nil && strings.HasPrefix(c.query.PK, "OWNER#"); !rows && len(c.removes()) == 0 {
		return nil
	}
	if err := w.count(c); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(c.ctx, time.Second)
	defer cancel()
	<-wait.Done()
	return c.ctx.Err()
}

func (w *watcher) count(c call) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range c.removes() {
		w.removed[key]++
	}
	if c.query == nil {
		return nil
	}
	w.reads++
	if w.reads == 1 || c.query.Cursor != "" {
		return nil
	}
	w.added++
	key := table.Key{Table: retention.Operations.Name, PK: c.query.PK, SK: c.query.From}
	return w.DB.Write(c.ctx, table.Put("row", key, map[string]any{retention.ExpiresAt: table.Stamp(w.Clock.Now())}))
}
