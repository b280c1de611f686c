package consumer_test

import (
	"fmt"
	"net/http"
	"testing"

	"ciclo/shared/consumers/operation"
)

// act is a change of a consumer. Tests make each call of it fail.
type act struct {
	name    string
	prepare func(w *world, id string)
	index   hook // what the index shows during the act
	// do makes the change and returns the status of the answer.
	do func(w *world, id string) int
	ok []int // statuses of success, when first done and when repeated
	// The consumer's summary goes from before to after, in one step unless
	// steps is set.
	before, after string
	steps         bool
	onTheWire     bool // TestFaults breaks it
}

func acts() []act {
	put := func(path func(id string) string, body func(id string) string) func(*world, string) int {
		return func(w *world, id string) int {
			return w.As(writer, "PUT", path(id), body(id)).Status
		}
	}
	none := func(string) string { return "" }
	cardsPath := func(id string) string { return consumerPath(id) + "/cards" }
	oneCard := func(w *world, id string) { w.cards(id, id) }
	return append([]act{
		{
			name: "register", onTheWire: true, index: pass, prepare: func(*world, string) {},
			do: put(consumerPath, none), ok: []int{204, 204},
			before: " v0 0 0 0", after: "ACTIVE v1 0 0 0, REGISTER SUCCESSFUL",
		},
		{
			name: "register-cards", onTheWire: true, index: pass, prepare: func(*world, string) {},
			do: put(cardsPath, func(id string) string { return cardsBody(id) }), ok: []int{204, 204},
			before: " v0 0 0 0", after: "ACTIVE v1 1 1 0, REGISTER SUCCESSFUL",
		},
		{
			name: "add-cards", index: pass, prepare: (*world).registerOne,
			do: put(cardsPath, func(id string) string { return cardsBody(id) }), ok: []int{204, 204},
			before: "ACTIVE v1 0 0 0, REGISTER SUCCESSFUL", after: "ACTIVE v2 1 1 0, REGISTER SUCCESSFUL",
		},
		{
			name: "account", index: pass, prepare: (*world).registerOne,
			do: put(accountPath, accountBody), ok: []int{204, 204},
			before: "ACTIVE v1 0 0 0, REGISTER SUCCESSFUL", after: "ACTIVE v2 1 0 0, REGISTER SUCCESSFUL",
		},
		{
			name: "digital-card", index: pass, prepare: oneCard,
			do: put(func(id string) string { return digitalCardPath(id, "d") }, none), ok: []int{204, 204},
			before: "ACTIVE v1 1 1 0, REGISTER SUCCESSFUL", after: "ACTIVE v2 1 1 1, REGISTER SUCCESSFUL",
		},
	}, deletions()...)
}

// deletions are the acts that delete a consumer or a part of it.
func deletions() []act {
	remove := func(w *world, id string) int { return w.delete(id).Status }
	cascade := func(w *world, id string) int {
		if err := w.cascade(id); err != nil {
			return http.StatusServiceUnavailable
		}
		return http.StatusNoContent
	}
	oneCard := func(w *world, id string) { w.cards(id, id) }
	return []act{
		{
			name: "delete", onTheWire: true, index: pass, prepare: oneCard,
			do: remove, ok: []int{200, 404},
			before: "ACTIVE v1 1 1 0, REGISTER SUCCESSFUL",
			after:  "DELETED v2 0 0 0, DELETE SUCCESSFUL removed 1 1 0, REGISTER SUCCESSFUL",
		},
		{
			name: "delete-large", onTheWire: true, prepare: oneCard, index: blind,
			do: remove, ok: []int{200, 200},
			before: "ACTIVE v1 1 1 0, REGISTER SUCCESSFUL",
			after:  "DELETING v2 1 1 0, DELETE PENDING, REGISTER SUCCESSFUL",
		},
		{
			name: "cascade", index: pass, prepare: func(w *world, id string) { w.deleting(id) },
			do: cascade, ok: []int{204, 204}, steps: true,
			after: "DELETED v7 0 0 0, DELETE SUCCESSFUL removed 1 1 1, REGISTER SUCCESSFUL",
		},
		{
			name: "cascade-of-one", onTheWire: true, index: pass, prepare: func(w *world, id string) {
				w.register(id)
				w.answers(http.StatusNoContent, "PUT", accountPath(id), accountBody(id))
				w.Tap.Set(blind)
				w.deleted(id, operation.Pending)
			},
			do: cascade, ok: []int{204, 204}, steps: true,
			after: "DELETED v5 0 0 0, DELETE SUCCESSFUL removed 1 0 0, REGISTER SUCCESSFUL",
		},
	}
}

// registerOne is register as act.prepare takes it.
func (w *world) registerOne(id string) { w.register(id) }

// summary returns state, version, counters and operations of a consumer as text. It fails
// unless they are sound.
func (w *world) summary(id string) string {
	w.Helper()
	s := w.sound(id)
	text := fmt.Sprintf("%s v%d %d %d %d", s.State, s.Version, s.Accounts, s.Cards, s.DigitalCards)
	for _, op := range w.operations(id) {
		text += fmt.Sprintf(", %s %s", op.Operation, op.Status)
		if d := op.Details; d != nil {
			text += fmt.Sprintf(" removed %d %d %d", *d.DeletedAccounts, *d.DeletedCards, *d.DeletedDigitalCards)
		}
		if (op.EndTime == "") != (op.Status == string(operation.Pending)) {
			text += " until " + op.EndTime
		}
	}
	return text
}

// broken does a once in a storage that fails it, then again in one that does
// not, and holds both against what the act promises. It returns the status of
// the first time.
func (w *world) broken(a act, id string, fail func(do func(testing.TB) int) int) int {
	w.Helper()
	w.Tap.Set(nil)
	a.prepare(w, id)
	w.Tap.Set(a.index)
	status := fail(func(t testing.TB) int { return a.do(&world{w.For(t)}, id) })
	if status != a.ok[0] && status != http.StatusServiceUnavailable {
		w.Errorf("%s: answered with %d, want %d or 503", id, status, a.ok[0])
	}
	w.Tap.Set(a.index)
	between := w.summary(id)
	if between != a.before && between != a.after && !a.steps {
		w.Errorf("%s: half done: %s, neither %s nor %s", id, between, a.before, a.after)
	}
	if status == a.ok[0] && between != a.after {
		w.Errorf("%s: answered with %d, but: %s, want %s", id, status, between, a.after)
	}
	want := a.ok[0]
	if between == a.after {
		want = a.ok[1]
	}
	if status := a.do(w, id); status != want {
		w.Errorf("%s: repeated, answered with %d, want %d", id, status, want)
	}
	if now := w.summary(id); now != a.after {
		w.Errorf("%s: in the end %s, want %s", id, now, a.after)
	}
	w.Tap.Set(nil)
	return status
}
