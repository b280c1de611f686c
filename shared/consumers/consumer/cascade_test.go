package consumer_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
)

// crash loses call k: before it is carried out, or its answer afterwards. The
// other calls are next's.
func crash(k int, carriedOut bool, next hook) hook {
	return func(c *call) error {
		if c.N != k {
			return next(c)
		}
		if carriedOut {
			_ = next(c) // the answer is lost
		}
		return hooked.ErrDown
	}
}

// TestCrashAtEveryCall crashes every act at every call it makes to the engine,
// before the call is carried out and after, and repeats it. It is TestFaults for
// the embedded engine.
func TestCrashAtEveryCall(t *testing.T) {
	t.Parallel()
	w := &world{suite.On(t, engine.Bolt(t, consumerstest.Schemas))}
	for _, a := range acts() {
		for _, carriedOut := range []bool{false, true} {
			for k, calls := 0, 1; k < calls; k++ {
				id := fmt.Sprintf("%s-%d-%t", a.name, k, carriedOut)
				status := w.broken(a, id, func(do func(testing.TB) int) int {
					w.Tap.Set(crash(k, carriedOut, a.index))
					status := do(t)
					calls = max(calls, w.Tap.Seen()+1)
					return status
				})
				if crashed := k < calls-1; crashed != (status == http.StatusServiceUnavailable) {
					t.Errorf("%s: answered with %d after %d calls", id, status, calls-1)
				}
			}
		}
	}
}

// TestCascadeOfAThousand removes a thousand children in as many batches as they
// need and no more.
func TestCascadeOfAThousand(t *testing.T) {
	each(t, func(w *world) {
		const calls = 11 // to register 528 cards with an account each
		for i := range calls {
			w.cards("ann", names(fmt.Sprint("c", i), maxAtOnce/2)...)
		}
		w.deleted("ann", operation.Pending)
		w.Tap.Set(pass) // to count the calls
		if err := w.cascade("ann"); err != nil {
			w.Fatal(err)
		}
		// 6 batches of 99 for each of two kinds, a query and a write each; the
		// consumer before each kind and before the end, and the end.
		if seen := w.Tap.Seen(); seen != 2*6*2+3+1 {
			w.Errorf("%d calls of the engine", seen)
		}
		w.Tap.Set(nil)
		w.gone("ann")
		if got := w.removed("ann"); got != "528 528 0" {
			w.Errorf("removed %s, want 528 528 0", got)
		}
	})
}

// TestCascadeByTwoWorkers delivers the same change to two workers at once, each
// again until it is content.
func TestCascadeByTwoWorkers(t *testing.T) {
	each(t, func(w *world) {
		for round := range 2 {
			id := fmt.Sprint("ann-", round)
			w.large(id)
			w.deleted(id, operation.Pending)
			change := becomesDeleting(w.TB, issuer, id)
			var working sync.WaitGroup
			for range 2 {
				working.Go(func() {
					for w.deliver(change) != nil { //nolint:revive // again
					}
				})
			}
			working.Wait()
			w.gone(id)
			if got := w.kinds(id); got != "DELETE SUCCESSFUL, REGISTER SUCCESSFUL" || w.removed(id) != "48 48 1" {
				w.Errorf("operations = %s, removed %s", got, w.removed(id))
			}
		}
	})
}

// TestCascadeThatCannotRemove ends the operation as FAILED, with the kind of
// what cannot be removed as its code, and lets another delete finish the rest.
func TestCascadeThatCannotRemove(t *testing.T) {
	each(t, func(w *world) {
		for _, tc := range []struct{ id, kind, code string }{
			{"dig", "DIG", "CASCADE_DIGITAL_CARD_FAILED"},
			{"card", "CARD", "CASCADE_CARD_FAILED"},
			{"acc", "ACCOUNT", "CASCADE_ACCOUNT_FAILED"},
		} {
			first := w.deleting(tc.id)
			w.Tap.Set(unremovable(tc.kind))
			if err := w.cascade(tc.id); !table.IsKind(err, table.Invalid) {
				w.Errorf("%s: the cascade ends with %v, want what went wrong", tc.id, err)
			}
			w.failedWith(tc.id, first, tc.code)
			if err := w.cascade(tc.id); err != nil {
				w.Errorf("%s: delivered again, the change ends with %v", tc.id, err)
			}
			w.Tap.Set(nil)
			w.sound(tc.id)

			w.Tap.Set(blind)
			second := w.deleted(tc.id, operation.Pending)
			w.Tap.Set(nil)
			if err := w.cascade(tc.id); err != nil {
				w.Error(err)
			}
			w.gone(tc.id)
			ops := w.operations(tc.id)
			if got := w.kinds(tc.id); got != "DELETE SUCCESSFUL, DELETE FAILED, REGISTER SUCCESSFUL" || ops[0].OperationID != second || second <= first {
				w.Errorf("%s: operations = %s: %s after %s", tc.id, got, second, first)
			}
			if got := w.removed(tc.id); got != "1 1 1" {
				w.Errorf("%s: both deletions removed %s, want 1 1 1", tc.id, got)
			}
		}
	})
}

