package consumer_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// TestCascadeByTwoWorkers delivers the same change to two workers concurrently, and again
// until each of them succeeds.
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

// TestCascadeThatLosesRaces: a worker that other workers refuse tries again, but not for ever.
func TestCascadeThatLosesRaces(t *testing.T) {
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

// TestWorkerThatSlept stops a worker before each of its writes until another worker has ended
// the deletion. The first worker then changes nothing, also when the consumer is being
// deleted once more.
func TestWorkerThatSlept(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		others := w.withReuse()
		for n, kind := range []string{"DIG", "CARD", "ACCOUNT", "nothing"} {
			w.sleeps(others, n, fmt.Sprint("reborn-", n), "nothing", func(id string) { others.cards(id, id) })
			w.sleeps(others, n, fmt.Sprint("failed-", n), kind, func(string) {})

			again := fmt.Sprint("deleting-", n)
			w.sleeps(others, n, again, "nothing", func(id string) { others.deleting(id) })
			if err := w.cascade(again); err != nil {
				w.Error(err)
			}
			w.gone(again)
			const want = "DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL"
			if got := w.kinds(again); got != want || w.removed(again) != "1 1 1" {
				w.Errorf("%s: %s removed %s, want %s and 1 1 1", again, got, w.removed(again), want)
			}
		}
	})
}

// sleeps runs a worker that stops before its n-th write, until another worker has ended the
// deletion, which fails if stuck is a kind of child, and then has been called. The first worker
// must change nothing afterwards.
func (w *world) sleeps(others *world, n int, id, stuck string, then func(id string)) {
	w.Helper()
	w.deleting(id)
	before := ""
	w.Tap.Set(atWrite(n, func() {
		others.Tap.Set(unremovable(stuck))
		if err := others.cascade(id); (err != nil) != (stuck != "nothing") {
			w.Errorf("%s: the other worker ends the deletion with %v", id, err)
		}
		others.Tap.Set(nil)
		then(id)
		before = w.summary(id)
	}))
	err := w.cascade(id)
	w.Tap.Set(nil)
	if before == "" {
		w.Errorf("%s: the worker did not write that often", id)
	}
	if after := w.summary(id); err != nil || after != before {
		w.Errorf("%s: %s, after the worker woke up: %s, %v", id, before, after, err)
	}
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

// TestTwoWorkersGiveUp: the second worker that gives up finds the operation FAILED.
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
