package interoptest

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"ciclo/shared/platform/api"
)

// unique numbers what must not have the same name.
var unique atomic.Int64

// Unique returns a name that nothing else has; it begins with what.
func Unique(what string) string { return fmt.Sprintf("%s %06d", what, unique.Add(1)) }

// UnknownID returns the id of nothing.
func UnknownID() string { return uuid.NewString() }

// LastID returns what follows the last slash of a path.
func LastID(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// Offer is an e-service with a descriptor.
type Offer struct{ ID, Descriptor string }

// Path returns the path of the descriptor.
func (o Offer) Path() string { return "/eservices/" + o.ID + "/descriptors/" + o.Descriptor }

// Descriptor is what tests choose of a descriptor. The zero value takes 10 calls a day
// of each consumer and 100 in all, approves agreements by itself and requires nothing.
type Descriptor struct {
	PerConsumer int
	Total       int
	Policy      string // of approving agreements: AUTOMATIC or MANUAL
	Audience    string // "" for [Audience] of the producer
	Lifespan    int    // of vouchers in seconds, 0 for 600
	Requires    []Group
}

// Group is a group of attributes of one kind, of which a consumer has to own one.
type Group struct {
	Kind       string // certified, declared or verified
	Attributes []Attribute
}

// Attribute is an attribute that a group requires. DailyCalls is the threshold of
// consumers that own it, 0 for that of the descriptor.
type Attribute struct {
	ID         string
	DailyCalls int
}

// Require is the group of attributes of a kind that have no thresholds of their own.
func Require(kind string, ids ...string) Group {
	group := Group{Kind: kind}
	for _, id := range ids {
		group.Attributes = append(group.Attributes, Attribute{ID: id})
	}
	return group
}

// Terms returns the body of a descriptor with these thresholds, which approves
// agreements by itself.
func Terms(perConsumer, total int) Object {
	return Object{
		"audience": []string{"api.example.it"}, "voucherLifespan": 600, "dailyCallsPerConsumer": perConsumer, "dailyCallsTotal": total,
		"agreementApprovalPolicy": "AUTOMATIC",
	}
}

// Audience returns an audience of a producer. Two producers cannot publish the same.
func Audience(producer *api.Identity) string { return producer.Subject + ".example.it" }

// terms returns the body of the descriptor of a producer.
func (d Descriptor) terms(producer *api.Identity) Object {
	terms := Terms(10, 100)
	terms["audience"] = []string{Audience(producer)}
	if d.PerConsumer > 0 {
		terms["dailyCallsPerConsumer"] = d.PerConsumer
	}
	if d.Total > 0 {
		terms["dailyCallsTotal"] = d.Total
	}
	if d.Audience != "" {
		terms["audience"] = []string{d.Audience}
	}
	if d.Lifespan > 0 {
		terms["voucherLifespan"] = d.Lifespan
	}
	if d.Policy != "" {
		terms["agreementApprovalPolicy"] = d.Policy
	}
	return terms
}

// EServiceSeed returns the body of a new e-service of a producer with a name of its own.
func EServiceSeed(producer *api.Identity, d Descriptor) Object {
	return Object{
		"name": Unique("E-service"), "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false,
		"descriptor": d.terms(producer),
	}
}

// PublishEService makes an e-service of a producer and publishes its descriptor.
func (w *World) PublishEService(producer *api.Identity, d Descriptor) Offer {
	w.Helper()
	o := Offer{ID: w.OK(producer, "POST", "/eservices", JSON(EServiceSeed(producer, d))).Text("id")}
	o.Descriptor = Members(w.OK(producer, "GET", "/eservices/"+o.ID+"/descriptors", ""), "id")[0]
	w.publish(producer, o, d.Requires)
	return o
}

// PublishDescriptor makes a newer descriptor of an e-service and publishes it.
func (w *World) PublishDescriptor(producer *api.Identity, o Offer, d Descriptor) Offer {
	w.Helper()
	o.Descriptor = w.OK(producer, "POST", "/eservices/"+o.ID+"/descriptors", JSON(d.terms(producer))).Text("id")
	w.publish(producer, o, d.Requires)
	return o
}

func (w *World) publish(producer *api.Identity, o Offer, requires []Group) {
	w.Helper()
	count := map[string]int{}
	for _, group := range requires {
		at := o.Path() + "/" + group.Kind + "Attributes/groups"
		var ids []string
		for _, a := range group.Attributes {
			ids = append(ids, a.ID)
		}
		w.OK(producer, "POST", at, JSON(Object{"attributeIds": ids}))
		for _, a := range group.Attributes {
			if a.DailyCalls > 0 {
				path := fmt.Sprint(at, "/", count[group.Kind], "/attributes/", a.ID)
				w.OK(producer, "PATCH", path, JSON(Object{"dailyCallsPerConsumer": a.DailyCalls}))
			}
		}
		count[group.Kind]++
	}
	w.OK(producer, "POST", o.Path()+"/publish", "")
}

// DefineAttribute makes an attribute of a kind (certified, declared or verified) and
// returns its id. A certified one is the caller's, who has to be a certifier.
func (w *World) DefineAttribute(caller *api.Identity, kind string) string {
	w.Helper()
	seed := Object{"name": Unique("Attribute"), "description": "Richiesto ai fruitori"}
	if kind == "certified" {
		seed["code"] = fmt.Sprint("code-", unique.Add(1))
	}
	return w.OK(caller, "POST", "/"+kind+"Attributes", JSON(seed)).Text("id")
}

// AgreementSeed returns the body of a new agreement.
func AgreementSeed(o Offer) Object { return Object{"eserviceId": o.ID, "descriptorId": o.Descriptor} }

// DraftAgreement makes a draft of an agreement and returns its path.
func (w *World) DraftAgreement(consumer *api.Identity, o Offer) string {
	w.Helper()
	return "/agreements/" + w.OK(consumer, "POST", "/agreements", JSON(AgreementSeed(o))).Text("id")
}

// SubmitAgreement makes an agreement, submits it and returns its path. It is active
// where the descriptor approves by itself, and pending otherwise.
func (w *World) SubmitAgreement(consumer *api.Identity, o Offer) string {
	w.Helper()
	path := w.DraftAgreement(consumer, o)
	w.OK(consumer, "POST", path+"/submit", "{}")
	return path
}

// PurposeSeed returns the body of a new purpose with a title of its own and a risk analysis.
func PurposeSeed(o Offer, calls int) Object {
	return Object{
		"eserviceId": o.ID, "title": Unique("Purpose"), "description": "Rilascio di certificati", "isFreeOfCharge": false, "dailyCalls": calls,
		"riskAnalysisForm": Object{"version": "3.1", "answers": Object{"purpose": []string{"INSTITUTIONAL"}}},
	}
}

// DraftPurpose makes a draft of a purpose and returns its path.
func (w *World) DraftPurpose(consumer *api.Identity, o Offer, calls int) string {
	w.Helper()
	return "/purposes/" + w.OK(consumer, "POST", "/purposes", JSON(PurposeSeed(o, calls))).Text("id")
}

// ActivatePurpose makes a purpose, activates it and returns its path. It is active or,
// above a threshold, waiting for approval.
func (w *World) ActivatePurpose(consumer *api.Identity, o Offer, calls int) string {
	w.Helper()
	path := w.DraftPurpose(consumer, o, calls)
	w.OK(consumer, "POST", path+"/activate", "")
	return path
}

// MakeClient makes a client of a consumer and returns its path.
func (w *World) MakeClient(consumer *api.Identity) string {
	w.Helper()
	return "/clients/" + w.OK(consumer, "POST", "/clients", JSON(Object{"name": Unique("Client"), "members": []string{}})).Text("id")
}
