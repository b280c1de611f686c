package consumer_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

func TestMachinesAreSound(t *testing.T) {
	t.Parallel()
	for _, m := range []*lifecycle.Machine{consumer.Machine, operation.Machine} {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
}

// The issuer's actions in the rules.
const (
	register lifecycle.Action = "register"
	addChild lifecycle.Action = "addChild"
	remove   lifecycle.Action = "delete"
)

// stage is a state of a consumer and the calls that lead there. If it has cards, one of them
// has the consumer's id with -0 appended.
type stage struct {
	name  string
	state lifecycle.State
	fits  bool // all of the consumer in one transaction
	enter func(w *world, id string)
}

func stages() []stage {
	// failed stops the cascade of a large consumer at the first of that kind.
	failed := func(kind string) func(*world, string) {
		return func(w *world, id string) {
			w.large(id)
			w.deleted(id, operation.Pending)
			w.Tap.Set(unremovable(kind))
			defer w.Tap.Set(nil)
			if err := w.cascade(id); err == nil {
				w.Fatal("the cascade did not fail")
			}
		}
	}
	return []stage{
		{"none", lifecycle.None, true, func(*world, string) {}},
		{"small", consumer.Active, true, func(w *world, id string) { w.cards(id, id+"-0") }},
		{"large", consumer.Active, false, (*world).large},
		{"deleting", consumer.Deleting, false, func(w *world, id string) {
			w.large(id)
			w.deleted(id, operation.Pending)
		}},
		{"failed-large", consumer.DeleteFailed, false, failed("DIG")},
		{"failed-small", consumer.DeleteFailed, true, failed("CARD")},
		{"deleted", consumer.Deleted, true, func(w *world, id string) {
			w.cards(id, id+"-0")
			w.deleted(id, operation.Successful)
		}},
	}
}

// write is a write of the issuer.
type write struct {
	name    string
	action  lifecycle.Action
	ok      int
	missing problem.Code // the refusal when there is nothing
	do      func(w *world, id string) apitest.Response
}

func writes() []write {
	return []write{
		{"register", register, http.StatusNoContent, problem.Code{}, func(w *world, id string) apitest.Response {
			return w.As(writer, "PUT", consumerPath(id), "")
		}},
		{"register-cards", addChild, http.StatusNoContent, problem.Code{}, func(w *world, id string) apitest.Response {
			return w.As(writer, "PUT", consumerPath(id)+"/cards", cardsBody(id+"-new"))
		}},
		{"account", addChild, http.StatusNoContent, consumers.ConsumerNotFound, func(w *world, id string) apitest.Response {
			return w.As(writer, "PUT", accountPath(id+"-new"), accountBody(id))
		}},
		{"digital-card", addChild, http.StatusNoContent, consumers.CardNotFound, func(w *world, id string) apitest.Response {
			return w.As(writer, "PUT", digitalCardPath(id+"-0", "new"), "")
		}},
		{"delete", remove, http.StatusOK, consumers.ConsumerNotFound, (*world).delete},
	}
}

// in is the action that m is on a consumer in that state.
func (m write) in(state lifecycle.State) lifecycle.Action {
	if m.name == "register-cards" && (state == lifecycle.None || state == consumer.Deleted) {
		return register
	}
	return m.action
}

// TestTransitionMatrix takes every action in every state, with and without reuse of ids, and
// compares the result with the rules. Reads return the state and do not change it.
func TestTransitionMatrix(t *testing.T) {
	each(t, func(w *world) {
		taken := map[string]bool{}
		for _, reuse := range []bool{false, true} {
			w := w.with(map[string]string{consumer.ReuseSetting: fmt.Sprint(reuse)})
			for _, s := range stages() {
				w.eachWrite(s, reuse, taken)
			}
		}
		for _, r := range consumer.Machine.Rules {
			for _, from := range r.From {
				if slices.Contains(r.By, consumer.Issuer) && !taken[r.Why+string(from)] {
					w.Errorf("the rule %s from %s to %s was never taken", r.Action, from, r.To)
				}
			}
		}
	})
}

// eachWrite makes each write in a stage and adds the rules to taken.
func (w *world) eachWrite(s stage, reuse bool, taken map[string]bool) {
	w.Helper()
	id := ""
	current := lifecycle.State("")
	for _, m := range writes() {
		if current != s.state { // the write before changed the state
			id = fmt.Sprintf("%s-%s-%t", s.name, m.name, reuse)
			s.enter(w, id)
			current = s.state
			w.reads(s, id)
		}
		facts := lifecycle.Facts{consumer.Fits: s.fits, consumer.ReuseAllowed: reuse}
		rule, err := consumer.Machine.Plan(s.state, m.in(s.state), consumer.Issuer, facts)
		if err != nil {
			w.refuses(s.state, m, id, facts)
			continue
		}
		w.accepts(s.state, m, id, rule)
		current = rule.To
		taken[rule.Why+string(s.state)] = true
	}
}

// accepts makes a call that the rules allow.
func (w *world) accepts(from lifecycle.State, m write, id string, rule lifecycle.Rule) {
	w.Helper()
	before := w.stored(id)
	res := m.do(w, id)
	after := w.stored(id)
	if res.Status != m.ok || after.State != string(rule.To) {
		w.Errorf("%s in %s = %d and %s, want %d and %s\n%s", m.name, from, res.Status, after.State, m.ok, rule.To, res.Raw)
	}
	version := before.Version + 1
	if rule.Action != addChild && rule.To == from {
		version = before.Version // a repeat
	}
	if after.Version != version {
		w.Errorf("%s in %s: version %d follows %d", m.name, from, after.Version, before.Version)
	}
	w.sound(id)
}

// refuses makes a call that the rules do not allow.
func (w *world) refuses(from lifecycle.State, m write, id string, facts lifecycle.Facts) {
	w.Helper()
	code := consumers.OperationInProgress
	switch {
	case from == consumer.Deleted && m.in(from) == register:
		code = consumers.ConsumerDeleted
	case from == consumer.Deleted, from == lifecycle.None:
		code = m.missing
	}
	before := attributes(w.TB, w.Item(consumerKey(id)))
	log := w.kinds(id)
	res := m.do(w, id)
	if res.Status != code.Status || res.Text("errorCode") != code.Name {
		w.Errorf("%s in %s = %d, want %v\n%s", m.name, from, res.Status, code, res.Raw)
	}
	if code.Status == http.StatusConflict {
		allowed := fmt.Sprint(consumer.Machine.Allowed(from, consumer.Issuer, facts))
		if got := fmt.Sprint(res.Body["allowedActions"]); res.Text("state") != string(from) || got != allowed {
			w.Errorf("%s in %s says state %s allows %s, want %s", m.name, from, res.Text("state"), got, allowed)
		}
	}
	if diff := cmp.Diff(before, attributes(w.TB, w.Item(consumerKey(id)))); diff != "" || w.kinds(id) != log {
		w.Errorf("%s in %s was refused but changed the consumer or its log: %s", m.name, from, diff)
	}
}

// attributes returns all attributes of an item.
func attributes(t testing.TB, item table.Item) (all map[string]any) {
	t.Helper()
	if err := table.Decode(item, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// reads reads the consumer in all ways and fails unless the answers fit its state.
func (w *world) reads(s stage, id string) {
	w.Helper()
	before := w.stored(id)
	exists := s.state != lifecycle.None && s.state != consumer.Deleted
	for path, missing := range map[string]problem.Code{
		consumerPath(id):            consumers.ConsumerNotFound,
		consumerPath(id) + "/cards": consumers.ConsumerNotFound,
		cardPath(id + "-0"):         consumers.CardNotFound,
	} {
		res := w.As(reader, "GET", path, "")
		switch {
		case exists && res.Status != http.StatusOK:
			w.Errorf("%s: GET %s = %d, want 200", id, path, res.Status)
		case !exists && (res.Status != missing.Status || res.Text("errorCode") != missing.Name):
			w.Errorf("%s: GET %s = %d, want %v\n%s", id, path, res.Status, missing, res.Raw)
		case exists && path == consumerPath(id) && res.Text("state") != string(s.state):
			w.Errorf("%s: state = %s", id, res.Text("state"))
		}
	}
	list := w.answers(http.StatusOK, "GET", consumerPath(id)+"/operations", "")
	logged, _ := list.Body["operations"].([]any)
	if logged == nil || (len(logged) == 0) != (s.state == lifecycle.None) {
		w.Errorf("%s: operations = %s", id, list.Raw)
	}
	if len(logged) > 0 {
		w.answers(http.StatusOK, "GET", consumerPath(id)+"/operations/"+w.operations(id)[0].OperationID, "")
	}
	if after := w.stored(id); after != before {
		w.Errorf("%s: reading changed the consumer from %+v to %+v", id, before, after)
	}
}
