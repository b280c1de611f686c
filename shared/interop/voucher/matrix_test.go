package voucher_test

import (
	"fmt"
	"slices"
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

const (
	noPurpose   = "invalidPurposeState"
	noAgreement = "invalidAgreementState"
	noEService  = "invalidEServiceState"
	notLinked   = "purposeNotLinkedToClient"
)

// newer is a newer descriptor of an e-service.
var newer = interoptest.Descriptor{PerConsumer: 50, Total: 500}

// createVersion creates a version of a purpose and returns its path.
func (w *world) createVersion(p requester, calls int) string {
	w.Helper()
	return p.purpose + "/versions/" + w.OK(consumer, "POST", p.purpose+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, calls)).Text("id")
}

// stateCase is a change of state and the outcome of the next request for a voucher.
type stateCase struct {
	name string
	do   func(w *world, p requester)
	want string
}

// bySides takes an action by the producer (P), the consumer (C) or both, in the order of sides.
func bySides(sides, action string, path func(requester) string) func(*world, requester) {
	return func(w *world, p requester) {
		w.Helper()
		for _, side := range sides {
			w.act(map[rune]*api.Identity{'P': producer, 'C': consumer}[side], path(p), action)
		}
	}
}

// suspensionCases are the cases in which producer and consumer suspend what is at path.
func suspensionCases(what, refusal string, path func(requester) string) (all []stateCase) {
	suspends := func(sides string) func(*world, requester) { return bySides(sides, "suspend", path) }
	unsuspends := func(sides string) func(*world, requester) { return bySides(sides, "unsuspend", path) }
	both := func(first, then func(*world, requester)) func(*world, requester) {
		return func(w *world, p requester) {
			w.Helper()
			first(w, p)
			w.checkOutcome(p, refusal)
			then(w, p)
		}
	}
	for _, r := range []stateCase{
		{"suspended by the producer", suspends("P"), refusal},
		{"suspended by the consumer", suspends("C"), refusal},
		{"suspended by both", suspends("PC"), refusal},
		{"suspended by both, unsuspended by the producer", both(suspends("PC"), unsuspends("P")), refusal},
		{"suspended by both, unsuspended by the consumer", both(suspends("CP"), unsuspends("C")), refusal},
		{"suspended by both, unsuspended by both", both(suspends("CP"), unsuspends("CP")), "Bearer"},
		{"suspended by the producer, then unsuspended", both(suspends("P"), unsuspends("P")), "Bearer"},
		{"suspended by the consumer, then unsuspended", both(suspends("C"), unsuspends("C")), "Bearer"},
	} {
		r.name = what + " " + r.name
		all = append(all, r)
	}
	return all
}

// purposeCases are the cases in which a purpose changes.
func purposeCases() []stateCase {
	return append(suspensionCases("purpose", noPurpose, requester.purposePath), []stateCase{
		{"active", func(*world, requester) {}, "Bearer"},
		{"update waits", func(w *world, p requester) { w.createVersion(p, 200) }, "Bearer"},
		{"update rejected", func(w *world, p requester) { w.createVersion(p, 200); w.act(producer, p.purpose, "reject") }, "Bearer"},
		{"update deleted", func(w *world, p requester) { w.OK(consumer, "DELETE", w.createVersion(p, 200), "") }, "Bearer"},
		{"update activated directly", func(w *world, p requester) { w.createVersion(p, 20) }, "Bearer"},
		{"update approved", func(w *world, p requester) { w.createVersion(p, 200); w.act(producer, p.purpose, "approve") }, "Bearer"},
		{"update of a suspended purpose approved", func(w *world, p requester) {
			w.createVersion(p, 200)
			w.act(consumer, p.purpose, "suspend")
			w.act(producer, p.purpose, "approve")
		}, noPurpose},
		{"archived", func(w *world, p requester) { w.act(consumer, p.purpose, "archive") }, noPurpose},
		{"archived while suspended", func(w *world, p requester) {
			w.act(producer, p.purpose, "suspend")
			w.act(consumer, p.purpose, "archive")
		}, noPurpose},
	}...)
}

