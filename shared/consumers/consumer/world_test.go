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
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

const issuer = "ISSUER-001"

var (
	schemas = []table.Schema{consumer.Consumers, retention.Operations}
	ops     = append(consumer.Operations(), operation.Operations()...)
	writer  = apitest.Issuer(issuer, consumers.ScopeFull)
	reader  = apitest.Issuer(issuer, consumers.ScopeRead)
)

// world is an apitest.World with the consumers product's calls and a tap on its storage.
type world struct {
	*apitest.World
	tap *tap
}

func newWorld(db table.DB) world {
	t := &tap{DB: db}
	return world{apitest.New(t, ops), t}
}

// each runs test in a world of its own on each engine.
func each(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	t.Parallel()
	apitest.Each(t, schemas, ops, func(t *testing.T, w *apitest.World) { test(t, newWorld(w.DB)) })
}

// embedded is each without DynamoDB Local: see [apitest.Embedded].
func embedded(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	t.Parallel()
	apitest.Embedded(t, schemas, ops, func(t *testing.T, w *apitest.World) { test(t, newWorld(w.DB)) })
}

// with is another deployment on the same storage, clock and log with other
// settings, and a tap of its own.
func (w world) with(settings map[string]string) world {
	other := newWorld(w.tap.DB)
	other.Clock, other.Log = w.Clock, w.Log
	maps.Copy(other.Settings, settings)
	return other
}

func (w world) withReuse() world { return w.with(map[string]string{consumer.ReuseSetting: "true"}) }

func consumerPath(id string) string { return "/issuers/" + issuer + "/consumers/" + id }
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

// want calls as the issuer and fails unless the answer has that status.
func (w world) want(t testing.TB, status int, method, path, body string) apitest.Response {
	t.Helper()
	res := w.Call(t, writer, method, path, body)
	if res.Status != status {
		t.Fatalf("%s %s = %d, want %d\n%s", method, path, res.Status, status, res.Raw)
	}
	return res
}

func (w world) register(t testing.TB, id string) {
	t.Helper()
	w.want(t, http.StatusNoContent, "PUT", consumerPath(id), "")
}

func (w world) cards(t testing.TB, id string, cards ...string) {
	t.Helper()
	w.want(t, http.StatusNoContent, "PUT", consumerPath(id)+"/cards", cardsBody(cards...))
}

