package agreement_test

import (
	"maps"
	"slices"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// crowd is the number of simultaneous calls.
const crowd = 64

// race makes the same call crowd times at once and counts the answers. No call writes
// before all have reached their write. Afterwards the stored items must be consistent.
func (w *world) race(what string, call func(i int) apitest.Response, want map[string]int) {
	w.Helper()
	count := w.Race(crowd, crowd, func(i int) string { return answer(call(i)) })
	if !maps.Equal(count, want) {
		w.Errorf("%s: answers are %v, want %v", what, count, want)
	}
	w.checkSettled()
}

// answer returns the agreement of a success, or the code of a refusal.
func answer(res apitest.Response) string {
	if code := interoptest.CodeOf(res); code != "" {
		return code
	}
	return shown(res)
}

// checkSettled checks that the stored items are consistent, before and after the platform
// has followed.
func (w *world) checkSettled() {
	w.Helper()
	w.checkConsistent()
	w.follow()
	w.checkConsistent()
	w.checkFollowed()
}

// TestCrowds takes the same action many times at once. It takes effect once.
func TestCrowds(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		const others = crowd - 1
		o := w.newOffer("MANUAL")
		id := w.createInCrowd(o)
		w.race("submitting", func(int) apitest.Response { return w.try(consumer, id, "submit") },
			map[string]int{"PENDING": 1, interop.AgreementNotInState.Name: others})
		w.race("approving", func(int) apitest.Response { return w.try(producer, id, "approve") },
			map[string]int{"ACTIVE": 1, interop.AgreementNotPending.Name: others})
		w.race("suspending", func(int) apitest.Response { return w.try(consumer, id, "suspend") }, map[string]int{"SUSPENDED Consumer": crowd})
		w.race("unsuspending", func(int) apitest.Response { return w.try(consumer, id, "unsuspend") },
			map[string]int{"ACTIVE": 1, interop.AgreementNotSuspended.Name: others})
		w.newDescriptor(o, "MANUAL")
		w.race("upgrading", func(int) apitest.Response { return w.try(consumer, id, "upgrade") },
			map[string]int{"ACTIVE": 1, interop.AgreementNotInState.Name: others})
		interoptest.Equal(w.TB, "history", w.history(id),
			"create NONE-DRAFT, submit DRAFT-PENDING, approve PENDING-ACTIVE, "+
				"suspend ACTIVE-SUSPENDED, unsuspend SUSPENDED-ACTIVE, upgrade ACTIVE-ARCHIVED")
		var next string
		for _, a := range interoptest.Results(w.OK(consumer, "GET", "/agreements?states=ACTIVE", "")) {
			next, _ = a["id"].(string)
		}
		interoptest.Equal(w.TB, "history", w.history(next), "upgrade NONE-ACTIVE")
		w.race("archiving", func(int) apitest.Response { return w.try(consumer, next, "archive") },
			map[string]int{"ARCHIVED": 1, interop.AgreementNotInState.Name: others})
	})
}

// TestCrowdOfCreates creates many agreements on one e-service at once. One is created.
func TestCrowdOfCreates(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		interoptest.Equal(t, "the only agreement", w.state(w.createInCrowd(w.newOffer("MANUAL"))), "DRAFT")
	})
}

// createInCrowd makes many calls that create an agreement and returns the only one.
func (w *world) createInCrowd(o offer) string {
	w.Helper()
	w.race("creating", func(int) apitest.Response {
		return w.As(consumer, "POST", "/agreements", interoptest.JSON(object{"eserviceId": o.id, "descriptorId": o.descriptor}))
	}, map[string]int{"DRAFT": 1, interop.AgreementExists.Name: crowd - 1})
	return w.only("DRAFT")
}

