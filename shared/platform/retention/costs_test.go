package retention_test

import (
	"testing"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// TestPurgeReadsNothingThatIsNotDue: a run does not read a batch of the day without an expired
// row.
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

// TestPurgeRoundTrips: a run reads the first entry of each shard, and more only where rows have
// expired.
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
			// The watermark, the entries, the rows, their removal, the counter, the entry, what follows.
			{"a batch", spread(25, 1, edge.Add(-time.Hour), time.Second), idle + 1 + 1 + 1 + 1 + 1 + 1 + 1},
			// As many rows of several consumers, each of which is read on its own.
			{"batches of one shard", w.inOneShard(t, 25, edge.Add(-time.Minute)), idle + 1 + 1 + 25 + 1 + 1 + 1 + 1},
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

// inOneShard returns operations of n consumers whose entries are in one partition of the queue.
func (w world) inOneShard(t testing.TB, n int, at time.Time) (ops []op) {
	t.Helper()
	for consumer := 0; len(ops) < n; consumer++ {
		if o := (op{consumer: consumer, at: at}); w.steps(t, o)[2].Key.PK == "PURGE#07" {
			ops = append(ops, o)
		}
	}
	return ops
}

// TestManyBatchesOfOneDay: more batches of one day in one partition of the queue
// than a page holds.
func TestManyBatchesOfOneDay(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := w.inOneShard(t, 130, edge.Add(-time.Hour))
		w.record(t, ops...)
		if got := w.mustPurge(t); got != len(ops) {
			t.Errorf("deleted %d of %d", got, len(ops))
		}
		if left := w.records(t, ops...); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}
