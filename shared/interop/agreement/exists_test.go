package agreement_test

import (
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// existing fails unless a second agreement is refused with the agreement that there is,
// its state, what the consumer may do with it, and the other things named.
func (w *world) wantExists(what string, res apitest.Response, id, state, allowed string, named ...string) {
	w.Helper()
	w.Refused(res, interop.AgreementExists)
	for _, name := range slices.Concat(named, []string{id, state}) {
		if !strings.Contains(res.Text("detail"), name) {
			w.Errorf("beside %s: %q does not name %s", what, res.Text("detail"), name)
		}
	}
	interoptest.Equal(w.TB, "beside "+what+": state", res.Text("state"), state)
	interoptest.Equal(w.TB, "beside "+what+": allowed", words(res.Body["allowedActions"]), allowed)
}

// said is a list of words.
func words(list any) string {
	var words []string
	all, _ := list.([]any)
	for _, word := range all {
		text, _ := word.(string)
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// TestSecondAgreement asks for another agreement beside one in each situation, and for an
// upgrade beside the draft of an upgrade.
func TestSecondAgreement(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		create := func(o offer) apitest.Response {
			return w.As(consumer, "POST", "/agreements", interoptest.JSON(seedOf(o)))
		}
		for situation, expected := range map[string][2]string{
			"DRAFT": {"DRAFT", "submit delete"}, "PENDING": {"PENDING", "delete"}, "ACTIVE": {"ACTIVE", "suspend archive"},
			"CP": {"SUSPENDED", "suspend unsuspend archive"}, "MISSING": {"MISSING_CERTIFIED_ATTRIBUTES", "delete"},
		} {
			c := w.agreementIn(consumer, situation)
			w.wantExists(situation, create(c.offer), c.id, expected[0], expected[1])
		}
		rejected := w.agreementIn(consumer, "REJECTED")
		next := w.createDraft(rejected.offer)
		w.wantExists("a draft", w.try(consumer, rejected.id, "clone"), next, "DRAFT", "submit delete")

		o := w.newOffer("AUTOMATIC")
		id := w.activate(o)
		newer := w.newDescriptor(o, "AUTOMATIC", one(attribute.Declared, w.attribute(attribute.Declared)))
		w.wantExists("one to upgrade", create(newer), id, "ACTIVE", "suspend archive upgrade", newer.descriptor, "/agreements/"+id+"/upgrade")
		draft := w.mustAct(consumer, id, "upgrade").Text("id")
		w.wantExists("one and its upgrade", create(newer), id, "ACTIVE", "suspend archive upgrade", draft, "DRAFT")
		w.wantExists("an upgrade", w.try(consumer, id, "upgrade"), draft, "DRAFT", "submit delete")
		w.checkConsistent()
	})
}

// TestSecondAgreementEnds deletes the agreement that is in the way while another one is
// asked for: there is nothing to name any more, and the other one is made.
func TestSecondAgreementEnds(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.newOffer("AUTOMATIC")
		id := w.activate(o)
		w.newDescriptor(o, "AUTOMATIC", one(attribute.Declared, w.attribute(attribute.Declared)))
		first := w.mustAct(consumer, id, "upgrade").Text("id")
		refusals := 0
		w.Tap.Set(func(c *hooked.Call) error {
			err := c.Run()
			if c.Writes() && err != nil {
				w.Tap.Set(nil)
				refusals++
				w.OK(consumer, "DELETE", "/agreements/"+first, "")
			}
			return err
		})
		second := w.mustAct(consumer, id, "upgrade").Text("id")
		interoptest.Equal(t, "refusals", refusals, 1)
		interoptest.Equal(t, "the draft", w.state(second), "DRAFT")
		w.checkConsistent()
	})
}
