package officetest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/officetest"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/office/consumers"
	"ciclo/shared/platform/lifecycle"
)

// TestHelpDesk looks a consumer up, by its id and by a card, and deletes it on request.
func TestHelpDesk(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.CardHolder("anna", 12)
	card := id + "-card-a"
	m.AsIssuer(http.MethodPut, "/issuers/"+officetest.Issuer+"/cards/"+card+"/digitalCards/wallet", map[string]any{"state": "SUSPENDED"})
	desk := site.As(t, "help-desk")

	search := desk.Open("/office/").Click("Consumers")
	nobody := search.Press("Search", map[string]any{"id": "nobody-" + m.Suffix()}).See("The issuer has nothing with this id")
	if typed := nobody.Find(`[name="id"]`).AttrOr("value", ""); nobody.Status != http.StatusNotFound || typed != "nobody-"+m.Suffix() {
		t.Errorf("a search for nobody is answered %d, with %q in the field", nobody.Status, typed)
	}
	if shown := search.Press("Search", map[string]any{"id": "not/an id"}); shown.Status != http.StatusBadRequest {
		t.Errorf("a search for what is no id is answered %d", shown.Status)
	}
	search.Press("Search", map[string]any{"by": "card", "id": card}).See("wallet", "Suspended").Click(id)
	page := search.Press("Search", map[string]any{"id": " " + id + " "}).
		See("Active", "All cards (12)", "All accounts (1)", "Registration", "Listed until", officetest.Issuer)
	desk.Open(page.Link("All cards (12)")).See(id+"-card-l", "1–12 of 12")
	desk.Open(page.Link("All accounts (1)")).See(id + "-account")
	if desk.Open(page.Link("All cards (12)")+"?offset=12").See("There is nothing here").Status != http.StatusOK {
		t.Error("a page after the last one is not shown")
	}

	refused := page.See("With the consumer go 1 account, 12 cards and 1 digital card", "cannot be undone").
		Press("Delete the consumer", map[string]any{"reasonCode": "USER_DECISION", "reason": "perché è così"})
	typed := refused.Find(`[name="reason"][aria-invalid="true"]`).AttrOr("value", "")
	if refused.Status != http.StatusBadRequest || typed != "perché è così" || refused.Find("details.ask[open]").Length() != 1 {
		t.Errorf("a reason with accents is answered %d: %s", refused.Status, refused.Words())
	}
	gone := refused.Press("Delete the consumer", map[string]any{"reason": "moved away"}).
		See("Consumer deleted", "With it went 1 account, 12 cards and 1 digital card", "The consumer asked for it: moved away")
	if gone.Has("Delete the consumer") {
		t.Error("a deleted consumer may be deleted")
	}
	operation := gone.Find("table a").First().AttrOr("href", "")
	desk.Open(operation).
		See("Deletion", "Successful", "moved away", "1 account, 12 cards and 1 digital card", "Listed until", "Issuer "+officetest.Issuer)
	page.Press("Delete the consumer", map[string]any{"reasonCode": "USER_DECISION"}).See("It was deleted before")
	search.Press("Search", map[string]any{"id": id}).See("The consumer was deleted")
	if shown := desk.Get("/office/cards/" + card); shown.Status != http.StatusNotFound {
		t.Errorf("the card of a deleted consumer is answered %d", shown.Status)
	}
}

