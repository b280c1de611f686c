package consumer_test

import (
	"net/http"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/operation"
)

// TestDeleteDecisions goes through the table of what a delete call answers, a
// row each, in the life of one consumer after another.
func TestDeleteDecisions(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		notFound := func(when, id string) {
			t.Helper()
			before := w.kinds(t, id)
			if res := w.delete(t, id); res.Status != http.StatusNotFound || res.Text("errorCode") != consumers.ConsumerNotFound.Name {
				t.Errorf("%s: delete = %d %s", when, res.Status, res.Raw)
			}
			if after := w.kinds(t, id); after != before {
				t.Errorf("%s: delete changed the operations from %q to %q", when, before, after)
			}
		}
		logged := func(when, id, want string) {
			t.Helper()
			if got := w.kinds(t, id); got != want {
				t.Errorf("%s: operations = %s, want %s", when, got, want)
			}
		}
		notFound("never registered", "ann")

		w.cards(t, "ann", names("ann", maxAtOnce/2)...) // all that fits
		w.deleted(t, "ann", operation.Successful)
		logged("small", "ann", "DELETE SUCCESSFUL, REGISTER SUCCESSFUL")
		w.gone(t, "ann")
		notFound("already deleted", "ann")

		w.large(t, "bob") // one more
		first := w.deleted(t, "bob", operation.Pending)
		logged("large", "bob", "DELETE PENDING, REGISTER SUCCESSFUL")
		if again := w.deleted(t, "bob", operation.Pending); again != first {
			t.Errorf("a repeat while PENDING answers with %s, not %s", again, first)
		}
		logged("repeat while PENDING", "bob", "DELETE PENDING, REGISTER SUCCESSFUL")
		w.tap.Set(unremovable("CARD"))
		if err := w.cascade(t, "bob"); err == nil {
			t.Error("the cascade hid that it failed")
		}
		w.tap.Set(nil)
		logged("failed", "bob", "DELETE FAILED, REGISTER SUCCESSFUL")
		if second := w.deleted(t, "bob", operation.Successful); second <= first {
			t.Errorf("the delete after a failed one, %s, does not come after it, %s", second, first)
		}
		logged("after a failed one", "bob", "DELETE SUCCESSFUL, DELETE FAILED, REGISTER SUCCESSFUL")
		if got := w.removed(t, "bob"); got != "48 48 1" {
			t.Errorf("both deletions removed %s", got)
		}
		w.gone(t, "bob")
		notFound("deleted by the second delete", "bob")
	})
}

// TestDeletedForGood registers a deleted consumer where ids cannot be used again.
func TestDeletedForGood(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.cards(t, "ann", "c1")
		w.deleted(t, "ann", operation.Successful)
		for path, body := range map[string]string{consumerPath("ann"): "", consumerPath("ann") + "/cards": cardsBody("c2")} {
			res := w.want(t, http.StatusConflict, "PUT", path, body)
			if res.Text("errorCode") != consumers.ConsumerDeleted.Name {
				t.Errorf("PUT %s = %s", path, res.Raw)
			}
		}
		w.want(t, http.StatusNotFound, "PUT", accountPath("a"), accountBody("ann"))
		w.gone(t, "ann")
		// The ids of its cards are free again, for somebody else.
		w.cards(t, "bob", "c1")
	})
}

// TestReuse registers a deleted consumer again where that is allowed.
func TestReuse(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w = w.withReuse()
		w.cards(t, "ann", "c1")
		w.digitalCard(t, "c1", "d1")
		w.deleted(t, "ann", operation.Successful)
		tombstone := w.stored(t, "ann")
		w.register(t, "ann")
		s := w.stored(t, "ann")
		if s.Incarnation != 2 || s.Version != tombstone.Version+1 || s.Accounts+s.Cards+s.DigitalCards != 0 {
			t.Errorf("the second incarnation is %+v after %+v", s, tombstone)
		}
		w.sound(t, "ann")
		w.want(t, http.StatusNotFound, "GET", cardPath("c1"), "")
		w.register(t, "ann") // a repeat
		w.cards(t, "ann", "c1")
		if card := w.want(t, http.StatusOK, "GET", cardPath("c1"), ""); len(card.Body["digitalCards"].([]any)) != 0 {
			t.Errorf("an old digital card came back: %s", card.Raw)
		}
		w.tap.Set(blind)
		w.deleted(t, "ann", operation.Pending)
		w.tap.Set(nil)
		if err := w.cascade(t, "ann"); err != nil {
			t.Fatal(err)
		}
		w.cards(t, "ann", "c1", "c2")
		const want = "REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL"
		if got := w.kinds(t, "ann"); got != want {
			t.Errorf("operations = %s, want %s", got, want)
		}
		w.newestFirst(t, "ann")
		if s := w.stored(t, "ann"); s.Incarnation != 3 || s.Cards != 2 {
			t.Errorf("the third incarnation is %+v", s)
		}

		// The change that began the last deletion comes once more.
		if err := w.cascade(t, "ann"); err != nil {
			t.Error(err)
		}
		if s := w.stored(t, "ann"); s.State != "ACTIVE" || s.Cards != 2 {
			t.Errorf("an old change touched the new incarnation: %+v", s)
		}
		w.sound(t, "ann")
	})
}

// TestReuseWhenTheClockGoesBack keeps the operations in the order in which they
// were made.
func TestReuseWhenTheClockGoesBack(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w = w.withReuse()
		for range 3 {
			w.register(t, "ann")
			w.Clock.Advance(-3e9)
			w.deleted(t, "ann", operation.Successful)
		}
		const want = "DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL, DELETE SUCCESSFUL, REGISTER SUCCESSFUL"
		if got := w.kinds(t, "ann"); got != want {
			t.Errorf("operations = %s, want %s", got, want)
		}
		w.newestFirst(t, "ann")
	})
}

// newestFirst fails unless ids and times of a consumer's operations go down.
func (w world) newestFirst(t *testing.T, id string) {
	t.Helper()
	ops := w.operations(t, id)
	for i := range ops[1:] {
		if newer, older := ops[i], ops[i+1]; newer.OperationID <= older.OperationID || newer.StartTime < older.StartTime {
			t.Errorf("%s at %s is listed before %s at %s", newer.OperationID, newer.StartTime, older.OperationID, older.StartTime)
		}
	}
}