// linkCases are the cases in which links, keys or the client change.
func linkCases() []stateCase {
	return []stateCase{
		{"not linked", func(w *world, p requester) { w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "") }, notLinked},
		{"linked again", func(w *world, p requester) {
			w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "")
			w.checkOutcome(p, notLinked)
			w.link(p.path, p.purposeID())
		}, "Bearer"},
		{"another purpose linked", func(w *world, p requester) {
			w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "")
			w.link(p.path, requester{purpose: w.ActivatePurpose(consumer, p.offer, 1)}.purposeID())
		}, notLinked},
		{"linked to another client", func(w *world, p requester) {
			w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "")
			w.link(w.MakeClient(consumer), p.purposeID())
		}, notLinked},
		{"key deleted", func(w *world, p requester) { w.OK(consumer, "DELETE", p.path+"/keys/"+p.kid, "") }, "clientAssertionPublicKeyNotFound"},
		{"client deleted", func(w *world, p requester) { w.OK(consumer, "DELETE", p.path, "") }, "clientAssertionPublicKeyNotFound"},
	}
}

// descriptorCases are the cases in which a descriptor changes.
func descriptorCases() []stateCase {
	return []stateCase{
		{"descriptor deprecated", func(w *world, p requester) { w.PublishDescriptor(producer, p.offer, newer) }, "Bearer"},
		{"descriptor suspended", func(w *world, p requester) { w.act(producer, p.offer.Path(), "suspend") }, noEService},
		{"descriptor suspended and unsuspended", func(w *world, p requester) {
			w.act(producer, p.offer.Path(), "suspend", "unsuspend")
		}, "Bearer"},
		{"descriptor deprecated, the latest suspended", func(w *world, p requester) {
			w.act(producer, w.PublishDescriptor(producer, p.offer, newer).Path(), "suspend")
		}, "Bearer"},
		{"descriptor deprecated, then suspended", func(w *world, p requester) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.act(producer, p.offer.Path(), "suspend")
		}, noEService},
		{"descriptor suspended while deprecated, then unsuspended", func(w *world, p requester) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.act(producer, p.offer.Path(), "suspend", "unsuspend")
		}, "Bearer"},
		{"agreement upgraded", func(w *world, p requester) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.act(consumer, p.agreement, "upgrade")
		}, "Bearer"},
		{"agreement upgraded while the producer suspends it", func(w *world, p requester) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.act(producer, p.agreement, "suspend")
			w.act(consumer, p.agreement, "upgrade")
		}, noAgreement},
		{"agreement upgraded while the consumer suspends it", func(w *world, p requester) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.act(consumer, p.agreement, "suspend")
			w.act(consumer, p.agreement, "upgrade")
		}, noAgreement},
	}
}

// TestMatrix changes the states that a voucher depends on, case by case (spec §5.2): the
// endpoint and the tool see a change at once and agree.
func TestMatrix(t *testing.T) {
	t.Parallel()
	agreements := append(suspensionCases("agreement", noAgreement, requester.agreementPath), []stateCase{
		{"agreement archived", func(w *world, p requester) { w.act(consumer, p.agreement, "archive") }, noAgreement},
		{"agreement archived, another one made", func(w *world, p requester) {
			w.act(consumer, p.agreement, "archive")
			w.SubmitAgreement(consumer, p.offer)
		}, "Bearer"},
	}...)
	for _, r := range slices.Concat(purposeCases(), agreements, linkCases(), descriptorCases()) {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			embedded(t, func(w *world) {
				p := w.newRequester()
				w.checkOutcome(p, "Bearer")
				r.do(w, p)
				w.checkOutcome(p, r.want)
			})
		})
	}
}

// TestArchivedPurpose archives a purpose: its clients do not list it any more, and keep their
// keys and other purposes.
func TestArchivedPurpose(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		other, second := p, p
		other.purpose = w.ActivatePurpose(consumer, p.offer, 10)
		w.link(p.path, other.purposeID())
		second.path = w.MakeClient(consumer)
		second.key = keys()[1]
		second.kid = w.addKey(consumer, second.path, second.key)
		w.link(second.path, p.purposeID())
		w.checkOutcome(second, "Bearer")
		w.act(consumer, p.purpose, "archive")
		w.checkOutcome(p, noPurpose)
		w.checkOutcome(second, noPurpose)
		w.checkOutcome(other, "Bearer")
		purposes := interoptest.Members(w.OK(consumer, "GET", p.path+"/purposes", ""), "id")
		interoptest.Equal(t, "purposes of the client", purposes, []string{other.purposeID()})
		interoptest.Equal(t, "keys of the client", interoptest.Members(w.OK(consumer, "GET", p.path+"/keys", ""), "kid"), []string{p.kid})
	})
}
