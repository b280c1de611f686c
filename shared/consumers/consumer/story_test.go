package consumer_test

import (
	"fmt"
	"net/http"
	"testing"

	"ciclo/shared/consumers/operation"
)

func TestStory(t *testing.T) {
	each(t, func(w *world) {
		w.register("ann")
		w.cards("ann", "c1", "c2")
		for _, id := range names("dig", 3) {
			w.digitalCard("c1", id)
		}
		res := w.answers(http.StatusOK, "GET", consumerPath("ann"), "")
		if got := fmt.Sprintf("%s %v %v %v", res.Text("state"), res.Body["accounts"], res.Body["cards"],
			res.Body["digitalCards"]); got != "ACTIVE 2 2 3" {
			w.Errorf("consumer = %s", got)
		}
		id := w.deleted("ann", operation.Successful)
		if len(id) != 26 {
			w.Errorf("operationId = %q, want a ULID", id)
		}
		w.gone("ann")
		w.answers(http.StatusNotFound, "GET", cardPath("c1"), "")
		if got := w.kinds("ann"); got != "DELETE SUCCESSFUL, REGISTER SUCCESSFUL" {
			w.Errorf("operations = %s", got)
		}
		if got := w.removed("ann"); got != "2 2 3" {
			w.Errorf("removed accounts, cards, digital cards = %s", got)
		}
	})
}

func TestLargeDeletionIsFinishedByTheWorker(t *testing.T) {
	each(t, func(w *world) {
		w.large("ann")
		res := w.delete("ann")
		if res.Text("status") != string(operation.Pending) {
			w.Fatalf("delete = %d %s", res.Status, res.Raw)
		}
		if again := w.delete("ann"); again.Raw != res.Raw {
			w.Errorf("repeat = %s, want the same operation %s", again.Raw, res.Raw)
		}
		if got := w.kinds("ann"); got != "DELETE PENDING, REGISTER SUCCESSFUL" {
			w.Errorf("operations = %s", got)
		}
		if err := w.cascade("ann"); err != nil {
			w.Fatal(err)
		}
		w.gone("ann")
		if got := w.kinds("ann"); got != "DELETE SUCCESSFUL, REGISTER SUCCESSFUL" {
			w.Errorf("operations = %s", got)
		}
		if got := w.removed("ann"); got != "48 48 1" {
			w.Errorf("removed accounts, cards, digital cards = %s", got)
		}
		if again := w.delete("ann"); again.Status != http.StatusNotFound {
			w.Errorf("delete of a deleted consumer = %d", again.Status)
		}
	})
}
