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

// activate creates an agreement and submits it.
func (w *world) activate(o offer) string {
	w.Helper()
	id := w.createDraft(o)
	if w.submit(id) == "PENDING" {
		w.mustAct(producer, id, "approve")
	}
	return id
}

// checkUpgrade upgrades an agreement that the sides have suspended, and compares the new and
// the old one with the agreement before the upgrade.
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

// TestUpgradeAtOnce checks that with all attributes the new agreement has the state and the
// notes of the old one, for any approval policy.
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

// TestUpgradeToDraft checks that without a declared or verified attribute the upgrade
// creates a draft and the old agreement stays in use.
func TestUpgradeToDraft(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, c := range []struct {
			kind  attribute.Kind
			owned attribute.Kind // in addition to the missing one
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

// TestUpgradeRefused checks the refusals of an upgrade in their order.
func TestUpgradeRefused(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		certified := w.attribute(attribute.Certified)
		o := w.newOffer("AUTOMATIC")
		id := w.activate(o)
		w.wantActionRefused(id, "upgrade", interop.NoNewerDescriptor)
		w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC")))
		w.wantActionRefused(id, "upgrade", interop.NoNewerDescriptor) // a draft descriptor does not count
		w.OK(producer, "POST", o.path()+"/suspend", "")
		w.wantActionRefused(id, "upgrade", interop.NoPublishedDescriptor)

		o = w.newOffer("AUTOMATIC")
		id = w.activate(o)
		newer := w.newDescriptor(o, "AUTOMATIC", one(attribute.Certified, certified), one(attribute.Declared, w.attribute(attribute.Declared)))
		w.wantActionRefused(id, "upgrade", interop.CertifiedAttributesMissing)
		detail := w.try(consumer, id, "upgrade").Text("detail")
		interoptest.Equal(t, "the detail names the missing attribute", strings.Contains(detail, certified), true)
		w.OK(producer, "POST", newer.path()+"/suspend", "")
		w.wantActionRefused(id, "upgrade", interop.NoPublishedDescriptor) // an older published one does not count
		w.OK(producer, "POST", newer.path()+"/unsuspend", "")
		w.assign(attribute.Certified, certified, "")
		interoptest.Equal(t, "with the attribute", shown(w.mustAct(consumer, id, "upgrade")), "DRAFT")
		w.checkConsistent()
	})
}

// TestUpgradeSkips upgrades to the published descriptor across several others, also with
// more than nine descriptors.
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
		interoptest.Equal(t, "across seven descriptors", w.OK(consumer, "GET", "/agreements/"+id, "").Text("descriptorId"), latest.descriptor)
		latest = w.newDescriptor(o, "AUTOMATIC") // the tenth
		upgraded := w.mustAct(consumer, id, "upgrade")
		interoptest.Equal(t, "from the ninth descriptor", upgraded.Text("descriptorId"), latest.descriptor)
		w.wantActionRefused(upgraded.Text("id"), "upgrade", interop.NoNewerDescriptor)
		w.checkConsistent()
	})
}

// TestUpgradeOfSuspendedByPlatform upgrades agreements that the platform suspends. Only the
// attributes of the new descriptor count for the new agreement.
func TestUpgradeOfSuspendedByPlatform(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, c := range []struct {
			holder                *api.Identity
			required              bool // also by the new descriptor
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

// TestUpgradeOfOwn checks that a producer needs no attributes to use its own e-service.
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
		interoptest.Equal(t, "upgrade of a suspended agreement", shown(upgraded), "SUSPENDED Consumer Producer")
		interoptest.Equal(t, "unsuspended", shown(w.mustAct(producer, upgraded.Text("id"), "unsuspend")), "ACTIVE")
		w.follow()
		interoptest.Equal(t, "without attributes", shown(w.OK(producer, "GET", "/agreements/"+upgraded.Text("id"), "")), "ACTIVE")
		w.checkConsistent()
	})
}
