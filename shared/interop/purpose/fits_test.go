package purpose_test

import (
	"fmt"
	"testing"

	"ciclo/shared/interop/interoptest"
)

// checkFits checks whether lists tell the producer that the version of the consumer's
// purpose that waits would fit now. at is the path of the agreement.
func (w *world) checkFits(what, at, path string, expected bool) {
	w.Helper()
	waiting := "/purposes?states=WAITING_FOR_APPROVAL&consumerIds=" + consumer.Subject
	for _, list := range []string{waiting, at + "/purposes"} {
		for _, p := range interoptest.Results(w.OK(producer, "GET", list, "")) {
			if v, _ := p["waitingForApprovalVersion"].(object); v != nil && v["fitsNow"] != expected {
				w.Errorf("%s: fitsNow = %v in %s, want %v", what, v["fitsNow"], list, expected)
			}
		}
		for _, p := range interoptest.Results(w.OK(consumer, "GET", list, "")) {
			if v, _ := p["waitingForApprovalVersion"].(object); v["fitsNow"] != nil {
				w.Errorf("%s: the consumer reads fitsNow", what)
			}
		}
	}
	interoptest.Equal(w.TB, what+": those that wait", interoptest.Total(w.OK(producer, "GET", waiting, "")), 1)
	interoptest.Equal(w.TB, what+": outside of lists", w.version(producer, path, "waitingForApprovalVersion")["fitsNow"], nil)
}

// TestFitsNow tells the producer whether what waits would fit by now, whatever the
// thresholds and loads were when it was decided.
func TestFitsNow(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		special := w.defineAttribute()
		o := w.publishRequiring(25, 50, []quota{{special, 40}, {w.defineAttribute(), 0}, {w.defineAttribute(), 0}})
		w.assign(consumer, special)
		at := w.SubmitAgreement(consumer, o)
		w.revoke(consumer, special)
		w.assign(other, special)
		w.SubmitAgreement(other, o)
		path := w.ActivatePurpose(consumer, o, 30)
		fits := func(what string, expected bool) {
			w.Helper()
			w.checkFits(what, at, path, expected)
		}
		fits("at first", false)
		w.setThresholds(o, 30, 50)
		fits("a greater threshold", true)
		theirs := w.activePurpose(other, o, 20)
		fits("the last place", true)
		beyond := w.ActivatePurpose(other, o, 1)
		fits("beyond it", false)
		w.act(other, beyond, "archive")
		fits("free again", true)
		w.act(producer, theirs, "suspend")
		w.setThresholds(o, 30, 40)
		fits("the other suspended", true)
		w.act(producer, theirs, "unsuspend")
		fits("and back", false)
		w.act(other, theirs, "archive")
		w.setThresholds(o, 25, 50)
		fits("a lower threshold", false)
		w.assign(consumer, special)
		fits("a quota of its own", true)
		mine := w.activePurpose(consumer, o, 10)
		fits("the last of it", true)
		more := w.activePurpose(consumer, o, 1)
		fits("beyond it", false)
		w.OK(consumer, "DELETE", path, "")
		// An update counts by what it adds; what is suspended, whole.
		path = mine
		w.createVersion(consumer, mine, 40)
		w.setThresholds(o, 25, 1000)
		fits("an update", false)
		w.act(consumer, more, "archive")
		fits("an update to the last of it", true)
		w.act(consumer, mine, "suspend")
		fits("and while suspended", true)
		w.revoke(consumer, special)
		fits("the quota is lost", false)
		w.setThresholds(o, 40, 1000)
		fits("and not needed", true)
		w.OK(consumer, "POST", at+"/archive", "")
		fits("without an agreement", false)
		w.checkConsistent()
	})
}

// TestFitsByRelation: fitsNow is right for each consumer and e-service on one page.
func TestFitsByRelation(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		small := w.publish(10, 100)
		great := w.publish(20, 100)
		expected := map[string]bool{}
		for i := range 50 {
			caller := organization(i)
			w.Register(caller)
			for _, o := range []offer{small, great}[i%2:] {
				w.SubmitAgreement(caller, o)
				path := w.ActivatePurpose(caller, o, 21+i%5)
				expected[path[len("/purposes/"):]] = o == great
			}
		}
		w.setThresholds(great, 25, 100)
		waiting := 0
		for _, offset := range []int{0, 50} {
			for _, p := range interoptest.Results(w.OK(producer, "GET", fmt.Sprint("/purposes?states=WAITING_FOR_APPROVAL&offset=", offset), "")) {
				v, _ := p["waitingForApprovalVersion"].(object)
				interoptest.Equal(w.TB, fmt.Sprint(p["id"]), v["fitsNow"], any(expected[fmt.Sprint(p["id"])]))
				waiting++
			}
		}
		interoptest.Equal(w.TB, "those that wait", waiting, 75)
		// A producer is its own consumer, too.
		w.SubmitAgreement(producer, small)
		own := w.ActivatePurpose(producer, small, 11)
		for _, p := range interoptest.Results(w.OK(producer, "GET", "/purposes?consumerIds="+producer.Subject, "")) {
			v, _ := p["waitingForApprovalVersion"].(object)
			interoptest.Equal(w.TB, own, v["fitsNow"], any(false))
		}
	})
}
