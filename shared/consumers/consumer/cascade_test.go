package consumer_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"ciclo/shared/consumers/consumer"
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
	w := newWorld(engine.Bolt(t, schemas))
	for _, a := range acts() {
		for _, carriedOut := range []bool{false, true} {
			for k, calls := 0, 1; k < calls; k++ {
				id := fmt.Sprintf("%s-%d-%t", a.name, k, carriedOut)
				status := w.broken(t, a, id, func(do func(testing.TB) int) int {
					w.tap.Set(crash(k, carriedOut, a.index))
					status := do(t)
					calls = max(calls, w.tap.Seen()+1)
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
	each(t, func(t *testing.T, w world) {
		const calls = 11 // to register 528 cards with an account each
		for i := range calls {
			w.cards(t, "ann", names(fmt.Sprint("c", i), maxAtOnce/2)...)
		}
		w.deleted(t, "ann", operation.Pending)
		w.tap.Set(pass) // to count the calls
		if err := w.cascade(t, "ann"); err != nil {
			t.Fatal(err)
		}
		// 6 batches of 99 for each of two kinds, a query and a write each; the
		// consumer before each kind and before the end, and the end.
		if seen := w.tap.Seen(); seen != 2*6*2+3+1 {
			t.Errorf("%d calls of the engine", seen)
		}
		w.tap.Set(nil)
		w.gone(t, "ann")
		if got := w.removed(t, "ann"); got != "528 528 0" {
			t.Errorf("removed %s, want 528 528 0", got)
		}
	})
}

// TestCascadeByTwoWorkers delivers the same change to two workers at once, each
// again until it is content.
func TestCascadeByTwoWorkers(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for round := range 2 {
			id := fmt.Sprint("ann-", round)
			w.large(t, id)
			w.deleted(t, id, operation.Pending)
			change := becomesDeleting(t, issuer, id)
			var working sync.WaitGroup
			for range 2 {
				working.Go(func() {
					for w.deliver(t, change) != nil { //nolint:revive // again
					}
				})
			}
			working.Wait()
			w.gone(t, id)
			if got := w.kinds(t, id); got != "DELETE SUCCESSFUL, REGISTER SUCCESSFUL" || w.removed(t, id) != "48 48 1" {
				t.Errorf("operations = %s, removed %s", got, w.removed(t, id))
			}
		}
	})
}

// TestCascadeThatCannotRemove ends the operation as FAILED, with the kind of
// what cannot be removed as its code, and lets another delete finish the rest.
func TestCascadeThatCannotRemove(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, tc := range []struct{ id, kind, code string }{
			{"dig", "DIG", "CASCADE_DIGITAL_CARD_FAILED"},
			{"card", "CARD", "CASCADE_CARD_FAILED"},
			{"acc", "ACCOUNT", "CASCADE_ACCOUNT_FAILED"},
		} {
			first := w.deleting(t, tc.id)
			w.tap.Set(unremovable(tc.kind))
			if err := w.cascade(t, tc.id); !table.IsKind(err, table.Invalid) {
				t.Errorf("%s: the cascade ends with %v, want what went wrong", tc.id, err)
			}
			w.failedWith(t, tc.id, first, tc.code)
			if err := w.cascade(t, tc.id); err != nil {
				t.Errorf("%s: delivered again, the change ends with %v", tc.id, err)
			}
			w.tap.Set(nil)
			w.sound(t, tc.id)

			w.tap.Set(blind)
			second := w.deleted(t, tc.id, operation.Pending)
			w.tap.Set(nil)
			if err := w.cascade(t, tc.id); err != nil {
				t.Error(err)
			}
			w.gone(t, tc.id)
			ops := w.operations(t, tc.id)
			if got := w.kinds(t, tc.id); got != "DELETE SUCCESSFUL, DELETE FAILED, REGISTER SUCCESSFUL" || ops[0].OperationID != second || second <= first {
				t.Errorf("%s: operations = %s: %s after %s", tc.id, got, second, first)
			}
			if got := w.removed(t, tc.id); got != "1 1 1" {
				t.Errorf("%s: both deletions removed %s, want 1 1 1", tc.id, got)
			}
		}
	})
}

