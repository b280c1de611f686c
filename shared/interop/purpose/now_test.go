package purpose_test

import (
	"fmt"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// checkOf reads the threshold check of a purpose.
func (w *world) checkOf(path string) object {
	w.Helper()
	return w.OK(consumer, "GET", path+"/thresholdCheck", "").Body
}

// TestThresholdCheckNow compares a draft and a version that waits with the thresholds of
// the moment, and repeats why it had to wait.
func TestThresholdCheckNow(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(25, 1000)
		w.SubmitAgreement(consumer, o)
		draft := w.DraftPurpose(consumer, o, 20)
		waiting := w.ActivatePurpose(consumer, o, 30)
		for path, want := range map[string]string{
			draft:   "DRAFT true <nil> 20 []",
			waiting: "WAITING_FOR_APPROVAL false [CONSUMER] 30 [CONSUMER]",
		} {
			got := w.checkOf(path)
			waited, _ := got["thresholdCheck"].(object)
			now, _ := got["now"].(object)
			text := fmt.Sprintf("%v %v %v %v %v", got["state"], got["fitsNow"], waited["exceeded"], now["requested"], now["exceeded"])
			if text != want {
				w.Errorf("%s: %s, want %s", path, text, want)
			}
		}
		w.setThresholds(o, 50, 1000)
		if got := w.checkOf(waiting); got["fitsNow"] != true || got["thresholdCheck"] == nil {
			w.Errorf("after the threshold was raised: %v", got)
		}
		if res := w.As(producer, "GET", draft+"/thresholdCheck", ""); res.Status != interop.PurposeNotAllowed.Status {
			w.Errorf("the producer sees the check of a draft: %d", res.Status)
		}
		active := w.ActivatePurpose(consumer, o, 1)
		w.RefusedIn(w.As(consumer, "GET", active+"/thresholdCheck", ""), interop.NoPurposeVersionInState, "ACTIVE",
			interoptest.AllowedActions(w.OK(consumer, "GET", active+"/allowedActions", ""))...)
	})
}

// TestAllowedActionsOfPurposes compares the allowed actions that are read with those of a
// refusal for the state.
func TestAllowedActionsOfPurposes(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(25, 1000)
		w.SubmitAgreement(consumer, o)
		path := w.ActivatePurpose(consumer, o, 1)
		res := w.As(producer, "POST", path+"/approve", "{}")
		read := w.OK(producer, "GET", path+"/allowedActions", "")
		w.RefusedIn(res, interop.NoPurposeVersionInState, "ACTIVE", interoptest.AllowedActions(read)...)
		interoptest.Equal(w.TB, "state", read.Body["state"], any("ACTIVE"))
	})
}
