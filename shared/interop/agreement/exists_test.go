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

// wantExists checks that a second agreement is refused, and that the refusal contains the
// existing agreement, its state, its allowed actions and the texts of named.
func (w *world) wantExists(what string, res apitest.Response, id, state, allowed string, named ...string) {
	w.Helper()
	w.Refused(res, interop.AgreementExists)
	for _, name := range slices.Concat(named, []string{id, state}) {
		if !strings.Contains(res.Text("detail"), name) {
			w.Errorf("%s exists: %q does not name %s", what, res.Text("detail"), name)
		}
	}
	interoptest.Equal(w.TB, what+" exists: state", res.Text("state"), state)
	interoptest.Equal(w.TB, what+" exists: allowedActions", words(res.Body["allowedActions"]), allowed)
}

// words joins the texts of a list.
func words(list any) string {
	var words []string
	all, _ := list.([]any)
	for _, word := range all {
		text, _ := word.(string)
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// TestSecondAgreement creates a second agreement while there is one in each situation, and
// upgrades an agreement while there is the draft of an earlier upgrade.
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

// TestSecondAgreementEnds deletes the conflicting draft after the upgrade lost to it. The
// upgrade then succeeds.
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
