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

// race makes n calls at the same time and returns their answers. Each call must
// write; all have read what they want to before any of them does.
func (w world) race(t testing.TB, n int, index hook, call func(i int) apitest.Response) []apitest.Response {
	t.Helper()
	w.Handler(t) // so that no racer makes it
	w.tap.Set(hooked.Gate(n, index))
	defer w.tap.Set(nil)
	answers := make([]apitest.Response, n)
	var racing sync.WaitGroup
	for i := range n {
		racing.Go(func() { answers[i] = call(i) })
	}
	racing.Wait()
	return answers
}

// tally counts answers by status and code; anything that is no decision is an error.
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
	each(t, func(t *testing.T, w world) {
		for id, register := range map[string]func(testing.TB, string){
			"bare":  w.register,
			"small": func(t testing.TB, id string) { w.cards(t, id, "s1", "s2") },
			"large": w.large,
		} {
			register(t, id)
			w.Clock.Advance(1e9) // or every racer would come up with the same operationId
			before := w.stored(t, id)
			answers := w.race(t, racers, pass, func(int) apitest.Response { return w.delete(t, id) })
			logged := w.operations(t, id)
			if len(logged) != 2 || logged[0].Operation != operation.Delete {
				t.Errorf("%s: operations = %s, want one DELETE", id, w.kinds(t, id))
			}
			count := tally(t, answers)
			for _, res := range answers {
				if res.Status == http.StatusOK && (res.Text("operationId") != logged[0].OperationID || res.Text("status") != logged[0].Status) {
					t.Errorf("%s: a racer got %s, the operation is %+v", id, res.Raw, logged[0])
				}
			}
			switch {
			case id != "large" && (count["200"] != 1 || count["404 CONSUMER_NOT_FOUND"] != racers-1):
				t.Errorf("%s: %v, want one deletion and nothing left for the others", id, count)
			case id == "large" && count["200"] != racers:
				t.Errorf("large: %v, want the operation under way for everybody", count)
			}
			if after := w.stored(t, id); after.Version != before.Version+1 {
				t.Errorf("%s: version %d follows %d", id, after.Version, before.Version)
			}
			if id == "large" {
				if err := w.cascade(t, id); err != nil {
					t.Error(err)
				}
			}
			w.gone(t, id)
		}
	})
}

func TestRaceOfRegistrations(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w = w.withReuse()
		register := func(int) apitest.Response { return w.Call(t, writer, "PUT", consumerPath("ann"), "") }
		for incarnation := range 2 {
			count := tally(t, w.race(t, racers, pass, register))
			if count["204"] != racers {
				t.Errorf("registrations: %v", count)
			}
			if s := w.stored(t, "ann"); s.Incarnation != int64(incarnation)+1 || s.Version != int64(2*incarnation)+1 {
				t.Errorf("registered as %+v", s)
			}
			if logged := w.kinds(t, "ann"); strings.Count(logged, "REGISTER") != incarnation+1 {
				t.Errorf("operations = %s", logged)
			}
			w.deleted(t, "ann", operation.Successful)
		}
	})
}

// TestRaceOfFirstCards registers the same consumer with the same card, and with
// another card each, at the same time.
func TestRaceOfFirstCards(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		put := func(id string, card func(i int) string) func(int) apitest.Response {
			return func(i int) apitest.Response {
				return w.Call(t, writer, "PUT", consumerPath(id)+"/cards", fmt.Sprintf(`{"cards":[{"cardId":%q}]}`, card(i)))
			}
		}
		for id, card := range map[string]func(int) string{
			"same":  func(int) string { return "c" },
			"other": func(i int) string { return fmt.Sprint("c-", i) },
		} {
			if count := tally(t, w.race(t, racers, pass, put(id, card))); count["204"] != racers {
				t.Errorf("%s: %v", id, count)
			}
			cards := map[string]int64{"same": 1, "other": racers}[id]
			if s := w.stored(t, id); s.Accounts != 1 || s.Cards != cards || s.Version != cards {
				t.Errorf("%s: %+v, want 1 account, %d cards and as many versions", id, s, cards)
			}
			if logged := w.kinds(t, id); logged != "REGISTER SUCCESSFUL" {
				t.Errorf("%s: operations = %s", id, logged)
			}
			w.sound(t, id)
		}
	})
}

