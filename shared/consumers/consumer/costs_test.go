package consumer_test

import (
	"fmt"
	"net/http"
	"testing"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/testing/apitest"
)

// TestRoundTrips compares the round trips of each call, as logged, with its budget.
func TestRoundTrips(t *testing.T) {
	each(t, func(w *world) {
		cost := func(want float64, what, method, path, body string) {
			w.Helper()
			res := w.As(writer, method, path, body)
			lines := w.LogLines()
			if got := lines[len(lines)-1]["roundTrips"]; got != want || res.Status >= http.StatusInternalServerError {
				w.Errorf("%s takes %v round trips, want %v (%d)", what, got, want, res.Status)
			}
		}
		ann, cards, account, digital := consumerPath("ann"), consumerPath("ann")+"/cards", accountPath("a"), digitalCardPath("c1", "d")
		cost(1, "register", "PUT", ann, "")
		cost(1, "register again", "PUT", ann, "")
		cost(2, "register cards", "PUT", cards, cardsBody("c1", "c2"))
		cost(1, "register the same cards", "PUT", cards, cardsBody("c1", "c2"))
		cost(1, "register an account", "PUT", account, accountBody("ann"))
		cost(1, "register the same account", "PUT", account, accountBody("ann"))
		cost(2, "change an account", "PUT", account, `{"consumerId":"ann","state":"INACTIVE"}`)
		cost(1, "register an account of nobody", "PUT", account, accountBody("nobody"))
		cost(1, "get", "GET", ann, "")
		cost(1, "get nobody", "GET", consumerPath("nobody"), "")
		cost(1, "get a card", "GET", cardPath("c1"), "")
		cost(2, "list cards", "GET", cards, "")
		cost(2, "list accounts", "GET", ann+"/accounts", "")
		cost(2, "register a digital card", "PUT", digital, "")
		cost(2, "register the same digital card", "PUT", digital, "")
		cost(1, "register a digital card of no card", "PUT", digitalCardPath("c9", "d"), "")
		cost(1, "get a card with a digital card", "GET", cardPath("c1"), "")
		cost(3, "list cards with a digital card", "GET", cards, "")
		cost(2, "list operations", "GET", ann+"/operations", "")
		cost(1, "list the operations of nobody", "GET", consumerPath("nobody")+"/operations", "")
		cost(1, "get an operation", "GET", ann+"/operations/"+w.operations("ann")[0].OperationID, "")
		cost(3, "delete with children", "POST", ann+"/operations:delete", "")
		cost(1, "delete nobody", "POST", consumerPath("nobody")+"/operations:delete", "")
		cost(1, "delete a deleted consumer", "POST", ann+"/operations:delete", "")
		cost(1, "register a deleted consumer", "PUT", ann, "")
		cost(1, "register the cards of a deleted consumer", "PUT", cards, cardsBody("c1"))
		cost(2, "register a consumer with cards", "PUT", consumerPath("bob")+"/cards", cardsBody("b1"))
		cost(1, "register a consumer with another's card", "PUT", consumerPath("eve")+"/cards", cardsBody("b1"))
		w.register("cid")
		cost(2, "delete without children", "POST", consumerPath("cid")+"/operations:delete", "")
		w.large("dan")
		cost(2, "delete with more children than fit", "POST", consumerPath("dan")+"/operations:delete", "")
		cost(1, "delete again meanwhile", "POST", consumerPath("dan")+"/operations:delete", "")
		w.deleting("eva")
		cost(1, "delete again what would fit", "POST", consumerPath("eva")+"/operations:delete", "")
	})
}

// TestReadsArePaged reads a page of cards at the cost of the page.
func TestReadsArePaged(t *testing.T) {
	each(t, func(w *world) {
		w.cards("ann", names("c", maxAtOnce/2)...)
		w.digitalCard("c-7", "d")
		for _, tc := range []struct {
			query        string
			items, cards int
		}{
			{"?limit=5", 1 + 5, 5},
			{"?limit=5&offset=41", 1 + 46 + 1, 5}, // c-7 is the 46th
			{"?limit=5&offset=46", 1 + 48, 2},
			{"?limit=50", 1 + 48 + 1, 48},
			{"?limit=5&offset=1000", 1 + 48, 0},
		} {
			res := w.answers(http.StatusOK, "GET", consumerPath("ann")+"/cards"+tc.query, "")
			lines := w.LogLines()
			if got := fmt.Sprint(lines[len(lines)-1]["itemsRead"]); got != fmt.Sprint(tc.items) || len(res.Body["cards"].([]any)) != tc.cards {
				w.Errorf("cards%s read %s items for %d cards, want %d for %d", tc.query, got, len(res.Body["cards"].([]any)), tc.items, tc.cards)
			}
		}
	})
}

// TestRoundTripsOfLostRounds counts the calls of changes that lose a race once: what
// refused them is not read again.
func TestRoundTripsOfLostRounds(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		others := w.withReuse()
		lost := func(what string, want int, h hook, call func() apitest.Response) {
			w.Helper()
			w.Tap.Set(h)
			res := call()
			if seen := w.Tap.Seen(); seen != want || res.Status >= http.StatusBadRequest {
				w.Errorf("%s: %d calls of the engine, want %d\n%d %s", what, seen, want, res.Status, res.Raw)
			}
			w.Tap.Set(nil)
		}
		put := func(path, body string) func() apitest.Response {
			return func() apitest.Response { return w.As(writer, "PUT", path, body) }
		}
		lost("register after another call", 1, atWrite(0, func() { others.register("ann") }), put(consumerPath("ann"), ""))
		lost("register what was deleted", 2, atWrite(0, func() {
			others.register("bob")
			others.deleted("bob", operation.Successful)
		}), put(consumerPath("bob"), ""))
		lost("change an account that another call adds", 2, atWrite(0, func() {
			others.answers(http.StatusNoContent, "PUT", accountPath("a"), accountBody("ann"))
		}), put(accountPath("a"), `{"consumerId":"ann","state":"INACTIVE"}`))
		w.cards("ann", "c")
		lost("change a digital card that another call adds", 3, atWrite(0, func() {
			others.digitalCard("c", "d")
		}), put(digitalCardPath("c", "d"), `{"state":"SUSPENDED"}`))
		lost("delete while a card is added", 5, atWrite(0, func() { others.cards("ann", "new") }),
			func() apitest.Response { return w.delete("ann") })
		lost("delete what the index shows too late", 5, first(1, w.reborn("cid", "heir", "card")),
			func() apitest.Response { return w.delete("cid") })
	})
}
