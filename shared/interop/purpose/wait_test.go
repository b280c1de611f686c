package purpose_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// TestWaitTellsOfOneMoment replays a history that TestLinear found. A version is about to
// wait for the consumer's threshold alone. Before that is written, another consumer uses
// up the threshold of all, and somebody is told that the version is a draft still. So
// the version began to wait after that, for both thresholds.
func TestWaitTellsOfOneMoment(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		begin := threshold{perConsumer: 8, total: 16}
		o := w.offers(begin.perConsumer, begin.total)
		callers := []*api.Identity{consumer, other}
		var paths []string
		for i, calls := range []int{9, 1, 8} { // the third is the other consumer's
			if i%apiece == 0 {
				w.joins(callers[i/apiece], o)
			}
			begin.purposes[i] = worth{state: "DRAFT", calls: calls}
			paths = append(paths, w.drafts(callers[i/apiece], o, calls))
		}
		var clock int64
		var history []porcupine.Operation
		call := func(in asked) string {
			clock++
			called := clock
			out := w.tells(callers[in.purpose/apiece], o, paths[in.purpose], in)
			clock++
			history = append(history, operations(0, in, called, out, clock)...)
			return out
		}
		w.Tap.During(0, (*hooked.Call).Writes, func() {
			w.Tap.Set(nil)
			want(t, "the other consumer's", call(asked{what: "activate", purpose: 2}), "ACTIVE8")
			want(t, "the draft", call(asked{what: "suspend", purpose: 0}), "004-0011")
		})
		want(t, "the version", call(asked{what: "activate", purpose: 0}), "+9 CONSUMER TOTAL")
		w.explained(begin, history)
		w.because(consumer, paths[0], why{9, 0, 8, 8, 16, "CONSUMER TOTAL"})
		w.consistent()
	})
}

// TestWaitGoesByASnapshot lets two consumers take turns on an e-service before each
// transaction of a version, and within each read of several items that is no snapshot. The
// version waits in the end, and the explanation tells of loads that there were at one moment.
func TestWaitGoesByASnapshot(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.offers(8, 8)
		w.joins(consumer, o)
		w.joins(other, o)
		mine, theirs, path := w.submits(consumer, o, 4), w.submits(other, o, 3), w.drafts(consumer, o, 6)
		turns, snapshots := 0, 0
		turn := func() { // one stops and the other one goes on
			if turns++; turns%2 == 1 {
				w.does(consumer, mine, "suspend")
			}
			if turns > 1 && turns%2 == 1 {
				w.does(other, theirs, "unsuspend")
			}
			if turns%2 == 0 {
				w.does(other, theirs, "suspend")
				w.does(consumer, mine, "unsuspend")
			}
		}
		var watch hooked.Hook
		watch = func(c *hooked.Call) error {
			w.Tap.Set(nil)
			defer w.Tap.Set(watch)
			switch {
			case c.Snapshot:
				snapshots++
			case c.Writes():
				turn()
			default:
				return torn(c, o, turn)
			}
			return c.Run()
		}
		w.Tap.Set(watch)
		w.does(consumer, path, "activate")
		w.Tap.Set(nil)
		waiting, _ := w.ok(consumer, "GET", path, "").Body["waitingForApprovalVersion"].(object)
		check, _ := waiting["thresholdCheck"].(object)
		got := fmt.Sprintf("%v %v %v", check["consumerLoad"], check["totalLoad"], check["exceeded"])
		if got != "4 7 [CONSUMER TOTAL]" && got != "0 3 [TOTAL]" && got != "4 4 [CONSUMER TOTAL]" {
			t.Errorf("the version waits because of %s, which never was so", got)
		}
		if snapshots == 0 || turns < 2 {
			t.Errorf("%d turns, %d snapshots", turns, snapshots)
		}
		w.consistent()
	})
}

// torn carries out a read of several items as DynamoDB may: the load of all consumers is
// read after the other items, and between.
func torn(c *hooked.Call, o offer, between func()) error {
	if err := c.Run(); err != nil || len(c.Items) < 2 {
		return err
	}
	before := slices.Clone(c.Items)
	between()
	if err := c.Run(); err != nil {
		return err
	}
	for i, item := range before {
		var key struct {
			PK string `dynamodbav:"pk"`
		}
		if err := table.Decode(item, &key); err != nil {
			return err
		}
		if key.PK != "LOAD#"+o.id {
			c.Items[i] = item
		}
	}
	return nil
}

// TestRestlessThreshold activates versions while a producer suspends and unsuspends what
// uses up the threshold, as fast as it can: each one is active or waits in the end.
func TestRestlessThreshold(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.offers(5, 5)
		w.joins(consumer, o)
		w.joins(other, o)
		theirs := w.submits(other, o, 5)
		rounds := w.fewer(60, 6)
		paths := make([]string, rounds)
		for i := range paths {
			paths[i] = w.drafts(consumer, o, 1)
		}
		var activating atomic.Bool
		activating.Store(true)
		var restless sync.WaitGroup
		for range 2 {
			restless.Go(func() {
				for activating.Load() {
					w.try(producer, theirs, "suspend")
					w.try(producer, theirs, "unsuspend")
				}
			})
		}
		for _, path := range paths {
			state := shown(w.does(consumer, path, "activate").Body)
			if state == "ACTIVE 1" {
				w.does(consumer, path, "archive")
			} else {
				want(t, "the version", state, "WAITING_FOR_APPROVAL 1")
			}
		}
		activating.Store(false)
		restless.Wait()
		w.consistent()
	})
}
