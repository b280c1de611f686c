package purpose_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// part runs a test in the same world, under a name of its own.
func (w *world) part(name string, test func(w *world)) {
	w.Helper()
	t, ok := w.TB.(*testing.T)
	if !ok {
		w.Fatal("this takes a test")
	}
	t.Run(name, func(t *testing.T) {
		base := *w.World
		base.TB = t
		test(&world{&base})
	})
}

// why is a thresholdCheck: the planned calls, the loads, the thresholds and which of
// them were exceeded.
type why struct {
	requested, consumer, total, perConsumer, inTotal int
	exceeded                                         string
}

// checkReason checks why a version waits.
func (w *world) checkReason(caller *api.Identity, path string, y why) {
	w.Helper()
	var exceeded []any
	for one := range strings.FieldsSeq(y.exceeded) {
		exceeded = append(exceeded, one)
	}
	parts := object{
		"requested": float64(y.requested), "consumerLoad": float64(y.consumer), "totalLoad": float64(y.total),
		"dailyCallsPerConsumer": float64(y.perConsumer), "dailyCallsTotal": float64(y.inTotal), "exceeded": exceeded,
	}
	v, _ := w.OK(caller, "GET", path, "").Body["waitingForApprovalVersion"].(object)
	if diff := cmp.Diff(any(parts), v["thresholdCheck"]); v["dailyCalls"] != float64(y.requested) || diff != "" {
		w.Errorf("%s waits with %v (-want +got):\n%s", path, v, diff)
	}
}

// checkRemaining checks the remaining calls, for either side.
func (w *world) checkRemaining(caller *api.Identity, path string, perConsumer, total int) {
	w.Helper()
	for _, as := range []*api.Identity{caller, producer} {
		got := w.OK(as, "GET", path+"/remainingDailyCalls", "").Body
		interoptest.Equal(w.TB, "what remains", fmt.Sprint(got),
			fmt.Sprintf("map[remainingDailyCallsPerConsumer:%d remainingDailyCallsTotal:%d]", perConsumer, total))
	}
}

// checkNewVersion makes another estimate and fails unless the purpose then shows so.
func (w *world) checkNewVersion(path string, calls int, expected string) {
	w.Helper()
	w.createVersion(consumer, path, calls)
	w.checkState(consumer, path, expected)
}

// TestWorkedNumbers are the numbers of the published tests.
func TestWorkedNumbers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.estimated()
		w.submitted()
		w.remaining()
		w.contended()
		w.checkConsistent()
	})
}

// estimated are those of another estimate.
func (w *world) estimated() {
	w.Helper()
	w.part("T1", func(w *world) {
		w.checkNewVersion(w.activePurpose(consumer, w.publishToBoth(25, 50), 5), 24, "ACTIVE 24")
	})
	w.part("T2", func(w *world) {
		w.checkNewVersion(w.activePurpose(consumer, w.publishToBoth(25, 50), 5), 4, "ACTIVE 4")
	})
	w.part("T3", func(w *world) {
		path := w.activePurpose(consumer, w.publishToBoth(25, 50), 5)
		w.checkNewVersion(path, 30, "ACTIVE 5, WAITING_FOR_APPROVAL 30")
		w.checkReason(consumer, path, why{30, 5, 5, 25, 50, "CONSUMER"})
	})
	w.part("T4", func(w *world) {
		path := w.activePurpose(consumer, w.publishToBoth(25, 50), 5)
		w.Refused(w.As(consumer, "POST", path+"/versions", `{"dailyCalls":5}`), interop.UnchangedDailyCalls)
		w.checkState(consumer, path, "ACTIVE 5")
	})
	w.part("T12", func(w *world) {
		o := w.publishToBoth(50, 1000)
		path := w.activePurpose(consumer, o, 5)
		w.checkNewVersion(path, 50, "ACTIVE 50")
		w.act(consumer, path, "archive")
		path = w.activePurpose(consumer, o, 5)
		w.act(consumer, path, "suspend")
		w.checkNewVersion(path, 50, "SUSPENDED 50 by Consumer")
	})
	w.part("T13", func(w *world) {
		path := w.activePurpose(consumer, w.publishToBoth(50, 1000), 5)
		w.checkNewVersion(path, 51, "ACTIVE 5, WAITING_FOR_APPROVAL 51")
		w.checkReason(consumer, path, why{51, 5, 5, 50, 1000, "CONSUMER"})
	})
}

