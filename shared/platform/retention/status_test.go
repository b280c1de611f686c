package retention_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
)

func (w world) status(t testing.TB) retention.Status {
	t.Helper()
	s, err := retention.NewReader(w.Deps(), retention.Operations.Name).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w world) runFor(t testing.TB, limit time.Duration, req retention.Request) (retention.Report, error) {
	t.Helper()
	p, err := retention.NewPurge(w.Deps(), retention.Operations.Name)
	if err != nil {
		t.Fatal(err)
	}
	return p.RunFor(t.Context(), limit, req)
}

// TestStatus reads the status before any run, with rows that are overdue, after scheduled runs
// and runs of the operator, and after a dry run, which is not recorded.
func TestStatus(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		if got, want := w.status(t), (retention.Status{OldestUnfinishedDay: "2026-11-21"}); got != want {
			t.Errorf("of an empty table: %+v, want %+v", got, want)
		}
		w.record(t, op{at: edge.Add(-2 * day)}, op{consumer: 1, at: edge.Add(-time.Hour)}, op{consumer: 2, at: edge.Add(time.Hour)})
		before := retention.Status{OldestOverdueSeconds: 2 * 24 * 3600, OldestUnfinishedDay: "2026-11-19"}
		if got := w.status(t); got != before {
			t.Errorf("before a run: %+v, want %+v", got, before)
		}
		if rep, err := w.runFor(t, time.Minute, retention.Request{DryRun: true}); err != nil || rep.Deleted != 2 || !rep.DryRun {
			t.Errorf("dry run = %+v, %v", rep, err)
		}
		if got := w.status(t); got != before {
			t.Errorf("after a dry run: %+v, want %+v", got, before)
		}
		for _, tc := range []struct {
			by  string
			run func() (retention.Report, error)
		}{
			{retention.ByOperator, func() (retention.Report, error) { return w.runFor(t, time.Minute, retention.Request{}) }},
			{retention.BySchedule, func() (retention.Report, error) { return w.purge(t) }},
		} {
			at := table.Stamp(w.Clock.Now())
			rep, err := tc.run()
			if err != nil || !rep.Done {
				t.Errorf("%s: %+v, %v", tc.by, rep, err)
			}
			got := w.status(t)
			if want := (retention.LastRun{StartedAt: at, EndedAt: at, By: tc.by, Report: rep}); got.Last == nil || *got.Last != want {
				t.Errorf("%s: the last run is %+v, want %+v", tc.by, got.Last, want)
			}
			got.Last = nil
			if want := (retention.Status{LastStartedAt: at, OldestUnfinishedDay: "2026-11-21"}); got != want {
				t.Errorf("%s: %+v, want %+v", tc.by, got, want)
			}
			w.Clock.Advance(time.Minute)
		}
	})
}

// TestStatusOfRuns reads the status while a run has the lease, after one that failed, and after
// one that was killed: that one has started and is not the last that ended.
func TestStatusOfRuns(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.record(t, op{at: edge.Add(-time.Hour)})
		var during retention.Status
		watched := w.through(func(c call) error {
			if len(c.removes()) > 0 {
				during = w.status(t)
			}
			return nil
		}, nil)
		started := table.Stamp(w.Clock.Now())
		if _, err := watched.purge(t); err != nil {
			t.Fatal(err)
		}
		if during.Last != nil || during.LastStartedAt != started || during.RunningUntil != table.Stamp(w.Clock.Now().Add(leaseTime)) {
			t.Errorf("during a run: %+v", during)
		}
		w.record(t, op{at: edge.Add(-time.Hour), n: 1})
		broken := errors.New("broken")
		failing := w.through(func(c call) error {
			if len(c.removes()) > 0 {
				return &table.Error{Kind: table.Unavailable, Op: "test", Err: broken}
			}
			return nil
		}, nil)
		w.Clock.Advance(time.Minute)
		if _, err := failing.purge(t); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		failed := w.status(t)
		if failed.Last == nil || !failed.Last.Failed || failed.Last.Report.Done || failed.RunningUntil != "" || failed.OldestOverdueSeconds == 0 {
			t.Errorf("after a failure: %+v, %+v", failed, failed.Last)
		}
		w.Clock.Advance(time.Minute)
		if _, err := w.killedAt(1, notSent).purge(t); err == nil {
			t.Fatal("the run was not killed")
		}
		killed := w.status(t)
		if killed.Last == nil || *killed.Last != *failed.Last || killed.LastStartedAt <= failed.LastStartedAt || killed.RunningUntil == "" {
			t.Errorf("after a run that was killed: %+v, %+v", killed, killed.Last)
		}
		if _, err := w.runFor(t, time.Minute, retention.Request{}); !errors.Is(err, retention.ErrBusy) {
			t.Errorf("while the lease of the killed run lasts: %v", err)
		}
	})
}

