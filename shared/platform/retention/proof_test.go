package retention_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// TestRowsDecideAboutThemselves: a request that removes rows has no conditions, so what was read
// must be enough. The queue names the batch of a day; among its rows, those stay that say that
// they have not expired: they were recorded under a longer retention, or somebody moved their
// expiry before they were read.
func TestRowsDecideAboutThemselves(t *testing.T) { //nolint:gocognit // one list of checks
	each(t, func(t *testing.T, w world) {
		short := spread(120, 1, edge.Add(-119*time.Second), time.Second)
		long := spread(120, 1, edge.Add(-119*time.Second+time.Millisecond), time.Second)
		w.record(t, short...)
		w.Settings[retention.Setting] = "6"
		w.record(t, long...)
		w.Settings[retention.Setting] = ""
		moved := map[table.Key]string{
			short[0].key(t):   "2026-11-21T10:00:00.001Z", // by a millisecond
			short[60].key(t):  "2026-11-21T23:00:00.000Z",
			short[119].key(t): "2026-11-22T10:00:00.000Z", // to another day
		}
		all := w.records(t, short...)
		want := map[string]bool{} // rows that stay
		for _, o := range long {
			want[rowOf(o.key(t))] = true
		}
		for key := range moved {
			want[rowOf(key)] = true
		}
		var once sync.Once
		watched := w.through(func(c call) error {
			if c.query != nil && c.query.PK == short[0].partition() {
				once.Do(func() {
					for key, at := range moved {
						if err := w.DB.Write(c.ctx, table.Update("row", key, table.Changes{Set: map[string]any{retention.ExpiresAt: at}})); err != nil {
							t.Error(err)
						}
					}
				})
			}
			return nil
		}, nil)
		rep, err := watched.purge(t)
		if err != nil || rep.Deleted != len(short)-len(moved) || rep.Skipped != len(want) || rep.Scanned != len(short)+len(long) {
			t.Errorf("purge = %+v, %v", rep, err)
		}
		left := w.records(t, short...)
		for key := range all {
			if _, stays := left[key]; strings.Contains(key, " OP#") && stays != want[key] {
				t.Errorf("%s stays: %t", key, stays)
			}
		}
		w.Clock.Set(edge.AddDate(0, 3, 0).Add(13 * time.Hour))
		if got := w.mustPurge(t); got != 2 {
			t.Errorf("deleted %d of 2 that expire later that day", got)
		}
	})
}

// rowOf returns the key of a row as rows has it.
func rowOf(key table.Key) string { return fmt.Sprint(key.PK, " ", key.SK) }

// TestRowsThatAreGone: a row that DynamoDB removes between its reading and its removal is no
// failure.
func TestRowsThatAreGone(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(3, 1, edge.Add(-time.Hour), time.Second)
		w.record(t, ops...)
		watched := w.through(func(c call) error {
			for _, key := range c.removes() {
				return w.DB.Write(c.ctx, table.Delete("row", key))
			}
			return nil
		}, nil)
		if rep, err := watched.purge(t); err != nil || rep.Deleted != 3 || !rep.Done {
			t.Errorf("purge = %+v, %v", rep, err)
		}
		if left := w.records(t, ops...); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}