// TestConsumersOfOthers: the help desk of an issuer sees nothing of another issuer's consumers,
// whatever is in the URL.
func TestConsumersOfOthers(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	const other = "ISSUER-002"
	id := "other-" + strings.ToLower(m.Suffix())
	token := site.Token(t, "issuerId="+other)
	body := fmt.Sprintf(`{"cards":[{"cardId":"%s-card","accountId":"%s-account"}]}`, id, id)
	status, answer := site.Call(t, token, http.MethodPut, "/issuers/"+other+"/consumers/"+id+"/cards", body)
	if status != http.StatusNoContent {
		t.Fatalf("answered %d: %s", status, answer)
	}
	desk := site.As(t, "help-desk")
	in := "?issuer=" + other
	for path, status := range map[string]int{
		"/office/consumers?id=" + id:                           http.StatusNotFound,
		"/office/consumers?by=card&id=" + id + "-card":         http.StatusNotFound,
		"/office/consumers/" + id:                              http.StatusNotFound,
		"/office/consumers/" + id + "/cards":                   http.StatusNotFound,
		"/office/consumers/" + id + "/accounts":                http.StatusNotFound,
		"/office/consumers/" + id + "/operations":              http.StatusOK, // empty, as for any id
		"/office/cards/" + id + "-card":                        http.StatusNotFound,
		"/office/consumers/" + id + in:                         http.StatusForbidden,
		"/office/consumers/" + id + "/cards" + in:              http.StatusForbidden,
		"/office/consumers/" + id + "/accounts" + in:           http.StatusForbidden,
		"/office/consumers/" + id + "/operations" + in:         http.StatusForbidden,
		"/office/cards/" + id + "-card" + in:                   http.StatusForbidden,
		"/office/consumers?issuer=" + other + "&id=" + id:      http.StatusForbidden,
		"/office/consumers/" + id + "%2F..%2Fann/cards":        http.StatusNotFound,
		"/office/consumers/x?issuer=" + url.QueryEscape("a/b"): http.StatusBadRequest,
	} {
		shown := desk.Get(path)
		if words := shown.Words(); shown.Status != status || strings.Contains(words, "Registration") || strings.Contains(words, id+"-account") {
			t.Errorf("%s is answered %d, want %d: %s", path, shown.Status, status, words)
		}
	}
	csrf := desk.Open("/office/consumers").Token()
	shown := desk.Post("/office/consumers/"+id+"/delete"+in, url.Values{"_csrf": {csrf}, "reasonCode": {"ISSUER_DECISION"}})
	status, _ = site.Call(t, token, http.MethodGet, "/issuers/"+other+"/consumers/"+id, "")
	if status != http.StatusOK || shown.Status != http.StatusForbidden {
		t.Errorf("a deletion at another issuer is answered %d, and the consumer %d", shown.Status, status)
	}
	for _, person := range []string{"municipality", "operator"} {
		if shown := site.As(t, person).Get("/office/consumers/" + id); shown.Status != http.StatusForbidden {
			t.Errorf("%s is answered %d", person, shown.Status)
		}
	}
}

// TestCascade deletes a consumer with thousands of cards in a browser: the page shows how far
// the deletion is, and ends by itself.
func TestCascade(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := "big-" + strings.ToLower(m.Suffix())
	const calls, cards = 30, 48
	for i := range calls {
		var all []map[string]any
		for j := range cards {
			all = append(all, map[string]any{"cardId": fmt.Sprintf("%s-%d-%d", id, i, j), "accountId": fmt.Sprintf("%s-a-%d-%d", id, i, j)})
		}
		m.AsIssuer(http.MethodPut, "/issuers/"+officetest.Issuer+"/consumers/"+id+"/cards", map[string]any{"cards": all})
	}
	tab := site.Tab(t, "help-desk", officetest.Look{})
	tab.Open("/office/consumers/" + id)
	tab.See("All cards (1,440)")
	tab.Click("Delete the consumer")
	tab.Tick("reasonCode", "USER_DECISION")
	tab.Fill("reason", "on request")
	tab.Confirm("Delete the consumer")
	tab.See("Deletion in progress")
	tab.See("of 2,880")
	tab.See("The consumer was deleted.")
	tab.See("With it went 1,440 accounts, 1,440 cards and 0 digital cards")
	if path := tab.Path(); path != "/office/consumers/"+id {
		t.Errorf("the page has become %s", path)
	}
}

// notOffered are actions of the issuer that the pages do not offer, and why.
var notOffered = map[string]string{
	"register": "the issuer's back end registers people", "addChild": "the issuer's back end registers accounts and cards",
}

// TestWordsOfConsumers: the pages have words for the states, kinds, reasons and requestors of
// the API, and for each action that they offer.
func TestWordsOfConsumers(t *testing.T) {
	t.Parallel()
	codes := enums(reflect.TypeFor[operation.Operation]())
	for _, v := range []reflect.Type{
		reflect.TypeFor[consumer.View](), reflect.TypeFor[consumer.AccountView](),
		reflect.TypeFor[consumer.CardView](), reflect.TypeFor[consumer.DigitalCardView](),
	} {
		codes = append(codes, enums(v)...)
	}
	for _, state := range []lifecycle.State{consumer.Active, consumer.Deleting, consumer.DeleteFailed} {
		for _, action := range consumer.Machine.Possible(state, consumer.Issuer) {
			if notOffered[string(action)] == "" {
				codes = append(codes, string(action))
			}
		}
	}
	if len(codes) < 20 {
		t.Errorf("the API has only the codes %q", codes)
	}
	known := consumers.Worded()
	for _, code := range codes {
		if !slices.Contains(known, code) {
			t.Errorf("no words for %s", code)
		}
	}
}

// enums lists the values of the members of a struct that have a list of them.
func enums(of reflect.Type) (all []string) {
	for field := range of.Fields() {
		if values := field.Tag.Get("enum"); values != "" {
			all = append(all, strings.Split(values, ",")...)
		}
	}
	return all
}
