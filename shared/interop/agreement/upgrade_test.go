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
func (w *world) uses(o offer) string {
	w.Helper()
	id := w.asks(o)
	if w.submits(id) == "PENDING" {
		w.does(producer, id, "approve")
	}
	return id
}

// upgradesAtOnce upgrades an agreement that the sides have suspended and compares the new
// one and the old one with what there was before.
func (w *world) upgradesAtOnce(suspendedBy ...*api.Identity) {
	w.Helper()
	declared, verified := w.attribute(attribute.Declared), w.attribute(attribute.Verified)
	w.owns(attribute.Declared, declared, "")
	w.verified(verified)
	o := w.offers("AUTOMATIC")
	old := w.uses(o)
	for _, side := range suspendedBy {
		w.does(side, old, "suspend")
	}
	w.Clock.Advance(time.Minute)
	next := w.revises(o, "MANUAL", one(attribute.Declared, declared), one(attribute.Verified, verified))
	before := w.OK(consumer, "GET", "/agreements/"+old, "").Body
	upgraded := w.does(consumer, old, "upgrade")
	expected := object{"id": upgraded.Text("id"), "descriptorId": next.descriptor, "createdAt": w.stamp()}
	archived := object{"state": "ARCHIVED", "updatedAt": w.stamp()}
	for member, value := range before {
		if _, said := expected[member]; !said && member != "updatedAt" {
			expected[member] = value
		}
		if _, said := archived[member]; !said {
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
		for _, who := range [][]*api.Identity{nil, {consumer}, {producer}, {consumer, producer}} {
			w.upgradesAtOnce(who...)
		}
		w.consistent()
		w.follow()
		w.consistent()
		w.current()
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
					w.verified(owned)
				} else {
					w.owns(c.owned, owned, "")
				}
				o := w.offers("AUTOMATIC")
				old := w.uses(o)
				if holder != nil {
					w.does(holder, old, "suspend")
				}
				next := w.revises(o, "AUTOMATIC", one(c.kind, missing), one(c.owned, owned))
				before := w.touching(old)
				w.Clock.Advance(time.Minute)
				draft := w.does(consumer, old, "upgrade")
				state, holders, _ := strings.Cut(w.state(old), " ")
				interoptest.Equal(t, "the draft", shown(draft), strings.TrimSpace("DRAFT "+holders))
				interoptest.Equal(t, "its descriptor", draft.Text("descriptorId"), next.descriptor)
				interoptest.Equal(t, "its note", draft.Text("consumerNotes"), "Per il portale.")
				interoptest.Equal(t, "suspended since", draft.Text("suspendedAt"), w.OK(consumer, "GET", "/agreements/"+old, "").Text("suspendedAt"))
				interoptest.Equal(t, "the old one", state, map[bool]string{true: "ACTIVE", false: "SUSPENDED"}[holder == nil])
				w.untouched("an upgrade to a draft", before, old)
				all := w.everything()
				w.Refused(w.try(consumer, old, "upgrade"), interop.AgreementExists)
				w.unchanged(all)
				w.Refused(w.As(producer, "GET", "/agreements/"+draft.Text("id"), ""), interop.AgreementNotAllowed)
				if c.kind == attribute.Verified {
					interoptest.Equal(t, "unverified", strings.Fields(w.submits(draft.Text("id")))[0], "PENDING")
					w.Refused(w.try(consumer, old, "upgrade"), interop.AgreementExists)
				}
			}
		}
		w.consistent()
	})
}

// TestUpgradeRefused: what there is to upgrade to, in the order in which it is looked at.
func TestUpgradeRefused(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		certified := w.attribute(attribute.Certified)
		o := w.offers("AUTOMATIC")
		id := w.uses(o)
		w.keeps(id, "upgrade", interop.NoNewerDescriptor)
		w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(terms("AUTOMATIC")))
		w.keeps(id, "upgrade", interop.NoNewerDescriptor) // a draft is not there yet
		w.OK(producer, "POST", o.path()+"/suspend", "")
		w.keeps(id, "upgrade", interop.NoPublishedDescriptor)

		o = w.offers("AUTOMATIC")
		id = w.uses(o)
		newer := w.revises(o, "AUTOMATIC", one(attribute.Certified, certified), one(attribute.Declared, w.attribute(attribute.Declared)))
		w.keeps(id, "upgrade", interop.CertifiedAttributesMissing)
		interoptest.Equal(t, "what is missing is named", strings.Contains(w.try(consumer, id, "upgrade").Text("detail"), certified), true)
		w.OK(producer, "POST", newer.path()+"/suspend", "")
		w.keeps(id, "upgrade", interop.NoPublishedDescriptor) // the one below is not taken for it
		w.OK(producer, "POST", newer.path()+"/unsuspend", "")
		w.owns(attribute.Certified, certified, "")
		interoptest.Equal(t, "with the attribute", shown(w.does(consumer, id, "upgrade")), "DRAFT")
		w.consistent()
	})
}

