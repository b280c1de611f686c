package purpose_test

import (
	"fmt"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// TestDifferentiatedQuotas compares consumers with the greatest quota of the certified
// attributes that they own, which takes the place of the descriptor's threshold.
func TestDifferentiatedQuotas(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		common := w.defineAttribute()
		low := w.defineAttribute()
		high := w.defineAttribute()
		elsewhere := w.defineAttribute()
		o := w.publishRequiring(100, 1000, []quota{{common, 0}, {low, 50}, {high, 300}}, []quota{{common, 0}, {low, 60}, {elsewhere, 200}})
		w.assign(consumer, common)
		w.SubmitAgreement(consumer, o)
		path := w.activePurpose(consumer, o, 10)
		remains := func(what string, n int) {
			w.Helper()
			w.part(what, func(w *world) { w.checkRemaining(consumer, path, n-10, 990) })
			// A version that waits has the threshold that it was compared with.
			over := w.ActivatePurpose(consumer, o, n-9)
			w.checkReason(consumer, over, why{n - 9, 10, 10, n, 1000, "CONSUMER"})
			w.OK(consumer, "DELETE", over, "")
			fits := w.ActivatePurpose(consumer, o, n-10)
			w.checkState(consumer, fits, fmt.Sprint("ACTIVE ", n-10))
			w.act(consumer, fits, "archive")
		}
		remains("none owned", 100)
		w.assign(consumer, low)
		remains("lower than the default, the greater of two groups", 60)
		w.assign(other, high)
		remains("owned by another", 60)
		w.assign(consumer, elsewhere)
		remains("several, of several groups", 200)
		w.assign(consumer, high)
		remains("the greatest", 300)
		w.revoke(consumer, high)
		remains("lost", 200)
		w.revoke(consumer, elsewhere)
		w.revoke(consumer, low)
		remains("all lost", 100)
		// One that is revoked while a purpose is activated with it.
		w.assign(consumer, high)
		late := w.DraftPurpose(consumer, o, 290)
		w.duringWrite(func() { w.revoke(consumer, high) }, func() { w.act(consumer, late, "activate") })
		w.checkState(consumer, late, "WAITING_FOR_APPROVAL 290")
		w.checkReason(consumer, late, why{290, 10, 10, 100, 1000, "CONSUMER"})
		// And one that is gained.
		w.OK(consumer, "DELETE", late, "")
		late = w.DraftPurpose(consumer, o, 290)
		w.duringWrite(func() { w.assign(consumer, high) }, func() { w.act(consumer, late, "activate") })
		w.checkState(consumer, late, "ACTIVE 290")
		w.checkConsistent()
	})
}

// TestDescriptors counts what is active on all descriptors of an e-service, and holds
// each consumer against those of its own agreement.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		old := w.publish(50, 100)
		first := w.SubmitAgreement(consumer, old)
		next := w.revise(old, 200, 400)
		w.SubmitAgreement(other, next)
		mine := w.activePurpose(consumer, old, 40)
		theirs := w.activePurpose(other, next, 60)
		w.checkRemaining(consumer, mine, 10, 0)
		w.checkRemaining(other, theirs, 140, 300)
		over := w.ActivatePurpose(consumer, old, 1)
		w.checkReason(consumer, over, why{1, 40, 100, 50, 100, "TOTAL"})
		w.activePurpose(other, next, 140)
		w.checkReason(other, w.ActivatePurpose(other, next, 1), why{1, 200, 240, 200, 400, "CONSUMER"})
		// An upgrade brings other thresholds; what waits goes on to, and what is in use.
		upgraded := w.OK(consumer, "POST", first+"/upgrade", "")
		interoptest.Equal(w.TB, "the new descriptor", upgraded.Text("descriptorId"), next.Descriptor)
		w.checkState(consumer, over, "WAITING_FOR_APPROVAL 1")
		w.checkReason(consumer, over, why{1, 40, 100, 50, 100, "TOTAL"})
		w.checkState(consumer, mine, "ACTIVE 40")
		w.checkRemaining(consumer, mine, 160, 160)
		w.checkNewVersion(mine, 200, "ACTIVE 200")
		w.checkState(consumer, w.ActivatePurpose(consumer, next, 1), "WAITING_FOR_APPROVAL 1")
		w.checkConsistent()
	})
}

