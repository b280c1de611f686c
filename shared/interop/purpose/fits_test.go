package purpose_test

import (
	"fmt"
	"testing"

	"ciclo/shared/interop/interoptest"
)

// TestFitsNow tells the producer whether what waits would fit by now, whatever the
// thresholds and loads were when it was decided.
func TestFitsNow(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		special := w.certified()
		o := w.offersTo(25, 50, []quota{{special, 40}, {w.certified(), 0}, {w.certified(), 0}})
		w.assigns(consumer, special)
		at := w.joins(consumer, o)
		w.takes(consumer, special)
		w.assigns(other, special)
		w.joins(other, o)
		path := w.submits(consumer, o, 30)
		fits := func(what string, expected any) {
			w.Helper()
			for _, list := range []string{"/purposes?states=WAITING_FOR_APPROVAL&consumerIds=" + consumer.Subject, at + "/purposes"} {
				for _, p := range interoptest.Results(w.ok(producer, "GET", list, "")) {
					if v, _ := p["waitingForApprovalVersion"].(object); v != nil && v["fitsNow"] != expected {
						w.Errorf("%s: %s says %v, want %v", what, list, v["fitsNow"], expected)
					}
				}
				for _, p := range interoptest.Results(w.ok(consumer, "GET", list, "")) {
					if v, _ := p["waitingForApprovalVersion"].(object); v["fitsNow"] != nil {
						w.Errorf("%s: the consumer reads whether it fits", what)
					}
				}
			}
			want(w.TB, what+": those that wait", interoptest.Total(w.ok(producer, "GET", "/purposes?states=WAITING_FOR_APPROVAL&consumerIds="+consumer.Subject, "")), 1)
			want(w.TB, what+": outside of lists", w.version(producer, path, "waitingForApprovalVersion")["fitsNow"], nil)
		}
		fits("at first", false)
		w.quotas(o, 30, 50)
		fits("a greater threshold", true)
		theirs := w.runs(other, o, 20)
		fits("the last place", true)
		beyond := w.submits(other, o, 1)
		fits("beyond it", false)
		w.does(other, beyond, "archive")
		fits("free again", true)
		w.does(producer, theirs, "suspend")
		w.quotas(o, 30, 40)
		fits("the other suspended", true)
		w.does(producer, theirs, "unsuspend")
		fits("and back", false)
		w.does(other, theirs, "archive")
		w.quotas(o, 25, 50)
		fits("a lower threshold", false)
		w.assigns(consumer, special)
		fits("a quota of its own", true)
		mine := w.runs(consumer, o, 10)
		fits("the last of it", true)
		more := w.runs(consumer, o, 1)
		fits("beyond it", false)
		w.ok(consumer, "DELETE", path, "")
		// An update counts by what it adds; what is suspended, whole.
		path = mine
		w.estimates(consumer, mine, 40)
		w.quotas(o, 25, 1000)
		fits("an update", false)
		w.does(consumer, more, "archive")
		fits("an update to the last of it", true)
		w.does(consumer, mine, "suspend")
		fits("and while suspended", true)
		w.takes(consumer, special)
		fits("the quota is lost", false)
		w.quotas(o, 40, 1000)
		fits("and not needed", true)
		w.ok(consumer, "POST", at+"/archive", "")
		fits("without an agreement", false)
		w.consistent()
	})
}

// TestFitsByRelation tells it of each consumer and each e-service on one page.
func TestFitsByRelation(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		small, great := w.offers(10, 100), w.offers(20, 100)
		expected := map[string]bool{}
		for i := range 50 {
			who := numbered(i)
			w.registers(who)
			for _, o := range []offer{small, great}[i%2:] {
				w.joins(who, o)
				path := w.submits(who, o, 21+i%5)
				expected[path[len("/purposes/"):]] = o == great
			}
		}
		w.quotas(great, 25, 100)
		waiting := 0
		for _, offset := range []int{0, 50} {
			for _, p := range interoptest.Results(w.ok(producer, "GET", fmt.Sprint("/purposes?states=WAITING_FOR_APPROVAL&offset=", offset), "")) {
				v, _ := p["waitingForApprovalVersion"].(object)
				want(w.TB, fmt.Sprint(p["id"]), v["fitsNow"], any(expected[fmt.Sprint(p["id"])]))
				waiting++
			}
		}
		want(w.TB, "those that wait", waiting, 75)
		// A producer is its own consumer, too.
		w.joins(producer, small)
		own := w.submits(producer, small, 11)
		for _, p := range interoptest.Results(w.ok(producer, "GET", "/purposes?consumerIds="+producer.Subject, "")) {
			v, _ := p["waitingForApprovalVersion"].(object)
			want(w.TB, own, v["fitsNow"], any(false))
		}
	})
}