// submitted are those of what was never within the thresholds.
func (w *world) submitted() {
	w.Helper()
	w.part("T5", func(w *world) {
		path := w.ActivatePurpose(consumer, w.publishToBoth(20, 20000), 9999)
		w.checkState(consumer, path, "WAITING_FOR_APPROVAL 9999")
		w.checkReason(consumer, path, why{9999, 0, 0, 20, 20000, "CONSUMER"})
	})
	w.part("T6", func(w *world) {
		path := w.activePurpose(consumer, w.publishToBoth(20, 50), 9999)
		w.act(consumer, path, "suspend")
		w.act(consumer, path, "unsuspend")
		w.checkState(consumer, path, "SUSPENDED 9999 by Consumer, WAITING_FOR_APPROVAL 9999")
		w.checkReason(consumer, path, why{9999, 0, 0, 20, 50, "CONSUMER TOTAL"})
	})
	w.part("T7", func(w *world) {
		path := w.activePurpose(consumer, w.publishToBoth(20, 50), 9999)
		w.act(consumer, path, "suspend")
		w.act(producer, path, "suspend")
		w.act(consumer, path, "unsuspend")
		w.checkState(consumer, path, "SUSPENDED 9999 by Producer")
		interoptest.Equal(w.TB, "versions", interoptest.Total(w.OK(consumer, "GET", path+"/versions", "")), 1)
	})
}

// remaining are those of what remains.
func (w *world) remaining() {
	w.Helper()
	w.part("T8", func(w *world) {
		o := w.publishToBoth(100, 1000)
		path := w.activePurpose(consumer, o, 40)
		w.activePurpose(consumer, o, 10)
		w.activePurpose(other, o, 100)
		w.checkRemaining(consumer, path, 50, 850)
	})
	for _, n := range []struct {
		name             string
		quota            int
		owned            bool
		remains, inTotal int
	}{{"T9", 500, true, 460, 960}, {"T10", 50, true, 10, 960}, {"T11", 500, false, 60, 960}} {
		w.part(n.name, func(w *world) {
			special := w.defineAttribute()
			common := w.defineAttribute()
			o := w.publishRequiring(100, 1000, []quota{{special, n.quota}, {common, 0}})
			w.assign(consumer, common)
			if n.owned {
				w.assign(consumer, special)
			}
			w.SubmitAgreement(consumer, o)
			w.checkRemaining(consumer, w.activePurpose(consumer, o, 40), n.remains, n.inTotal)
		})
	}
}

// contended are those of two consumers.
func (w *world) contended() {
	w.Helper()
	w.part("T14", func(w *world) {
		o := w.publishToBoth(1, 1)
		path := w.activePurpose(consumer, o, 1)
		w.act(producer, path, "suspend")
		w.checkState(other, w.ActivatePurpose(other, o, 1), "ACTIVE 1")
		w.act(producer, path, "unsuspend")
		w.checkState(consumer, path, "ACTIVE 1")
		w.checkRemaining(consumer, path, 0, 0)
	})
	w.part("T15", func(w *world) {
		o := w.publishToBoth(1, 1)
		path := w.activePurpose(consumer, o, 1)
		w.act(consumer, path, "suspend")
		over := w.ActivatePurpose(other, o, 2)
		w.checkReason(other, over, why{2, 0, 0, 1, 1, "CONSUMER TOTAL"})
		w.act(producer, over, "approve")
		w.act(consumer, path, "unsuspend")
		w.checkState(consumer, path, "SUSPENDED 1 by Consumer, WAITING_FOR_APPROVAL 1")
		w.checkReason(consumer, path, why{1, 0, 2, 1, 1, "TOTAL"})
	})
}