// failedWith fails unless the consumer's latest operation is that one, FAILED
// with that code, and the log has a line for the alarm on it.
func (w *world) failedWith(id, operationID, code string) {
	w.Helper()
	if s := w.stored(id); s.State != string(consumer.DeleteFailed) {
		w.Errorf("%s is %s, want DELETE_FAILED", id, s.State)
	}
	op := w.operations(id)[0]
	if op.OperationID != operationID || op.Status != string(operation.Failed) || op.ErrorCode != code || op.Error == "" || op.Details != nil {
		w.Errorf("%s: operation = %+v, want %s FAILED with %s", id, op, operationID, code)
	}
	lines := 0
	for _, line := range w.LogLines() {
		if line["operationId"] == operationID && line["errorCode"] == code && line["CascadeFailed"] == 1.0 && line["level"] == "ERROR" {
			lines++
		}
	}
	if lines != 1 {
		w.Errorf("%s: %d lines report the failure, want 1", id, lines)
	}
}

// TestCascadeThatTakesTooLong is given up an hour after the deletion began, not
// before, and resumed by another delete.
func TestCascadeThatTakesTooLong(t *testing.T) {
	each(t, func(w *world) {
		first := w.deleting("ann")
		busy := func(c *call) error {
			if removes(c, "CARD") {
				return hooked.ErrDown
			}
			return c.Run()
		}
		w.Tap.Set(busy)
		for range 5 {
			if err := w.cascade("ann"); !table.IsKind(err, table.Unavailable) {
				w.Errorf("the cascade ends with %v, want to be run again", err)
			}
			if got := w.kinds("ann"); got != "DELETE PENDING, REGISTER SUCCESSFUL" {
				w.Errorf("operations = %s after %s", got, w.Clock.Now().Sub(w.startOf("ann")))
			}
			w.Clock.Advance(15 * time.Minute)
		}
		if err := w.cascade("ann"); err != nil {
			w.Error(err)
		}
		w.Tap.Set(nil)
		w.failedWith("ann", first, "TIMEOUT")
		w.sound("ann")

		// The time of the second deletion starts anew.
		w.Tap.Set(blind)
		w.deleted("ann", operation.Pending)
		w.Tap.Set(busy)
		if err := w.cascade("ann"); err == nil {
			w.Error("the second deletion was given up at once")
		}
		w.Tap.Set(nil)
		if err := w.cascade("ann"); err != nil {
			w.Error(err)
		}
		w.gone("ann")
		if got := w.removed("ann"); got != "1 1 1" {
			w.Errorf("both deletions removed %s, want 1 1 1", got)
		}
	})
}

// startOf returns when the latest operation on a consumer started.
func (w *world) startOf(id string) time.Time {
	w.Helper()
	start, err := table.ParseStamp(w.operations(id)[0].StartTime)
	if err != nil {
		w.Fatal(err)
	}
	return start
}

// TestCascadeLooksAgain lets other workers be first, sometimes and always.
func TestCascadeLooksAgain(t *testing.T) {
	each(t, func(w *world) {
		w.deleting("ann")
		lose := func(races int) hook {
			return func(c *call) error {
				if len(c.Steps) > 0 && races > 0 {
					races--
					return &table.Refused{Steps: []table.RefusedStep{{Label: "consumer", Current: w.Item(consumerKey("ann"))}}}
				}
				return c.Run()
			}
		}
		w.Tap.Set(lose(1000))
		if err := w.cascade("ann"); table.AsRefused(err) == nil || w.Tap.Seen() > 50 {
			w.Errorf("%v after %d calls of the engine, want to be run again later", err, w.Tap.Seen())
		}
		w.Tap.Set(lose(3))
		if err := w.cascade("ann"); err != nil {
			w.Errorf("after losing three races: %v", err)
		}
		w.Tap.Set(nil)
		w.gone("ann")
	})
}

