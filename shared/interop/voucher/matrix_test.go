package voucher_test

import (
	"crypto/rsa"
	"fmt"
	"slices"
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

const (
	noPurpose   = "invalidPurposeState"
	noAgreement = "invalidAgreementState"
	noEService  = "invalidEServiceState"
	notLinked   = "purposeNotLinkedToClient"
)

// newer is what a newer descriptor of an e-service publishes.
var newer = interoptest.Descriptor{PerConsumer: 50, Total: 500}

// linkedOn makes a client with that key, linked to a purpose of its own on an e-service
// whose agreement is there.
func (w *world) linkedOn(o interoptest.Offer, agreementPath string, key *rsa.PrivateKey) party {
	w.Helper()
	p := party{offer: o, agreement: agreementPath, purpose: w.ActivatePurpose(consumer, o, 10), key: key, path: w.client(consumer)}
	p.kid = w.upload(consumer, p.path, p.key)
	w.links(p.path, p.purposeID())
	return p
}

func (w *world) links(clientPath, purposeID string) {
	w.Helper()
	w.OK(consumer, "POST", clientPath+"/purposes", interoptest.JSON(object{"purposeId": purposeID}))
}

// does takes actions on a thing, one after the other.
func (w *world) does(who *api.Identity, path string, actions ...string) {
	w.Helper()
	for _, action := range actions {
		body := ""
		switch action {
		case "reject":
			body = `{"rejectionReason":"Troppe chiamate al giorno."}`
		case "submit":
			body = "{}"
		}
		w.OK(who, "POST", path+"/"+action, body)
	}
}

// estimates asks for a new version of a purpose and returns its path.
func (w *world) estimates(p party, calls int) string {
	w.Helper()
	return p.purpose + "/versions/" + w.OK(consumer, "POST", p.purpose+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, calls)).Text("id")
}

// row is what somebody does and what the next request for a voucher comes to.
type row struct {
	name string
	do   func(w *world, p party)
	want string
}

// by is who suspends or takes a suspension back: P, C or both in that order.
func by(sides, action string, path func(party) string) func(*world, party) {
	return func(w *world, p party) {
		w.Helper()
		for _, side := range sides {
			w.does(map[rune]*api.Identity{'P': producer, 'C': consumer}[side], path(p), action)
		}
	}
}

func (p party) agreementPath() string { return p.agreement }
func (p party) purposePath() string   { return p.purpose }

// suspensions are the rows about what producer and consumer may suspend.
func suspensions(what, refusal string, path func(party) string) (all []row) {
	suspends := func(sides string) func(*world, party) { return by(sides, "suspend", path) }
	unsuspends := func(sides string) func(*world, party) { return by(sides, "unsuspend", path) }
	both := func(first, then func(*world, party)) func(*world, party) {
		return func(w *world, p party) {
			w.Helper()
			first(w, p)
			w.gets(p, refusal)
			then(w, p)
		}
	}
	for _, r := range []row{
		{"suspended by the producer", suspends("P"), refusal},
		{"suspended by the consumer", suspends("C"), refusal},
		{"suspended by both", suspends("PC"), refusal},
		{"suspended by both, the producer's taken back", both(suspends("PC"), unsuspends("P")), refusal},
		{"suspended by both, the consumer's taken back", both(suspends("CP"), unsuspends("C")), refusal},
		{"suspended by both, taken back by both", both(suspends("CP"), unsuspends("CP")), "Bearer"},
		{"suspended by the producer, taken back", both(suspends("P"), unsuspends("P")), "Bearer"},
		{"suspended by the consumer, taken back", both(suspends("C"), unsuspends("C")), "Bearer"},
	} {
		r.name = what + " " + r.name
		all = append(all, r)
	}
	return all
}

func purposeRows() []row {
	return append(suspensions("purpose", noPurpose, party.purposePath), []row{
		{"active", func(*world, party) {}, "Bearer"},
		{"update waits", func(w *world, p party) { w.estimates(p, 200) }, "Bearer"},
		{"update rejected", func(w *world, p party) { w.estimates(p, 200); w.does(producer, p.purpose, "reject") }, "Bearer"},
		{"update deleted", func(w *world, p party) { w.OK(consumer, "DELETE", w.estimates(p, 200), "") }, "Bearer"},
		{"update activated directly", func(w *world, p party) { w.estimates(p, 20) }, "Bearer"},
		{"update approved", func(w *world, p party) { w.estimates(p, 200); w.does(producer, p.purpose, "approve") }, "Bearer"},
		{"update of what is suspended approved", func(w *world, p party) {
			w.estimates(p, 200)
			w.does(consumer, p.purpose, "suspend")
			w.does(producer, p.purpose, "approve")
		}, noPurpose},
		{"archived", func(w *world, p party) { w.does(consumer, p.purpose, "archive") }, noPurpose},
		{"archived while suspended", func(w *world, p party) {
			w.does(producer, p.purpose, "suspend")
			w.does(consumer, p.purpose, "archive")
		}, noPurpose},
	}...)
}