// TestUpgradeSkips goes to the published descriptor past those between, also when
// more of them than nine are numbered.
func TestUpgradeSkips(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers("AUTOMATIC")
		id := w.uses(o)
		latest := o
		for range 8 {
			latest = w.revises(o, "AUTOMATIC")
		}
		id = w.does(consumer, id, "upgrade").Text("id")
		interoptest.Equal(t, "past seven", w.OK(consumer, "GET", "/agreements/"+id, "").Text("descriptorId"), latest.descriptor)
		latest = w.revises(o, "AUTOMATIC") // the tenth
		upgraded := w.does(consumer, id, "upgrade")
		interoptest.Equal(t, "from the ninth", upgraded.Text("descriptorId"), latest.descriptor)
		w.keeps(upgraded.Text("id"), "upgrade", interop.NoNewerDescriptor)
		w.consistent()
	})
}

// TestUpgradeOfWhatThePlatformHolds: the new agreement is judged by the new
// descriptor.
func TestUpgradeOfWhatThePlatformHolds(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, c := range []struct {
			holder                *api.Identity
			asked                 bool // by the new descriptor, too
			old, want, afterwards string
		}{
			{nil, false, "SUSPENDED Platform", "ACTIVE", "ARCHIVED Platform"},
			{consumer, false, "SUSPENDED Consumer Platform", "SUSPENDED Consumer", "ARCHIVED Consumer Platform"},
			{producer, false, "SUSPENDED Producer Platform", "SUSPENDED Producer", "ARCHIVED Producer Platform"},
			{nil, true, "SUSPENDED Platform", "DRAFT", "SUSPENDED Platform"},
			{consumer, true, "SUSPENDED Consumer Platform", "DRAFT Consumer", "SUSPENDED Consumer Platform"},
		} {
			declared := w.attribute(attribute.Declared)
			w.owns(attribute.Declared, declared, "")
			o := w.offers("AUTOMATIC", one(attribute.Declared, declared))
			id := w.uses(o)
			if c.holder != nil {
				w.does(c.holder, id, "suspend")
			}
			w.Clock.Advance(time.Minute)
			w.loses(attribute.Declared, declared, "")
			w.follow()
			interoptest.Equal(t, "the old one", w.state(id), c.old)
			if c.asked {
				w.revises(o, "AUTOMATIC", one(attribute.Declared, declared))
			} else {
				w.revises(o, "AUTOMATIC")
			}
			upgraded := w.does(consumer, id, "upgrade")
			interoptest.Equal(t, "the new one", shown(upgraded), c.want)
			interoptest.Equal(t, "the flag of the platform", upgraded.Body["suspendedByPlatform"], nil)
			if c.holder == nil {
				interoptest.Equal(t, "suspended since", upgraded.Body["suspendedAt"], nil)
			}
			interoptest.Equal(t, "the old one afterwards", w.state(id), c.afterwards)
			w.follow()
			interoptest.Equal(t, "the new one, later", w.state(upgraded.Text("id")), c.want)
		}
		w.consistent()
	})
}

// TestUpgradeOfOwn: who uses its own e-service is not asked for attributes.
func TestUpgradeOfOwn(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers("MANUAL")
		id := w.asksAs(producer, o)
		interoptest.Equal(t, "submitted", shown(w.does(producer, id, "submit")), "ACTIVE")
		asks := []requirement{one(attribute.Certified, w.attribute(attribute.Certified)), one(attribute.Declared,
			w.attribute(attribute.Declared)), one(attribute.Verified, w.attribute(attribute.Verified))}
		w.revises(o, "MANUAL", asks...)
		upgraded := w.does(producer, id, "upgrade")
		interoptest.Equal(t, "upgraded", shown(upgraded), "ACTIVE")
		id = upgraded.Text("id")
		w.does(producer, id, "suspend")
		w.revises(o, "MANUAL", asks...)
		upgraded = w.does(producer, id, "upgrade")
		interoptest.Equal(t, "of what is suspended", shown(upgraded), "SUSPENDED Consumer Producer")
		interoptest.Equal(t, "unsuspended", shown(w.does(producer, upgraded.Text("id"), "unsuspend")), "ACTIVE")
		w.follow()
		interoptest.Equal(t, "without attributes", shown(w.OK(producer, "GET", "/agreements/"+upgraded.Text("id"), "")), "ACTIVE")
		w.consistent()
	})
}
