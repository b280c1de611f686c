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

// spread are n operations, i apart, of so many consumers in turn.
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

		bounded := w.through(func(c call) error {
			if c.query != nil && (c.query.Limit < 1 || c.query.Limit > 100 || !c.query.Consistent) {
				return fmt.Errorf("query %+v", c.query)
			}
			for _, s := range c.steps {
				if s.Key.Table != retention.Operations.Name {
					return fmt.Errorf("step %+v", s)
				}
			}
			return nil
		}, nil)
		rep, err := bounded.purge(t)
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

// TestPurgeReadsNothingThatIsNotDue: a batch of the day itself is read once for
// each time that rows of it expire, not by every run.
func TestPurgeReadsNothingThatIsNotDue(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := append(spread(50, 1, edge.Add(-time.Minute), time.Second), spread(50, 1, edge.Add(time.Hour), time.Second)...)
		w.record(t, ops...)
		for _, want := range []retention.Report{
			{Scanned: 100, Deleted: 50, Skipped: 50, Done: true, OldestUnfinishedDay: "2026-11-21"},
			{Scanned: 0, Deleted: 0, Skipped: 1, Done: true, OldestUnfinishedDay: "2026-11-21"},
		} {
			w.Clock.Advance(time.Minute)
			if got, err := w.purge(t); err != nil || got != want {
				t.Errorf("purge = %+v, %v; want %+v", got, err, want)
			}
		}
	})
}

// TestPurgeOfMonthEnds: days without a counterpart expire together with the
// first instant of the next month.
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

// TestPurgeAfterTheRetentionChanged: operations of one day under two retentions
// go each in its time, with their counters and queue rows.
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

// TestDryRunChangesNothing: and counts each row once, also where rows of one day
// are in several batches, as after the retention was changed.
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
			if c.steps != nil {
				return fmt.Errorf("writes %+v", c.steps)
			}
			return nil
		}, nil)
		rep, err := readOnly.run(t.Context(), t, retention.Request{DryRun: true})
		if want := (retention.Report{Scanned: rep.Scanned, Deleted: 41, Skipped: rep.Skipped, Done: true, DryRun: true, OldestUnfinishedDay: "2026-12-23"}); err != nil || rep != want {
			t.Errorf("dry run = %+v, %v; want %+v", rep, err, want)
		}
		same(t, "table after the dry run", all, w.stored(t, ops...))
		if got := w.mustPurge(t); got != rep.Deleted {
			t.Errorf("purge deleted %d, the dry run said %d", got, rep.Deleted)
		}
	})
}

// TestOldestDayFirst: after a pause of the purge, what has been waiting longest
// goes first.
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
			if key, ok := c.removes(); ok {
				mu.Lock()
				defer mu.Unlock()
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

// TestPurgeCost: one write unit for each row removed, two for each batch, and
// two for each of the lease's writes.
func TestPurgeCost(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const consumers, days, perDay = 4, 3, 10
		var ops []op
		for d := range days {
			ops = append(ops, spread(consumers*perDay, consumers, edge.Add(-time.Duration(d+2)*day), time.Minute)...)
		}
		w.record(t, ops...)
		ctx, meter := table.WithMeter(t.Context())
		rep, err := w.run(ctx, t, retention.Request{})
		if err != nil || rep.Deleted != len(ops) {
			t.Fatalf("purge = %+v, %v", rep, err)
		}
		want := float64(len(ops) + 2*consumers*days + 2*(2+days))
		if got := meter.Usage().WriteUnits; got != want {
			t.Errorf("%v write units for %d rows, want %v", got, len(ops), want)
		}
	})
}

// TestPurgeRoundTrips: a run looks at the first entry of each shard, and goes on
// only where something is due.
func TestPurgeRoundTrips(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const idle = 1 + 16 + 1 // take the lease, look, give it back
		for _, c := range []struct {
			name string
			ops  []op
			want int
		}{
			{"no operation", nil, idle},
			{"expiring tomorrow and later", spread(40, 40, edge.Add(14*time.Hour), day), idle},
			// The watermark, the entries, the rows, three deletes, the counter, the entry, what follows.
			{"a batch", spread(3, 1, edge.Add(-time.Hour), time.Second), idle + 1 + 1 + 1 + 3 + 1 + 1 + 1},
		} {
			if c.ops != nil {
				w.record(t, c.ops...)
			}
			ctx, meter := table.WithMeter(t.Context())
			if _, err := w.run(ctx, t, retention.Request{}); err != nil {
				t.Fatal(err)
			}
			if got := meter.Usage().RoundTrips; got != c.want {
				t.Errorf("%s: %d round trips, want %d", c.name, got, c.want)
			}
		}
	})
}

// TestPurgeOfOneLargeBatch: more rows of one consumer and day than a page holds.
func TestPurgeOfOneLargeBatch(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(250, 1, edge.Add(-249*time.Second), time.Second)
		ops = append(ops, op{at: edge.Add(time.Millisecond)})
		w.record(t, ops...)
		all := w.records(t, ops...)
		if got := w.mustPurge(t); got != 250 {
			t.Errorf("deleted %d of 250", got)
		}
		same(t, "table after the purge", w.kept(t, all, ops[250:]), w.records(t, ops...))
	})
}

// TestManyBatchesOfOneDay: more batches of one day in one partition of the queue
// than a page holds.
func TestManyBatchesOfOneDay(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		var ops []op
		for consumer := 0; len(ops) < 130; consumer++ {
			o := op{consumer: consumer, at: edge.Add(-time.Duration(consumer) * time.Second)}
			if w.steps(t, o)[2].Key.PK == "PURGE#07" {
				ops = append(ops, o)
			}
		}
		w.record(t, ops...)
		if got := w.mustPurge(t); got != len(ops) {
			t.Errorf("deleted %d of %d", got, len(ops))
		}
		if left := w.records(t, ops...); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// TestPurgeFailure: what storage fails of is the run's error, it is logged, and
// the report says that it is not done.
func TestPurgeFailure(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(3, 1, edge.Add(-3*time.Hour), time.Hour)
		w.record(t, ops...)
		broken := errors.New("disk on fire")
		failing := w.through(func(c call) error {
			if _, ok := c.removes(); ok {
				return broken
			}
			return nil
		}, nil)
		rep, err := failing.purge(t)
		if want := (retention.Report{Scanned: 1, OldestOverdueSeconds: 3 * 3600, OldestUnfinishedDay: "2026-11-21"}); !errors.Is(err, broken) || rep != want {
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
