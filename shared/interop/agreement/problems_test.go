package agreement_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// TestEveryProblemIsDeclaredAndProduced makes every operation answer with every code that
// it declares, and with no other.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) { w.DeclaredCodes(w.requests(), w.ownProblems) })
}

// ownProblems makes the refusals of one operation.
func (w *world) ownProblems(r interoptest.Request) (answers []apitest.Response) {
	w.Helper()
	refused := func(what string, r interoptest.Request) {
		w.Helper()
		res := w.Send(r)
		if answers = append(answers, res); res.Status < 400 {
			w.Errorf("%s: %s was not refused: %d", r.ID, what, res.Status)
		}
	}
	at := func(what, situation string) {
		w.Helper()
		refused(what+", "+situation, withID(r, w.agreementIn(consumer, situation).id))
	}
	if isNamed(r) {
		refused("no agreement", withID(r, uuid.NewString()))
		refused("not a party", r.By(stranger))
	}
	delegated := withBody(r, interoptest.JSON(object{"delegationId": uuid.NewString()}))
	switch r.ID {
	case "agreement/delete", "agreement/archive", "agreement/reject":
		at("the state", "REJECTED")
	case "agreement/create":
		for _, seed := range w.refusedSeeds() {
			refused("a seed", withBody(r, interoptest.JSON(seed)))
		}
	case "agreement/submit":
		at("the state", "REJECTED")
		for _, id := range w.refusedDrafts() {
			refused("a draft", withID(r, id))
		}
	case "agreement/approve":
		at("the state", "ACTIVE")
		refused("a delegation", delegated)
		c := w.agreementIn(consumer, "PENDING")
		w.archiveDescriptor(c.offer)
		refused("the descriptor", withID(r, c.id))
		c = w.agreementIn(consumer, "PENDING")
		w.revoke(attribute.Certified, c.attribute, "")
		refused("the attributes", withID(r, c.id))
	case "agreement/suspend":
		at("the state", "PENDING")
		refused("a delegation", delegated)
	case "agreement/unsuspend":
		at("the state", "ACTIVE")
		refused("a delegation", delegated)
		c := w.agreementIn(consumer, "C")
		w.archiveDescriptor(c.offer)
		refused("the descriptor", withID(r, c.id))
	case "agreement/upgrade":
		at("the state", "ARCHIVED")
		at("nothing newer", "ACTIVE")
		for _, id := range w.refusedUpgrades() {
			refused("an upgrade", withID(r, id))
		}
	case "agreement/clone":
		at("the state", "ARCHIVED")
		c := w.agreementIn(consumer, "REJECTED")
		w.revoke(attribute.Certified, c.attribute, "")
		refused("the attributes", withID(r, c.id))
		w.assign(attribute.Certified, c.attribute, "")
		w.createDraft(c.offer)
		refused("another one", withID(r, c.id))
	}
	return append(answers, w.verifyProblems(r)...)
}

// refusedSeeds returns seeds of agreements that are refused, each for another reason.
func (w *world) refusedSeeds() []object {
	w.Helper()
	old, suspended, drafted, certified := w.newOffer("MANUAL"), w.newOffer("MANUAL"), w.newOffer("MANUAL"), w.attribute(attribute.Certified)
	w.newDescriptor(old, "MANUAL")
	w.OK(producer, "POST", suspended.path()+"/suspend", "")
	w.createDraft(drafted)
	delegated := seedOf(w.newOffer("MANUAL"))
	delegated["delegationId"] = uuid.NewString()
	return []object{
		seedOf(offer{uuid.NewString(), uuid.NewString()}), seedOf(old), seedOf(suspended), seedOf(drafted), delegated,
		seedOf(w.newOffer("MANUAL", one(attribute.Certified, certified))),
	}
}

// refusedDrafts returns drafts that cannot be submitted.
func (w *world) refusedDrafts() []string {
	w.Helper()
	old, suspended, declared := w.newOffer("MANUAL"), w.newOffer("MANUAL"), w.attribute(attribute.Declared)
	ids := []string{w.createDraft(old), w.createDraft(suspended), w.createDraft(w.newOffer("MANUAL", one(attribute.Declared, declared)))}
	w.newDescriptor(old, "MANUAL")
	w.OK(producer, "POST", suspended.path()+"/suspend", "")
	return ids
}

// refusedUpgrades returns agreements that cannot be upgraded.
func (w *world) refusedUpgrades() []string {
	w.Helper()
	suspended, certified, drafted := w.newOffer("MANUAL"), w.newOffer("MANUAL"), w.newOffer("MANUAL")
	ids := []string{w.activate(suspended), w.activate(certified), w.activate(drafted)}
	w.OK(producer, "POST", suspended.path()+"/suspend", "")
	w.newDescriptor(certified, "MANUAL", one(attribute.Certified, w.attribute(attribute.Certified)))
	w.newDescriptor(drafted, "MANUAL", one(attribute.Declared, w.attribute(attribute.Declared)))
	w.mustAct(consumer, ids[2], "upgrade")
	return ids
}

// verifyProblems makes the refusals of the operations on verified attributes.
func (w *world) verifyProblems(r interoptest.Request) (answers []apitest.Response) {
	w.Helper()
	v := w.newVerification()
	at := func(tenant, id, through string) interoptest.Request {
		path := "/tenants/" + tenant + "/verifiedAttributes"
		if r.ID == "tenant/verify-attribute" {
			return withBody(withPath(r, path), interoptest.JSON(object{"id": id, "agreementId": through}))
		}
		return withPath(r, path+"/"+id+"?agreementId="+through)
	}
	switch r.ID {
	case "tenant/verify-attribute":
		past := object{"id": v.required, "agreementId": v.through, "expirationDate": w.Clock.Now().Add(-time.Second).Format(time.RFC3339)}
		answers = append(answers, w.Send(withBody(r, interoptest.JSON(past)).By(producer)))
	case "tenant/revoke-verified-attribute":
		answers = append(answers, w.Send(at(consumer.Subject, v.required, v.through).By(producer))) // never verified
		w.assign(attribute.Verified, v.required, v.through)
		w.revoke(attribute.Verified, v.required, v.through)
		answers = append(answers, w.Send(at(consumer.Subject, v.required, v.through).By(producer))) // revoked already
	default:
		return nil
	}
	return append(answers,
		w.Send(at(consumer.Subject, v.required, uuid.NewString()).By(producer)),
		w.Send(at(consumer.Subject, uuid.NewString(), v.through).By(producer)),
		w.Send(at(producer.Subject, v.required, v.through).By(producer)),
		w.Send(at(consumer.Subject, v.required, v.through).By(stranger)),
	)
}

// TestUnknownPathsAndMethods checks that unknown paths and methods get the errors of the
// product.
func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := "/agreements/" + w.createDraft(w.newOffer("MANUAL"))
		for _, c := range []struct {
			method, path string
			code         problem.Code
		}{
			{"GET", path + "/", interop.NoRoute},
			{"GET", path + "/nothing", interop.NoRoute},
			{"POST", path + "/suspend/", interop.NoRoute},
			{"PUT", path, interop.NoMethod},
			{"PATCH", path, interop.NoMethod},
			{"HEAD", path, interop.NoMethod},
			{"GET", path + "/submit", interop.NoMethod},
			{"POST", path + "/history", interop.NoMethod},
			{"DELETE", "/agreements", interop.NoMethod},
		} {
			res := w.Call(w.TB, consumer, c.method, c.path, "")
			w.Refused(res, c.code)
			w.WellFormed(c.method+" "+c.path, res)
		}
	})
}
