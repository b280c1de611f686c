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

// one is a group of one attribute that a descriptor asks for.
func one(kind attribute.Kind, id string) requirement { return requirement{kind, []string{id}} }

// submits sends a draft to the producer and says what it has become.
func (w *world) submits(id string) string {
	w.Helper()
	return shown(w.does(consumer, id, "submit"))
}

// keeps fails unless an action is refused with the code and changes nothing.
func (w *world) keeps(id, action string, code problem.Code) {
	w.Helper()
	before := w.everything()
	who := consumer
	if action == "approve" {
		who = producer
	}
	w.Refused(w.try(who, id, action), code)
	w.unchanged(before)
}

// TestSubmitOutcomes is what a draft becomes by what the descriptor asks for, what
// the consumer owns of it and the approval policy.
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
				w.owns(attribute.Declared, declared, "")
			}
			if c.verified {
				w.verified(verified)
			}
			id := w.asks(w.offers(c.policy, one(attribute.Declared, declared), one(attribute.Verified, verified)))
			w.Clock.Advance(time.Minute)
			if c.want == "DRAFT" {
				w.keeps(id, "submit", interop.AgreementSubmissionFailed)
				continue
			}
			res := w.does(consumer, id, "submit")
			interoptest.Equal(t, c.policy, shown(res), c.want)
			for _, member := range []string{"suspendedByConsumer", "suspendedByProducer", "suspendedByPlatform", "suspendedAt", "rejectionReason"} {
				interoptest.Equal(t, member, res.Body[member], nil)
			}
			interoptest.Equal(t, "updatedAt", res.Text("updatedAt"), w.stamp())
			interoptest.Equal(t, "history", w.history(id), "create NONE-DRAFT, submit DRAFT-"+c.want)
		}
		w.consistent()
	})
}

// stamp is the time now, as answers have it.
func (w *world) stamp() string { return w.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// verified lets the producer verify an attribute of the consumer, through an
// agreement for that.
func (w *world) verified(id string) {
	w.Helper()
	through := w.asks(w.offers("MANUAL", one(attribute.Verified, id)))
	w.does(consumer, through, "submit")
	w.owns(attribute.Verified, id, through)
}

// TestGroups: of every group at least one, of an empty one nothing.
func TestGroups(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		a, b, c := w.attribute(attribute.Declared), w.attribute(attribute.Declared), w.attribute(attribute.Declared)
		id := w.asks(w.offers("AUTOMATIC", requirement{attribute.Declared, []string{a, b}}, requirement{attribute.Declared, []string{b, c}}))
		for _, owned := range []string{"", "a", "c"} {
			switch owned {
			case "a":
				w.owns(attribute.Declared, a, "")
			case "c":
				w.loses(attribute.Declared, a, "")
				w.owns(attribute.Declared, c, "")
			}
			res := w.try(consumer, id, "submit")
			w.Refused(res, interop.AgreementSubmissionFailed)
			for group, lacks := range map[string]bool{a + ", " + b: owned != "a", b + ", " + c: owned != "c"} {
				interoptest.Equal(t, "it is said that one is missing of "+group, strings.Contains(res.Text("detail"), "one declared attribute of "+
					group), lacks)
			}
		}
		w.owns(attribute.Declared, a, "")
		interoptest.Equal(t, "one of each group", w.submits(id), "ACTIVE")

		b2 := w.asks(w.offers("AUTOMATIC", requirement{attribute.Declared, []string{b, a}}, requirement{attribute.Declared, []string{c, b}}))
		w.loses(attribute.Declared, a, "")
		w.loses(attribute.Declared, c, "")
		w.owns(attribute.Declared, b, "")
		interoptest.Equal(t, "one of both groups", w.submits(b2), "ACTIVE")

		emptied := w.attribute(attribute.Certified)
		o := w.offers("AUTOMATIC")
		next := offer{o.id, w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC"))).Text("id")}
		w.OK(producer, "POST", next.path()+"/certifiedAttributes/groups", interoptest.JSON(object{"attributeIds": []string{emptied}}))
		w.OK(producer, "DELETE", next.path()+"/certifiedAttributes/groups/0/attributes/"+emptied, "")
		w.OK(producer, "POST", next.path()+"/publish", "")
		interoptest.Equal(t, "an empty group", w.submits(w.asks(next)), "ACTIVE")
	})
}

// TestCertifiedIsLost: the caller is refused, and what it sent is stored all the same.
func TestCertifiedIsLost(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, action := range []string{"submit", "approve"} {
			id := w.attribute(attribute.Certified)
			o := w.offers("MANUAL", one(attribute.Certified, id))
			w.owns(attribute.Certified, id, "")
			a, from, by, code := w.asks(o), "DRAFT", consumer, interop.AgreementSubmissionFailed
			if action == "approve" {
				w.does(consumer, a, "submit")
				from, by, code = "PENDING", producer, interop.AgreementActivationFailed
			}
			w.loses(attribute.Certified, id, "") // and the platform has not seen it yet
			res := w.try(by, a, action)
			w.Refused(res, code)
			interoptest.Equal(t, "what is missing is named", strings.Contains(res.Text("detail"), id), true)
			interoptest.Equal(t, action, w.state(a), "MISSING_CERTIFIED_ATTRIBUTES Platform")
			history := w.history(a)
			interoptest.Equal(t, "history", strings.HasSuffix(history, action+" "+from+"-MISSING_CERTIFIED_ATTRIBUTES"), true)
			w.follow()
			interoptest.Equal(t, "what the platform adds", w.history(a), history)
			w.owns(attribute.Certified, id, "")
			w.follow()
			interoptest.Equal(t, "regained", w.state(a), "DRAFT")
			interoptest.Equal(t, "submitted again", w.submits(a), "PENDING")
			interoptest.Equal(t, "approved", shown(w.does(producer, a, "approve")), "ACTIVE")
		}
		w.consistent()
	})
}

