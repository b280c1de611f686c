package agreement_test

import (
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
)

// carried is the draft that an upgrade makes of an agreement that these sides hold:
// C the consumer, P the producer. What the draft lacked is owned then.
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

// TestFlagsOfDrafts is what becomes of the suspensions that a draft of an upgrade
// carries: the consumer takes its own back by submitting, the producer by approving.
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
				interoptest.Equal(t, what+" held by "+c.holders, shown(res), state)
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
			interoptest.Equal(t, "MANUAL held by "+c.holders, shown(pending), c.manual)
			interoptest.Equal(t, "MANUAL since", pending.Text("suspendedAt"), since)
			interoptest.Equal(t, "meanwhile the old one", w.state(old), c.old)
			w.Clock.Advance(time.Minute)
			w.mustAct(producer, draft, "approve")
			ends("approved", old, draft, c.approved, "approve")
		}
		w.checkConsistent()
		w.follow()
		w.checkFollowed()
	})
}

// TestFlagsEnd: who holds what was suspended by an upgrade takes it back as ever.
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
		interoptest.Equal(t, "why", rejected.Text("rejectionReason"), reason)
		w.checkConsistent()
	})
}

// TestReplaced: the agreement in use that a draft replaces is the one that there is
// by then, if there is any.
func TestReplaced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		old, draft := w.draftOfUpgrade("AUTOMATIC", "P")
		w.mustAct(producer, old, "unsuspend") // which the draft does not learn
		w.mustAct(consumer, old, "archive")
		interoptest.Equal(t, "after the old one was archived", w.submit(draft), "SUSPENDED Producer")
		interoptest.Equal(t, "which stays as it was", w.history(old),
			"create NONE-DRAFT, submit DRAFT-ACTIVE, suspend ACTIVE-SUSPENDED, unsuspend SUSPENDED-ACTIVE, archive ACTIVE-ARCHIVED")

		old, draft = w.draftOfUpgrade("AUTOMATIC", "")
		next := w.mustAct(consumer, old, "upgrade").Text("id") // at once: nothing is missing any more
		interoptest.Equal(t, "the second upgrade", w.state(next), "ACTIVE")
		interoptest.Equal(t, "the draft of the first", w.submit(draft), "ACTIVE")
		interoptest.Equal(t, "the second", w.state(next), "ARCHIVED")

		old, draft = w.draftOfUpgrade("AUTOMATIC", "C")
		w.OK(consumer, "DELETE", "/agreements/"+draft, "")
		interoptest.Equal(t, "after its draft was deleted", w.state(old), "SUSPENDED Consumer")
		w.checkConsistent()
	})
}
