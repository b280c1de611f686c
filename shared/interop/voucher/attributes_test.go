package voucher_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

var certifier = interoptest.Organization("00000000-0000-4000-8000-000000000004", interop.RoleCertifier)

// registers records organizations as their first calls would, for they own attributes.
func (w *world) registers() {
	w.Helper()
	registrar := tenant.NewRegistrar(w.Deps())
	for _, caller := range []*api.Identity{producer, consumer} {
		if err := registrar.Register(w.Context(), interop.Organization{ID: caller.Subject}); err != nil {
			w.Fatal(err)
		}
	}
}

// follows lets the platform follow a change of the consumer's attributes.
func (w *world) follows() {
	w.Helper()
	handle, err := agreement.Follow.Start(w.Deps())
	if err == nil {
		err = handle(w.Context(), table.Change{Key: interop.Key("TENANT#"+consumer.Subject, "ATTRIBUTES")})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// asksFor publishes an e-service, or with one a descriptor of it, that asks for an attribute.
func (w *world) asksFor(kind, attributeID, policy string, o interoptest.Offer) interoptest.Offer {
	w.Helper()
	terms := interoptest.Terms(100, 1000)
	terms["agreementApprovalPolicy"], terms["voucherLifespan"], terms["audience"] = policy, 900, []string{"next.example.it"}
	if o.ID == "" {
		o.ID = w.OK(producer, "POST", "/eservices", interoptest.JSON(object{
			"name": interoptest.Unique("E-service"), "description": "Certificati online", "technology": "REST", "mode": "DELIVER",
			"personalData": false, "descriptor": terms,
		})).Text("id")
		o.Descriptor = interoptest.Members(w.OK(producer, "GET", "/eservices/"+o.ID+"/descriptors", ""), "id")[0]
	} else {
		o.Descriptor = w.OK(producer, "POST", "/eservices/"+o.ID+"/descriptors", interoptest.JSON(terms)).Text("id")
	}
	w.OK(producer, "POST", o.Path()+"/"+kind+"Attributes/groups", interoptest.JSON(object{"attributeIds": []string{attributeID}}))
	w.does(producer, o.Path(), "publish")
	return o
}

// defines makes an attribute.
func (w *world) defines(kind string) string {
	w.Helper()
	who, seed := producer, object{"name": interoptest.Unique("Attribute"), "description": "Richiesto ai fruitori"}
	if kind == "certified" {
		who, seed["code"] = certifier, interoptest.Unique("code")
	}
	return w.OK(who, "POST", "/"+kind+"Attributes", interoptest.JSON(seed)).Text("id")
}

// owns gives the consumer an attribute, loses takes it away, by who may; a verified
// one through an agreement.
func (w *world) owns(kind, id, through string) {
	w.Helper()
	seed := object{"id": id}
	if kind == "verified" {
		seed["agreementId"] = through
	}
	w.OK(attester(kind), "POST", "/tenants/"+consumer.Subject+"/"+kind+"Attributes", interoptest.JSON(seed))
}

func (w *world) loses(kind, id, through string) {
	w.Helper()
	query := ""
	if kind == "verified" {
		query = "?agreementId=" + through
	}
	w.OK(attester(kind), "DELETE", "/tenants/"+consumer.Subject+"/"+kind+"Attributes/"+id+query, "")
}

func attester(kind string) *api.Identity {
	return map[string]*api.Identity{"certified": certifier, "verified": producer, "declared": consumer}[kind]
}

// wants makes a draft of an agreement and returns its id.
func (w *world) wants(o interoptest.Offer) string {
	w.Helper()
	return w.OK(consumer, "POST", "/agreements", interoptest.JSON(object{"eserviceId": o.ID, "descriptorId": o.Descriptor})).Text("id")
}

// TestAttributes loses and regains what the agreement stands on: the platform
// suspends it and takes that back.
func TestAttributes(t *testing.T) {
	t.Parallel()
	for kind, on := range map[string]func(*testing.T, func(*world)){"certified": each, "verified": embedded, "declared": embedded} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			on(t, func(w *world) {
				w.registers()
				id := w.defines(kind)
				policy := map[bool]string{true: "MANUAL", false: "AUTOMATIC"}[kind == "verified"]
				o := w.asksFor(kind, id, policy, interoptest.Offer{})
				if kind != "verified" {
					w.owns(kind, id, "")
				}
				through := w.wants(o)
				w.does(consumer, "/agreements/"+through, "submit")
				if kind == "verified" {
					w.owns(kind, id, through)
					w.does(producer, "/agreements/"+through, "approve")
				}
				p := w.linkedOn(o, "/agreements/"+through, keys()[0])
				w.gets(p, "Bearer")
				w.loses(kind, id, through)
				w.follows()
				w.gets(p, noAgreement)
				w.owns(kind, id, through)
				w.follows()
				w.gets(p, "Bearer")
			})
		})
	}
}

// TestUpgrade: until the new agreement is active the voucher is for the descriptor of
// the old one, from then on for the new one.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.registers()
		p := w.ready()
		id := w.defines("verified")
		w.Clock.Advance(time.Minute)
		next := w.asksFor("verified", id, "MANUAL", p.offer)
		is := func(what, audience, descriptor string, lifespan float64) {
			w.Helper()
			said := w.payload(w.gets(p, "Bearer"))
			now := float64(w.Clock.Now().Unix())
			if diff := cmp.Diff([]any{[]any{audience}, descriptor, now + lifespan}, []any{
				said["aud"], said["descriptorId"],
				said["exp"],
			}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		upgrade := w.OK(consumer, "POST", p.agreement+"/upgrade", "")
		is("with a draft of "+upgrade.Text("state"), interoptest.Audience(producer), p.offer.Descriptor, 600)
		through := upgrade.Text("id")
		w.does(consumer, "/agreements/"+through, "submit")
		is("with an upgrade that waits", interoptest.Audience(producer), p.offer.Descriptor, 600)
		w.owns("verified", id, through)
		w.does(producer, "/agreements/"+through, "approve")
		is("upgraded", "next.example.it", next.Descriptor, 900)
		w.does(producer, next.Path(), "suspend")
		w.gets(p, noEService)
	})
}
