package retention_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

const day = 24 * time.Hour

// spread returns n operations, at intervals of i, of the consumers in turn.
func spread(n, consumers int, from time.Time, i time.Duration) []op {
	ops := make([]op, n)
	for k := range ops {
		ops[k] = op{consumer: k % consumers, at: from.Add(time.Duration(k) * i)}
	}
	return ops
}

// TestPurgeRemovesExactlyTheExpired: among consumers with expired operations
// only, with live ones only and with both, over months and around the edge.
func TestPurgeRemovesExactlyTheExpired(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		half := 10_000
		if !w.embedded() {
			half = 300
		}
		var ops []op
		for i := range half {
			consumer := i * 200 / half % 60
			ago := time.Duration(i) * 90 * day / time.Duration(half)
			ops = append(ops,
				op{consumer: consumer, at: edge.Add(-ago).Truncate(time.Millisecond)},
				op{consumer: 20 + consumer, at: edge.Add(ago + time.Millisecond).Truncate(time.Millisecond)})
		}
		slices.SortStableFunc(ops, func(a, b op) int { return a.at.Compare(b.at) })
		expired, live := split(t, ops, w.Clock.Now())
		if len(expired) != half {
			t.Fatalf("%d of %d are expired", len(expired), len(ops))
		}
		w.record(t, ops...)
		untouched := table.Key{Table: "consumers", PK: ops[0].partition(), SK: "CONSUMER"}
		if err := w.DB.Write(t.Context(), table.Put("consumer", untouched, table.Item{})); err != nil {
			t.Fatal(err)
		}

		rep, err := w.through(bounded, nil).purge(t)
		want := retention.Report{Scanned: rep.Scanned, Deleted: half, Skipped: rep.Skipped, Done: true, OldestUnfinishedDay: "2026-11-21"}
		if err != nil || rep != want {
			t.Errorf("purge = %+v, %v; want %+v", rep, err, want)
		}
		got := w.records(t, ops...)
		same(t, "table after the purge", w.kept(t, got, live), got)
		if item, err := w.DB.Get(t.Context(), untouched); err != nil || item == nil {
			t.Errorf("consumer = %v, %v", item, err)
		}

		if got := w.mustPurge(t); got != 0 {
			t.Errorf("the second purge deleted %d", got)
		}
	})
}

// bounded fails a query that is not limited to a page, and a write to another table.
func bounded(c call) error {
	if c.query != nil && (c.query.Limit < 1 || c.query.Limit > 250 || !c.query.Consistent) {
		return fmt.Errorf("query %+v", c.query)
	}
	for _, s := range c.steps {
		if s.Key.Table != retention.Operations.Name {
			return fmt.Errorf("step %+v", s)
		}
	}
	for _, key := range c.deletes {
		if key.Table != retention.Operations.Name {
			return fmt.Errorf("removes %v", key)
		}
	}
	return nil
}

// TestPurgeIsExactToTheMillisecond: a day that expires in parts, by several runs
// of that day.
func TestPurgeIsExactToTheMillisecond(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := []op{
			{at: edge.Add(-time.Hour)},
			{at: edge.Add(-time.Millisecond)},
			{at: edge},
			{at: edge, n: 1},
			{at: edge.Add(time.Millisecond)},
			{at: edge.Add(time.Hour)},
			{at: edge.Add(14*time.Hour - time.Millisecond)},
			{consumer: 1, at: edge.Add(time.Hour)},
		}
		w.record(t, ops...)
		all := w.records(t, ops...)
		for _, run := range []struct {
			at      time.Duration
			deleted int
		}{
			{-time.Hour - time.Millisecond, 0},
			{-2 * time.Millisecond, 1},
			{-time.Millisecond, 1},
			{0, 2},
			{0, 0},
			{time.Millisecond, 1},
			{time.Hour - time.Millisecond, 0},
			{time.Hour, 2},
			{14*time.Hour - time.Millisecond, 1},
			{20 * time.Hour, 0},
		} {
			w.Clock.Set(instant(t, "2026-11-21T10:00:00Z").Add(run.at))
			if got := w.mustPurge(t); got != run.deleted {
				t.Errorf("at %v: deleted %d, want %d", run.at, got, run.deleted)
			}
			_, live := split(t, ops, w.Clock.Now())
			same(t, fmt.Sprint("table at ", run.at), w.kept(t, all, live), w.records(t, ops...))
		}
	})
}

// TestPurgeOfMonthEnds: days that the month of expiry does not have expire together in the first
// instant of the month after it.
func TestPurgeOfMonthEnds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		var ops []op
		for _, at := range []string{
			"2026-11-28T23:59:59.999Z", "2026-11-29T00:00:00Z", "2026-11-29T12:00:00Z", "2026-11-30T23:59:59.999Z",
			"2026-12-01T00:00:00Z", "2026-12-01T00:00:00.001Z",
		} {
			ops = append(ops, op{at: instant(t, at)})
		}
		w.record(t, ops...)
		all := w.records(t, ops...)
		for _, run := range []struct {
			at      string
			deleted int
		}{
			{"2027-02-28T23:59:59.998Z", 0}, {"2027-02-28T23:59:59.999Z", 1}, {"2027-03-01T00:00:00Z", 4}, {"2027-03-01T00:00:00.001Z", 1},
		} {
			w.Clock.Set(instant(t, run.at))
			if got := w.mustPurge(t); got != run.deleted {
				t.Errorf("at %s: deleted %d, want %d", run.at, got, run.deleted)
			}
			_, live := split(t, ops, w.Clock.Now())
			same(t, "table at "+run.at, w.kept(t, all, live), w.records(t, ops...))
		}
	})
}

