package agreement_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

func seedOf(o offer) object { return object{"eserviceId": o.id, "descriptorId": o.descriptor} }

// wantCreateRefused checks that a new agreement is refused with the code and that nothing
// stored changes.
func (w *world) wantCreateRefused(o offer, delegationID string, code problem.Code) {
	w.Helper()
	seed := seedOf(o)
	if delegationID != "" {
		seed["delegationId"] = delegationID
	}
	before := w.everything()
	w.Refused(w.As(consumer, "POST", "/agreements", interoptest.JSON(seed)), code)
	w.wantUnchanged(before)
}

// TestCreate checks every member of a new agreement.
func TestCreate(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.newOffer("MANUAL")
		w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC"))) // a draft descriptor has no effect
		res := w.Want(w.As(consumer, "POST", "/agreements", interoptest.JSON(seedOf(o))), 201)
		expected := object{
			"id": res.Text("id"), "eserviceId": o.id, "descriptorId": o.descriptor, "producerId": producer.Subject, "consumerId": consumer.Subject,
			"state": "DRAFT", "createdAt": w.stamp(),
		}
		if diff := gocmp.Diff(expected, res.Body); diff != "" {
			t.Errorf("a new agreement (-want +got):\n%s", diff)
		}
		if _, err := uuid.Parse(res.Text("id")); err != nil {
			t.Error(err)
		}
		own := w.OK(producer, "POST", "/agreements", interoptest.JSON(seedOf(w.newOffer("MANUAL", one(attribute.Certified,
			w.attribute(attribute.Certified))))))
		interoptest.Equal(t, "the consumer of its own e-service", own.Text("consumerId"), producer.Subject)
		w.createDraftAs(stranger, o) // another consumer of the same e-service
		w.checkConsistent()
	})
}

// TestCreateGuards starts with every error at once and corrects one after the other.
func TestCreateGuards(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		certified := w.attribute(attribute.Certified)
		o := w.newOffer("MANUAL", one(attribute.Certified, certified))
		w.assign(attribute.Certified, certified, "")
		first := w.createDraft(o)
		w.revoke(attribute.Certified, certified, "")
		newer := w.newDescriptor(o, "MANUAL", one(attribute.Certified, certified))
		w.OK(producer, "POST", newer.path()+"/suspend", "")
		unknown := uuid.NewString()
		w.wantCreateRefused(offer{unknown, o.descriptor}, unknown, interop.AgreementEServiceNotFound)
		w.wantCreateRefused(o, unknown, interop.NotLatestDescriptor)
		w.wantCreateRefused(offer{o.id, unknown}, unknown, interop.NotLatestDescriptor)
		w.wantCreateRefused(newer, unknown, interop.AgreementDescriptorState)
		w.OK(producer, "POST", newer.path()+"/unsuspend", "")
		w.wantCreateRefused(newer, unknown, interop.AgreementNoDelegation)
		w.wantCreateRefused(newer, "", interop.AgreementExists)
		w.OK(consumer, "DELETE", "/agreements/"+first, "")
		w.wantCreateRefused(newer, "", interop.CertifiedAttributesMissing)
		w.assign(attribute.Certified, certified, "")
		interoptest.Equal(t, "with all errors corrected", w.state(w.createDraft(newer)), "DRAFT")
		w.checkConsistent()
	})
}

// TestCreateOfDrafts checks that only its producer sees an e-service that was never
// published, and that no agreement on it can be created.
func TestCreateOfDrafts(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		draft := w.newDraftOffer()
		w.wantCreateRefused(draft, "", interop.AgreementEServiceNotFound)
		w.Refused(w.As(producer, "POST", "/agreements", interoptest.JSON(seedOf(draft))), interop.NotLatestDescriptor)
		live := w.newOffer("MANUAL")
		next := offer{live.id, w.OK(producer, "POST", "/eservices/"+live.id+"/descriptors", interoptest.JSON(terms("MANUAL"))).Text("id")}
		w.wantCreateRefused(next, "", interop.NotLatestDescriptor)
		ofAnother := w.newOffer("MANUAL").descriptor
		w.wantCreateRefused(offer{live.id, ofAnother}, "", interop.NotLatestDescriptor)
	})
}

// newDraftOffer creates an e-service with a draft descriptor.
func (w *world) newDraftOffer() offer {
	w.Helper()
	seed := object{
		"name": "Bozza " + uuid.NewString()[:8], "description": "Certificati online", "technology": "REST", "mode": "DELIVER",
		"personalData": false, "descriptor": terms("MANUAL"),
	}
	o := offer{id: w.OK(producer, "POST", "/eservices", interoptest.JSON(seed)).Text("id")}
	o.descriptor, _ = interoptest.Results(w.OK(producer, "GET", "/eservices/"+o.id+"/descriptors", ""))[0]["id"].(string)
	return o
}

// TestOneAtATime creates a second agreement while there is one in each situation.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, situation := range []string{"DRAFT", "PENDING", "ACTIVE", "C", "P", "CP", "A", "MISSING"} {
			c := w.agreementIn(consumer, situation)
			w.wantCreateRefused(c.offer, "", interop.AgreementExists)
		}
		for _, situation := range []string{"REJECTED", "ARCHIVED"} {
			c := w.agreementIn(consumer, situation)
			before := w.storedAbout(c.id)
			interoptest.Equal(t, "a second agreement, the first is "+situation, w.state(w.createDraft(c.offer)), "DRAFT")
			w.wantUntouched("a new agreement", before, c.id)
		}
		c := w.agreementIn(producer, "ACTIVE")
		w.Refused(w.As(producer, "POST", "/agreements", interoptest.JSON(seedOf(c.offer))), interop.AgreementExists)
		w.checkConsistent()
	})
}