// TestWithoutAgreement keeps purposes as they are when the agreement is suspended or
// archived; nothing is activated until then.
func TestWithoutAgreement(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, action := range []string{"suspend", "archive"} {
			w.part(action, func(w *world) {
				o := w.publish(25, 50)
				at := w.SubmitAgreement(consumer, o)
				draft := w.DraftPurpose(consumer, o, 1)
				running := w.activePurpose(consumer, o, 5)
				held := w.activePurpose(consumer, o, 2)
				w.act(consumer, held, "suspend")
				byProducer := w.activePurpose(consumer, o, 4)
				w.act(producer, byProducer, "suspend")
				waiting := w.ActivatePurpose(consumer, o, 30)
				before := w.stored()
				w.OK(consumer, "POST", at+"/"+action, "")
				w.Unchanged("the agreement", before, w.stored())
				refused := func(method, path, body string) {
					w.Helper()
					w.Refused(w.As(consumer, method, path, body), interop.PurposeWithoutAgreement, consumer.Subject, o.ID)
				}
				refused("POST", "/purposes", interoptest.JSON(interoptest.PurposeSeed(o, 1)))
				refused("POST", draft+"/activate", "")
				refused("POST", held+"/unsuspend", "")
				refused("POST", running+"/versions", `{"dailyCalls":6}`)
				refused("POST", running+"/versions", `{"dailyCalls":4}`)
				refused("GET", running+"/remainingDailyCalls", "")
				w.Refused(w.As(producer, "GET", running+"/remainingDailyCalls", ""), interop.PurposeWithoutAgreement)
				w.Unchanged("what is refused", before, w.stored())
				// What takes no agreement goes on.
				w.act(producer, waiting, "approve")
				w.checkState(consumer, waiting, "ACTIVE 30")
				w.act(producer, byProducer, "unsuspend")
				w.checkState(consumer, byProducer, "ACTIVE 4")
				w.act(consumer, running, "suspend")
				w.act(consumer, held, "archive")
				w.OK(consumer, "DELETE", draft, "")
				if action == "suspend" {
					w.OK(consumer, "POST", at+"/unsuspend", "")
					w.act(consumer, running, "unsuspend")
					w.checkState(consumer, running, "SUSPENDED 5 by Consumer, WAITING_FOR_APPROVAL 5")
					w.checkReason(consumer, running, why{5, 34, 34, 25, 50, "CONSUMER"})
				}
			})
		}
		w.checkConsistent()
	})
}

// TestQuotasChange raises and lowers thresholds: nothing changes by that, only what is
// planned from then on is compared with them.
func TestQuotasChange(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		running := w.activePurpose(consumer, o, 20)
		waiting := w.ActivatePurpose(consumer, o, 10)
		before := w.stored()
		w.setThresholds(o, 100, 1000)
		w.Unchanged("a greater quota", before, w.stored())
		w.checkReason(consumer, waiting, why{10, 20, 20, 25, 50, "CONSUMER"})
		w.checkState(consumer, w.ActivatePurpose(consumer, o, 80), "ACTIVE 80")
		before = w.stored()
		w.setThresholds(o, 1, 2)
		w.Unchanged("a lower quota", before, w.stored())
		w.checkState(consumer, running, "ACTIVE 20")
		w.checkRemaining(consumer, running, 0, 0)
		over := w.ActivatePurpose(other, o, 1)
		w.checkReason(other, over, why{1, 0, 100, 1, 2, "TOTAL"})
		w.checkNewVersion(running, 19, "ACTIVE 19")
		w.checkNewVersion(running, 20, "ACTIVE 19, WAITING_FOR_APPROVAL 20")
		w.checkReason(consumer, running, why{20, 99, 99, 1, 2, "CONSUMER TOTAL"})
		w.checkConsistent()
	})
}
