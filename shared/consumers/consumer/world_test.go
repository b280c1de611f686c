package consumer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

const issuer = consumerstest.Issuer

var (
	ops    = append(consumer.Operations(), operation.Operations()...)
	suite  = consumerstest.New(ops...)
	writer = apitest.Issuer(issuer, consumers.ScopeFull)
	reader = apitest.Issuer(issuer, consumers.ScopeRead)
)

// world is a World with the calls of these tests.
type world struct{ *consumerstest.World }

// each runs test in a world of its own on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *consumerstest.World) { test(&world{w}) })
}

// embedded runs test in a world of its own on the embedded engine.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(w *consumerstest.World) { test(&world{w}) })
}

// with returns another deployment on the same storage with other settings.
func (w *world) with(settings map[string]string) *world {
	w.Helper()
	return &world{w.With(settings)}
}

// withReuse returns another deployment that allows deleted ids to be used again.
func (w *world) withReuse() *world { return w.with(map[string]string{consumer.ReuseSetting: "true"}) }

func consumerPath(id string) string { return consumerstest.ConsumerPath(id) }
func accountPath(id string) string  { return "/issuers/" + issuer + "/accounts/" + id }
func cardPath(id string) string     { return "/issuers/" + issuer + "/cards/" + id }

func digitalCardPath(card, id string) string { return cardPath(card) + "/digitalCards/" + id }

func accountBody(consumerID string) string {
	return fmt.Sprintf(`{"consumerId":%q,"state":"ACTIVE"}`, consumerID)
}

// cardsBody registers cards, each with an account of its own.
func cardsBody(cards ...string) string {
	entries := make([]string, len(cards))
	for i, c := range cards {
		entries[i] = fmt.Sprintf(`{"cardId":%q,"accountId":"acc-%s"}`, c, c)
	}
	return `{"cards":[` + strings.Join(entries, ",") + `]}`
}

// answers sends a request as the issuer and fails unless the answer has that status.
func (w *world) answers(status int, method, path, body string) apitest.Response {
	w.Helper()
	return w.Want(w.As(writer, method, path, body), status)
}

func (w *world) register(id string) {
	w.Helper()
	w.answers(http.StatusNoContent, "PUT", consumerPath(id), "")
}

func (w *world) cards(id string, cards ...string) {
	w.Helper()
	w.answers(http.StatusNoContent, "PUT", consumerPath(id)+"/cards", cardsBody(cards...))
}

func (w *world) digitalCard(card, id string) {
	w.Helper()
	w.answers(http.StatusNoContent, "PUT", digitalCardPath(card, id), "")
}

// maxAtOnce is how many children one transaction removes with their consumer.
const maxAtOnce = 96

// names returns prefix-0, prefix-1, …
func names(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return names
}

// large registers a consumer with one child more than maxAtOnce: the cards
// <id>-0 to <id>-47 with an account each, and digital card d of the first.
func (w *world) large(id string) {
	w.Helper()
	w.cards(id, names(id, maxAtOnce/2)...)
	w.digitalCard(id+"-0", "d")
}

func (w *world) delete(id string) apitest.Response {
	w.Helper()
	return w.As(writer, "POST", consumerPath(id)+"/operations:delete", "")
}

// deleted deletes and fails unless the operation has that status.
func (w *world) deleted(id string, status lifecycle.State) string {
	w.Helper()
	res := w.delete(id)
	if res.Status != http.StatusOK || res.Text("status") != string(status) {
		w.Fatalf("delete = %d, want a %s operation\n%s", res.Status, status, res.Raw)
	}
	return res.Text("operationId")
}

// deleting registers a consumer with one account, card and digital card and
// begins to delete it while the index shows nothing, which leaves it DELETING
// without the cost of a large one. Its card has the consumer's id.
func (w *world) deleting(id string) (operationID string) {
	w.Helper()
	w.cards(id, id)
	w.digitalCard(id, "d")
	w.Tap.Set(blind)
	defer w.Tap.Set(nil)
	return w.deleted(id, operation.Pending)
}

