package retention_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// leaseTime is how long a run that crashed keeps others from running.
const leaseTime = 16 * time.Minute

// TestConcurrentPurges: of concurrent runs one counts each expired row, and those that do not
// run return ErrBusy.
func TestConcurrentPurges(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(60, 10, edge.Add(-59*time.Hour), time.Hour)
		w.record(t, ops...)
		var wg sync.WaitGroup
		reports := make([]retention.Report, 12)
		errs := make([]error, len(reports))
		for i := range reports {
			wg.Go(func() { reports[i], errs[i] = w.purge(t) })
		}
		wg.Wait()
		deleted := 0
		done := 0
		for i, rep := range reports {
			switch {
			case errs[i] == nil && rep.Done:
				done++
				deleted += rep.Deleted
			case !errors.Is(errs[i], retention.ErrBusy) || rep != retention.Report{}:
				t.Errorf("purge %d = %+v, %v", i, rep, errs[i])
			}
		}
		if done == 0 || deleted != len(ops) {
			t.Errorf("%d runs deleted %d of %d", done, deleted, len(ops))
		}
		if left := w.records(t, ops...); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// TestSecondPurgeIsBusy: during a run another run does nothing, except for a dry run.
func TestSecondPurgeIsBusy(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(3, 1, edge.Add(-2*day), day)
		w.record(t, ops...)
		tries := 0
		watched := w.through(func(c call) error {
			if len(c.removes()) == 0 {
				return nil
			}
			tries++
			w.Clock.Advance(leaseTime/3 - time.Millisecond)
			if rep, err := w.purge(t); !errors.Is(err, retention.ErrBusy) || rep != (retention.Report{}) {
				t.Errorf("a second purge = %+v, %v", rep, err)
			}
			if rep, err := w.run(t.Context(), t, retention.Request{DryRun: true}); err != nil || rep.Deleted != 4-tries {
				t.Errorf("a dry run = %+v, %v", rep, err)
			}
			return nil
		}, nil)
		if got := watched.mustPurge(t); got != 3 || tries != 3 {
			t.Errorf("deleted %d in %d tries", got, tries)
		}
		if got := w.mustPurge(t); got != 0 {
			t.Errorf("the next purge deleted %d", got)
		}
	})
}

// TestLeaseOfACrashedRunEnds: the lease ends at the millisecond, and the next run continues.
func TestLeaseOfACrashedRunEnds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(5, 1, edge.Add(-time.Hour), time.Second)
		w.record(t, ops...)
		if _, err := w.killedAt(19, notSent).purge(t); !errors.Is(err, errKilled) {
			t.Fatalf("killed purge: %v", err)
		}
		for _, wait := range []time.Duration{0, leaseTime - time.Millisecond} {
			w.Clock.Set(edge.AddDate(0, 3, 0).Add(wait))
			if _, err := w.purge(t); !errors.Is(err, retention.ErrBusy) {
				t.Errorf("after %v: %v", wait, err)
			}
		}
		w.Clock.Advance(time.Millisecond)
		if got := w.mustPurge(t); got == 0 {
			t.Error("nothing was left to the next run")
		}
		if left := w.records(t, ops...); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// TestLeaseIsGivenBack: a run that fails or is cancelled gives the lease back.
func TestLeaseIsGivenBack(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := spread(5, 1, edge.Add(-time.Hour), time.Second)
		w.record(t, ops...)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		hangUp := func(c call) error {
			if len(c.removes()) > 0 {
				cancel()
			}
			return nil
		}
		rep, err := w.through(nil, hangUp).run(ctx, t, retention.Request{})
		if !errors.Is(err, context.Canceled) || rep.Done || rep.Deleted != len(ops) {
			t.Fatalf("purge = %+v, %v", rep, err)
		}
		w.record(t, spread(5, 1, edge.Add(-time.Minute), time.Second)...)
		ctx, cancel = context.WithCancel(t.Context())
		defer cancel()
		rep, err = w.through(hangUp, nil).run(ctx, t, retention.Request{})
		if !errors.Is(err, context.Canceled) || rep.Done {
			t.Fatalf("purge = %+v, %v", rep, err)
		}
		if got := w.mustPurge(t); got+rep.Deleted != len(ops) {
			t.Errorf("deleted %d, then %d, of %d", rep.Deleted, got, len(ops))
		}
	})
}

// TestPurgeThatIsTakenOver: a run that lost its lease does not start another day.
func TestPurgeThatIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := []op{{at: edge.Add(-2 * day)}, {at: edge.Add(-day)}}
		w.record(t, ops...)
		slow := w.through(func(c call) error {
			if len(c.removes()) > 0 {
				w.Clock.Advance(leaseTime)
				if _, err := w.killedAt(1, notSent).purge(t); !errors.Is(err, errKilled) {
					t.Errorf("the other purge: %v", err)
				}
			}
			return nil
		}, nil)
		rep, err := slow.purge(t)
		want := retention.Report{Scanned: 1, Deleted: 1, OldestOverdueSeconds: int64(day.Seconds()), OldestUnfinishedDay: "2026-11-20"}
		if !errors.Is(err, retention.ErrLeaseLost) || rep != want {
			t.Errorf("slow purge = %+v, %v; want %+v", rep, err, want)
		}
		w.Clock.Advance(leaseTime)
		if got := w.mustPurge(t); got != 1 {
			t.Errorf("the next purge deleted %d", got)
		}
	})
}

