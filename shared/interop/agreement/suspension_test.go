package agreement_test

import (
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// suspension is the model of a suspension: the sides that suspend, and the start.
type suspension struct {
	byConsumer, byProducer, byPlatform bool
	since                              string
}

func (h suspension) any() bool { return h.byConsumer || h.byProducer || h.byPlatform }

func (h suspension) String() string {
	if !h.any() {
		return "ACTIVE"
	}
	text := "SUSPENDED"
	for _, side := range []struct {
		isSet bool
		name  string
	}{{h.byConsumer, " Consumer"}, {h.byProducer, " Producer"}, {h.byPlatform, " Platform"}} {
		if side.isSet {
			text += side.name
		}
	}
	return text
}

// step is one action: +C suspends for the consumer, -P unsuspends for the producer, -A
// revokes the attribute and +A assigns it.
type step string

// after returns the model after a step, and false when the step is refused because the
// agreement is not suspended.
func (h suspension) after(s step, at string) (suspension, bool) {
	was := h.any()
	switch s {
	case "+C":
		h.byConsumer = true
	case "+P":
		h.byProducer = true
	case "-C":
		h.byConsumer = false
	case "-P":
		h.byProducer = false
	case "-A":
		h.byPlatform = true
	case "+A":
		h.byPlatform = false
	}
	switch {
	case !h.any():
		h.since = ""
	case !was:
		h.since = at
	}
	return h, was || s[0] == '+' || s == "-A"
}

// interleaved returns all orders of two sequences.
func interleaved(a, b []step) (all [][]step) {
	if len(a) == 0 || len(b) == 0 {
		return [][]step{append(append([]step{}, a...), b...)}
	}
	for _, rest := range interleaved(a[1:], b) {
		all = append(all, append([]step{a[0]}, rest...))
	}
	for _, rest := range interleaved(a, b[1:]) {
		all = append(all, append([]step{b[0]}, rest...))
	}
	return all
}

// permuted returns all orders of the steps.
func permuted(steps []step) (all [][]step) {
	if len(steps) == 0 {
		return [][]step{nil}
	}
	for i, first := range steps {
		rest := append(append([]step{}, steps[:i]...), steps[i+1:]...)
		for _, p := range permuted(rest) {
			all = append(all, append([]step{first}, p...))
		}
	}
	return all
}

// takeSteps takes steps on an active agreement and compares it with the model after each.
// At the end the agreement is active again.
func (w *world) takeSteps(c cell, steps []step) {
	w.Helper()
	model, taken := suspension{}, ""
	for _, s := range append(steps, "-C", "-P", "+A") {
		if s == "+A" && !model.byPlatform {
			continue
		}
		w.Clock.Advance(time.Minute)
		next, accepted := model.after(s, w.stamp())
		taken += " " + string(s)
		res := w.takeStep(c, s)
		if res != nil && !accepted {
			w.Refused(*res, interop.AgreementNotSuspended)
		} else if res != nil {
			interoptest.Equal(w.TB, "the answer after"+taken, shown(*res), next.String())
		}
		model = next
		seen := w.OK(consumer, "GET", "/agreements/"+c.id, "")
		interoptest.Equal(w.TB, "after"+taken, shown(seen), model.String())
		interoptest.Equal(w.TB, "suspendedAt after"+taken, seen.Text("suspendedAt"), model.since)
	}
}

// takeStep takes a step and returns the answer, nil for a step of the platform.
func (w *world) takeStep(c cell, s step) *apitest.Response {
	w.Helper()
	switch s {
	case "-A":
		w.revoke(attribute.Certified, c.attribute, "")
		w.follow()
		return nil
	case "+A":
		w.assign(attribute.Certified, c.attribute, "")
		w.follow()
		return nil
	}
	caller, action := map[byte]*api.Identity{'C': consumer, 'P': producer}[s[1]], map[byte]string{'+': "suspend", '-': "unsuspend"}[s[0]]
	res := w.try(caller, c.id, action)
	return &res
}

// TestSuspensions suspends and unsuspends for both sides in every order.
func TestSuspensions(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.agreementIn(consumer, "ACTIVE")
		for _, steps := range permuted([]step{"+C", "+P", "-C", "-P"}) {
			w.takeSteps(c, steps)
		}
		w.checkConsistent()
	})
}

