package consumer_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
)

// crash makes call k fail, before it is carried out or afterwards. next handles the others.
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

// TestCrashAtEveryCall makes every act crash at every call of the engine, before the call is
// carried out and after, and repeats the act. It is TestFaults for the embedded engine.
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

// TestCascadeOfAThousand removes a thousand children with the smallest number of batches.
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

// TestCascadeThatCannotRemove: the operation becomes FAILED, its code names the kind of child
// that cannot be removed, and another delete finishes the deletion.
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
			if got := w.kinds(tc.id); got != "DELETE SUCCESSFUL, DELETE FAILED, REGISTER SUCCESSFUL" || ops[0].OperationID != second ||
				second <= first {
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

// TestCascadeThatTakesTooLong: the worker gives up an hour after the deletion began, not
// earlier, and another delete resumes it.
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

		// The second deletion has an hour of its own.
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

// TestChangesThatAreNoDeletion: the worker ignores other changes without a call of the engine.
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