// failedWith fails unless the consumer's latest operation is that one, FAILED
// with that code, and the log has a line for the alarm on it.
func (w world) failedWith(t *testing.T, id, operationID, code string) {
	t.Helper()
	if s := w.stored(t, id); s.State != string(consumer.DeleteFailed) {
		t.Errorf("%s is %s, want DELETE_FAILED", id, s.State)
	}
	op := w.operations(t, id)[0]
	if op.OperationID != operationID || op.Status != string(operation.Failed) || op.ErrorCode != code || op.Error == "" || op.Details != nil {
		t.Errorf("%s: operation = %+v, want %s FAILED with %s", id, op, operationID, code)
	}
	lines := 0
	for _, line := range w.Log.Lines(t) {
		if line["operationId"] == operationID && line["errorCode"] == code && line["CascadeFailed"] == 1.0 && line["level"] == "ERROR" {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("%s: %d lines report the failure, want 1", id, lines)
	}
}

// TestCascadeThatTakesTooLong is given up an hour after the deletion began, not
// before, and resumed by another delete.
func TestCascadeThatTakesTooLong(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		first := w.deleting(t, "ann")
		busy := func(c *call) error {
			if removes(c, "CARD") {
				return hooked.ErrDown
			}
			return c.Run()
		}
		w.tap.Set(busy)
		for range 5 {
			if err := w.cascade(t, "ann"); !table.IsKind(err, table.Unavailable) {
				t.Errorf("the cascade ends with %v, want to be run again", err)
			}
			if got := w.kinds(t, "ann"); got != "DELETE PENDING, REGISTER SUCCESSFUL" {
				t.Errorf("operations = %s after %s", got, w.Clock.Now().Sub(startOf(t, w, "ann")))
			}
			w.Clock.Advance(15 * time.Minute)
		}
		if err := w.cascade(t, "ann"); err != nil {
			t.Error(err)
		}
		w.tap.Set(nil)
		w.failedWith(t, "ann", first, "TIMEOUT")
		w.sound(t, "ann")

		// The time of the second deletion starts anew.
		w.tap.Set(blind)
		w.deleted(t, "ann", operation.Pending)
		w.tap.Set(busy)
		if err := w.cascade(t, "ann"); err == nil {
			t.Error("the second deletion was given up at once")
		}
		w.tap.Set(nil)
		if err := w.cascade(t, "ann"); err != nil {
			t.Error(err)
		}
		w.gone(t, "ann")
		if got := w.removed(t, "ann"); got != "1 1 1" {
			t.Errorf("both deletions removed %s, want 1 1 1", got)
		}
	})
}

func startOf(t *testing.T, w world, id string) time.Time {
	t.Helper()
	start, err := table.ParseStamp(w.operations(t, id)[0].StartTime)
	if err != nil {
		t.Fatal(err)
	}
	return start
}

// TestCascadeLooksAgain lets other workers be first, sometimes and always.
func TestCascadeLooksAgain(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.deleting(t, "ann")
		lose := func(races int) hook {
			return func(c *call) error {
				if len(c.Steps) > 0 && races > 0 {
					races--
					return &table.Refused{Steps: []table.RefusedStep{{Label: "consumer", Current: w.item(t, consumerKey("ann"))}}}
				}
				return c.Run()
			}
		}
		w.tap.Set(lose(1000))
		if err := w.cascade(t, "ann"); table.AsRefused(err) == nil || w.tap.Seen() > 50 {
			t.Errorf("%v after %d calls of the engine, want to be run again later", err, w.tap.Seen())
		}
		w.tap.Set(lose(3))
		if err := w.cascade(t, "ann"); err != nil {
			t.Errorf("after losing three races: %v", err)
		}
		w.tap.Set(nil)
		w.gone(t, "ann")
	})
}