// TestStatusCost: one read of the state at the same time as those of the heads of the shards.
func TestStatusCost(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.record(t, spread(40, 40, edge.Add(-time.Hour), time.Second)...)
		ctx, meter := table.WithMeter(t.Context())
		if _, err := retention.NewReader(w.Deps(), retention.Operations.Name).Status(ctx); err != nil {
			t.Fatal(err)
		}
		if got := meter.Usage(); got.RoundTrips != 16 || got.ItemsRead > 16 || got.WriteUnits != 0 {
			t.Errorf("a status takes %+v", got)
		}
	})
}

// TestRunForNoTime: a run whose time is up before it begins removes nothing, stores where the
// next run begins, and says that it is not done; then the next run removes all.
func TestRunForNoTime(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(20, 20, edge.Add(-2*day), time.Second)
		w.record(t, ops...)
		all := w.records(t, ops...)
		rep, err := w.runFor(t, time.Nanosecond, retention.Request{})
		want := retention.Report{OldestOverdueSeconds: 2 * 24 * 3600, OldestUnfinishedDay: "2026-11-19"}
		if err != nil || rep != want || w.watermark(t) != want.OldestUnfinishedDay {
			t.Errorf("run = %+v, %v, stored watermark %s; want %+v", rep, err, w.watermark(t), want)
		}
		same(t, "table", all, w.records(t, ops...))
		if last := w.status(t).Last; last == nil || last.Report != want || last.By != retention.ByOperator {
			t.Errorf("the last run is %+v", last)
		}
		if got := w.mustPurge(t); got != len(ops) {
			t.Errorf("the next run deleted %d of %d", got, len(ops))
		}
	})
}

// TestRunForStops: a run stops at its limit, although its context has more time and it would
// have read on over rows that are to be kept. A page takes a minute of the fake clock.
func TestRunForStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := world{apitest.New(engine.Bolt(t, schemas), nil)}
		w.record(t, w.inOneShard(t, 130, edge.Add(time.Hour))...) // later today
		pages := 0
		slow := w.through(func(c call) error {
			if c.query != nil && c.query.Limit > 1 {
				pages++
				minute, cancel := context.WithTimeout(c.ctx, time.Minute)
				defer cancel()
				<-minute.Done()
				return c.ctx.Err()
			}
			return nil
		}, nil)
		rep, err := slow.runFor(t, 30*time.Second, retention.Request{})
		if err != nil || rep.Done || pages != 1 || rep.OldestUnfinishedDay != "2026-11-21" || rep.OldestOverdueSeconds != 0 {
			t.Errorf("run = %+v, %v after %d pages", rep, err, pages)
		}
	})
}

// TestEarlierState: the state that an earlier release has stored has no last run.
func TestEarlierState(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		key := table.Key{Table: retention.Operations.Name, PK: "PURGE", SK: "STATE"}
		earlier := map[string]string{"lastRunAt": "2026-11-21T09:00:00.000Z", "token": "x", "watermark": "2026-11-21"}
		if err := w.DB.Write(t.Context(), table.Put("state", key, earlier)); err != nil {
			t.Fatal(err)
		}
		want := retention.Status{LastStartedAt: earlier["lastRunAt"], OldestUnfinishedDay: "2026-11-21"}
		if got := w.status(t); got != want {
			t.Errorf("status = %+v, want %+v", got, want)
		}
		w.mustPurge(t)
		if w.status(t).Last == nil {
			t.Error("the run is not recorded")
		}
	})
}
