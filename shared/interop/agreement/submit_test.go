package agreement_test

import (
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
)

// one returns the requirement of one attribute.
func one(kind attribute.Kind, id string) requirement { return requirement{kind, []string{id}} }

// submit submits a draft and returns its new state.
func (w *world) submit(id string) string {
	w.Helper()
	return shown(w.mustAct(consumer, id, "submit"))
}

// wantActionRefused checks that an action is refused with the code and changes nothing.
func (w *world) wantActionRefused(id, action string, code problem.Code) {
	w.Helper()
	before := w.everything()
	caller := consumer
	if action == "approve" {
		caller = producer
	}
	w.Refused(w.try(caller, id, action), code)
	w.wantUnchanged(before)
}

// TestSubmitOutcomes checks the outcome of a submission for every combination of required
// attributes, owned attributes and approval policy.
func TestSubmitOutcomes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, c := range []struct {
			policy         string
			owns, verified bool
			want           string
		}{
			{"AUTOMATIC", true, true, "ACTIVE"},
			{"AUTOMATIC", true, false, "PENDING"},
			{"MANUAL", true, true, "PENDING"},
			{"MANUAL", true, false, "PENDING"},
			{"AUTOMATIC", false, true, "DRAFT"},
			{"MANUAL", false, true, "DRAFT"},
			{"AUTOMATIC", false, false, "DRAFT"},
			{"MANUAL", false, false, "DRAFT"},
		} {
			declared, verified := w.attribute(attribute.Declared), w.attribute(attribute.Verified)
			if c.owns {
				w.assign(attribute.Declared, declared, "")
			}
			if c.verified {
				w.verifyFor(verified)
			}
			id := w.createDraft(w.newOffer(c.policy, one(attribute.Declared, declared), one(attribute.Verified, verified)))
			w.Clock.Advance(time.Minute)
			if c.want == "DRAFT" {
				w.wantActionRefused(id, "submit", interop.AgreementSubmissionFailed)
				continue
			}
			res := w.mustAct(consumer, id, "submit")
			interoptest.Equal(t, c.policy, shown(res), c.want)
			for _, member := range []string{"suspendedByConsumer", "suspendedByProducer", "suspendedByPlatform", "suspendedAt", "rejectionReason"} {
				interoptest.Equal(t, member, res.Body[member], nil)
			}
			interoptest.Equal(t, "updatedAt", res.Text("updatedAt"), w.stamp())
			interoptest.Equal(t, "history", w.history(id), "create NONE-DRAFT, submit DRAFT-"+c.want)
		}
		w.checkConsistent()
	})
}

// stamp returns the current time in the format of answers.
func (w *world) stamp() string { return w.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// verifyFor verifies an attribute of the consumer through a new agreement.
func (w *world) verifyFor(id string) {
	w.Helper()
	through := w.createDraft(w.newOffer("MANUAL", one(attribute.Verified, id)))
	w.mustAct(consumer, through, "submit")
	w.assign(attribute.Verified, id, through)
}

// TestGroups checks that the consumer needs one attribute of every group, and none of an
// empty group.
func TestGroups(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		a, b, c := w.attribute(attribute.Declared), w.attribute(attribute.Declared), w.attribute(attribute.Declared)
		group := func(ids ...string) requirement { return requirement{attribute.Declared, ids} }
		id := w.createDraft(w.newOffer("AUTOMATIC", group(a, b), group(b, c)))
		for _, owned := range []string{"", "a", "c"} {
			switch owned {
			case "a":
				w.assign(attribute.Declared, a, "")
			case "c":
				w.revoke(attribute.Declared, a, "")
				w.assign(attribute.Declared, c, "")
			}
			res := w.try(consumer, id, "submit")
			w.Refused(res, interop.AgreementSubmissionFailed)
			for group, lacks := range map[string]bool{a + ", " + b: owned != "a", b + ", " + c: owned != "c"} {
				interoptest.Equal(t, "the detail names "+group, strings.Contains(res.Text("detail"), "one declared attribute of "+
					group), lacks)
			}
		}
		w.assign(attribute.Declared, a, "")
		interoptest.Equal(t, "one of each group", w.submit(id), "ACTIVE")

		b2 := w.createDraft(w.newOffer("AUTOMATIC", group(b, a), group(c, b)))
		w.revoke(attribute.Declared, a, "")
		w.revoke(attribute.Declared, c, "")
		w.assign(attribute.Declared, b, "")
		interoptest.Equal(t, "one of both groups", w.submit(b2), "ACTIVE")

		emptied := w.attribute(attribute.Certified)
		o := w.newOffer("AUTOMATIC")
		next := offer{o.id, w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC"))).Text("id")}
		w.OK(producer, "POST", next.path()+"/certifiedAttributes/groups", interoptest.JSON(object{"attributeIds": []string{emptied}}))
		w.OK(producer, "DELETE", next.path()+"/certifiedAttributes/groups/0/attributes/"+emptied, "")
		w.OK(producer, "POST", next.path()+"/publish", "")
		interoptest.Equal(t, "an empty group", w.submit(w.createDraft(next)), "ACTIVE")
	})
}

