package consumer_test

import (
	"fmt"
	"net/http"
	"testing"

	"ciclo/shared/consumers/operation"
)

func TestStory(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.register(t, "ann")
		w.cards(t, "ann", "c1", "c2")
		for _, id := range names("dig", 3) {
			w.digitalCard(t, "c1", id)
		}
		res := w.want(t, http.StatusOK, "GET", consumerPath("ann"), "")
		if got := fmt.Sprintf("%s %v %v %v", res.Text("state"), res.Body["accounts"], res.Body["cards"], res.Body["digitalCards"]); got != "ACTIVE 2 2 3" {
			t.Errorf("consumer = %s", got)
		}
		id := w.deleted(t, "ann", operation.Successful)
		if len(id) != 26 {
			t.Errorf("operationId = %q, want a ULID", id)
		}
		w.gone(t, "ann")
		w.want(t, http.StatusNotFound, "GET", cardPath("c1"), "")
		if got := w.kinds(t, "ann"); got != "DELETE SUCCESSFUL, REGISTER SUCCESSFUL" {
			t.Errorf("operations = %s", got)
		}
		if got := w.removed(t, "ann"); got != "2 2 3" {
			t.Errorf("removed accounts, cards, digital cards = %s", got)
		}
	})
}

func TestLargeDeletionIsFinishedByTheWorker(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.large(t, "ann")
		res := w.delete(t, "ann")
		if res.Text("status") != string(operation.Pending) {
			t.Fatalf("delete = %d %s", res.Status, res.Raw)
		}
		if again := w.delete(t, "ann"); again.Raw != res.Raw {
			t.Errorf("repeat = %s, want the same operation %s", again.Raw, res.Raw)
		}
		if got := w.kinds(t, "ann"); got != "DELETE PENDING, REGISTER SUCCESSFUL" {
			t.Errorf("operations = %s", got)
		}
		if err := w.cascade(t, "ann"); err != nil {
			t.Fatal(err)
		}
		w.gone(t, "ann")
		if got := w.kinds(t, "ann"); got != "DELETE SUCCESSFUL, REGISTER SUCCESSFUL" {
			t.Errorf("operations = %s", got)
		}
		if got := w.removed(t, "ann"); got != "48 48 1" {
			t.Errorf("removed accounts, cards, digital cards = %s", got)
		}
		if again := w.delete(t, "ann"); again.Status != http.StatusNotFound {
			t.Errorf("delete of a deleted consumer = %d", again.Status)
		}
	})
}
