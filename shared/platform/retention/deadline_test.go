package retention_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
)

// watermark returns the oldest unfinished day that the purge stored.
func (w world) watermark(t testing.TB) string {
	t.Helper()
	item, err := w.DB.Get(t.Context(), table.Key{Table: retention.Operations.Name, PK: "PURGE", SK: "STATE"})
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Watermark string `dynamodbav:"watermark"`
	}
	if err := table.Decode(item, &state); err != nil {
		t.Fatal(err)
	}
	return state.Watermark
}

// TestPurgeWithoutTime: a run with less time than the margin removes nothing. It reports the
// time since the oldest expiry and the day at which the next run begins.
func TestPurgeWithoutTime(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(20, 20, edge.Add(-2*day), time.Second) // in several shards
		ops = append(ops, op{at: edge.Add(-day)})
		w.record(t, ops...)
		all := w.records(t, ops...)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		rep, err := w.run(ctx, t, retention.Request{})
		want := retention.Report{OldestOverdueSeconds: 2 * 24 * 3600, OldestUnfinishedDay: "2026-11-19"}
		if err != nil || rep != want || w.watermark(t) != want.OldestUnfinishedDay {
			t.Errorf("purge = %+v, %v, stored watermark %s; want %+v", rep, err, w.watermark(t), want)
		}
		same(t, "table", all, w.records(t, ops...))
		if got := w.mustPurge(t); got != len(ops) || w.watermark(t) != "2026-11-21" {
			t.Errorf("the next purge deleted %d of %d, watermark %s", got, len(ops), w.watermark(t))
		}
	})
}

// TestPurgeWithoutTimeAndWork: a run without expired rows is done even if it has no time.
func TestPurgeWithoutTimeAndWork(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.record(t, op{at: edge.Add(time.Hour)}) // later today
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		rep, err := w.run(ctx, t, retention.Request{})
		if want := (retention.Report{Skipped: 1, Done: true, OldestUnfinishedDay: "2026-11-21"}); err != nil || rep != want {
			t.Errorf("purge = %+v, %v; want %+v", rep, err, want)
		}
	})
}

// TestPurgeStopsInTime: a run stops well before its deadline, within one large batch or between
// many small ones, stores a watermark, and the next runs finish. Each removal takes three seconds
// of the fake clock.
func TestPurgeStopsInTime(t *testing.T) {
	t.Parallel()
	for name, ops := range map[string][]op{
		"one batch":    spread(1800, 1, edge.Add(-3*day), time.Second),
		"many batches": spread(1800, 100, edge.Add(-3*day), time.Second),
		"many days":    spread(60, 3, edge.Add(-60*day), day),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { stopInTime(t, ops) })
		})
	}
}

func stopInTime(t *testing.T, ops []op) {
	w := world{apitest.New(engine.Bolt(t, schemas), nil)}
	w.record(t, ops...)
	slow := w.through(func(c call) error {
		if len(c.removes()) > 0 {
			wait, cancel := context.WithTimeout(c.ctx, 3*time.Second)
			defer cancel()
			<-wait.Done()
			return c.ctx.Err()
		}
		return nil
	}, nil)
	deleted := 0
	runs := 0
	last := ""
	for done := false; !done; runs++ {
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		// Ten seconds of work, the requests that run then, and those for the rows that were read.
		work, cancelWork := context.WithTimeout(t.Context(), 20*time.Second)
		rep, err := slow.run(ctx, t, retention.Request{})
		if err != nil || work.Err() != nil {
			t.Fatalf("run %d = %+v, %v, in time: %v", runs, rep, err, work.Err())
		}
		if rep.Deleted == 0 || !rep.Done && rep.OldestOverdueSeconds <= 0 {
			t.Errorf("run %d = %+v", runs, rep)
		}
		if rep.OldestUnfinishedDay < last || rep.OldestUnfinishedDay != w.watermark(t) {
			t.Errorf("run %d goes on at %s, stored %s, the one before at %s", runs, rep.OldestUnfinishedDay, w.watermark(t), last)
		}
		done = rep.Done
		last = rep.OldestUnfinishedDay
		deleted += rep.Deleted
		cancel()
		cancelWork()
	}
	if deleted != len(ops) || runs < 2 {
		t.Errorf("%d runs deleted %d of %d", runs, deleted, len(ops))
	}
	if left := w.records(t, ops...); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