// TestCertifiedIsLost checks that an action without a certified attribute is refused and
// stores the new state and its notes.
func TestCertifiedIsLost(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, action := range []string{"submit", "approve"} {
			id := w.attribute(attribute.Certified)
			o := w.newOffer("MANUAL", one(attribute.Certified, id))
			w.assign(attribute.Certified, id, "")
			a, from, by, code := w.createDraft(o), "DRAFT", consumer, interop.AgreementSubmissionFailed
			if action == "approve" {
				w.mustAct(consumer, a, "submit")
				from, by, code = "PENDING", producer, interop.AgreementActivationFailed
			}
			w.revoke(attribute.Certified, id, "") // the platform has not followed yet
			res := w.try(by, a, action)
			w.Refused(res, code)
			interoptest.Equal(t, "the detail names the missing attribute", strings.Contains(res.Text("detail"), id), true)
			interoptest.Equal(t, action, w.state(a), "MISSING_CERTIFIED_ATTRIBUTES Platform")
			history := w.history(a)
			interoptest.Equal(t, "history", strings.HasSuffix(history, action+" "+from+"-MISSING_CERTIFIED_ATTRIBUTES"), true)
			w.follow()
			interoptest.Equal(t, "history after the platform followed", w.history(a), history)
			w.assign(attribute.Certified, id, "")
			w.follow()
			interoptest.Equal(t, "regained", w.state(a), "DRAFT")
			interoptest.Equal(t, "submitted again", w.submit(a), "PENDING")
			interoptest.Equal(t, "approved", shown(w.mustAct(producer, a, "approve")), "ACTIVE")
		}
		w.checkConsistent()
	})
}

// TestApproveOutcomes checks that an approval checks the attributes again.
func TestApproveOutcomes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		declared, verified := w.attribute(attribute.Declared), w.attribute(attribute.Verified)
		w.assign(attribute.Declared, declared, "")
		id := w.createDraft(w.newOffer("AUTOMATIC", one(attribute.Declared, declared), one(attribute.Verified, verified)))
		w.mustAct(consumer, id, "submit")
		w.wantActionRefused(id, "approve", interop.AgreementActivationFailed) // no attribute is verified
		w.assign(attribute.Verified, verified, id)
		w.revoke(attribute.Declared, declared, "")
		w.wantActionRefused(id, "approve", interop.AgreementActivationFailed)
		w.follow()
		interoptest.Equal(t, "without the declared attribute", w.state(id), "PENDING")
		w.assign(attribute.Declared, declared, "")
		w.revoke(attribute.Verified, verified, id)
		w.wantActionRefused(id, "approve", interop.AgreementActivationFailed)
		w.assign(attribute.Verified, verified, id)
		interoptest.Equal(t, "with all attributes", shown(w.mustAct(producer, id, "approve")), "ACTIVE")
		w.checkConsistent()
	})
}