// TestDerivedNumbers are those that follow from the published arithmetic.
func TestDerivedNumbers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		submitted := func(w *world, o offer, calls int, expected string) string {
			w.Helper()
			path := w.ActivatePurpose(consumer, o, calls)
			w.checkState(consumer, path, expected)
			return path
		}
		w.part("D1", func(w *world) {
			o := w.publishToBoth(100, 1000)
			w.activePurpose(consumer, o, 60)
			submitted(w, o, 40, "ACTIVE 40")
		})
		w.part("D2", func(w *world) {
			o := w.publishToBoth(100, 1000)
			w.activePurpose(consumer, o, 60)
			w.checkReason(consumer, submitted(w, o, 41, "WAITING_FOR_APPROVAL 41"), why{41, 60, 60, 100, 1000, "CONSUMER"})
		})
		w.part("D3", func(w *world) {
			o := w.publishToBoth(100, 1000)
			w.activePurpose(other, o, 950)
			w.checkReason(consumer, submitted(w, o, 51, "WAITING_FOR_APPROVAL 51"), why{51, 0, 950, 100, 1000, "TOTAL"})
			submitted(w, o, 50, "ACTIVE 50")
		})
		w.part("D4", func(w *world) {
			o := w.publishToBoth(100, 1000)
			w.act(consumer, w.activePurpose(consumer, o, 80), "suspend")
			w.activePurpose(consumer, o, 80)
			submitted(w, o, 20, "ACTIVE 20")
		})
		for name, calls := range map[string]int{"D5": 60, "D6": 50} {
			w.part(name, func(w *world) {
				o := w.publishToBoth(70, 1000)
				path := w.activePurpose(consumer, o, 80)
				w.setThresholds(o, 50, 1000)
				w.checkNewVersion(path, calls, fmt.Sprint("ACTIVE ", calls))
			})
		}
		w.part("D7", func(w *world) {
			o := w.publishToBoth(100, 1000)
			path := w.activePurpose(consumer, o, 80)
			w.act(producer, path, "suspend")
			w.checkNewVersion(path, 101, "SUSPENDED 80 by Producer, WAITING_FOR_APPROVAL 101")
			w.checkReason(consumer, path, why{101, 0, 0, 100, 1000, "CONSUMER"})
			w.act(producer, path, "reject")
			w.checkNewVersion(path, 100, "SUSPENDED 100 by Producer")
		})
		w.part("D8", func(w *world) {
			o := w.publishToBoth(100, 100)
			w.activePurpose(consumer, o, 60)
			path := w.activePurpose(consumer, o, 40)
			w.act(consumer, path, "archive")
			submitted(w, o, 40, "ACTIVE 40")
		})
		w.part("D9", func(w *world) {
			o := w.publishToBoth(100, 1000)
			w.activePurpose(consumer, o, 90)
			w.checkReason(consumer, submitted(w, o, 500, "WAITING_FOR_APPROVAL 500"), why{500, 90, 90, 100, 1000, "CONSUMER"})
			submitted(w, o, 10, "ACTIVE 10")
		})
		w.checkConsistent()
	})
}

// TestBoundaries goes one below, to and one above both thresholds, with an activation,
// another estimate, and by taking a suspension back.
func TestBoundaries(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		const calls, perConsumer, total = 30, 100, 150
		for i := range 9 {
			ofConsumer, inTotal := i%3-1, i/3-1 // beyond the threshold
			own := perConsumer - calls + ofConsumer
			others := total - calls - own + inTotal
			exceeded := strings.TrimSpace(map[bool]string{true: "CONSUMER"}[ofConsumer > 0] + map[bool]string{true: " TOTAL"}[inTotal > 0])
			name := fmt.Sprintf("%+d %+d", ofConsumer, inTotal)
			decided := func(w *world, path, before, within string) {
				w.Helper()
				if exceeded == "" {
					w.checkState(consumer, path, within)
					return
				}
				w.checkState(consumer, path, fmt.Sprint(before, "WAITING_FOR_APPROVAL ", calls))
				w.checkReason(consumer, path, why{calls, own, own + others, perConsumer, total, exceeded})
			}
			w.part("activate "+name, func(w *world) {
				o := w.publishToBoth(perConsumer, total)
				w.activePurpose(other, o, others)
				w.activePurpose(consumer, o, own)
				decided(w, w.ActivatePurpose(consumer, o, calls), "", "ACTIVE 30")
			})
			w.part("estimate "+name, func(w *world) {
				o := w.publishToBoth(perConsumer, total)
				path := w.activePurpose(consumer, o, 7)
				w.activePurpose(other, o, others)
				w.activePurpose(consumer, o, own-7)
				w.createVersion(consumer, path, calls+7)
				if exceeded == "" {
					w.checkState(consumer, path, "ACTIVE 37")
					return
				}
				w.checkState(consumer, path, "ACTIVE 7, WAITING_FOR_APPROVAL 37")
				w.checkReason(consumer, path, why{calls + 7, own, own + others, perConsumer, total, exceeded})
			})
			w.part("unsuspend "+name, func(w *world) {
				o := w.publishToBoth(perConsumer, total)
				path := w.activePurpose(consumer, o, calls)
				w.act(consumer, path, "suspend")
				w.activePurpose(other, o, others)
				w.activePurpose(consumer, o, own)
				w.act(consumer, path, "unsuspend")
				decided(w, path, "SUSPENDED 30 by Consumer, ", "ACTIVE 30")
			})
		}
		w.checkConsistent()
	})
}