// TestSuspensionsByThePlatform takes the steps of both sides, and of an attribute that is
// lost and regained, in every possible order. DynamoDB Local runs a part of them: the order
// makes no difference to the engine.
func TestSuspensionsByThePlatform(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.agreementIn(consumer, "ACTIVE")
		for _, users := range interleaved([]step{"+C", "-C"}, []step{"+P", "-P"}) {
			for i, steps := range interleaved(users, []step{"-A", "+A"}) {
				if i%5 == 0 || !strings.HasSuffix(w.Name(), "/dynamodb") {
					w.takeSteps(c, steps)
				}
			}
		}
		w.checkConsistent()
	})
}

// TestUnsuspendLooksAgain checks that an unsuspension checks the attributes itself, before
// the platform has followed.
func TestUnsuspendLooksAgain(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.agreementIn(consumer, "C")
		w.revoke(attribute.Certified, c.attribute, "")
		interoptest.Equal(t, "without the attribute", shown(w.mustAct(consumer, c.id, "unsuspend")), "SUSPENDED Platform")
		history := w.history(c.id)
		w.follow()
		interoptest.Equal(t, "when the platform follows", w.history(c.id), history)
		w.assign(attribute.Certified, c.attribute, "")
		back := w.mustAct(producer, c.id, "unsuspend")
		interoptest.Equal(t, "with the attribute", shown(back), "ACTIVE")
		interoptest.Equal(t, "suspendedAt", back.Body["suspendedAt"], nil)
		w.follow()
		interoptest.Equal(t, "when the platform follows", w.state(c.id), "ACTIVE")
		w.checkConsistent()
	})
}

// TestUnsuspendByDescriptor checks that an agreement on a suspended or deprecated
// descriptor can be unsuspended.
func TestUnsuspendByDescriptor(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, state := range []string{"SUSPENDED", "DEPRECATED", "ARCHIVED"} {
			c := w.agreementIn(consumer, "C")
			switch state {
			case "SUSPENDED":
				w.OK(producer, "POST", c.path()+"/suspend", "")
			case "DEPRECATED":
				w.newDescriptor(c.offer, "MANUAL")
			case "ARCHIVED":
				w.archiveDescriptor(c.offer)
			}
			interoptest.Equal(t, "the descriptor", w.OK(producer, "GET", c.path(), "").Text("state"), state)
			if state == "ARCHIVED" {
				w.wantActionRefused(c.id, "unsuspend", interop.AgreementDescriptorState)
				continue
			}
			interoptest.Equal(t, state, shown(w.mustAct(consumer, c.id, "unsuspend")), "ACTIVE")
		}
	})
}

// TestSuspendedForBoth checks that a caller that is both sides suspends and unsuspends for
// both.
func TestSuspendedForBoth(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.agreementIn(producer, "ACTIVE")
		for action := range strings.FieldsSeq("suspend suspend unsuspend suspend unsuspend") {
			res := w.mustAct(producer, c.id, action)
			interoptest.Equal(t, action, shown(res), map[string]string{"suspend": "SUSPENDED Consumer Producer", "unsuspend": "ACTIVE"}[action])
			interoptest.Equal(t, action+": the flags of both sides", res.Body["suspendedByConsumer"], res.Body["suspendedByProducer"])
		}
		interoptest.Equal(t, "history", w.historyAs(producer, c.id),
			"create NONE-DRAFT, submit DRAFT-ACTIVE, suspend ACTIVE-SUSPENDED, unsuspend SUSPENDED-ACTIVE, "+
				"suspend ACTIVE-SUSPENDED, unsuspend SUSPENDED-ACTIVE")
		for _, e := range interoptest.Results(w.OK(producer, "GET", "/agreements/"+c.id+"/history", ""))[2:] {
			actor, _ := e["actor"].(object)
			interoptest.Equal(t, "the side of the actor", actor["side"], any("PRODUCER"))
		}
		w.checkConsistent()
	})
}