// TestWorkerThatSlept holds a worker at each of its writes until others have
// ended the deletion in one way or another. Then it may change nothing, except
// of a further deletion that is under way.
func TestWorkerThatSlept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w = w.withReuse()
		others := w.withReuse()
		for write, kind := range []string{"DIG", "CARD", "ACCOUNT", "nothing"} {
			for ending, end := range map[string]func(id string){
				"reborn":   func(id string) { others.cards(t, id, id) },
				"deleting": func(id string) { others.deleting(t, id) },
				"failed":   func(string) {},
			} {
				id := fmt.Sprintf("%s-%d", ending, write)
				w.deleting(t, id)
				then := ""
				w.tap.Set(atWrite(write, func() {
					if ending == "failed" {
						others.tap.Set(unremovable(kind))
					}
					if err := others.cascade(t, id); (err != nil) != (ending == "failed" && kind != "nothing") {
						t.Errorf("%s: the others end the deletion with %v", id, err)
					}
					others.tap.Set(nil)
					end(id)
					then = w.summary(t, id)
				}))
				err := w.cascade(t, id)
				w.tap.Set(nil)
				switch now := w.summary(t, id); {
				case then == "":
					t.Errorf("%s: the worker did not write that often", id)
				case ending != "deleting" && (err != nil || now != then):
					t.Errorf("%s: %s, after the worker woke up: %s, %v", id, then, now, err)
				case ending == "deleting":
					if err := w.cascade(t, id); err != nil {
						t.Error(err)
					}
					w.gone(t, id)
					const want = "DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL"
					if got := w.kinds(t, id); got != want || w.removed(t, id) != "1 1 1" {
						t.Errorf("%s: %s removed %s, want %s and 1 1 1", id, got, w.removed(t, id), want)
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
	each(t, func(t *testing.T, w world) {
		first := w.deleting(t, "ann")
		w.Clock.Advance(2 * time.Hour)
		busy := func(c *call) error {
			if removes(c, "DIG") {
				return hooked.ErrDown
			}
			return c.Run()
		}
		other := w.with(nil)
		other.tap.Set(busy)
		w.tap.Set(func(c *call) error {
			if len(c.Steps) > 0 && !removes(c, "DIG") {
				if err := other.cascade(t, "ann"); err != nil {
					t.Error(err)
				}
			}
			return busy(c)
		})
		if err := w.cascade(t, "ann"); err != nil {
			t.Errorf("the second worker to give up: %v", err)
		}
		w.tap.Set(nil)
		w.failedWith(t, "ann", first, "TIMEOUT")
		w.sound(t, "ann")
	})
}

// TestChangesThatAreNoDeletion are not even looked at.
func TestChangesThatAreNoDeletion(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.register(t, "ann")
		active := table.Change{Key: consumerKey("ann"), New: w.item(t, consumerKey("ann"))}
		w.deleting(t, "bob")
		deleting := becomesDeleting(t, issuer, "bob")
		card := table.Key{Table: deleting.Key.Table, PK: "ISS#" + issuer + "#CARD#bob", SK: "CARD"}
		w.tap.Set(down)
		for name, change := range map[string]table.Change{
			"registered":           active,
			"a child goes":         {Key: card, Old: deleting.New},
			"a child":              {Key: card, New: deleting.New},
			"gone":                 {Key: deleting.Key, Old: deleting.New},
			"still DELETING":       {Key: deleting.Key, Old: deleting.New, New: deleting.New},
			"DELETING once and no": {Key: deleting.Key, Old: deleting.New, New: active.New},
		} {
			if err := w.deliver(t, change); err != nil || w.tap.Seen() != 0 {
				t.Errorf("%s: %v after %d calls of the engine", name, err, w.tap.Seen())
			}
		}
		if err := w.deliver(t, table.Change{Key: deleting.Key, Old: active.New, New: deleting.New}); err == nil {
			t.Error("a consumer that becomes DELETING was not looked at")
		}
	})
}
