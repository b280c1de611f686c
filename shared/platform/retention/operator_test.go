package retention_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
)

const (
	// operatorLimit is the limit of a run that the API starts, functionTime that of its function.
	operatorLimit = 18 * time.Second
	functionTime  = 28 * time.Second
	// operatorLease is how long such a run that was killed keeps others from running.
	operatorLease = operatorLimit + 15*time.Second
)

// hang waits until the caller gives up.
func hang(c call) error {
	wait, cancel := context.WithTimeout(c.ctx, time.Hour)
	defer cancel()
	<-wait.Done()
	return c.ctx.Err()
}

func (c call) gives() bool {
	return len(c.steps) == 1 && len(c.steps[0].Do.Remove) > 0
}

// TestRunForEndsInTime: calls of the storage that hang are cut off, and the run and the release
// of its lease end before the function does. The operator gets a report that says that the run
// is not done, and the next run removes what is left.
func TestRunForEndsInTime(t *testing.T) { //nolint:gocognit // one list of checks
	t.Parallel()
	queries := func(pk string) func(call) bool {
		return func(c call) bool { return c.query != nil && strings.HasPrefix(c.query.PK, pk) && c.query.Limit > 1 }
	}
	for name, hangs := range map[string]func(call) bool{
		"a removal":           func(c call) bool { return len(c.removes()) > 0 },
		"the rows":            queries("OWNER#"),
		"the entries":         queries("PURGE#"),
		"the watermark":       func(c call) bool { return len(c.steps) == 1 && c.steps[0].Do.Set["watermark"] != nil && !c.gives() },
		"a counter's removal": func(c call) bool { return len(c.deletes) > 0 && strings.HasPrefix(c.deletes[0].SK, "DAY#") },
		"an entry's removal":  func(c call) bool { return len(c.deletes) > 0 && strings.HasPrefix(c.deletes[0].PK, "PURGE#") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := world{apitest.New(engine.Bolt(t, schemas), nil)}
				ops := spread(3, 1, edge.Add(-2*day), time.Second)
				w.record(t, ops...)
				stuck := w.through(func(c call) error {
					if hangs(c) {
						return hang(c)
					}
					return nil
				}, nil)
				took := stopwatch()
				rep, err := stuck.runFor(t, operatorLimit, retention.Request{})
				if took() >= functionTime {
					t.Errorf("the run takes %v", took())
				}
				if err != nil || rep.Done || rep.OldestUnfinishedDay != "2026-11-19" || rep.OldestOverdueSeconds != 2*24*3600 {
					t.Errorf("run = %+v, %v", rep, err)
				}
				if got := w.watermark(t); got != "2026-11-19" {
					t.Errorf("the stored watermark is %q", got)
				}
				s := w.status(t)
				if s.RunningUntil != "" || s.Last == nil || s.Last.Failed || s.Last.Report != rep {
					t.Errorf("status = %+v, last run %+v", s, s.Last)
				}
				if got := rep.Deleted + w.mustPurge(t); got != len(ops) {
					t.Errorf("deleted %d of %d in the end", got, len(ops))
				}
				if left := w.records(t, ops...); len(left) > 0 {
					t.Errorf("left: %v", left)
				}
			})
		})
	}
}

// TestRunForWithoutStorage: a run that cannot take its lease, read the first entries or give the
// lease back says so, and ends before the function does.
func TestRunForWithoutStorage(t *testing.T) {
	t.Parallel()
	for name, hangs := range map[string]func(call) bool{
		"the lease":           func(c call) bool { return c.n == 0 },
		"the first entries":   func(c call) bool { return c.query != nil && c.query.Limit == 1 },
		"all after the lease": func(c call) bool { return c.n > 0 },
		"everything":          func(call) bool { return true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := world{apitest.New(engine.Bolt(t, schemas), nil)}
				w.record(t, op{at: edge})
				stuck := w.through(func(c call) error {
					if hangs(c) {
						return hang(c)
					}
					return nil
				}, nil)
				took := stopwatch()
				rep, err := stuck.runFor(t, operatorLimit, retention.Request{})
				if took() >= functionTime || !errors.Is(err, context.DeadlineExceeded) || rep.Done {
					t.Errorf("run = %+v, %v after %v", rep, err, took())
				}
			})
		})
	}
}

