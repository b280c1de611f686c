package consumer_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/testing/apitest"
)

// The ids and values that commands are drawn from.
var (
	people   = []string{"ann", "bob"}
	cardIDs  = []string{"c", "c-1", "d"}
	accounts = rapid.SampledFrom([]string{"x", "ann"})
	states   = rapid.SampledFrom([]string{"ACTIVE", "INACTIVE"})
)

// TestRandomCommands makes random calls of two issuers with a few ids. After each call it
// compares a part of what they can read with the model.
func TestRandomCommands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		db, err := bolt.Open("", consumerstest.Schemas)
		if err != nil {
			rt.Fatal(err)
		}
		defer db.Close()
		r := &run{t: t, w: &world{suite.On(t, db)}, models: map[string]*model{}}
		reuse := rapid.Bool().Draw(rt, "reuse")
		if reuse {
			r.w = r.w.withReuse()
		}
		for _, r.issuer = range []string{"ISSUER-002", issuer} {
			r.models[r.issuer] = newModel(reuse)
			r.call(rt, "PUT", consumerPath("ann")+"/cards", `{"cards":[{"cardId":"c"},{"cardId":"d","accountId":"x"}]}`, http.StatusNoContent,
				r.models[r.issuer].putCards("ann", []card{{"c", "ann", "ACTIVE"}, {"d", "x", "ACTIVE"}}))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"":             func(rt *rapid.T) { r.compare(rt, r.issuer, r.consumer, rapid.IntRange(0, 2).Draw(rt, "what to read")) },
			"register":     r.register,
			"cards":        r.cards,
			"more cards":   r.cards,
			"account":      r.account,
			"digital card": r.digitalCard,
			"delete":       r.delete,
			"cascade":      r.cascade,
			"worker":       r.cascade,
			"stranger":     r.stranger,
		})
		for issuerID, m := range r.models {
			for id := range m.consumers {
				for what := range 3 {
					r.compare(rt, issuerID, id, what)
				}
			}
		}
	})
}

// run is one sequence of commands.
type run struct {
	t      *testing.T
	w      *world
	models map[string]*model
	// The issuer of the last call and its consumer.
	issuer, consumer string
}

// actor draws the issuer of the next call, and moves the clock.
func (r *run) actor(rt *rapid.T) *model {
	r.w.Clock.Advance(7e6)
	r.issuer = rapid.SampledFrom([]string{issuer, issuer, "ISSUER-002"}).Draw(rt, "issuer")
	return r.models[r.issuer]
}

// pick draws a consumer, one in those states if there is one.
func (r *run) pick(rt *rapid.T, m *model, states ...lifecycle.State) string {
	var fit []string
	for _, id := range people {
		if slices.Contains(states, m.person(id).state) {
			fit = append(fit, id)
		}
	}
	if len(fit) == 0 {
		fit = people
	}
	r.consumer = rapid.SampledFrom(fit).Draw(rt, "consumer")
	return r.consumer
}

// call calls as the actor and fails unless the answer has that status and code.
func (r *run) call(rt *rapid.T, method, path, body string, status int, code problem.Code) apitest.Response {
	rt.Helper()
	path = strings.Replace(path, issuer, r.issuer, 1)
	res := r.w.Call(r.t, apitest.Issuer(r.issuer, consumers.ScopeFull), method, path, body)
	if res.Status != status || res.Text("errorCode") != code.Name && status >= 400 {
		rt.Fatalf("%s %s %s = %d %s, want %d %s", method, path, body, res.Status, res.Raw, status, code.Name)
	}
	return res
}

func (r *run) register(rt *rapid.T) {
	m := r.actor(rt)
	id := r.pick(rt, m)
	code := m.putRegister(id)
	r.call(rt, "PUT", consumerPath(id), "", statusOf(code, http.StatusNoContent), code)
}