// TestApproveOutcomes: the attributes are looked at again.
func TestApproveOutcomes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		declared, verified := w.attribute(attribute.Declared), w.attribute(attribute.Verified)
		w.owns(attribute.Declared, declared, "")
		id := w.asks(w.offers("AUTOMATIC", one(attribute.Declared, declared), one(attribute.Verified, verified)))
		w.does(consumer, id, "submit")
		w.keeps(id, "approve", interop.AgreementActivationFailed) // nothing is verified
		w.owns(attribute.Verified, verified, id)
		w.loses(attribute.Declared, declared, "")
		w.keeps(id, "approve", interop.AgreementActivationFailed)
		w.follow()
		interoptest.Equal(t, "without what was declared", w.state(id), "PENDING")
		w.owns(attribute.Declared, declared, "")
		w.loses(attribute.Verified, verified, id)
		w.keeps(id, "approve", interop.AgreementActivationFailed)
		w.owns(attribute.Verified, verified, id)
		interoptest.Equal(t, "with all", shown(w.does(producer, id, "approve")), "ACTIVE")
		w.consistent()
	})
}

// TestApproveByDescriptor: it may be newer ones that are published, as long as the
// agreement's own is not archived.
func TestApproveByDescriptor(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		suspended := w.offers("MANUAL")
		id := w.asks(suspended)
		w.does(consumer, id, "submit")
		w.OK(producer, "POST", suspended.path()+"/suspend", "")
		interoptest.Equal(t, "of a suspended descriptor", shown(w.does(producer, id, "approve")), "ACTIVE")

		deprecated := w.offers("MANUAL")
		id = w.asks(deprecated)
		w.does(consumer, id, "submit")
		used := w.asksAs(stranger, deprecated)
		w.does(stranger, used, "submit")
		w.does(producer, used, "approve")
		w.revises(deprecated, "MANUAL")
		interoptest.Equal(t, "of a deprecated descriptor", shown(w.does(producer, id, "approve")), "ACTIVE")

		archived := w.offers("MANUAL")
		id = w.asks(archived)
		w.does(consumer, id, "submit")
		w.revises(archived, "MANUAL")
		w.keeps(id, "approve", interop.AgreementDescriptorState)
		w.consistent()
	})
}

// TestSubmitByDescriptor: what a draft is for may be superseded or suspended before
// it is submitted.
func TestSubmitByDescriptor(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		superseded := w.offers("AUTOMATIC")
		id := w.asks(superseded)
		w.OK(producer, "POST", "/eservices/"+superseded.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC")))
		interoptest.Equal(t, "beside a newer draft", w.submits(id), "ACTIVE")

		superseded = w.offers("AUTOMATIC")
		id = w.asks(superseded)
		newer := w.revises(superseded, "AUTOMATIC")
		w.keeps(id, "submit", interop.NotLatestDescriptor)
		w.OK(producer, "POST", newer.path()+"/suspend", "")
		w.keeps(id, "submit", interop.NotLatestDescriptor)

		suspended := w.offers("AUTOMATIC")
		id = w.asks(suspended)
		w.OK(producer, "POST", suspended.path()+"/suspend", "")
		w.keeps(id, "submit", interop.AgreementDescriptorState)
		w.OK(producer, "POST", suspended.path()+"/unsuspend", "")
		interoptest.Equal(t, "unsuspended", w.submits(id), "ACTIVE")
	})
}

// TestNotes: those of the last submission are kept, none when it has none.
func TestNotes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers("MANUAL")
		id := w.asks(o)
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
			rejected := w.does(producer, id, "reject")
			interoptest.Equal(t, "of what is rejected", rejected.Body["consumerNotes"], c.want)
			cloned := w.does(consumer, id, "clone")
			interoptest.Equal(t, "of a clone", cloned.Body["consumerNotes"], c.want)
			id = cloned.Text("id")
		}
		w.OK(consumer, "POST", "/agreements/"+id+"/submit", `{"consumerNotes":"Per il portale."}`)
		id = w.does(consumer, w.rejects(id), "clone").Text("id")
		interoptest.Equal(t, "overwritten", w.OK(consumer, "POST", "/agreements/"+id+"/submit",
			`{"consumerNotes":"Altro."}`).Text("consumerNotes"), "Altro.")
		id = w.does(consumer, w.rejects(id), "clone").Text("id")
		interoptest.Equal(t, "cleared", w.OK(consumer, "POST", "/agreements/"+id+"/submit", `{}`).Body["consumerNotes"], nil)
		interoptest.Equal(t, "approved", w.does(producer, id, "approve").Body["consumerNotes"], nil)

		declared := w.attribute(attribute.Declared)
		id = w.asks(w.offers("MANUAL", one(attribute.Declared, declared)))
		w.keeps(id, "submit", interop.AgreementSubmissionFailed)
		interoptest.Equal(t, "of what was refused", w.OK(consumer, "GET", "/agreements/"+id, "").Body["consumerNotes"], nil)
	})
}

func (w *world) rejects(id string) string {
	w.Helper()
	w.does(producer, id, "reject")
	return id
}