// TestBatchThatAnotherPurgeFinished: a run that lost its lease does not write the queue entry of
// a batch again after another run has removed the batch.
func TestBatchThatAnotherPurgeFinished(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := []op{{at: edge.Add(-time.Hour)}, {at: edge.Add(time.Minute)}}
		w.record(t, ops...)
		var other retention.Report
		slow := w.through(func(c call) error {
			if len(c.steps) != 1 || c.steps[0].Label != "entry" {
				return nil
			}
			w.Clock.Advance(leaseTime)
			var err error
			other, err = w.purge(t)
			return err
		}, nil)
		rep, err := slow.purge(t)
		if !errors.Is(err, retention.ErrLeaseLost) || rep.Deleted != 1 || rep.Done {
			t.Errorf("slow purge = %+v, %v", rep, err)
		}
		if other.Deleted != 1 || !other.Done {
			t.Errorf("the other purge = %+v", other)
		}
		if left := w.records(t, ops...); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if got := w.mustPurge(t); got != 0 {
			t.Errorf("the next purge deleted %d", got)
		}
	})
}

// TestClockBehindTheLastRun: after a run under a clock that was ahead, a run removes exactly the
// rows that have expired by its own clock, and warns.
func TestClockBehindTheLastRun(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		now := edge.AddDate(0, 3, 0)
		for i, back := range []time.Duration{time.Millisecond, time.Hour, 100 * day, 10 * 365 * day} {
			w.Clock.Set(now.Add(back))
			w.mustPurge(t)
			w.Clock.Set(now)
			ops := []op{
				{at: edge.Add(-time.Hour), n: i},
				{at: edge, n: i},
				{at: edge.Add(time.Millisecond), n: i},
				{at: edge.Add(time.Hour), n: i},
				{at: now.Add(-time.Millisecond), n: i},
			}
			w.record(t, ops...)
			_, live := split(t, ops, now)
			all := w.records(t, ops...)
			warned := w.warnings()
			if rep, err := w.run(t.Context(), t, retention.Request{DryRun: true}); err != nil || rep.Deleted != 2 {
				t.Errorf("%v behind, a dry run: %+v, %v", back, rep, err)
			}
			if got := w.mustPurge(t); got != 2 {
				t.Errorf("%v behind: deleted %d of 2", back, got)
			}
			same(t, "table", w.kept(t, all, live), w.records(t, ops...))
			if w.warnings() != warned+1 {
				t.Errorf("%v behind: the log does not say so once", back)
			}
			w.Clock.Set(now.AddDate(100, 0, 0)) // clears for the next round
			w.mustPurge(t)
		}
	})
}

// warnings counts the warnings about clocks in the log.
func (w world) warnings() int {
	return strings.Count(w.Log.String(), "the clock is behind that of the last purge")
}

// TestLeaseUnderAClockThatWasAhead: the lease of a run that crashed under such a clock ends one
// lease time after another run first wanted to start.
func TestLeaseUnderAClockThatWasAhead(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		now := w.Clock.Now()
		ops := spread(3, 1, edge.Add(-time.Hour), time.Second)
		w.record(t, ops...)
		w.Clock.Set(now.Add(365 * day))
		if _, err := w.killedAt(1, notSent).purge(t); !errors.Is(err, errKilled) {
			t.Fatalf("killed purge: %v", err)
		}
		for _, wait := range []time.Duration{0, time.Minute, leaseTime - time.Millisecond} {
			w.Clock.Set(now.Add(wait))
			if _, err := w.purge(t); !errors.Is(err, retention.ErrBusy) {
				t.Errorf("after %v: %v", wait, err)
			}
		}
		w.Clock.Advance(time.Millisecond)
		if got := w.mustPurge(t); got != 3 {
			t.Errorf("deleted %d of 3", got)
		}
	})
}

// TestClockThatGoesBackDuringARun: the lease is given back, and the next run uses its own clock.
func TestClockThatGoesBackDuringARun(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.record(t, op{at: edge}, op{at: edge.Add(-2 * time.Hour), n: 1})
		watched := w.through(func(c call) error {
			if len(c.removes()) > 0 {
				w.Clock.Set(edge.AddDate(0, 3, 0).Add(-time.Hour))
			}
			return nil
		}, nil)
		if got := watched.mustPurge(t); got != 2 {
			t.Errorf("deleted %d", got)
		}
		w.record(t, op{at: edge.Add(-3 * time.Hour), n: 2}, op{at: edge.Add(-time.Minute), n: 3})
		if got := w.mustPurge(t); got != 1 {
			t.Errorf("an hour before: deleted %d of 1", got)
		}
	})
}

// TestPurgeWithoutItsLease: a run ends when the storage fails while the lease is taken. A dry run
// takes no lease and ends with its first read.
func TestPurgeWithoutItsLease(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.record(t, op{at: edge})
		for _, dry := range []bool{false, true} {
			ended := w.through(func(c call) error {
				if c.n > 0 && !dry || len(c.steps) > 0 && dry {
					t.Errorf("goes on with %+v", c)
				}
				return &table.Error{Kind: table.Unavailable, Op: "test", Err: errKilled}
			}, nil)
			if rep, err := ended.run(t.Context(), t, retention.Request{DryRun: dry}); !errors.Is(err, errKilled) || rep.Done {
				t.Errorf("dry %t: %+v, %v", dry, rep, err)
			}
		}
	})
}