func (r *run) cards(rt *rapid.T) {
	m := r.actor(rt)
	id := r.pick(rt, m)
	var cards []card
	var entries []string
	for _, c := range rapid.SliceOfNDistinct(rapid.SampledFrom(cardIDs), 1, 3, rapid.ID[string]).Draw(rt, "cards") {
		entry := card{c, accounts.Draw(rt, "account"), states.Draw(rt, "state")}
		cards = append(cards, entry)
		entries = append(entries, fmt.Sprintf(`{"cardId":%q,"accountId":%q,"state":%q}`, entry.id, entry.account, entry.state))
	}
	code := m.putCards(id, cards)
	r.call(rt, "PUT", consumerPath(id)+"/cards", `{"cards":[`+strings.Join(entries, ",")+`]}`, statusOf(code, http.StatusNoContent), code)
}

func (r *run) account(rt *rapid.T) {
	m := r.actor(rt)
	id := r.pick(rt, m, consumer.Active)
	account := accounts.Draw(rt, "account")
	state := states.Draw(rt, "state")
	code := m.putChild("ACCOUNT "+account, id, state)
	r.call(rt, "PUT", accountPath(account), fmt.Sprintf(`{"consumerId":%q,"state":%q}`, id, state), statusOf(code, http.StatusNoContent), code)
}

func (r *run) digitalCard(rt *rapid.T) {
	m := r.actor(rt)
	c := rapid.SampledFrom(cardIDs).Draw(rt, "card")
	state := states.Draw(rt, "state")
	id := rapid.SampledFrom([]string{"-", "1"}).Draw(rt, "digital card")
	code := consumers.CardNotFound
	if parent, ok := m.children["CARD "+c]; ok {
		code = m.putChild("DIG "+c+" "+id, parent.owner, state)
	}
	r.call(rt, "PUT", digitalCardPath(c, id), fmt.Sprintf(`{"state":%q}`, state), statusOf(code, http.StatusNoContent), code)
}

// delete deletes while the index shows what is there, or nothing.
func (r *run) delete(rt *rapid.T) {
	m := r.actor(rt)
	atOnce := rapid.Bool().Draw(rt, "at once")
	id := r.pick(rt, m)
	status, code := m.remove(id, atOnce)
	if !atOnce {
		r.w.Tap.Set(blind)
		defer r.w.Tap.Set(nil)
	}
	res := r.call(rt, "POST", consumerPath(id)+"/operations:delete", "", statusOf(code, http.StatusOK), code)
	if res.Text("status") != status && code.Name == "" {
		rt.Fatalf("delete: %s, want %s", res.Raw, status)
	}
}

// cascade runs the worker, which may meet something that it cannot remove.
func (r *run) cascade(rt *rapid.T) {
	m := r.actor(rt)
	id := r.pick(rt, m, consumer.Deleting)
	stuck := rapid.SampledFrom([]string{"nothing", "nothing", "DIG", "CARD", "ACCOUNT"}).Draw(rt, "stuck")
	failed := m.cascade(id, stuck)
	r.w.Tap.Set(unremovable(stuck))
	defer r.w.Tap.Set(nil)
	if err := r.w.deliver(becomesDeleting(r.t, r.issuer, id)); (err != nil) != failed {
		rt.Fatalf("cascade: %v, want a failure: %t", err, failed)
	}
}

// stranger uses a path of the other issuer, to no effect.
func (r *run) stranger(rt *rapid.T) {
	m := r.actor(rt)
	var other *api.Identity
	for id := range r.models {
		if id != r.issuer {
			other = apitest.Issuer(id, consumers.ScopeFull)
		}
	}
	path := strings.Replace(consumerPath(r.pick(rt, m)), issuer, r.issuer, 1)
	call := rapid.SampledFrom([]struct{ method, path string }{
		{"PUT", path},
		{"POST", path + "/operations:delete"},
		{"GET", path + "/cards"},
	}).Draw(rt, "call")
	if res := r.w.Call(r.t, other, call.method, call.path, ""); res.Status != http.StatusForbidden {
		rt.Fatalf("%s %s by a stranger = %d", call.method, call.path, res.Status)
	}
}