func linkRows() []row {
	return []row{
		{"not linked", func(w *world, p party) { w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "") }, notLinked},
		{"linked again", func(w *world, p party) {
			w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "")
			w.gets(p, notLinked)
			w.links(p.path, p.purposeID())
		}, "Bearer"},
		{"another purpose linked", func(w *world, p party) {
			w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "")
			w.links(p.path, party{purpose: w.ActivatePurpose(consumer, p.offer, 1)}.purposeID())
		}, notLinked},
		{"linked to another client", func(w *world, p party) {
			w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "")
			w.links(w.client(consumer), p.purposeID())
		}, notLinked},
		{"key deleted", func(w *world, p party) { w.OK(consumer, "DELETE", p.path+"/keys/"+p.kid, "") }, "clientAssertionPublicKeyNotFound"},
		{"client deleted", func(w *world, p party) { w.OK(consumer, "DELETE", p.path, "") }, "clientAssertionPublicKeyNotFound"},
	}
}

func descriptorRows() []row {
	return []row{
		{"descriptor deprecated", func(w *world, p party) { w.PublishDescriptor(producer, p.offer, newer) }, "Bearer"},
		{"descriptor suspended", func(w *world, p party) { w.does(producer, p.offer.Path(), "suspend") }, noEService},
		{"descriptor suspended and back", func(w *world, p party) { w.does(producer, p.offer.Path(), "suspend", "unsuspend") }, "Bearer"},
		{"descriptor deprecated, the latest suspended", func(w *world, p party) {
			w.does(producer, w.PublishDescriptor(producer, p.offer, newer).Path(), "suspend")
		}, "Bearer"},
		{"descriptor deprecated, then suspended", func(w *world, p party) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.does(producer, p.offer.Path(), "suspend")
		}, noEService},
		{"descriptor suspended while deprecated, and back", func(w *world, p party) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.does(producer, p.offer.Path(), "suspend", "unsuspend")
		}, "Bearer"},
		{"agreement upgraded", func(w *world, p party) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.does(consumer, p.agreement, "upgrade")
		}, "Bearer"},
		{"agreement upgraded while the producer suspends it", func(w *world, p party) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.does(producer, p.agreement, "suspend")
			w.does(consumer, p.agreement, "upgrade")
		}, noAgreement},
		{"agreement upgraded while the consumer suspends it", func(w *world, p party) {
			w.PublishDescriptor(producer, p.offer, newer)
			w.does(consumer, p.agreement, "suspend")
			w.does(consumer, p.agreement, "upgrade")
		}, noAgreement},
	}
}

// TestMatrix changes what a voucher stands on, row by row (spec §5.2): the endpoint and
// the tool see it at once, and agree.
func TestMatrix(t *testing.T) {
	t.Parallel()
	agreements := append(suspensions("agreement", noAgreement, party.agreementPath), []row{
		{"agreement archived", func(w *world, p party) { w.does(consumer, p.agreement, "archive") }, noAgreement},
		{"agreement archived, another one made", func(w *world, p party) {
			w.does(consumer, p.agreement, "archive")
			w.SubmitAgreement(consumer, p.offer)
		}, "Bearer"},
	}...)
	for _, r := range slices.Concat(purposeRows(), agreements, linkRows(), descriptorRows()) {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			embedded(t, func(w *world) {
				p := w.ready()
				w.gets(p, "Bearer")
				r.do(w, p)
				w.gets(p, r.want)
			})
		})
	}
}

// TestArchivedPurpose: it is shown with the client no longer, whose keys and other
// purposes stay.
func TestArchivedPurpose(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.ready()
		other, second := p, p
		other.purpose = w.ActivatePurpose(consumer, p.offer, 10)
		w.links(p.path, other.purposeID())
		second.path = w.client(consumer)
		second.key = keys()[1]
		second.kid = w.upload(consumer, second.path, second.key)
		w.links(second.path, p.purposeID())
		w.gets(second, "Bearer")
		w.does(consumer, p.purpose, "archive")
		w.gets(p, noPurpose)
		w.gets(second, noPurpose)
		w.gets(other, "Bearer")
		if diff := cmp.Diff([]string{other.purposeID()}, interoptest.Members(w.OK(consumer, "GET", p.path+"/purposes", ""), "id")); diff != "" {
			t.Errorf("purposes of the client (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{p.kid}, interoptest.Members(w.OK(consumer, "GET", p.path+"/keys", ""), "kid")); diff != "" {
			t.Errorf("keys of the client (-want +got):\n%s", diff)
		}
	})
}

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
			"name": interoptest.Unique("E-service"), "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false, "descriptor": terms,
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
			if diff := cmp.Diff([]any{[]any{audience}, descriptor, now + lifespan}, []any{said["aud"], said["descriptorId"], said["exp"]}); diff != "" {
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
