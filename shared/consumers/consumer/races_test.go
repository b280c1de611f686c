package consumer_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// racers is how many calls a race has.
const racers = 64

// race makes n calls concurrently and returns their answers. No call writes before all calls
// want to.
func (w *world) race(n int, index hook, call func(i int) apitest.Response) []apitest.Response {
	w.Helper()
	w.Tap.Set(hooked.Gate(n, index))
	defer w.Tap.Set(nil)
	answers := make([]apitest.Response, n)
	var racing sync.WaitGroup
	for i := range n {
		racing.Go(func() { answers[i] = call(i) })
	}
	racing.Wait()
	return answers
}

// tally counts answers by status and code. An answer of 500 or more is an error.
func tally(t testing.TB, answers []apitest.Response) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, res := range answers {
		if res.Status >= http.StatusInternalServerError {
			t.Errorf("a racer is answered with %d %s", res.Status, res.Raw)
		}
		count[strings.TrimSpace(fmt.Sprint(res.Status, " ", res.Text("errorCode")))]++
	}
	return count
}

func TestRaceOfDeletes(t *testing.T) {
	each(t, func(w *world) {
		for id, register := range map[string]func(string){
			"bare":  w.register,
			"small": func(id string) { w.cards(id, "s1", "s2") },
			"large": w.large,
		} {
			register(id)
			w.Clock.Advance(1e9) // or all racers would use the same operationId
			before := w.stored(id)
			answers := w.race(racers, pass, func(int) apitest.Response { return w.delete(id) })
			w.oneDelete(id, answers)
			switch count := tally(w.TB, answers); {
			case id != "large" && (count["200"] != 1 || count["404 CONSUMER_NOT_FOUND"] != racers-1):
				w.Errorf("%s: %v, want one deletion and nothing left for the others", id, count)
			case id == "large" && count["200"] != racers:
				w.Errorf("large: %v, want the operation in progress for all", count)
			}
			if after := w.stored(id); after.Version != before.Version+1 {
				w.Errorf("%s: version %d follows %d", id, after.Version, before.Version)
			}
			w.finish(id)
		}
	})
}

// oneDelete fails unless one DELETE was recorded and all successful answers name it.
func (w *world) oneDelete(id string, answers []apitest.Response) {
	w.Helper()
	logged := w.operations(id)
	if len(logged) != 2 || logged[0].Operation != operation.Delete {
		w.Fatalf("%s: operations = %s, want one DELETE", id, w.kinds(id))
	}
	for _, res := range answers {
		if res.Status == http.StatusOK && (res.Text("operationId") != logged[0].OperationID || res.Text("status") != logged[0].Status) {
			w.Errorf("%s: a racer got %s, the operation is %+v", id, res.Raw, logged[0])
		}
	}
}

// finish runs the worker if the consumer is DELETING, and fails unless it is gone then.
func (w *world) finish(id string) {
	w.Helper()
	if w.stored(id).State == string(consumer.Deleting) {
		if err := w.cascade(id); err != nil {
			w.Error(err)
		}
	}
	w.gone(id)
}

func TestRaceOfRegistrations(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		register := func(int) apitest.Response { return w.As(writer, "PUT", consumerPath("ann"), "") }
		for incarnation := range 2 {
			count := tally(w.TB, w.race(racers, pass, register))
			if count["204"] != racers {
				w.Errorf("registrations: %v", count)
			}
			if s := w.stored("ann"); s.Incarnation != int64(incarnation)+1 || s.Version != int64(2*incarnation)+1 {
				w.Errorf("registered as %+v", s)
			}
			if logged := w.kinds("ann"); strings.Count(logged, "REGISTER") != incarnation+1 {
				w.Errorf("operations = %s", logged)
			}
			w.deleted("ann", operation.Successful)
		}
	})
}

// TestRaceOfFirstCards registers the same consumer with the same card, and with
// another card each, at the same time.
func TestRaceOfFirstCards(t *testing.T) {
	each(t, func(w *world) {
		put := func(id string, card func(i int) string) func(int) apitest.Response {
			return func(i int) apitest.Response {
				return w.As(writer, "PUT", consumerPath(id)+"/cards", fmt.Sprintf(`{"cards":[{"cardId":%q}]}`, card(i)))
			}
		}
		for id, card := range map[string]func(int) string{
			"same":  func(int) string { return "c" },
			"other": func(i int) string { return fmt.Sprint("c-", i) },
		} {
			if count := tally(w.TB, w.race(racers, pass, put(id, card))); count["204"] != racers {
				w.Errorf("%s: %v", id, count)
			}
			cards := map[string]int64{"same": 1, "other": racers}[id]
			if s := w.stored(id); s.Accounts != 1 || s.Cards != cards || s.Version != cards {
				w.Errorf("%s: %+v, want 1 account, %d cards and as many versions", id, s, cards)
			}
			if logged := w.kinds(id); logged != "REGISTER SUCCESSFUL" {
				w.Errorf("%s: operations = %s", id, logged)
			}
			w.sound(id)
		}
	})
}

