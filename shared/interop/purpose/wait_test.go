package purpose_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// TestWaitTellsOfOneMoment replays a history that TestLinear found. A version is about to
// wait for the consumer's threshold alone. Before that is written, another consumer uses
// up the threshold of all, and a call reads that the version is still a draft. So
// the version began to wait after that, for both thresholds.
func TestWaitTellsOfOneMoment(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		begin := threshold{perConsumer: 8, total: 16}
		o := w.publish(begin.perConsumer, begin.total)
		callers := []*api.Identity{consumer, other}
		var paths []string
		for i, calls := range []int{9, 1, 8} { // the third is the other consumer's
			if i%apiece == 0 {
				w.SubmitAgreement(callers[i/apiece], o)
			}
			begin.purposes[i] = worth{state: "DRAFT", calls: calls}
			paths = append(paths, w.DraftPurpose(callers[i/apiece], o, calls))
		}
		var clock int64
		var history []porcupine.Operation
		call := func(in command) string {
			clock++
			called := clock
			out := w.run(callers[in.purpose/apiece], o, paths[in.purpose], in)
			clock++
			history = append(history, operations(0, in, called, out, clock)...)
			return out
		}
		w.Tap.During(0, (*hooked.Call).Writes, func() {
			w.Tap.Set(nil)
			interoptest.Equal(t, "the other consumer's", call(command{what: "activate", purpose: 2}), "ACTIVE8")
			interoptest.Equal(t, "the draft", call(command{what: "suspend", purpose: 0}), interop.PurposeVersionNotInState.Name)
		})
		interoptest.Equal(t, "the version", call(command{what: "activate", purpose: 0}), "+9 CONSUMER TOTAL")
		w.checkLinear(begin, history)
		w.checkReason(consumer, paths[0], why{9, 0, 8, 8, 16, "CONSUMER TOTAL"})
		w.checkConsistent()
	})
}

// TestWaitGoesByASnapshot lets two consumers take turns on an e-service before each
// transaction of a version, and within each read of several items that is no snapshot. The
// version waits in the end, with a thresholdCheck of loads that there were at one moment.
func TestWaitGoesByASnapshot(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(8, 8)
		w.SubmitAgreement(consumer, o)
		w.SubmitAgreement(other, o)
		mine := w.ActivatePurpose(consumer, o, 4)
		theirs := w.ActivatePurpose(other, o, 3)
		path := w.DraftPurpose(consumer, o, 6)
		turns := 0
		snapshots := 0
		turn := func() { // one stops and the other one goes on
			if turns++; turns%2 == 1 {
				w.act(consumer, mine, "suspend")
			}
			if turns > 1 && turns%2 == 1 {
				w.act(other, theirs, "unsuspend")
			}
			if turns%2 == 0 {
				w.act(other, theirs, "suspend")
				w.act(consumer, mine, "unsuspend")
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
		w.act(consumer, path, "activate")
		w.Tap.Set(nil)
		waiting, _ := w.OK(consumer, "GET", path, "").Body["waitingForApprovalVersion"].(object)
		check, _ := waiting["thresholdCheck"].(object)
		got := fmt.Sprintf("%v %v %v", check["consumerLoad"], check["totalLoad"], check["exceeded"])
		if got != "4 7 [CONSUMER TOTAL]" && got != "0 3 [TOTAL]" && got != "4 4 [CONSUMER TOTAL]" {
			t.Errorf("the version waits because of %s, which never was so", got)
		}
		if snapshots == 0 || turns < 2 {
			t.Errorf("%d turns, %d snapshots", turns, snapshots)
		}
		w.checkConsistent()
	})
}

// TestWaitOnLoadsReadApart: the first round reads both loads in one call, but not as of one
// moment. A version that exceeds both thresholds either way does not wait with loads that
// there never were together.
func TestWaitOnLoadsReadApart(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(8, 8)
		mine := w.ActivatePurpose(consumer, o, 4)
		w.ActivatePurpose(other, o, 3)
		path := w.DraftPurpose(consumer, o, 9)
		var watch hooked.Hook
		watch = func(c *hooked.Call) error {
			w.Tap.Set(nil)
			defer w.Tap.Set(watch)
			return torn(c, o, func() { w.act(consumer, mine, "suspend") })
		}
		w.Tap.Set(watch)
		w.act(consumer, path, "activate")
		w.Tap.Set(nil)
		w.checkReason(consumer, path, why{9, 0, 3, 8, 8, "CONSUMER TOTAL"})
		w.checkConsistent()
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
		if key.PK != "LOAD#"+o.ID {
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
		o := w.publish(5, 5)
		w.SubmitAgreement(consumer, o)
		w.SubmitAgreement(other, o)
		theirs := w.ActivatePurpose(other, o, 5)
		rounds := w.fewer(60, 6)
		paths := make([]string, rounds)
		for i := range paths {
			paths[i] = w.DraftPurpose(consumer, o, 1)
		}
		var activating atomic.Bool
		activating.Store(true)
		var restless sync.WaitGroup
		for range 2 {
			restless.Go(func() {
				for activating.Load() {
					w.tryAct(producer, theirs, "suspend")
					w.tryAct(producer, theirs, "unsuspend")
				}
			})
		}
		for _, path := range paths {
			state := describe(w.act(consumer, path, "activate").Body)
			if state == "ACTIVE 1" {
				w.act(consumer, path, "archive")
			} else {
				interoptest.Equal(t, "the version", state, "WAITING_FOR_APPROVAL 1")
			}
		}
		activating.Store(false)
		restless.Wait()
		w.checkConsistent()
	})
}