// becomesDeleting returns the change of the feed when the consumer becomes DELETING, with the
// attributes that the worker reads.
func becomesDeleting(t testing.TB, issuerID, id string) table.Change {
	t.Helper()
	now, err := table.Encode(struct {
		IssuerID   string          `dynamodbav:"issuerId"`
		ConsumerID string          `dynamodbav:"consumerId"`
		State      lifecycle.State `dynamodbav:"state"`
	}{issuerID, id, consumer.Deleting})
	if err != nil {
		t.Fatal(err)
	}
	key := consumerKey(id)
	key.PK = strings.Replace(key.PK, issuer, issuerID, 1)
	return table.Change{Key: key, New: now}
}

// deliver hands a change to the worker once.
func (w *world) deliver(change table.Change) error {
	w.Helper()
	handle, err := consumer.Cascade.Start(w.Deps())
	if err != nil {
		w.Fatal(err)
	}
	return handle(w.Context(), change)
}

// cascade hands the worker the change that made the consumer DELETING.
func (w *world) cascade(id string) error {
	w.Helper()
	return w.deliver(becomesDeleting(w.TB, issuer, id))
}

func consumerKey(id string) table.Key {
	return table.Key{Table: consumer.Consumers.Name, PK: "ISS#" + issuer + "#CON#" + id, SK: "CONSUMER"}
}

// stored holds attributes of a consumer's item.
type stored struct {
	State         string `dynamodbav:"state"`
	Version       int64  `dynamodbav:"version"`
	Incarnation   int64  `dynamodbav:"incarnation"`
	Accounts      int64  `dynamodbav:"accounts"`
	Cards         int64  `dynamodbav:"cards"`
	DigitalCards  int64  `dynamodbav:"digitalCards"`
	LastOperation string `dynamodbav:"lastOperation"`
}

func (w *world) stored(id string) (s stored) {
	w.Helper()
	if err := table.Decode(w.Item(consumerKey(id)), &s); err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) operations(id string) []operation.Operation {
	w.Helper()
	res := w.answers(http.StatusOK, "GET", consumerPath(id)+"/operations?limit=50", "")
	var page struct{ Operations []operation.Operation }
	if err := json.Unmarshal([]byte(res.Raw), &page); err != nil {
		w.Fatal(err)
	}
	return page.Operations
}

func (w *world) kinds(id string) string {
	w.Helper()
	var kinds []string
	for _, op := range w.operations(id) {
		kinds = append(kinds, string(op.Operation)+" "+op.Status)
	}
	return strings.Join(kinds, ", ")
}

// removed returns the counters of the latest operation: accounts, cards, digital cards.
func (w *world) removed(id string) string {
	w.Helper()
	d := w.operations(id)[0].Details
	if d == nil {
		return "no details"
	}
	return fmt.Sprint(*d.DeletedAccounts, *d.DeletedCards, *d.DeletedDigitalCards)
}

// leftovers lists the index keys of everything below a consumer.
func (w *world) leftovers(id string) []string {
	w.Helper()
	var keys []string
	q := table.Query{Table: consumer.Consumers.Name, Index: "byConsumer", PK: consumerKey(id).PK}
	err := table.All(w.Context(), w.Tap.DB, q, func(item table.Item) error {
		var k struct {
			SK string `dynamodbav:"ownerSk"`
		}
		err := table.Decode(item, &k)
		keys = append(keys, k.SK)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return keys
}

// sound fails unless the consumer's counters equal what lies below it.
func (w *world) sound(id string) stored {
	w.Helper()
	s := w.stored(id)
	want := map[string]int64{"ACC": s.Accounts, "CARD": s.Cards, "DIG": s.DigitalCards}
	got := map[string]int64{"ACC": 0, "CARD": 0, "DIG": 0}
	for _, key := range w.leftovers(id) {
		kind, _, _ := strings.Cut(key, "#")
		got[kind]++
	}
	if !maps.Equal(got, want) {
		w.Errorf("%s consumer %s counts %v, but below it lie %v", s.State, id, want, got)
	}
	return s
}

// gone fails unless nothing is left of the consumer but its operations.
func (w *world) gone(id string) {
	w.Helper()
	if s := w.sound(id); s.State != string(consumer.Deleted) || s.Accounts+s.Cards+s.DigitalCards > 0 {
		w.Errorf("consumer %s is %+v, want DELETED and nothing below", id, s)
	}
	w.answers(http.StatusNotFound, "GET", consumerPath(id), "")
}
