package purpose_test

import (
	"testing"
)

// TestStory goes once through the life of a purpose.
func TestStory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.offers(25, 50)
		w.joins(consumer, o)
		path := w.drafts(consumer, o, 5)
		step := func(what, expected string) {
			w.Helper()
			want(w.TB, what, w.state(consumer, path), expected)
			w.consistent()
		}
		step("a draft", "DRAFT 5")
		w.does(consumer, path, "activate")
		step("below the thresholds", "ACTIVE 5")
		w.estimates(consumer, path, 30)
		step("another estimate above", "ACTIVE 5, WAITING_FOR_APPROVAL 30")
		w.does(producer, path, "reject")
		step("rejected", "ACTIVE 5, REJECTED 30")
		w.estimates(consumer, path, 24)
		step("another estimate below", "ACTIVE 24")
		w.does(producer, path, "suspend")
		step("held by the producer", "SUSPENDED 24 by Producer")
		w.does(consumer, path, "suspend")
		step("and the consumer", "SUSPENDED 24 by Consumer by Producer")
		w.estimates(consumer, path, 20)
		step("another estimate meanwhile", "SUSPENDED 20 by Consumer by Producer")
		w.estimates(consumer, path, 26)
		step("one above", "SUSPENDED 20 by Consumer by Producer, WAITING_FOR_APPROVAL 26")
		w.does(producer, path, "approve")
		step("approved", "SUSPENDED 26 by Consumer by Producer")
		w.does(producer, path, "unsuspend")
		step("one lifts it", "SUSPENDED 26 by Consumer")
		w.does(consumer, path, "unsuspend")
		step("above the threshold by now", "SUSPENDED 26 by Consumer, WAITING_FOR_APPROVAL 26")
		w.does(producer, path, "approve")
		step("approved again", "ACTIVE 26")
		w.does(consumer, path, "archive")
		step("over", "ARCHIVED 26")
	})
}