// compare reads a consumer and one thing more: its cards, its issuer's, or its
// operations.
func (r *run) compare(rt *rapid.T, issuerID, id string, what int) {
	if id == "" {
		return
	}
	r.issuer = issuerID
	m := r.models[issuerID]
	p := m.person(id)
	live := p.state != lifecycle.None && p.state != consumer.Deleted
	res := r.call(rt, "GET", consumerPath(id), "", statusOfRead(live), consumers.ConsumerNotFound)
	want := fmt.Sprint(p.state, m.count(id, "ACCOUNT"), m.count(id, "CARD"), m.count(id, "DIG"))
	if got := fmt.Sprint(res.Text("state"), res.Body["accounts"], res.Body["cards"], res.Body["digitalCards"]); live && got != want {
		rt.Fatalf("consumer %s is %s, want %s", id, got, want)
	}
	switch what {
	case 0:
		r.compareCards(rt, m, id, live)
	case 1:
		r.compareEachCard(rt, m)
	default:
		r.compareOperations(rt, id, p)
	}
	var s stored
	if err := table.Decode(r.w.Item(becomesDeleting(r.t, issuerID, id).Key), &s); err != nil || s.Version != p.version {
		rt.Fatalf("consumer %s has version %d, want %d (%v)", id, s.Version, p.version, err)
	}
}

func (r *run) compareCards(rt *rapid.T, m *model, id string, live bool) {
	res := r.call(rt, "GET", consumerPath(id)+"/cards", "", statusOfRead(live), consumers.ConsumerNotFound)
	listed, _ := res.Body["cards"].([]any)
	keys := m.under(id, "CARD ")
	if live && len(listed) != len(keys) {
		rt.Fatalf("cards of %s: %s, want %v", id, res.Raw, keys)
	}
	for i, key := range keys {
		cardID := strings.TrimPrefix(key, "CARD ")
		want, _ := m.view(cardID)
		if got := readCard(listed[i]); got != want {
			rt.Fatalf("listed card %s, want %s", got, want)
		}
	}
}

func (r *run) compareEachCard(rt *rapid.T, m *model) {
	for _, id := range cardIDs {
		want, there := m.view(id)
		res := r.call(rt, "GET", cardPath(id), "", statusOfRead(there), consumers.CardNotFound)
		if got := readCard(res.Body); there && got != want {
			rt.Fatalf("card %s, want %s", got, want)
		}
	}
}

// readCard returns a card of an answer in the form of model.view.
func readCard(body any) string {
	c, _ := body.(map[string]any)
	text := fmt.Sprintf("%v %v %v %v", c["consumerId"], c["cardId"], c["accountId"], c["state"])
	digital, _ := c["digitalCards"].([]any)
	for _, d := range digital {
		d, _ := d.(map[string]any)
		text += fmt.Sprintf(" [%v %v]", d["digitalCardId"], d["state"])
	}
	return text
}

func (r *run) compareOperations(rt *rapid.T, id string, p *person) {
	res := r.call(rt, "GET", consumerPath(id)+"/operations", "", http.StatusOK, problem.Code{})
	listed, _ := res.Body["operations"].([]any)
	if remaining := res.Body["remainingOperations"].(float64); len(listed)+int(remaining) != len(p.operations) {
		rt.Fatalf("operations of %s: %s, want %v", id, res.Raw, p.operations)
	}
	for i, op := range listed {
		op, _ := op.(map[string]any)
		got := fmt.Sprintf("%v %v", op["operation"], op["status"])
		if d, ok := op["details"].(map[string]any); ok {
			got += fmt.Sprintf(" %v %v %v", d["deletedAccounts"], d["deletedCards"], d["deletedDigitalCards"])
		}
		if got != p.operations[i] || (op["status"] == string(operation.Pending)) != (op["endTime"] == nil) {
			rt.Fatalf("operation %d of %s is %s, want %s", i, id, got, p.operations[i])
		}
	}
}
