package retention_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"ciclo/shared/platform/table"
)

var errKilled = errors.New("killed")

// killing is what becomes of the call at which a process is killed.
type killing int

const (
	notSent  killing = iota // it is not carried out
	halfSent                // half of the items of a DeleteAll are removed
	sent                    // it is carried out, but its answer is lost
)

// killedAt returns the world of a process that is killed at its k-th call of the storage,
// counted from 0. That call and all later ones fail.
func (w world) killedAt(k int, how killing) world {
	fail := func(from int) func(call) error {
		return func(c call) error {
			if c.n >= from {
				return &table.Error{Kind: table.Unavailable, Op: "test", Err: errKilled}
			}
			return nil
		}
	}
	switch how {
	case sent:
		return w.through(fail(k+1), fail(k))
	case halfSent:
		return w.through(func(c call) error {
			if c.n == k {
				if err := w.DB.DeleteAll(c.ctx, c.deletes[:len(c.deletes)/2]); err != nil {
					return err
				}
			}
			return fail(k)(c)
		}, nil)
	default:
		return w.through(fail(k), nil)
	}
}

// stage records expired and live operations, in the same batch and in separate ones, on several
// days and of several consumers.
func (w world) stage(t testing.TB) (ops []op) {
	t.Helper()
	at := w.Clock.Now().AddDate(0, -3, 0)
	ops = []op{
		{at: at.Add(-2 * day)},
		{at: at.Add(-2 * day), n: 1},
		{at: at.Add(-time.Hour)},
		{at: at.Add(2 * time.Hour)},
		{consumer: 1, at: at},
		{consumer: 1, at: at.Add(40 * day)},
	}
	w.record(t, ops...)
	return ops
}

// TestKilledAnywhere: after a run that is killed at any call of the storage, the next run
// finishes its work.
func TestKilledAnywhere(t *testing.T) {
	for name, how := range map[string]killing{"notSent": notSent, "halfSent": halfSent, "sent": sent} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w world) {
				k := 0
				for w.killed(t, k, how) {
					if k++; k == 2 {
						k = 16 // calls 1 to 16 read the first entry of each shard, concurrently
					}
				}
				if left := w.records(t, op{}, op{consumer: 1}); len(left) > 0 {
					t.Errorf("left in the end: %v", left)
				}
				if k < 32 {
					t.Errorf("only %d calls were broken", k)
				}
			})
		})
	}
}

// killed kills a run at its k-th call and runs the purge again, now and a year later. It returns
// false when the run made fewer calls. The table is empty afterwards.
func (w world) killed(t *testing.T, k int, how killing) bool {
	t.Helper()
	ops := w.stage(t)
	expired, live := split(t, ops, w.Clock.Now())
	rep, err := w.killedAt(k, how).purge(t)
	if err != nil && (!errors.Is(err, errKilled) || rep.Done) {
		t.Fatalf("killed at call %d: %+v, %v", k, rep, err)
	}
	left := 0
	for _, o := range expired {
		item, err := w.DB.Get(t.Context(), o.key(t))
		if err != nil {
			t.Fatal(err)
		}
		if item != nil {
			left++
		}
	}
	// No run counts the rows of a removal whose answer was lost. That may also be one that was
	// sent before call k, because the failure ends the calls that run beside it.
	if len(expired)-left < rep.Deleted {
		t.Errorf("killed at call %d: deleted %d, and %d of %d are left", k, rep.Deleted, left, len(expired))
	}
	w.Clock.Advance(leaseTime)
	if got := w.mustPurge(t); got != left {
		t.Errorf("killed at call %d: the next run deleted %d of %d", k, got, left)
	}
	if w.embedded() { // reading all rows takes long on DynamoDB Local
		got := w.records(t, ops...)
		same(t, fmt.Sprint("killed at call ", k), w.kept(t, got, live), got)
	}
	w.Clock.Set(w.Clock.Now().Add(-leaseTime).AddDate(1, 0, 0))
	if got := w.mustPurge(t); got != len(live) {
		t.Errorf("killed at call %d: %d of %d live ones are deleted a year later", k, got, len(live))
	}
	return err != nil
}

// TestKilledAgainAndAgain: runs that are killed one call later each time finish the work
// together.
func TestKilledAgainAndAgain(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ops := w.stage(t)
		all := w.records(t, ops...)
		_, live := split(t, ops, w.Clock.Now())
		for k := 0; ; k++ {
			rep, err := w.killedAt(k, sent).purge(t)
			if err == nil {
				if !rep.Done {
					t.Errorf("the last purge = %+v", rep)
				}
				break
			}
			w.Clock.Advance(leaseTime / 16) // less than the lease: some runs find it taken
		}
		same(t, "table", w.kept(t, all, live), w.records(t, ops...))
		if rep, err := w.purge(t); err != nil || rep.Deleted > 0 {
			t.Errorf("one more purge = %+v, %v", rep, err)
		}
	})
}