// TestClone clones a rejected agreement. It corrects one reason for a refusal after the
// other.
func TestClone(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.agreementIn(consumer, "REJECTED")
		other := w.createDraft(c.offer)
		w.wantActionRefused(c.id, "clone", interop.AgreementExists)
		w.revoke(attribute.Certified, c.attribute, "")
		before := w.everything()
		w.Refused(w.try(producer, c.id, "clone"), interop.NotTheConsumer)
		w.wantUnchanged(before)
		w.wantActionRefused(c.id, "clone", interop.AgreementExists)
		w.OK(consumer, "DELETE", "/agreements/"+other, "")
		w.wantActionRefused(c.id, "clone", interop.CertifiedAttributesMissing)
		w.assign(attribute.Certified, c.attribute, "")
		before = w.storedAbout(c.id)
		old := w.OK(consumer, "GET", "/agreements/"+c.id, "").Body
		cloned := w.mustAct(consumer, c.id, "clone")
		w.wantUntouched("a clone", before, c.id)
		expected := object{
			"state": "DRAFT", "id": cloned.Text("id"), "createdAt": w.stamp(), "consumerNotes": "Per il portale.",
			"rejectionReason": reason,
		}
		for _, member := range []string{"eserviceId", "descriptorId", "producerId", "consumerId"} {
			expected[member] = old[member]
		}
		if diff := gocmp.Diff(expected, cloned.Body); diff != "" {
			t.Errorf("a clone (-want +got):\n%s", diff)
		}
		w.wantActionRefused(c.id, "clone", interop.AgreementExists)
		interoptest.Equal(t, "submitted", w.submit(cloned.Text("id")), "PENDING")
		interoptest.Equal(t, "approved", shown(w.mustAct(producer, cloned.Text("id"), "approve")), "ACTIVE")
		w.wantActionRefused(c.id, "clone", interop.AgreementExists)
		w.mustAct(consumer, cloned.Text("id"), "archive")

		// The clone has the same descriptor, although there is a newer one.
		w.newDescriptor(c.offer, "MANUAL")
		again := w.mustAct(consumer, c.id, "clone")
		interoptest.Equal(t, "the descriptor", again.Text("descriptorId"), c.descriptor)
		w.wantActionRefused(again.Text("id"), "submit", interop.NotLatestDescriptor)
		w.checkConsistent()
	})
}

// TestNoDelegations checks that a request with a delegation is refused, except from a
// caller that is both consumer and producer.
func TestNoDelegations(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		by := interoptest.JSON(object{"delegationId": uuid.NewString()})
		refused := func(caller *api.Identity, id, action string) {
			w.Helper()
			before := w.everything()
			w.Refused(w.As(caller, "POST", "/agreements/"+id+"/"+action, by), interop.NotTheDelegate)
			w.wantUnchanged(before)
		}
		pending, active, suspended := w.agreementIn(consumer, "PENDING"), w.agreementIn(consumer, "ACTIVE"), w.agreementIn(consumer, "CP")
		refused(producer, pending.id, "approve")
		for _, caller := range []*api.Identity{consumer, producer} {
			refused(caller, active.id, "suspend")
			refused(caller, suspended.id, "unsuspend")
		}
		// Other refusals come first: the caller is not a party, or the state is wrong.
		w.Refused(w.As(stranger, "POST", "/agreements/"+active.id+"/suspend", by), interop.AgreementNotAllowed)
		w.Refused(w.As(consumer, "POST", "/agreements/"+pending.id+"/approve", by), interop.NotTheProducer)
		w.Refused(w.As(producer, "POST", "/agreements/"+active.id+"/approve", by), interop.AgreementNotPending)
		w.Refused(w.As(consumer, "POST", "/agreements/"+active.id+"/unsuspend", by), interop.AgreementNotSuspended)
		own := w.agreementIn(producer, "ACTIVE")
		interoptest.Equal(t, "its own suspended", shown(w.OK(producer, "POST", "/agreements/"+own.id+"/suspend", by)),
			"SUSPENDED Consumer Producer")
		interoptest.Equal(t, "its own unsuspended", shown(w.OK(producer, "POST", "/agreements/"+own.id+"/unsuspend", by)), "ACTIVE")
		w.checkConsistent()
	})
}

// archiveDescriptor stores a descriptor as archived. No request does this while the
// descriptor is in use.
func (w *world) archiveDescriptor(o offer) {
	w.Helper()
	for key, item := range w.StoredItems(func(key table.Key) bool {
		return key.PK == "ESERVICE#"+o.id && strings.HasPrefix(key.SK, "DESCRIPTOR#")
	}) {
		if (*decoded[object](w, item))["id"] == o.descriptor {
			err := w.Engine().Write(w.Context(), table.Update("archive", key, table.Changes{Set: map[string]any{"state": "ARCHIVED"}}))
			if err != nil {
				w.Fatal(err)
			}
			return
		}
	}
	w.Fatalf("offer %v is not stored", o)
}
