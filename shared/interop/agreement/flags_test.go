package agreement_test

import (
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
)

// draftOfUpgrade upgrades an agreement that is suspended by the sides of holders (C for the
// consumer, P for the producer) to a draft. It returns both agreements; the consumer owns
// every required attribute afterwards.
func (w *world) draftOfUpgrade(policy, holders string) (old, draft string) {
	w.Helper()
	o := w.newOffer("AUTOMATIC")
	old = w.createDraft(o)
	w.mustAct(consumer, old, "submit")
	if strings.Contains(holders, "C") {
		w.mustAct(consumer, old, "suspend")
	}
	if strings.Contains(holders, "P") {
		w.mustAct(producer, old, "suspend")
	}
	declared := w.attribute(attribute.Declared)
	w.newDescriptor(o, policy, one(attribute.Declared, declared))
	draft = w.mustAct(consumer, old, "upgrade").Text("id")
	w.assign(attribute.Declared, declared, "")
	return old, draft
}

// TestFlagsOfDrafts checks the suspensions that the draft of an upgrade takes over. A
// submission ends that of the consumer, an approval that of the producer.
func TestFlagsOfDrafts(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, c := range []struct{ holders, old, draft, automatic, manual, approved string }{
			{"", "ACTIVE", "DRAFT", "ACTIVE", "PENDING", "ACTIVE"},
			{"C", "SUSPENDED Consumer", "DRAFT Consumer", "ACTIVE", "PENDING Consumer", "SUSPENDED Consumer"},
			{"P", "SUSPENDED Producer", "DRAFT Producer", "SUSPENDED Producer", "PENDING Producer", "ACTIVE"},
			{
				"CP", "SUSPENDED Consumer Producer", "DRAFT Consumer Producer", "SUSPENDED Consumer Producer", "PENDING Consumer Producer",
				"SUSPENDED Consumer",
			},
		} {
			since := ""
			if c.holders != "" {
				since = w.stamp()
			}
			ends := func(what, old, draft, state, action string) {
				w.Helper()
				res := w.OK(consumer, "GET", "/agreements/"+draft, "")
				interoptest.Equal(t, what+" suspended by "+c.holders, shown(res), state)
				suspendedAt := since
				if state == "ACTIVE" {
					suspendedAt = ""
				}
				interoptest.Equal(t, what+" since", res.Text("suspendedAt"), suspendedAt)
				interoptest.Equal(t, what+" replaces", w.state(old), strings.NewReplacer("SUSPENDED", "ARCHIVED", "ACTIVE", "ARCHIVED").Replace(c.old))
				before, _, _ := strings.Cut(c.old, " ")
				if rows := strings.Split(w.history(old), ", "); rows[len(rows)-1] != "replace "+before+"-ARCHIVED" {
					t.Errorf("the history of the old one ends with %s", rows[len(rows)-1])
				}
				if rows := strings.Split(w.history(draft), ", "); !strings.HasPrefix(rows[len(rows)-1], action) {
					t.Errorf("the history of the new one ends with %s", rows[len(rows)-1])
				}
			}
			old, draft := w.draftOfUpgrade("AUTOMATIC", c.holders)
			interoptest.Equal(t, "the draft", w.state(draft), c.draft)
			interoptest.Equal(t, "the old one", w.state(old), c.old)
			w.Clock.Advance(time.Minute)
			w.mustAct(consumer, draft, "submit")
			ends("AUTOMATIC", old, draft, c.automatic, "submit")

			if since != "" {
				since = w.stamp()
			}
			old, draft = w.draftOfUpgrade("MANUAL", c.holders)
			w.Clock.Advance(time.Minute)
			pending := w.mustAct(consumer, draft, "submit")
			interoptest.Equal(t, "MANUAL suspended by "+c.holders, shown(pending), c.manual)
			interoptest.Equal(t, "MANUAL since", pending.Text("suspendedAt"), since)
			interoptest.Equal(t, "the old one before the approval", w.state(old), c.old)
			w.Clock.Advance(time.Minute)
			w.mustAct(producer, draft, "approve")
			ends("approved", old, draft, c.approved, "approve")
		}
		w.checkConsistent()
		w.follow()
		w.checkFollowed()
	})
}

// TestFlagsEnd checks that the sides unsuspend an upgraded agreement like any other, and
// that a rejected agreement has no flags.
func TestFlagsEnd(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		_, draft := w.draftOfUpgrade("AUTOMATIC", "CP")
		w.mustAct(consumer, draft, "submit")
		interoptest.Equal(t, "by the consumer", shown(w.mustAct(consumer, draft, "unsuspend")), "SUSPENDED Producer")
		interoptest.Equal(t, "by both", shown(w.mustAct(producer, draft, "unsuspend")), "ACTIVE")

		_, draft = w.draftOfUpgrade("MANUAL", "CP")
		w.mustAct(consumer, draft, "submit")
		rejected := w.mustAct(producer, draft, "reject")
		interoptest.Equal(t, "rejected", shown(rejected), "REJECTED")
		for _, member := range []string{"suspendedByConsumer", "suspendedByProducer", "suspendedByPlatform", "suspendedAt"} {
			interoptest.Equal(t, "rejected: "+member, rejected.Body[member], nil)
		}
		interoptest.Equal(t, "the reason", rejected.Text("rejectionReason"), reason)
		w.checkConsistent()
	})
}

// TestReplaced checks that a draft replaces the agreement that is in use at its
// submission, if there is one.
func TestReplaced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		old, draft := w.draftOfUpgrade("AUTOMATIC", "P")
		w.mustAct(producer, old, "unsuspend") // the draft keeps its flag
		w.mustAct(consumer, old, "archive")
		interoptest.Equal(t, "after the old one was archived", w.submit(draft), "SUSPENDED Producer")
		interoptest.Equal(t, "the history of the old one", w.history(old),
			"create NONE-DRAFT, submit DRAFT-ACTIVE, suspend ACTIVE-SUSPENDED, unsuspend SUSPENDED-ACTIVE, archive ACTIVE-ARCHIVED")

		old, draft = w.draftOfUpgrade("AUTOMATIC", "")
		next := w.mustAct(consumer, old, "upgrade").Text("id") // no draft: no attribute is missing
		interoptest.Equal(t, "the second upgrade", w.state(next), "ACTIVE")
		interoptest.Equal(t, "the draft of the first", w.submit(draft), "ACTIVE")
		interoptest.Equal(t, "the second", w.state(next), "ARCHIVED")

		old, draft = w.draftOfUpgrade("AUTOMATIC", "C")
		w.OK(consumer, "DELETE", "/agreements/"+draft, "")
		interoptest.Equal(t, "after its draft was deleted", w.state(old), "SUSPENDED Consumer")
		w.checkConsistent()
	})
}