// TestRunForTakenOver: a run whose time is up and whose lease was taken over reports the latter.
func TestRunForTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := world{apitest.New(engine.Bolt(t, schemas), nil)}
		w.record(t, op{at: edge})
		stuck := w.through(func(c call) error {
			if len(c.removes()) > 0 {
				state := table.Key{Table: retention.Operations.Name, PK: "PURGE", SK: "STATE"}
				other := table.Changes{Set: map[string]any{"token": "other"}}
				if err := w.DB.Write(t.Context(), table.Update("state", state, other)); err != nil {
					t.Error(err)
				}
				return hang(c)
			}
			return nil
		}, nil)
		if rep, err := stuck.runFor(t, operatorLimit, retention.Request{}); !errors.Is(err, retention.ErrLeaseLost) || rep.Done {
			t.Errorf("run = %+v, %v", rep, err)
		}
	})
}

// TestRunForBeginsNothingAfterItsLimit: after the limit a run reads no rows, neither those of a
// further batch of a page nor a further page of a batch.
func TestRunForBeginsNothingAfterItsLimit(t *testing.T) { //nolint:gocognit // one list of checks
	t.Parallel()
	takes := func(c call, d time.Duration) error {
		wait, cancel := context.WithTimeout(c.ctx, d)
		defer cancel()
		<-wait.Done()
		return c.ctx.Err()
	}
	for name, tc := range map[string]struct {
		ops           []op
		read, removal time.Duration
		limit         time.Duration
	}{
		"batches": {spread(800, 800, edge.Add(-2*day), time.Second), time.Second, 0, 2500 * time.Millisecond},
		"pages":   {spread(1000, 1, edge.Add(-2*day), time.Second), 0, 2 * time.Second, 1950 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := world{apitest.New(engine.Bolt(t, schemas), nil)}
				w.record(t, tc.ops...)
				took := stopwatch()
				var reads, late atomic.Int64
				slow := w.through(func(c call) error {
					if c.query != nil && strings.HasPrefix(c.query.PK, "OWNER#") {
						reads.Add(1)
						if took() > tc.limit {
							late.Add(1)
						}
						return takes(c, tc.read)
					}
					if len(c.removes()) > 0 {
						return takes(c, tc.removal)
					}
					return nil
				}, nil)
				rep, err := slow.runFor(t, tc.limit, retention.Request{})
				if err != nil || rep.Done || rep.Deleted == 0 {
					t.Errorf("run = %+v, %v", rep, err)
				}
				if late.Load() > 0 || reads.Load() == 0 {
					t.Errorf("%d of %d reads begin after the limit", late.Load(), reads.Load())
				}
				if got := rep.Deleted + w.mustPurge(t); got != len(tc.ops) {
					t.Errorf("deleted %d of %d in the end", got, len(tc.ops))
				}
			})
		})
	}
}

// TestLeaseOfAnOperatorsRun: the lease of an operator's run that was killed ends soon after its
// limit, and the scheduled run continues. It does not shorten the lease of a scheduled run.
func TestLeaseOfAnOperatorsRun(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		start := w.Clock.Now()
		w.record(t, op{at: edge})
		if _, err := w.killedAt(1, notSent).runFor(t, operatorLimit, retention.Request{}); !errors.Is(err, errKilled) {
			t.Fatalf("killed run: %v", err)
		}
		w.Clock.Set(start.Add(operatorLease - time.Millisecond))
		if _, err := w.purge(t); !errors.Is(err, retention.ErrBusy) {
			t.Errorf("before the end of the lease: %v", err)
		}
		w.Clock.Advance(time.Millisecond)
		if _, err := w.killedAt(1, notSent).purge(t); !errors.Is(err, errKilled) {
			t.Errorf("after the end of the lease: %v", err)
		}
		until := table.Stamp(w.Clock.Now().Add(leaseTime))
		if _, err := w.runFor(t, operatorLimit, retention.Request{}); !errors.Is(err, retention.ErrBusy) {
			t.Errorf("during a scheduled run: %v", err)
		}
		if got := w.status(t).RunningUntil; got != until {
			t.Errorf("the lease of the scheduled run ends at %s, want %s", got, until)
		}
		w.Clock.Advance(leaseTime)
		if got := w.mustPurge(t); got != 1 {
			t.Errorf("deleted %d of 1", got)
		}
	})
}
