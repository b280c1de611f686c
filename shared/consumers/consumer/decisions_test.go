package consumer_test

import (
	"net/http"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/operation"
)

// TestDeleteDecisions makes a delete call in each situation and checks the answer and the log.
func TestDeleteDecisions(t *testing.T) {
	each(t, func(w *world) {
		notFound := func(when, id string) {
			w.Helper()
			before := w.kinds(id)
			if res := w.delete(id); res.Status != http.StatusNotFound || res.Text("errorCode") != consumers.ConsumerNotFound.Name {
				w.Errorf("%s: delete = %d %s", when, res.Status, res.Raw)
			}
			if after := w.kinds(id); after != before {
				w.Errorf("%s: delete changed the operations from %q to %q", when, before, after)
			}
		}
		logged := func(when, id, want string) {
			w.Helper()
			if got := w.kinds(id); got != want {
				w.Errorf("%s: operations = %s, want %s", when, got, want)
			}
		}
		notFound("never registered", "ann")

		w.cards("ann", names("ann", maxAtOnce/2)...) // all that fits
		w.deleted("ann", operation.Successful)
		logged("small", "ann", "DELETE SUCCESSFUL, REGISTER SUCCESSFUL")
		w.gone("ann")
		notFound("already deleted", "ann")

		w.large("bob") // one more
		first := w.deleted("bob", operation.Pending)
		logged("large", "bob", "DELETE PENDING, REGISTER SUCCESSFUL")
		if again := w.deleted("bob", operation.Pending); again != first {
			w.Errorf("a repeat while PENDING answers with %s, not %s", again, first)
		}
		logged("repeat while PENDING", "bob", "DELETE PENDING, REGISTER SUCCESSFUL")
		w.Tap.Set(unremovable("CARD"))
		if err := w.cascade("bob"); err == nil {
			w.Error("the cascade hid that it failed")
		}
		w.Tap.Set(nil)
		logged("failed", "bob", "DELETE FAILED, REGISTER SUCCESSFUL")
		if second := w.deleted("bob", operation.Successful); second <= first {
			w.Errorf("the delete after a failed one, %s, does not come after it, %s", second, first)
		}
		logged("after a failed one", "bob", "DELETE SUCCESSFUL, DELETE FAILED, REGISTER SUCCESSFUL")
		if got := w.removed("bob"); got != "48 48 1" {
			w.Errorf("both deletions removed %s", got)
		}
		w.gone("bob")
		notFound("deleted by the second delete", "bob")
	})
}

// TestDeletedForGood registers a deleted consumer where ids cannot be used again.
func TestDeletedForGood(t *testing.T) {
	each(t, func(w *world) {
		w.cards("ann", "c1")
		w.deleted("ann", operation.Successful)
		for path, body := range map[string]string{consumerPath("ann"): "", consumerPath("ann") + "/cards": cardsBody("c2")} {
			res := w.answers(http.StatusConflict, "PUT", path, body)
			if res.Text("errorCode") != consumers.ConsumerDeleted.Name {
				w.Errorf("PUT %s = %s", path, res.Raw)
			}
		}
		w.answers(http.StatusNotFound, "PUT", accountPath("a"), accountBody("ann"))
		w.gone("ann")
		// Other consumers can use the ids of its cards.
		w.cards("bob", "c1")
	})
}

// TestReuse registers a deleted consumer again where that is allowed.
func TestReuse(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		w.cards("ann", "c1")
		w.digitalCard("c1", "d1")
		w.deleted("ann", operation.Successful)
		tombstone := w.stored("ann")
		w.register("ann")
		s := w.stored("ann")
		if s.Incarnation != 2 || s.Version != tombstone.Version+1 || s.Accounts+s.Cards+s.DigitalCards != 0 {
			w.Errorf("the second incarnation is %+v after %+v", s, tombstone)
		}
		w.sound("ann")
		w.answers(http.StatusNotFound, "GET", cardPath("c1"), "")
		w.register("ann") // a repeat
		w.cards("ann", "c1")
		if card := w.answers(http.StatusOK, "GET", cardPath("c1"), ""); len(card.Body["digitalCards"].([]any)) != 0 {
			w.Errorf("an old digital card came back: %s", card.Raw)
		}
		w.Tap.Set(blind)
		w.deleted("ann", operation.Pending)
		w.Tap.Set(nil)
		if err := w.cascade("ann"); err != nil {
			w.Fatal(err)
		}
		w.cards("ann", "c1", "c2")
		const want = "REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL"
		if got := w.kinds("ann"); got != want {
			w.Errorf("operations = %s, want %s", got, want)
		}
		w.newestFirst("ann")
		if s := w.stored("ann"); s.Incarnation != 3 || s.Cards != 2 {
			w.Errorf("the third incarnation is %+v", s)
		}

		// The change that began the last deletion comes once more.
		if err := w.cascade("ann"); err != nil {
			w.Error(err)
		}
		if s := w.stored("ann"); s.State != "ACTIVE" || s.Cards != 2 {
			w.Errorf("an old change touched the new incarnation: %+v", s)
		}
		w.sound("ann")
	})
}

// TestReuseWhenTheClockGoesBack keeps the operations in the order in which they
// were made.
func TestReuseWhenTheClockGoesBack(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		for range 3 {
			w.register("ann")
			w.Clock.Advance(-3e9)
			w.deleted("ann", operation.Successful)
		}
		const want = "DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL"
		if got := w.kinds("ann"); got != want {
			w.Errorf("operations = %s, want %s", got, want)
		}
		w.newestFirst("ann")
	})
}

// newestFirst fails unless ids and times of a consumer's operations go down.
func (w *world) newestFirst(id string) {
	w.Helper()
	ops := w.operations(id)
	for i := range ops[1:] {
		if newer, older := ops[i], ops[i+1]; newer.OperationID <= older.OperationID || newer.StartTime < older.StartTime {
			w.Errorf("%s at %s is listed before %s at %s", newer.OperationID, newer.StartTime, older.OperationID, older.StartTime)
		}
	}
}
