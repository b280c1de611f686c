package purpose_test

import (
	"testing"

	"ciclo/shared/interop/interoptest"
)

// TestStory goes once through the life of a purpose.
func TestStory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(25, 50)
		w.SubmitAgreement(consumer, o)
		path := w.DraftPurpose(consumer, o, 5)
		step := func(what, expected string) {
			w.Helper()
			interoptest.Equal(w.TB, what, w.describe(consumer, path), expected)
			w.checkConsistent()
		}
		step("a draft", "DRAFT 5")
		w.act(consumer, path, "activate")
		step("below the thresholds", "ACTIVE 5")
		w.createVersion(consumer, path, 30)
		step("another estimate above", "ACTIVE 5, WAITING_FOR_APPROVAL 30")
		w.act(producer, path, "reject")
		step("rejected", "ACTIVE 5, REJECTED 30")
		w.createVersion(consumer, path, 24)
		step("another estimate below", "ACTIVE 24")
		w.act(producer, path, "suspend")
		step("held by the producer", "SUSPENDED 24 by Producer")
		w.act(consumer, path, "suspend")
		step("and the consumer", "SUSPENDED 24 by Consumer by Producer")
		w.createVersion(consumer, path, 20)
		step("another estimate meanwhile", "SUSPENDED 20 by Consumer by Producer")
		w.createVersion(consumer, path, 26)
		step("one above", "SUSPENDED 20 by Consumer by Producer, WAITING_FOR_APPROVAL 26")
		w.act(producer, path, "approve")
		step("approved", "SUSPENDED 26 by Consumer by Producer")
		w.act(producer, path, "unsuspend")
		step("one lifts it", "SUSPENDED 26 by Consumer")
		w.act(consumer, path, "unsuspend")
		step("above the threshold by now", "SUSPENDED 26 by Consumer, WAITING_FOR_APPROVAL 26")
		w.act(producer, path, "approve")
		step("approved again", "ACTIVE 26")
		w.act(consumer, path, "archive")
		step("over", "ARCHIVED 26")
	})
}
