package agreement_test

import (
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// uses puts an agreement into use.
func (w *world) activate(o offer) string {
	w.Helper()
	id := w.createDraft(o)
	if w.submit(id) == "PENDING" {
		w.mustAct(producer, id, "approve")
	}
	return id
}

// upgradesAtOnce upgrades an agreement that the sides have suspended and compares the new
// one and the old one with what there was before.
func (w *world) checkUpgrade(suspendedBy ...*api.Identity) {
	w.Helper()
	declared, verified := w.attribute(attribute.Declared), w.attribute(attribute.Verified)
	w.assign(attribute.Declared, declared, "")
	w.verifyFor(verified)
	o := w.newOffer("AUTOMATIC")
	old := w.activate(o)
	for _, side := range suspendedBy {
		w.mustAct(side, old, "suspend")
	}
	w.Clock.Advance(time.Minute)
	next := w.newDescriptor(o, "MANUAL", one(attribute.Declared, declared), one(attribute.Verified, verified))
	before := w.OK(consumer, "GET", "/agreements/"+old, "").Body
	upgraded := w.mustAct(consumer, old, "upgrade")
	expected := object{"id": upgraded.Text("id"), "descriptorId": next.descriptor, "createdAt": w.stamp()}
	archived := object{"state": "ARCHIVED", "updatedAt": w.stamp()}
	for member, value := range before {
		if _, isExpected := expected[member]; !isExpected && member != "updatedAt" {
			expected[member] = value
		}
		if _, isExpected := archived[member]; !isExpected {
			archived[member] = value
		}
	}
	if upgraded.Text("id") == old {
		w.Error("the new agreement is the old one")
	}
	if diff := gocmp.Diff(expected, upgraded.Body); diff != "" {
		w.Errorf("the new agreement (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(archived, w.OK(consumer, "GET", "/agreements/"+old, "").Body); diff != "" {
		w.Errorf("the old agreement (-want +got):\n%s", diff)
	}
	interoptest.Equal(w.TB, "its note", upgraded.Text("consumerNotes"), "Per il portale.")
}

// TestUpgradeAtOnce: where nothing is missing the new agreement is in the state of
// the old one, with what it said, whatever the approval policy.
func TestUpgradeAtOnce(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, caller := range [][]*api.Identity{nil, {consumer}, {producer}, {consumer, producer}} {
			w.checkUpgrade(caller...)
		}
		w.checkConsistent()
		w.follow()
		w.checkConsistent()
		w.checkFollowed()
	})
}

// TestUpgradeToDraft: where a declared or a verified attribute is missing the old
// agreement goes on while the draft is on its way.
func TestUpgradeToDraft(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, c := range []struct {
			kind  attribute.Kind
			owned attribute.Kind // as well as the one that is missing
		}{{attribute.Declared, attribute.Verified}, {attribute.Verified, attribute.Declared}, {attribute.Declared, attribute.Certified}} {
			for _, holder := range []*api.Identity{nil, consumer, producer} {
				missing, owned := w.attribute(c.kind), w.attribute(c.owned)
				if c.owned == attribute.Verified {
					w.verifyFor(owned)
				} else {
					w.assign(c.owned, owned, "")
				}
				o := w.newOffer("AUTOMATIC")
				old := w.activate(o)
				if holder != nil {
					w.mustAct(holder, old, "suspend")
				}
				next := w.newDescriptor(o, "AUTOMATIC", one(c.kind, missing), one(c.owned, owned))
				before := w.storedAbout(old)
				w.Clock.Advance(time.Minute)
				draft := w.mustAct(consumer, old, "upgrade")
				state, holders, _ := strings.Cut(w.state(old), " ")
				interoptest.Equal(t, "the draft", shown(draft), strings.TrimSpace("DRAFT "+holders))
				interoptest.Equal(t, "its descriptor", draft.Text("descriptorId"), next.descriptor)
				interoptest.Equal(t, "its note", draft.Text("consumerNotes"), "Per il portale.")
				interoptest.Equal(t, "suspended since", draft.Text("suspendedAt"), w.OK(consumer, "GET", "/agreements/"+old, "").Text("suspendedAt"))
				interoptest.Equal(t, "the old one", state, map[bool]string{true: "ACTIVE", false: "SUSPENDED"}[holder == nil])
				w.wantUntouched("an upgrade to a draft", before, old)
				all := w.everything()
				w.Refused(w.try(consumer, old, "upgrade"), interop.AgreementExists)
				w.wantUnchanged(all)
				w.Refused(w.As(producer, "GET", "/agreements/"+draft.Text("id"), ""), interop.AgreementNotAllowed)
				if c.kind == attribute.Verified {
					interoptest.Equal(t, "unverified", strings.Fields(w.submit(draft.Text("id")))[0], "PENDING")
					w.Refused(w.try(consumer, old, "upgrade"), interop.AgreementExists)
				}
			}
		}
		w.checkConsistent()
	})
}