// TestApproveByDescriptor checks that an agreement on a suspended or deprecated descriptor
// can be approved, and one on an archived descriptor cannot.
func TestApproveByDescriptor(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		suspended := w.newOffer("MANUAL")
		id := w.createDraft(suspended)
		w.mustAct(consumer, id, "submit")
		w.OK(producer, "POST", suspended.path()+"/suspend", "")
		interoptest.Equal(t, "of a suspended descriptor", shown(w.mustAct(producer, id, "approve")), "ACTIVE")

		deprecated := w.newOffer("MANUAL")
		id = w.createDraft(deprecated)
		w.mustAct(consumer, id, "submit")
		used := w.createDraftAs(stranger, deprecated)
		w.mustAct(stranger, used, "submit")
		w.mustAct(producer, used, "approve")
		w.newDescriptor(deprecated, "MANUAL")
		interoptest.Equal(t, "of a deprecated descriptor", shown(w.mustAct(producer, id, "approve")), "ACTIVE")

		archived := w.newOffer("MANUAL")
		id = w.createDraft(archived)
		w.mustAct(consumer, id, "submit")
		w.newDescriptor(archived, "MANUAL")
		w.wantActionRefused(id, "approve", interop.AgreementDescriptorState)
		w.checkConsistent()
	})
}

// TestSubmitByDescriptor submits drafts on descriptors that were superseded or suspended.
func TestSubmitByDescriptor(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		superseded := w.newOffer("AUTOMATIC")
		id := w.createDraft(superseded)
		w.OK(producer, "POST", "/eservices/"+superseded.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC")))
		interoptest.Equal(t, "with a newer draft descriptor", w.submit(id), "ACTIVE")

		superseded = w.newOffer("AUTOMATIC")
		id = w.createDraft(superseded)
		newer := w.newDescriptor(superseded, "AUTOMATIC")
		w.wantActionRefused(id, "submit", interop.NotLatestDescriptor)
		w.OK(producer, "POST", newer.path()+"/suspend", "")
		w.wantActionRefused(id, "submit", interop.NotLatestDescriptor)

		suspended := w.newOffer("AUTOMATIC")
		id = w.createDraft(suspended)
		w.OK(producer, "POST", suspended.path()+"/suspend", "")
		w.wantActionRefused(id, "submit", interop.AgreementDescriptorState)
		w.OK(producer, "POST", suspended.path()+"/unsuspend", "")
		interoptest.Equal(t, "unsuspended", w.submit(id), "ACTIVE")
	})
}

// TestNotes checks that an agreement has the notes of its last submission, or none.
func TestNotes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.newOffer("MANUAL")
		id := w.createDraft(o)
		for _, c := range []struct {
			body string
			want any
		}{
			{`{"consumerNotes":"Per il portale."}`, "Per il portale."},
			{`{"consumerNotes":"Per l'app."}`, "Per l'app."},
			{`{}`, nil},
			{`{"consumerNotes":""}`, nil},
		} {
			res := w.OK(consumer, "POST", "/agreements/"+id+"/submit", c.body)
			interoptest.Equal(t, c.body, res.Body["consumerNotes"], c.want)
			interoptest.Equal(t, c.body, w.OK(producer, "GET", "/agreements/"+id, "").Body["consumerNotes"], c.want)
			rejected := w.mustAct(producer, id, "reject")
			interoptest.Equal(t, "notes of the rejected agreement", rejected.Body["consumerNotes"], c.want)
			cloned := w.mustAct(consumer, id, "clone")
			interoptest.Equal(t, "notes of the clone", cloned.Body["consumerNotes"], c.want)
			id = cloned.Text("id")
		}
		w.OK(consumer, "POST", "/agreements/"+id+"/submit", `{"consumerNotes":"Per il portale."}`)
		id = w.mustAct(consumer, w.rejected(id), "clone").Text("id")
		interoptest.Equal(t, "overwritten", w.OK(consumer, "POST", "/agreements/"+id+"/submit",
			`{"consumerNotes":"Altro."}`).Text("consumerNotes"), "Altro.")
		id = w.mustAct(consumer, w.rejected(id), "clone").Text("id")
		interoptest.Equal(t, "cleared", w.OK(consumer, "POST", "/agreements/"+id+"/submit", `{}`).Body["consumerNotes"], nil)
		interoptest.Equal(t, "approved", w.mustAct(producer, id, "approve").Body["consumerNotes"], nil)

		declared := w.attribute(attribute.Declared)
		id = w.createDraft(w.newOffer("MANUAL", one(attribute.Declared, declared)))
		w.wantActionRefused(id, "submit", interop.AgreementSubmissionFailed)
		interoptest.Equal(t, "notes of the refused submission", w.OK(consumer, "GET", "/agreements/"+id, "").Body["consumerNotes"], nil)
	})
}

func (w *world) rejected(id string) string {
	w.Helper()
	w.mustAct(producer, id, "reject")
	return id
}