func (w world) digitalCard(t testing.TB, card, id string) {
	t.Helper()
	w.want(t, http.StatusNoContent, "PUT", digitalCardPath(card, id), "")
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
func (w world) large(t testing.TB, id string) {
	t.Helper()
	w.cards(t, id, names(id, maxAtOnce/2)...)
	w.digitalCard(t, id+"-0", "d")
}

func (w world) delete(t testing.TB, id string) apitest.Response {
	t.Helper()
	return w.Call(t, writer, "POST", consumerPath(id)+"/operations:delete", "")
}

// deleted deletes and fails unless the operation has that status.
func (w world) deleted(t testing.TB, id string, status lifecycle.State) string {
	t.Helper()
	res := w.delete(t, id)
	if res.Status != http.StatusOK || res.Text("status") != string(status) {
		t.Fatalf("delete = %d, want a %s operation\n%s", res.Status, status, res.Raw)
	}
	return res.Text("operationId")
}

// deleting registers a consumer with one account, card and digital card and
// begins to delete it while the index shows nothing, which leaves it DELETING
// without the cost of a large one. Its card has the consumer's id.
func (w world) deleting(t testing.TB, id string) (operationID string) {
	t.Helper()
	w.cards(t, id, id)
	w.digitalCard(t, id, "d")
	w.tap.Set(blind)
	defer w.tap.Set(nil)
	return w.deleted(t, id, operation.Pending)
}

// becomesDeleting is what the change feed says when the consumer becomes
// DELETING, as far as the worker cares.
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
func (w world) deliver(t testing.TB, change table.Change) error {
	t.Helper()
	handle, err := consumer.Cascade.Start(w.Deps())
	if err != nil {
		t.Fatal(err)
	}
	return handle(t.Context(), change)
}

// cascade hands the worker the change that made the consumer DELETING.
func (w world) cascade(t testing.TB, id string) error {
	t.Helper()
	return w.deliver(t, becomesDeleting(t, issuer, id))
}

func consumerKey(id string) table.Key {
	return table.Key{Table: consumer.Consumers.Name, PK: "ISS#" + issuer + "#CON#" + id, SK: "CONSUMER"}
}

// stored is what a consumer's item says.
type stored struct {
	State         string `dynamodbav:"state"`
	Version       int64  `dynamodbav:"version"`
	Incarnation   int64  `dynamodbav:"incarnation"`
	Accounts      int64  `dynamodbav:"accounts"`
	Cards         int64  `dynamodbav:"cards"`
	DigitalCards  int64  `dynamodbav:"digitalCards"`
	LastOperation string `dynamodbav:"lastOperation"`
}

// item returns what is stored at a key.
func (w world) item(t testing.TB, key table.Key) table.Item {
	t.Helper()
	item, err := w.tap.DB.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func (w world) stored(t testing.TB, id string) (s stored) {
	t.Helper()
	if err := table.Decode(w.item(t, consumerKey(id)), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (w world) operations(t testing.TB, id string) []operation.Operation {
	t.Helper()
	res := w.want(t, http.StatusOK, "GET", consumerPath(id)+"/operations?limit=50", "")
	var page struct{ Operations []operation.Operation }
	if err := json.Unmarshal([]byte(res.Raw), &page); err != nil {
		t.Fatal(err)
	}
	return page.Operations
}

func (w world) kinds(t testing.TB, id string) string {
	t.Helper()
	var kinds []string
	for _, op := range w.operations(t, id) {
		kinds = append(kinds, string(op.Operation)+" "+op.Status)
	}
	return strings.Join(kinds, ", ")
}

// removed is what the latest operation says was removed: accounts, cards, digital cards.
func (w world) removed(t testing.TB, id string) string {
	t.Helper()
	d := w.operations(t, id)[0].Details
	if d == nil {
		return "nothing said"
	}
	return fmt.Sprint(*d.DeletedAccounts, *d.DeletedCards, *d.DeletedDigitalCards)
}

// leftovers lists the index keys of everything below a consumer.
func (w world) leftovers(t testing.TB, id string) []string {
	t.Helper()
	var keys []string
	q := table.Query{Table: consumer.Consumers.Name, Index: "byConsumer", PK: consumerKey(id).PK}
	err := table.All(t.Context(), w.tap.DB, q, func(item table.Item) error {
		var k struct {
			SK string `dynamodbav:"ownerSk"`
		}
		err := table.Decode(item, &k)
		keys = append(keys, k.SK)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// sound fails unless the consumer's counters equal what lies below it.
func (w world) sound(t testing.TB, id string) stored {
	t.Helper()
	s := w.stored(t, id)
	want := map[string]int64{"ACC": s.Accounts, "CARD": s.Cards, "DIG": s.DigitalCards}
	got := map[string]int64{"ACC": 0, "CARD": 0, "DIG": 0}
	for _, key := range w.leftovers(t, id) {
		kind, _, _ := strings.Cut(key, "#")
		got[kind]++
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s consumer %s counts %v, but below it lie %v", s.State, id, want, got)
	}
	return s
}

// gone fails unless nothing is left of the consumer but its operations.
func (w world) gone(t testing.TB, id string) {
	t.Helper()
	if s := w.sound(t, id); s.State != string(consumer.Deleted) || s.Accounts+s.Cards+s.DigitalCards > 0 {
		t.Errorf("consumer %s is %+v, want DELETED and nothing below", id, s)
	}
	w.want(t, http.StatusNotFound, "GET", consumerPath(id), "")
}