// TestCrowdsOfDrafts is TestCrowds for the actions that create and end drafts.
func TestCrowdsOfDrafts(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		const others = crowd - 1
		o, declared := w.newOffer("AUTOMATIC"), w.attribute(attribute.Declared)
		id := w.createDraft(o)
		w.race("submitting", func(int) apitest.Response { return w.try(consumer, id, "submit") },
			map[string]int{"ACTIVE": 1, interop.AgreementNotInState.Name: others})
		w.newDescriptor(o, "MANUAL", requirement{attribute.Declared, []string{declared}})
		w.race("upgrading", func(int) apitest.Response { return w.try(consumer, id, "upgrade") },
			map[string]int{"DRAFT": 1, interop.AgreementExists.Name: others})
		draft := w.only("DRAFT")
		w.assign(attribute.Declared, declared, "")
		w.mustAct(consumer, draft, "submit")
		w.race("rejecting", func(int) apitest.Response { return w.try(producer, draft, "reject") },
			map[string]int{"REJECTED": 1, interop.AgreementNotInState.Name: others})
		w.mustAct(consumer, id, "archive")
		w.race("cloning", func(int) apitest.Response { return w.try(consumer, draft, "clone") },
			map[string]int{"DRAFT": 1, interop.AgreementExists.Name: others})
		clone := w.only("DRAFT")
		w.race("deleting", func(int) apitest.Response { return w.As(consumer, "DELETE", "/agreements/"+clone, "") },
			map[string]int{"": 1, interop.AgreementNotFound.Name: others})
		interoptest.Equal(w.TB, "history", w.history(clone), "clone NONE-DRAFT, delete DRAFT-NONE")
	})
}

// only returns the id of the only agreement of the consumer in the state.
func (w *world) only(state string) string {
	w.Helper()
	all := interoptest.Results(w.OK(consumer, "GET", "/agreements?states="+state, ""))
	if len(all) != 1 {
		w.Fatalf("%d agreements are %s, want 1", len(all), state)
	}
	id, _ := all[0]["id"].(string)
	return id
}

// pair has two calls that can come in either order.
type pair struct {
	first, second func() apitest.Response
	after         func() // checks the outcome after the platform has followed
}