// TestUpgradeRefused: what there is to upgrade to, in the order in which it is looked at.
func TestUpgradeRefused(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		certified := w.attribute(attribute.Certified)
		o := w.newOffer("AUTOMATIC")
		id := w.activate(o)
		w.wantActionRefused(id, "upgrade", interop.NoNewerDescriptor)
		w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC")))
		w.wantActionRefused(id, "upgrade", interop.NoNewerDescriptor) // a draft is not there yet
		w.OK(producer, "POST", o.path()+"/suspend", "")
		w.wantActionRefused(id, "upgrade", interop.NoPublishedDescriptor)

		o = w.newOffer("AUTOMATIC")
		id = w.activate(o)
		newer := w.newDescriptor(o, "AUTOMATIC", one(attribute.Certified, certified), one(attribute.Declared, w.attribute(attribute.Declared)))
		w.wantActionRefused(id, "upgrade", interop.CertifiedAttributesMissing)
		interoptest.Equal(t, "what is missing is named", strings.Contains(w.try(consumer, id, "upgrade").Text("detail"), certified), true)
		w.OK(producer, "POST", newer.path()+"/suspend", "")
		w.wantActionRefused(id, "upgrade", interop.NoPublishedDescriptor) // the one below is not taken for it
		w.OK(producer, "POST", newer.path()+"/unsuspend", "")
		w.assign(attribute.Certified, certified, "")
		interoptest.Equal(t, "with the attribute", shown(w.mustAct(consumer, id, "upgrade")), "DRAFT")
		w.checkConsistent()
	})
}

// TestUpgradeSkips goes to the published descriptor past those between, also when
// more of them than nine are numbered.
func TestUpgradeSkips(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.newOffer("AUTOMATIC")
		id := w.activate(o)
		latest := o
		for range 8 {
			latest = w.newDescriptor(o, "AUTOMATIC")
		}
		id = w.mustAct(consumer, id, "upgrade").Text("id")
		interoptest.Equal(t, "past seven", w.OK(consumer, "GET", "/agreements/"+id, "").Text("descriptorId"), latest.descriptor)
		latest = w.newDescriptor(o, "AUTOMATIC") // the tenth
		upgraded := w.mustAct(consumer, id, "upgrade")
		interoptest.Equal(t, "from the ninth", upgraded.Text("descriptorId"), latest.descriptor)
		w.wantActionRefused(upgraded.Text("id"), "upgrade", interop.NoNewerDescriptor)
		w.checkConsistent()
	})
}

// TestUpgradeOfWhatThePlatformHolds: the new agreement is judged by the new
// descriptor.
func TestUpgradeOfWhatThePlatformHolds(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, c := range []struct {
			holder                *api.Identity
			required              bool // by the new descriptor, too
			old, want, afterwards string
		}{
			{nil, false, "SUSPENDED Platform", "ACTIVE", "ARCHIVED Platform"},
			{consumer, false, "SUSPENDED Consumer Platform", "SUSPENDED Consumer", "ARCHIVED Consumer Platform"},
			{producer, false, "SUSPENDED Producer Platform", "SUSPENDED Producer", "ARCHIVED Producer Platform"},
			{nil, true, "SUSPENDED Platform", "DRAFT", "SUSPENDED Platform"},
			{consumer, true, "SUSPENDED Consumer Platform", "DRAFT Consumer", "SUSPENDED Consumer Platform"},
		} {
			declared := w.attribute(attribute.Declared)
			w.assign(attribute.Declared, declared, "")
			o := w.newOffer("AUTOMATIC", one(attribute.Declared, declared))
			id := w.activate(o)
			if c.holder != nil {
				w.mustAct(c.holder, id, "suspend")
			}
			w.Clock.Advance(time.Minute)
			w.revoke(attribute.Declared, declared, "")
			w.follow()
			interoptest.Equal(t, "the old one", w.state(id), c.old)
			if c.required {
				w.newDescriptor(o, "AUTOMATIC", one(attribute.Declared, declared))
			} else {
				w.newDescriptor(o, "AUTOMATIC")
			}
			upgraded := w.mustAct(consumer, id, "upgrade")
			interoptest.Equal(t, "the new one", shown(upgraded), c.want)
			interoptest.Equal(t, "the flag of the platform", upgraded.Body["suspendedByPlatform"], nil)
			if c.holder == nil {
				interoptest.Equal(t, "suspended since", upgraded.Body["suspendedAt"], nil)
			}
			interoptest.Equal(t, "the old one afterwards", w.state(id), c.afterwards)
			w.follow()
			interoptest.Equal(t, "the new one, later", w.state(upgraded.Text("id")), c.want)
		}
		w.checkConsistent()
	})
}

// TestUpgradeOfOwn: who uses its own e-service is not asked for attributes.
func TestUpgradeOfOwn(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.newOffer("MANUAL")
		id := w.createDraftAs(producer, o)
		interoptest.Equal(t, "submitted", shown(w.mustAct(producer, id, "submit")), "ACTIVE")
		required := []requirement{one(attribute.Certified, w.attribute(attribute.Certified)), one(attribute.Declared,
			w.attribute(attribute.Declared)), one(attribute.Verified, w.attribute(attribute.Verified))}
		w.newDescriptor(o, "MANUAL", required...)
		upgraded := w.mustAct(producer, id, "upgrade")
		interoptest.Equal(t, "upgraded", shown(upgraded), "ACTIVE")
		id = upgraded.Text("id")
		w.mustAct(producer, id, "suspend")
		w.newDescriptor(o, "MANUAL", required...)
		upgraded = w.mustAct(producer, id, "upgrade")
		interoptest.Equal(t, "of what is suspended", shown(upgraded), "SUSPENDED Consumer Producer")
		interoptest.Equal(t, "unsuspended", shown(w.mustAct(producer, upgraded.Text("id"), "unsuspend")), "ACTIVE")
		w.follow()
		interoptest.Equal(t, "without attributes", shown(w.OK(producer, "GET", "/agreements/"+upgraded.Text("id"), "")), "ACTIVE")
		w.checkConsistent()
	})
}