// TestRaceForAnID: consumers register the same card and account concurrently, and one wins.
func TestRaceForAnID(t *testing.T) {
	each(t, func(w *world) {
		owners := names("owner", 16)
		for _, id := range owners {
			w.register(id)
		}
		for round, call := range map[string]func(owner string) apitest.Response{
			"card": func(owner string) apitest.Response {
				return w.As(writer, "PUT", consumerPath(owner)+"/cards", fmt.Sprintf(`{"cards":[{"cardId":"wanted","accountId":"of-%s"}]}`, owner))
			},
			"account": func(owner string) apitest.Response {
				return w.As(writer, "PUT", accountPath("wanted"), accountBody(owner))
			},
			"account of a card": func(owner string) apitest.Response {
				return w.As(writer, "PUT", consumerPath(owner)+"/cards", fmt.Sprintf(`{"cards":[{"cardId":"of-%s","accountId":"shared"}]}`, owner))
			},
		} {
			count := tally(w.TB, w.race(len(owners), pass, func(i int) apitest.Response { return call(owners[i]) }))
			if count["204"] != 1 || count["409 ID_IN_USE"] != len(owners)-1 {
				w.Errorf("%s: %v, want one winner", round, count)
			}
		}
		var total stored
		for _, id := range owners {
			s := w.stored(id)
			total.Accounts += s.Accounts
			total.Cards += s.Cards
			w.sound(id)
		}
		if total.Accounts != 3 || total.Cards != 2 {
			w.Errorf("in all %d accounts and %d cards, want 3 and 2", total.Accounts, total.Cards)
		}
	})
}

// TestRaceOfChildrenAndDelete deletes a consumer while children are registered.
func TestRaceOfChildrenAndDelete(t *testing.T) {
	each(t, func(w *world) {
		for round := range 4 {
			id := fmt.Sprint("ann-", round)
			w.cards(id, id)
			w.Clock.Advance(1e9)
			index := pass
			if round%2 == 1 {
				index = blind // the worker finishes the deletion
			}
			answers := w.race(racers, index, func(i int) apitest.Response { return w.childOrDelete(id, i) })
			count := tally(w.TB, answers)
			accepted := count["204"] + count["200"]
			for _, code := range []string{
				"404 CONSUMER_NOT_FOUND", "404 CARD_NOT_FOUND", "409 CONSUMER_DELETED", "409 OPERATION_IN_PROGRESS",
			} {
				accepted += count[code]
			}
			if accepted != racers || count["200"] == 0 {
				w.Errorf("answers: %v", count)
			}
			w.sound(id)
			w.finish(id)
			if want := registered(answers); w.removed(id) != want {
				w.Errorf("removed %s, registered %s", w.removed(id), want)
			}
			deletes := slices.DeleteFunc(w.operations(id), func(op operation.Operation) bool { return op.Operation != operation.Delete })
			if len(deletes) != 1 {
				w.Errorf("operations = %s, want one DELETE", w.kinds(id))
			}
		}
	})
}

// childOrDelete is call i of a race: two of them delete the consumer, the others register an
// account, a card with its account, or a digital card.
func (w *world) childOrDelete(id string, i int) apitest.Response {
	w.Helper()
	child := fmt.Sprintf("%s-%d", id, i)
	switch {
	case i == racers/2, i == racers-1:
		return w.delete(id)
	case i%3 == 0:
		return w.As(writer, "PUT", accountPath(child), accountBody(id))
	case i%3 == 1:
		return w.As(writer, "PUT", consumerPath(id)+"/cards", cardsBody(child))
	default:
		return w.As(writer, "PUT", digitalCardPath(id, child), "")
	}
}

// registered returns how many accounts, cards and digital cards a consumer had that began with
// one account and card, after the answers of childOrDelete.
func registered(answers []apitest.Response) string {
	accounts := 1
	cards := 1
	digitalCards := 0
	for i, res := range answers {
		if res.Status != http.StatusNoContent {
			continue
		}
		switch i % 3 {
		case 0:
			accounts++
		case 1:
			accounts++
			cards++
		default:
			digitalCards++
		}
	}
	return fmt.Sprint(accounts, cards, digitalCards)
}

// TestCardDeletedBeforeTheWrite registers a digital card of a card that is deleted after it was
// read.
func TestCardDeletedBeforeTheWrite(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		others := w.withReuse()
		for id, deletion := range map[string]func(){
			"deleted":  func() { others.deleted("deleted", operation.Successful) },
			"deleting": func() { others.deleting("deleting") },
			"reborn":   func() { others.deleted("reborn", operation.Successful); others.register("reborn") },
			"heir": func() {
				others.deleted("heir", operation.Successful)
				others.cards("another", "heir")
				others.digitalCard("heir", "new")
			},
		} {
			w.cards(id, id)
			w.Tap.Set(atWrite(0, deletion))
			res := w.As(writer, "PUT", digitalCardPath(id, "new"), "")
			w.Tap.Set(nil)
			want := consumers.CardNotFound
			if id == "deleting" {
				want = consumers.OperationInProgress
			}
			if res.Status != want.Status || res.Text("errorCode") != want.Name {
				w.Errorf("%s: %d %s, want %v", id, res.Status, res.Raw, want)
			}
			w.sound(id)
		}
		w.sound("another")
	})
}