// interleaved makes one call of a pair right before each engine call of the other, and
// after it, with either call as the outer one. It checks that the pairs of answers are
// exactly those of want.
func (w *world) interleaved(what string, begin func() pair, want ...string) {
	w.Helper()
	seen := map[string]bool{}
	for _, swapped := range []bool{false, true} {
		for k, met := 0, true; met; k++ {
			p := begin()
			outer, inner := p.first, p.second
			if swapped {
				outer, inner = inner, outer
			}
			var within apitest.Response
			met = false
			w.Tap.During(k, func(*hooked.Call) bool { return true }, func() {
				met = true
				within = inner()
			})
			around := outer()
			w.Tap.Set(nil)
			if !met {
				within = inner()
			}
			if swapped {
				around, within = within, around
			}
			seen[answer(around)+" + "+answer(within)] = true
			w.checkSettled()
			if p.after != nil {
				p.after()
			}
			w.clear()
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
		w.Errorf("%s: answers are %q, want %q", what, got, want)
	}
}

// clear removes all agreements, so that the next step of a test begins without them.
func (w *world) clear() {
	w.Helper()
	w.Reset(ofAgreements)
}

// actionCall returns a call that takes an action on an agreement.
func (w *world) actionCall(caller *api.Identity, id, action string) func() apitest.Response {
	return func() apitest.Response { return w.try(caller, id, action) }
}

// publishCall returns a call that publishes the descriptor at the path.
func (w *world) publishCall(descriptor string) func() apitest.Response {
	return func() apitest.Response { return w.As(producer, "POST", descriptor+"/publish", "") }
}

// deleteCall returns a call that deletes an agreement.
func (w *world) deleteCall(id string) func() apitest.Response {
	return func() apitest.Response { return w.As(consumer, "DELETE", "/agreements/"+id, "") }
}

// TestPairs takes two actions on the same agreement, or one on its e-service.
func TestPairs(t *testing.T) {
	t.Parallel()
	notIn, noSuch := interop.AgreementNotInState.Name, interop.AgreementNotFound.Name
	embedded(t, func(w *world) {
		w.interleaved("creating and publishing", func() pair {
			o := w.newOffer("AUTOMATIC")
			next := w.newDraftDescriptor(o)
			return pair{first: func() apitest.Response {
				return w.As(consumer, "POST", "/agreements", interoptest.JSON(object{"eserviceId": o.id, "descriptorId": o.descriptor}))
			}, second: w.publishCall(next)}
		}, "DRAFT + PUBLISHED", interop.NotLatestDescriptor.Name+" + PUBLISHED")
		w.interleaved("submitting and publishing", func() pair {
			o := w.newOffer("AUTOMATIC")
			next, id := w.newDraftDescriptor(o), w.createDraft(o)
			return pair{first: w.actionCall(consumer, id, "submit"), second: w.publishCall(next)}
		}, "ACTIVE + PUBLISHED", interop.NotLatestDescriptor.Name+" + PUBLISHED")
		w.interleaved("approving and publishing", func() pair {
			o := w.newOffer("MANUAL")
			next, id := w.newDraftDescriptor(o), w.createDraft(o)
			w.mustAct(consumer, id, "submit")
			return pair{first: w.actionCall(producer, id, "approve"), second: w.publishCall(next)}
		}, "ACTIVE + PUBLISHED", interop.AgreementDescriptorState.Name+" + PUBLISHED")
		w.interleaved("approving and suspending the descriptor", func() pair {
			o := w.newOffer("MANUAL")
			id := w.createDraft(o)
			w.mustAct(consumer, id, "submit")
			return pair{first: w.actionCall(producer, id, "approve"), second: func() apitest.Response {
				return w.As(producer, "POST", o.path()+
					"/suspend", "")
			}}
		}, "ACTIVE + SUSPENDED")
		w.interleaved("archiving and upgrading", func() pair {
			_, id := w.upgradable("AUTOMATIC")
			return pair{first: w.actionCall(consumer, id, "archive"), second: w.actionCall(consumer, id, "upgrade")}
		}, "ARCHIVED + "+notIn, notIn+" + ACTIVE")
		w.interleaved("suspending and upgrading", func() pair {
			_, id := w.upgradable("AUTOMATIC")
			return pair{first: w.actionCall(producer, id, "suspend"), second: w.actionCall(consumer, id, "upgrade")}
		}, "SUSPENDED Producer + SUSPENDED Producer", notIn+" + ACTIVE")
		w.interleaved("suspending both sides", func() pair {
			_, id := w.upgradable("AUTOMATIC")
			return pair{first: w.actionCall(producer, id, "suspend"), second: w.actionCall(consumer, id, "suspend"), after: func() {
				interoptest.Equal(w.TB, "suspended by both", w.state(id), "SUSPENDED Consumer Producer")
			}}
		}, "SUSPENDED Producer + SUSPENDED Consumer Producer", "SUSPENDED Consumer Producer + SUSPENDED Consumer")
		w.interleaved("submitting and deleting", func() pair {
			id := w.createDraft(w.newOffer("AUTOMATIC"))
			return pair{first: w.actionCall(consumer, id, "submit"), second: w.deleteCall(id)}
		}, "ACTIVE + "+notIn, noSuch+" + ")
		w.interleaved("approving and deleting", func() pair {
			id := w.createDraft(w.newOffer("MANUAL"))
			w.mustAct(consumer, id, "submit")
			return pair{first: w.actionCall(producer, id, "approve"), second: w.deleteCall(id)}
		}, "ACTIVE + "+notIn, noSuch+" + ")
		w.interleaved("approving and rejecting", func() pair {
			id := w.createDraft(w.newOffer("MANUAL"))
			w.mustAct(consumer, id, "submit")
			return pair{first: w.actionCall(producer, id, "approve"), second: w.actionCall(producer, id, "reject")}
		}, "ACTIVE + "+notIn, interop.AgreementNotPending.Name+" + REJECTED")
	})
}

// newDraftDescriptor creates a newer descriptor and returns its path.
func (w *world) newDraftDescriptor(o offer) string {
	w.Helper()
	return "/eservices/" + o.id + "/descriptors/" + w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors",
		interoptest.JSON(terms("AUTOMATIC"))).Text("id")
}

// upgradable returns an active agreement on a descriptor that is not the newest, and the
// newest descriptor.
func (w *world) upgradable(policy string, requirements ...requirement) (next offer, id string) {
	w.Helper()
	o := w.newOffer("AUTOMATIC")
	id = w.createDraft(o)
	w.mustAct(consumer, id, "submit")
	return w.newDescriptor(o, policy, requirements...), id
}
