package voucher_test

import (
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// assigners are the callers that assign attributes to consumer, by kind of attribute.
var assigners = map[string]*api.Identity{"certified": certifier, "verified": producer, "declared": consumer}

// followAttributes handles a change of the attributes of consumer, as the platform does.
func (w *world) followAttributes() {
	w.Helper()
	handle, err := agreement.Follow.Start(w.Deps())
	if err == nil {
		err = handle(w.Context(), table.Change{Key: interop.Key("TENANT#"+consumer.Subject, "ATTRIBUTES")})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// requiring returns a descriptor that requires an attribute.
func requiring(kind, attributeID, policy string) interoptest.Descriptor {
	return interoptest.Descriptor{
		PerConsumer: 100, Total: 1000, Policy: policy,
		Requires: []interoptest.Group{interoptest.Require(kind, attributeID)},
	}
}

// assign assigns an attribute to consumer. A verified attribute needs the id of an agreement.
func (w *world) assign(kind, id, agreementID string) {
	w.Helper()
	seed := object{"id": id}
	if kind == "verified" {
		seed["agreementId"] = agreementID
	}
	w.OK(assigners[kind], "POST", "/tenants/"+consumer.Subject+"/"+kind+"Attributes", interoptest.JSON(seed))
}

// revoke revokes an attribute of consumer.
func (w *world) revoke(kind, id, agreementID string) {
	w.Helper()
	query := ""
	if kind == "verified" {
		query = "?agreementId=" + agreementID
	}
	w.OK(assigners[kind], "DELETE", "/tenants/"+consumer.Subject+"/"+kind+"Attributes/"+id+query, "")
}

// TestAttributes revokes and assigns an attribute that the agreement depends on: the
// platform suspends the agreement and unsuspends it.
func TestAttributes(t *testing.T) {
	t.Parallel()
	for kind, on := range map[string]func(*testing.T, func(*world)){"certified": each, "verified": embedded, "declared": embedded} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			on(t, func(w *world) {
				w.Register(producer, consumer)
				id := w.DefineAttribute(assigners[kind], kind)
				policy := map[bool]string{true: "MANUAL", false: "AUTOMATIC"}[kind == "verified"]
				o := w.PublishEService(producer, requiring(kind, id, policy))
				if kind != "verified" {
					w.assign(kind, id, "")
				}
				path := w.DraftAgreement(consumer, o)
				agreementID := interoptest.LastID(path)
				w.act(consumer, path, "submit")
				if kind == "verified" {
					w.assign(kind, id, agreementID)
					w.act(producer, path, "approve")
				}
				p := w.newRequesterOn(o, path, keys()[0])
				w.checkOutcome(p, "Bearer")
				w.revoke(kind, id, agreementID)
				w.followAttributes()
				w.checkOutcome(p, noAgreement)
				w.assign(kind, id, agreementID)
				w.followAttributes()
				w.checkOutcome(p, "Bearer")
			})
		})
	}
}

// TestUpgrade upgrades an agreement: a voucher is for the descriptor of the old agreement
// until the new agreement is active.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Register(producer, consumer)
		p := w.newRequester()
		id := w.DefineAttribute(assigners["verified"], "verified")
		w.Clock.Advance(time.Minute)
		d := requiring("verified", id, "MANUAL")
		d.Audience = "next.example.it"
		d.Lifespan = 900
		next := w.PublishDescriptor(producer, p.offer, d)
		check := func(what, audience, descriptor string, lifespan float64) {
			w.Helper()
			claims := w.voucherClaims(w.checkOutcome(p, "Bearer"))
			now := float64(w.Clock.Now().Unix())
			got := []any{claims["aud"], claims["descriptorId"], claims["exp"]}
			interoptest.Equal(t, what, got, []any{[]any{audience}, descriptor, now + lifespan})
		}
		upgrade := w.OK(consumer, "POST", p.agreement+"/upgrade", "")
		check("with a draft of "+upgrade.Text("state"), interoptest.Audience(producer), p.offer.Descriptor, 600)
		agreementID := upgrade.Text("id")
		w.act(consumer, "/agreements/"+agreementID, "submit")
		check("with an upgrade that waits for approval", interoptest.Audience(producer), p.offer.Descriptor, 600)
		w.assign("verified", id, agreementID)
		w.act(producer, "/agreements/"+agreementID, "approve")
		check("upgraded", "next.example.it", next.Descriptor, 900)
		w.act(producer, next.Path(), "suspend")
		w.checkOutcome(p, noEService)
	})
}
