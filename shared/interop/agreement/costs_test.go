package agreement_test

import (
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// priced is a request with its round trips and the items that it reads.
type priced struct {
	trips, items       float64
	what               string
	as                 *api.Identity
	method, path, body string
}

func (w *world) costs(all ...priced) {
	w.Helper()
	for _, c := range all {
		w.Costs(c.what, c.trips, c.items, c.as, c.method, c.path, c.body)
	}
}

// TestRoundTrips checks the cost of every operation. An action reads the agreement, then all
// facts at the same time, and writes. An e-service with one descriptor is two items; older
// descriptors and the use of descriptors are not read. A consumer owns nothing here, but
// is one item.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.newOffer("MANUAL")
		seed := interoptest.JSON(object{"eserviceId": o.id, "descriptorId": o.descriptor})
		w.costs(
			priced{2, 3, "create", consumer, "POST", "/agreements", seed},
			priced{2, 5, "create again", consumer, "POST", "/agreements", seed},
			priced{0, 0, "create with a bad body", consumer, "POST", "/agreements", "{}"},
			priced{0, 0, "create without a token", nil, "POST", "/agreements", seed},
		)
		at := "/agreements/" + w.only("DRAFT")
		w.costs(
			priced{1, 1, "get", consumer, "GET", at, ""},
			priced{1, 1, "get as a stranger", stranger, "GET", at, ""},
			priced{1, 0, "get an unknown agreement", consumer, "GET", "/agreements/" + stranger.Subject, ""},
			priced{0, 0, "get with a malformed id", consumer, "GET", "/agreements/x", ""},
			priced{1, 1, "history", consumer, "GET", at + "/history", ""},
			priced{3, 4, "submit", consumer, "POST", at + "/submit", "{}"},
			priced{2, 4, "submit again", consumer, "POST", at + "/submit", "{}"},
			priced{3, 4, "approve", producer, "POST", at + "/approve", ""},
			priced{2, 1, "suspend", consumer, "POST", at + "/suspend", ""},
			priced{1, 1, "suspend again", consumer, "POST", at + "/suspend", ""},
			priced{3, 4, "unsuspend", consumer, "POST", at + "/unsuspend", ""},
			priced{1, 5, "history", consumer, "GET", at + "/history", ""},
			priced{2, 4, "upgrade to nothing", consumer, "POST", at + "/upgrade", ""},
		)
		next := w.newDescriptor(o, "AUTOMATIC")
		w.costs(priced{3, 5, "upgrade", consumer, "POST", at + "/upgrade", ""})
		w.follow()
		at = "/agreements/" + w.only("ACTIVE")
		w.costs(
			priced{2, 1, "archive", consumer, "POST", at + "/archive", ""},
			priced{1, 1, "archive again", consumer, "POST", at + "/archive", ""},
		)
		rejected := "/agreements/" + w.pendingAgreement()
		w.costs(
			priced{2, 1, "reject", producer, "POST", rejected + "/reject", bodyOf("reject")},
			priced{3, 4, "clone", consumer, "POST", rejected + "/clone", ""},
		)
		w.costs(
			priced{2, 1, "delete", consumer, "DELETE", "/agreements/" + w.only("DRAFT"), ""},
			priced{2, 4, "create with others", consumer, "POST", "/agreements", interoptest.JSON(object{
				"eserviceId":   next.id,
				"descriptorId": next.descriptor,
			})},
		)
		w.costs(priced{3, 4, "submit and activate", consumer, "POST", "/agreements/" + w.only("DRAFT") + "/submit", "{}"})
	})
}

// pendingAgreement returns an agreement that waits for approval, on a new e-service.
func (w *world) pendingAgreement() string {
	w.Helper()
	id := w.createDraft(w.newOffer("MANUAL"))
	w.mustAct(consumer, id, "submit")
	return id
}

// TestReplacingCosts checks the cost of activating an agreement that replaces another one.
// The first transaction fails because the other agreement exists; the second round reads
// that agreement and all other records at the same time.
func TestReplacingCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		required := w.attribute(attribute.Declared)
		_, old := w.upgradable("AUTOMATIC", requirement{attribute.Declared, []string{required}})
		w.costs(priced{3, 5, "upgrade by a draft", consumer, "POST", "/agreements/" + old + "/upgrade", ""})
		w.assign(attribute.Declared, required, "")
		w.costs(priced{5, 13, "submit what replaces", consumer, "POST", "/agreements/" + w.only("DRAFT") + "/submit", "{}"})
	})
}

// TestVerificationCosts checks that verifying an attribute costs as much as an action on
// an agreement.
func TestVerificationCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o, required := w.offerRequiring("MANUAL", attribute.Verified, false)
		id := w.createDraft(o)
		verified := "/tenants/" + consumer.Subject + "/verifiedAttributes"
		revoked := verified + "/" + required + "?agreementId=" + id
		seed := interoptest.JSON(object{"id": required, "agreementId": id})
		w.costs(priced{1, 1, "verify through a draft", producer, "POST", verified, seed})
		w.mustAct(consumer, id, "submit")
		w.costs(
			priced{3, 4, "verify", producer, "POST", verified, seed},
			priced{1, 1, "verify as a stranger", stranger, "POST", verified, seed},
			priced{3, 6, "revoke", producer, "DELETE", revoked, ""},
			priced{2, 6, "revoke again", producer, "DELETE", revoked, ""},
		)
	})
}

// TestLostRoundCosts checks the cost of a second round after a conflict on the agreement.
// The refusal contains the agreement, so the round reads only the other records.
func TestLostRoundCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id := w.createDraft(w.newOffer("AUTOMATIC"))
		w.Tap.During(0, (*hooked.Call).Writes, func() {
			key := interop.Key("AGREEMENT#"+id, "AGREEMENT")
			if err := w.Engine().Write(w.Context(), table.Update("conflict", key, table.Changes{Add: map[string]int64{"version": 1}})); err != nil {
				t.Error(err)
			}
		})
		w.costs(priced{5, 7, "submit, one conflict", consumer, "POST", "/agreements/" + id + "/submit", "{}"})
		interoptest.Equal(t, "calls", w.Tap.Seen(), 7)
		w.Tap.Set(nil)
		interoptest.Equal(t, "the agreement", w.state(id), "ACTIVE")
	})
}

// TestFollowingCosts checks the cost of following a new name: one list, then for each
// agreement one read of the agreement and the name together, and one write.
func TestFollowingCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.newOffer("AUTOMATIC")
		w.mustAct(consumer, w.createDraft(o), "submit")
		w.follow()
		w.OK(producer, "PATCH", "/eservices/"+o.id+"/name", interoptest.JSON(object{"name": interoptest.Unique("Renamed")}))
		handle, err := agreement.Follow.Start(w.Deps())
		if err != nil {
			t.Fatal(err)
		}
		ctx, meter := table.WithMeter(w.Context())
		for change, more := w.NextChange(); more; change, more = w.NextChange() {
			if err := handle(ctx, change); err != nil {
				t.Fatal(err)
			}
		}
		used := meter.Usage()
		interoptest.Equal(t, "round trips", used.RoundTrips, 3)
		interoptest.Equal(t, "items", used.ItemsRead, 3)
	})
}
