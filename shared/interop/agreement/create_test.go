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

// asksInVain fails unless a new agreement is refused with the code.
func (w *world) asksInVain(o offer, delegationID string, code problem.Code) {
	w.Helper()
	seed := seedOf(o)
	if delegationID != "" {
		seed["delegationId"] = delegationID
	}
	before := w.everything()
	w.Refused(w.As(consumer, "POST", "/agreements", interoptest.JSON(seed)), code)
	w.unchanged(before)
}

// TestCreate looks at all that a new agreement has.
func TestCreate(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers("MANUAL")
		w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC"))) // a draft is in nobody's way
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
		own := w.OK(producer, "POST", "/agreements", interoptest.JSON(seedOf(w.offers("MANUAL", one(attribute.Certified,
			w.attribute(attribute.Certified))))))
		interoptest.Equal(t, "who uses its own e-service", own.Text("consumerId"), producer.Subject)
		w.asksAs(stranger, o) // another consumer of the same e-service
		w.consistent()
	})
}

// TestCreateGuards starts with everything wrong and puts it right one by one.
func TestCreateGuards(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		certified := w.attribute(attribute.Certified)
		o := w.offers("MANUAL", one(attribute.Certified, certified))
		w.owns(attribute.Certified, certified, "")
		first := w.asks(o)
		w.loses(attribute.Certified, certified, "")
		newer := w.revises(o, "MANUAL", one(attribute.Certified, certified))
		w.OK(producer, "POST", newer.path()+"/suspend", "")
		nobody := uuid.NewString()
		w.asksInVain(offer{nobody, o.descriptor}, nobody, interop.AgreementEServiceNotFound)
		w.asksInVain(o, nobody, interop.NotLatestDescriptor)
		w.asksInVain(offer{o.id, nobody}, nobody, interop.NotLatestDescriptor)
		w.asksInVain(newer, nobody, interop.AgreementDescriptorState)
		w.OK(producer, "POST", newer.path()+"/unsuspend", "")
		w.asksInVain(newer, nobody, interop.AgreementNoDelegation)
		w.asksInVain(newer, "", interop.AgreementExists)
		w.OK(consumer, "DELETE", "/agreements/"+first, "")
		w.asksInVain(newer, "", interop.CertifiedAttributesMissing)
		w.owns(attribute.Certified, certified, "")
		interoptest.Equal(t, "in the end", w.state(w.asks(newer)), "DRAFT")
		w.consistent()
	})
}

// TestCreateOfDrafts: an e-service that was never published is there for its
// producer alone, and not to be used.
func TestCreateOfDrafts(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		draft := w.offersNothing()
		w.asksInVain(draft, "", interop.AgreementEServiceNotFound)
		w.Refused(w.As(producer, "POST", "/agreements", interoptest.JSON(seedOf(draft))), interop.NotLatestDescriptor)
		live := w.offers("MANUAL")
		next := offer{live.id, w.OK(producer, "POST", "/eservices/"+live.id+"/descriptors", interoptest.JSON(terms("MANUAL"))).Text("id")}
		w.asksInVain(next, "", interop.NotLatestDescriptor)
		w.asksInVain(offer{live.id, w.offers("MANUAL").descriptor}, "", interop.NotLatestDescriptor) // another e-service's
	})
}

// offersNothing makes an e-service with a draft.
func (w *world) offersNothing() offer {
	w.Helper()
	seed := object{
		"name": "Bozza " + uuid.NewString()[:8], "description": "Certificati online", "technology": "REST", "mode": "DELIVER",
		"personalData": false, "descriptor": terms("MANUAL"),
	}
	o := offer{id: w.OK(producer, "POST", "/eservices", interoptest.JSON(seed)).Text("id")}
	o.descriptor, _ = interoptest.Results(w.OK(producer, "GET", "/eservices/"+o.id+"/descriptors", ""))[0]["id"].(string)
	return o
}

