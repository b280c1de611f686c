package agreement_test

import (
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// TestStory follows an agreement from its draft to its end.
func TestStory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.newOffer("MANUAL")
		id := w.createDraft(o)
		interoptest.Equal(t, "created", w.state(id), "DRAFT")
		interoptest.Equal(t, "submitted", shown(w.mustAct(consumer, id, "submit")), "PENDING")
		interoptest.Equal(t, "approved", shown(w.mustAct(producer, id, "approve")), "ACTIVE")
		interoptest.Equal(t, "suspended", shown(w.mustAct(consumer, id, "suspend")), "SUSPENDED Consumer")
		interoptest.Equal(t, "suspended by both", shown(w.mustAct(producer, id, "suspend")), "SUSPENDED Consumer Producer")
		interoptest.Equal(t, "unsuspended by one", shown(w.mustAct(consumer, id, "unsuspend")), "SUSPENDED Producer")
		interoptest.Equal(t, "unsuspended", shown(w.mustAct(producer, id, "unsuspend")), "ACTIVE")
		next := w.newDescriptor(o, "MANUAL")
		upgraded := w.mustAct(consumer, id, "upgrade")
		interoptest.Equal(t, "upgraded", shown(upgraded), "ACTIVE")
		interoptest.Equal(t, "its descriptor", upgraded.Text("descriptorId"), next.descriptor)
		interoptest.Equal(t, "the old one", w.state(id), "ARCHIVED")
		w.follow()
		interoptest.Equal(t, "the old descriptor", w.OK(producer, "GET", o.path(), "").Text("state"), "ARCHIVED")
		interoptest.Equal(t, "archived", shown(w.mustAct(consumer, upgraded.Text("id"), "archive")), "ARCHIVED")
		interoptest.Equal(t, "history", w.history(id),
			"create NONE-DRAFT, submit DRAFT-PENDING, approve PENDING-ACTIVE, suspend ACTIVE-SUSPENDED, suspend SUSPENDED-SUSPENDED, "+
				"unsuspend SUSPENDED-SUSPENDED, unsuspend SUSPENDED-ACTIVE, upgrade ACTIVE-ARCHIVED")
	})
}

// history returns the history of an agreement as "<action> <from>-<to>, …".
func (w *world) history(id string) string {
	w.Helper()
	return w.historyAs(consumer, id)
}

func (w *world) historyAs(caller *api.Identity, id string) string {
	w.Helper()
	var all []string
	for _, e := range interoptest.Results(w.OK(caller, "GET", "/agreements/"+id+"/history", "")) {
		from, _ := e["from"].(string)
		to, _ := e["to"].(string)
		if from == "" {
			from = "NONE"
		}
		if to == "" {
			to = "NONE"
		}
		action, _ := e["action"].(string)
		all = append(all, action+" "+from+"-"+to)
	}
	return strings.Join(all, ", ")
}

// TestAttributesDecide checks an agreement while the consumer loses and regains attributes.
func TestAttributesDecide(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		certified, declared, verified := w.attribute(attribute.Certified), w.attribute(attribute.Declared), w.attribute(attribute.Verified)
		o := w.newOffer("AUTOMATIC", requirement{attribute.Certified, []string{certified}}, requirement{attribute.Declared, []string{declared}},
			requirement{attribute.Verified, []string{verified}})
		w.Refused(w.As(consumer, "POST", "/agreements", interoptest.JSON(object{"eserviceId": o.id, "descriptorId": o.descriptor})),
			interop.CertifiedAttributesMissing)
		w.assign(attribute.Certified, certified, "")
		id := w.createDraft(o)
		w.Refused(w.As(consumer, "POST", "/agreements/"+id+"/submit", "{}"), interop.AgreementSubmissionFailed)
		w.assign(attribute.Declared, declared, "")
		interoptest.Equal(t, "unverified", shown(w.mustAct(consumer, id, "submit")), "PENDING")
		w.assign(attribute.Verified, verified, id)
		interoptest.Equal(t, "approved", shown(w.mustAct(producer, id, "approve")), "ACTIVE")
		w.follow()
		interoptest.Equal(t, "complete", w.state(id), "ACTIVE")
		for _, k := range []struct {
			kind attribute.Kind
			id   string
		}{{attribute.Certified, certified}, {attribute.Declared, declared}, {attribute.Verified, verified}} {
			w.revoke(k.kind, k.id, id)
			w.follow()
			interoptest.Equal(t, "without "+string(k.kind), w.state(id), "SUSPENDED Platform")
			w.assign(k.kind, k.id, id)
			w.follow()
			interoptest.Equal(t, "with it again", w.state(id), "ACTIVE")
		}
	})
}