// TestWorkerThatSlept holds a worker at each of its writes until others have
// ended the deletion in one way or another. Then it may change nothing, except
// of a further deletion that is under way.
func TestWorkerThatSlept(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		others := w.withReuse()
		for write, kind := range []string{"DIG", "CARD", "ACCOUNT", "nothing"} {
			for ending, end := range map[string]func(id string){
				"reborn":   func(id string) { others.cards(id, id) },
				"deleting": func(id string) { others.deleting(id) },
				"failed":   func(string) {},
			} {
				id := fmt.Sprintf("%s-%d", ending, write)
				w.deleting(id)
				then := ""
				w.Tap.Set(atWrite(write, func() {
					if ending == "failed" {
						others.Tap.Set(unremovable(kind))
					}
					if err := others.cascade(id); (err != nil) != (ending == "failed" && kind != "nothing") {
						w.Errorf("%s: the others end the deletion with %v", id, err)
					}
					others.Tap.Set(nil)
					end(id)
					then = w.summary(id)
				}))
				err := w.cascade(id)
				w.Tap.Set(nil)
				switch now := w.summary(id); {
				case then == "":
					w.Errorf("%s: the worker did not write that often", id)
				case ending != "deleting" && (err != nil || now != then):
					w.Errorf("%s: %s, after the worker woke up: %s, %v", id, then, now, err)
				case ending == "deleting":
					if err := w.cascade(id); err != nil {
						w.Error(err)
					}
					w.gone(id)
					const want = "DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL"
					if got := w.kinds(id); got != want || w.removed(id) != "1 1 1" {
						w.Errorf("%s: %s removed %s, want %s and 1 1 1", id, got, w.removed(id), want)
					}
				}
			}
		}
	})
}

// atWrite runs something before write n.
func atWrite(n int, run func()) hook {
	return func(c *call) error {
		if len(c.Steps) > 0 {
			if n == 0 {
				run()
			}
			n--
		}
		return c.Run()
	}
}

// TestTwoWorkersGiveUp lets the one that is second find the operation FAILED.
func TestTwoWorkersGiveUp(t *testing.T) {
	each(t, func(w *world) {
		first := w.deleting("ann")
		w.Clock.Advance(2 * time.Hour)
		busy := func(c *call) error {
			if removes(c, "DIG") {
				return hooked.ErrDown
			}
			return c.Run()
		}
		other := w.with(nil)
		other.Tap.Set(busy)
		w.Tap.Set(func(c *call) error {
			if len(c.Steps) > 0 && !removes(c, "DIG") {
				if err := other.cascade("ann"); err != nil {
					w.Error(err)
				}
			}
			return busy(c)
		})
		if err := w.cascade("ann"); err != nil {
			w.Errorf("the second worker to give up: %v", err)
		}
		w.Tap.Set(nil)
		w.failedWith("ann", first, "TIMEOUT")
		w.sound("ann")
	})
}

// TestChangesThatAreNoDeletion are not even looked at.
func TestChangesThatAreNoDeletion(t *testing.T) {
	each(t, func(w *world) {
		w.register("ann")
		active := table.Change{Key: consumerKey("ann"), New: w.Item(consumerKey("ann"))}
		w.deleting("bob")
		deleting := becomesDeleting(w.TB, issuer, "bob")
		card := table.Key{Table: deleting.Key.Table, PK: "ISS#" + issuer + "#CARD#bob", SK: "CARD"}
		w.Tap.Set(down)
		for name, change := range map[string]table.Change{
			"registered":           active,
			"a child goes":         {Key: card, Old: deleting.New},
			"a child":              {Key: card, New: deleting.New},
			"gone":                 {Key: deleting.Key, Old: deleting.New},
			"still DELETING":       {Key: deleting.Key, Old: deleting.New, New: deleting.New},
			"DELETING once and no": {Key: deleting.Key, Old: deleting.New, New: active.New},
		} {
			if err := w.deliver(change); err != nil || w.Tap.Seen() != 0 {
				w.Errorf("%s: %v after %d calls of the engine", name, err, w.Tap.Seen())
			}
		}
		if err := w.deliver(table.Change{Key: deleting.Key, Old: active.New, New: deleting.New}); err == nil {
			w.Error("a consumer that becomes DELETING was not looked at")
		}
	})
}