// TestPurgeAfterTheRetentionChanged: operations of one day under two retentions are removed when
// each expires, with their counters and queue entries.
func TestPurgeAfterTheRetentionChanged(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		short := []op{{at: edge}, {at: edge.Add(2 * time.Second)}}
		long := []op{{at: edge.Add(time.Second)}, {at: edge.Add(3 * time.Second)}}
		w.record(t, short[0])
		w.Settings[retention.Setting] = "6"
		w.record(t, long...)
		w.Settings[retention.Setting] = "3"
		w.record(t, short[1])
		all := w.stored(t, short...)
		for _, run := range []struct {
			at              string
			would, rowsLeft int
		}{
			// A row, a counter and a queue row for each retention, and the state.
			{"2026-11-21T09:59:59Z", 0, 4 + 2 + 2 + 1},
			{"2026-11-21T10:00:01Z", 1, 3 + 2 + 2 + 1},
			{"2026-11-21T10:00:02Z", 1, 2 + 1 + 1 + 1},
			{"2027-02-21T10:00:00Z", 0, 2 + 1 + 1 + 1},
			{"2027-02-21T10:00:05Z", 2, 1},
		} {
			w.Clock.Set(instant(t, run.at))
			dry, err := w.run(t.Context(), t, retention.Request{DryRun: true})
			if err != nil || dry.Deleted != run.would {
				t.Errorf("at %s: a dry run would delete %d, %v; want %d", run.at, dry.Deleted, err, run.would)
			}
			if got := w.mustPurge(t); got != run.would {
				t.Errorf("at %s: deleted %d, want %d", run.at, got, run.would)
			}
			if got := w.stored(t, short...); len(got) != run.rowsLeft {
				t.Errorf("at %s: %d rows are left of %d, want %d: %v", run.at, len(got), len(all), run.rowsLeft, got)
			}
		}
	})
}

// TestDryRunChangesNothing: a dry run writes nothing. It counts each row once, also where the
// rows of a day are in several batches because the retention was changed.
func TestDryRunChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(40, 4, edge.Add(-20*time.Hour), time.Hour)
		w.record(t, ops...)
		w.Settings[retention.Setting] = "4"
		w.record(t, op{at: edge.Add(-19*time.Hour - time.Second)})
		w.Clock.Advance(32 * day)
		w.Settings[retention.Setting] = ""
		all := w.stored(t, ops...)
		readOnly := w.through(func(c call) error {
			if c.steps != nil || c.deletes != nil {
				return fmt.Errorf("writes %+v", c)
			}
			return nil
		}, nil)
		rep, err := readOnly.run(t.Context(), t, retention.Request{DryRun: true})
		if want := (retention.Report{
			Scanned: rep.Scanned, Deleted: 41, Skipped: rep.Skipped, Done: true, DryRun: true,
			OldestUnfinishedDay: "2026-12-23",
		}); err != nil || rep != want {
			t.Errorf("dry run = %+v, %v; want %+v", rep, err, want)
		}
		same(t, "table after the dry run", all, w.stored(t, ops...))
		if got := w.mustPurge(t); got != rep.Deleted {
			t.Errorf("purge deleted %d, the dry run said %d", got, rep.Deleted)
		}
	})
}

// TestOldestDayFirst: after a pause of the purge, the rows that expired first are removed first.
func TestOldestDayFirst(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(120, 40, edge.Add(-12*day), 2*time.Hour)
		w.record(t, ops...)
		expiry := map[table.Key]string{}
		for _, o := range ops {
			expiry[o.key(t)] = table.Day(policy(t, retention.MinMonths).ExpiresAt(o.at))
		}
		var mu sync.Mutex
		var days []string
		watched := w.through(func(c call) error {
			mu.Lock()
			defer mu.Unlock()
			for _, key := range c.removes() {
				days = append(days, expiry[key])
			}
			return nil
		}, nil)
		if got := watched.mustPurge(t); got != len(ops) || len(days) != got {
			t.Fatalf("deleted %d, of %d deletes seen", got, len(days))
		}
		for i := range days[1:] {
			if days[i+1] < days[i] {
				t.Errorf("delete %d is of %s, after one of %s", i+1, days[i+1], days[i])
			}
		}
	})
}

// TestPurgeFailure: a failure of the storage is the error of the run and logged, and the report
// is not done.
func TestPurgeFailure(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(3, 1, edge.Add(-3*time.Hour), time.Hour)
		w.record(t, ops...)
		broken := errors.New("disk on fire")
		failing := w.through(func(c call) error {
			if len(c.removes()) > 0 {
				return broken
			}
			return nil
		}, nil)
		rep, err := failing.purge(t)
		if want := (retention.Report{Scanned: 3, OldestOverdueSeconds: 3 * 3600, OldestUnfinishedDay: "2026-11-21"}); !errors.Is(err, broken) ||
			rep != want {
			t.Errorf("purge = %+v, %v; want %+v", rep, err, want)
		}
		lines := w.Log.Lines(t)
		if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["error"] != broken.Error() || lines[0]["_aws"] != nil {
			t.Errorf("log: %s", w.Log)
		}
		if got := w.mustPurge(t); got != 3 {
			t.Errorf("the next run deleted %d of 3", got)
		}
	})
}