// TestRaceForAnID lets consumers register the same card, account and digital
// card at the same time.
func TestRaceForAnID(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		owners := names("owner", 16)
		for _, id := range owners {
			w.register(t, id)
		}
		for round, call := range map[string]func(owner string) apitest.Response{
			"card": func(owner string) apitest.Response {
				return w.Call(t, writer, "PUT", consumerPath(owner)+"/cards", fmt.Sprintf(`{"cards":[{"cardId":"wanted","accountId":"of-%s"}]}`, owner))
			},
			"account": func(owner string) apitest.Response {
				return w.Call(t, writer, "PUT", accountPath("wanted"), accountBody(owner))
			},
			"account of a card": func(owner string) apitest.Response {
				return w.Call(t, writer, "PUT", consumerPath(owner)+"/cards", fmt.Sprintf(`{"cards":[{"cardId":"of-%s","accountId":"shared"}]}`, owner))
			},
		} {
			count := tally(t, w.race(t, len(owners), pass, func(i int) apitest.Response { return call(owners[i]) }))
			if count["204"] != 1 || count["409 ID_IN_USE"] != len(owners)-1 {
				t.Errorf("%s: %v, want one winner", round, count)
			}
		}
		var total stored
		for _, id := range owners {
			s := w.stored(t, id)
			total.Accounts, total.Cards = total.Accounts+s.Accounts, total.Cards+s.Cards
			w.sound(t, id)
		}
		if total.Accounts != 3 || total.Cards != 2 {
			t.Errorf("in all %d accounts and %d cards, want 3 and 2", total.Accounts, total.Cards)
		}
	})
}

// TestRaceOfChildrenAndDelete deletes a consumer while children are registered.
func TestRaceOfChildrenAndDelete(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for round := range 4 {
			id := fmt.Sprint("ann-", round)
			w.cards(t, id, id)
			w.Clock.Advance(1e9)
			index := pass
			if round%2 == 1 {
				index = blind // the deletion goes on in the worker
			}
			answers := w.race(t, racers, index, func(i int) apitest.Response {
				child := fmt.Sprintf("%s-%d", id, i)
				switch {
				case i == racers/2, i == racers-1:
					return w.delete(t, id)
				case i%3 == 0:
					return w.Call(t, writer, "PUT", accountPath(child), accountBody(id))
				case i%3 == 1:
					return w.Call(t, writer, "PUT", consumerPath(id)+"/cards", cardsBody(child))
				default:
					return w.Call(t, writer, "PUT", digitalCardPath(id, child), "")
				}
			})
			count := tally(t, answers)
			refused := count["404 CONSUMER_NOT_FOUND"] + count["404 CARD_NOT_FOUND"] + count["409 CONSUMER_DELETED"] + count["409 OPERATION_IN_PROGRESS"]
			if count["204"]+count["200"]+refused != racers || count["200"] == 0 {
				t.Errorf("answers: %v", count)
			}
			w.sound(t, id)
			if w.stored(t, id).State == string(consumer.Deleting) {
				if err := w.cascade(t, id); err != nil {
					t.Error(err)
				}
			}
			w.gone(t, id)
			// What was accepted was removed: one account and card at first, and
			// a child, or a card with its account, for every 204.
			kinds := [3]int{1, 1, 0}
			for i, res := range answers {
				if res.Status != http.StatusNoContent {
					continue
				}
				switch i % 3 {
				case 0:
					kinds[0]++
				case 1:
					kinds[0]++
					kinds[1]++
				default:
					kinds[2]++
				}
			}
			if want := strings.Trim(fmt.Sprint(kinds), "[]"); w.removed(t, id) != want {
				t.Errorf("removed %s, registered %s", w.removed(t, id), want)
			}
			deletes := slices.DeleteFunc(w.operations(t, id), func(op operation.Operation) bool { return op.Operation != operation.Delete })
			if len(deletes) != 1 {
				t.Errorf("operations = %s, want one DELETE", w.kinds(t, id))
			}
		}
	})
}

// TestCardThatGoes registers a digital card of a card that is deleted after it
// was found.
func TestCardThatGoes(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w = w.withReuse()
		others := w.withReuse()
		for id, deletion := range map[string]func(){
			"deleted":  func() { others.deleted(t, "deleted", operation.Successful) },
			"deleting": func() { others.deleting(t, "deleting") },
			"reborn":   func() { others.deleted(t, "reborn", operation.Successful); others.register(t, "reborn") },
			"heir": func() {
				others.deleted(t, "heir", operation.Successful)
				others.cards(t, "another", "heir")
				others.digitalCard(t, "heir", "new")
			},
		} {
			w.cards(t, id, id)
			w.tap.Set(atWrite(0, deletion))
			res := w.Call(t, writer, "PUT", digitalCardPath(id, "new"), "")
			w.tap.Set(nil)
			want := consumers.CardNotFound
			if id == "deleting" {
				want = consumers.OperationInProgress
			}
			if res.Status != want.Status || res.Text("errorCode") != want.Name {
				t.Errorf("%s: %d %s, want %v", id, res.Status, res.Raw, want)
			}
			w.sound(t, id)
		}
		w.sound(t, "another")
	})
}
