package voucher_test

import (
	"crypto/rsa"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
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