// TestOneAtATime asks again beside an agreement in each situation.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, situation := range []string{"DRAFT", "PENDING", "ACTIVE", "C", "P", "CP", "A", "MISSING"} {
			c := w.situated(consumer, situation)
			w.asksInVain(c.offer, "", interop.AgreementExists)
		}
		for _, situation := range []string{"REJECTED", "ARCHIVED"} {
			c := w.situated(consumer, situation)
			before := w.touching(c.id)
			interoptest.Equal(t, "beside what is "+situation, w.state(w.asks(c.offer)), "DRAFT")
			w.untouched("a new agreement", before, c.id)
		}
		c := w.situated(producer, "ACTIVE")
		w.Refused(w.As(producer, "POST", "/agreements", interoptest.JSON(seedOf(c.offer))), interop.AgreementExists)
		w.consistent()
	})
}

// TestClone makes a draft like what was rejected, in the order of its guards.
func TestClone(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := w.situated(consumer, "REJECTED")
		other := w.asks(c.offer)
		w.keeps(c.id, "clone", interop.AgreementExists)
		w.loses(attribute.Certified, c.attribute, "")
		before := w.everything()
		w.Refused(w.try(producer, c.id, "clone"), interop.NotTheConsumer)
		w.unchanged(before)
		w.keeps(c.id, "clone", interop.AgreementExists)
		w.OK(consumer, "DELETE", "/agreements/"+other, "")
		w.keeps(c.id, "clone", interop.CertifiedAttributesMissing)
		w.owns(attribute.Certified, c.attribute, "")
		before = w.touching(c.id)
		old := w.OK(consumer, "GET", "/agreements/"+c.id, "").Body
		cloned := w.does(consumer, c.id, "clone")
		w.untouched("a clone", before, c.id)
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
		w.keeps(c.id, "clone", interop.AgreementExists)
		interoptest.Equal(t, "submitted", w.submits(cloned.Text("id")), "PENDING")
		interoptest.Equal(t, "approved", shown(w.does(producer, cloned.Text("id"), "approve")), "ACTIVE")
		w.keeps(c.id, "clone", interop.AgreementExists)
		w.does(consumer, cloned.Text("id"), "archive")

		// The descriptor is the same though there is a newer one.
		w.revises(c.offer, "MANUAL")
		again := w.does(consumer, c.id, "clone")
		interoptest.Equal(t, "the descriptor", again.Text("descriptorId"), c.descriptor)
		w.keeps(again.Text("id"), "submit", interop.NotLatestDescriptor)
		w.consistent()
	})
}

// TestNoDelegations: nobody acts by a delegation, but who is both sides is not asked.
func TestNoDelegations(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		by := interoptest.JSON(object{"delegationId": uuid.NewString()})
		refused := func(who *api.Identity, id, action string) {
			w.Helper()
			before := w.everything()
			w.Refused(w.As(who, "POST", "/agreements/"+id+"/"+action, by), interop.NotTheDelegate)
			w.unchanged(before)
		}
		pending, active, suspended := w.situated(consumer, "PENDING"), w.situated(consumer, "ACTIVE"), w.situated(consumer, "CP")
		refused(producer, pending.id, "approve")
		for _, who := range []*api.Identity{consumer, producer} {
			refused(who, active.id, "suspend")
			refused(who, suspended.id, "unsuspend")
		}
		// Who has no part in it, or in the wrong state, is told that.
		w.Refused(w.As(stranger, "POST", "/agreements/"+active.id+"/suspend", by), interop.AgreementNotAllowed)
		w.Refused(w.As(consumer, "POST", "/agreements/"+pending.id+"/approve", by), interop.NotTheProducer)
		w.Refused(w.As(producer, "POST", "/agreements/"+active.id+"/approve", by), interop.AgreementNotPending)
		w.Refused(w.As(consumer, "POST", "/agreements/"+active.id+"/unsuspend", by), interop.AgreementNotSuspended)
		own := w.situated(producer, "ACTIVE")
		interoptest.Equal(t, "its own suspended", shown(w.OK(producer, "POST", "/agreements/"+own.id+"/suspend", by)),
			"SUSPENDED Consumer Producer")
		interoptest.Equal(t, "its own unsuspended", shown(w.OK(producer, "POST", "/agreements/"+own.id+"/unsuspend", by)), "ACTIVE")
		w.consistent()
	})
}

// archives makes a descriptor what no call makes of it while it is in use.
func (w *world) archives(o offer) {
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
	w.Fatalf("there is no %v", o)
}
