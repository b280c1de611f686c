package interoptest

import (
	"fmt"
	"sync/atomic"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// unique numbers what must not have the same name.
var unique atomic.Int64

// Unique is a name that nothing else has.
func Unique(what string) string { return fmt.Sprintf("%s %06d", what, unique.Add(1)) }

// OK sends a request and fails unless it succeeds.
func (w *World) OK(who *api.Identity, method, path, body string) apitest.Response {
	w.Helper()
	res := w.As(who, method, path, body)
	if res.Status/100 != 2 {
		w.Fatalf("%s %s: status = %d\n%s", method, path, res.Status, res.Raw)
	}
	return res
}

// Offer is an e-service with a descriptor.
type Offer struct{ ID, Descriptor string }

// Path is that of the descriptor.
func (o Offer) Path() string { return "/eservices/" + o.ID + "/descriptors/" + o.Descriptor }

// Terms are those of a descriptor with these thresholds, for which agreements are
// approved automatically.
func Terms(perConsumer, total int) Object {
	return Object{
		"audience": []string{"api.example.it"}, "voucherLifespan": 600, "dailyCallsPerConsumer": perConsumer, "dailyCallsTotal": total,
		"agreementApprovalPolicy": "AUTOMATIC",
	}
}

// Audience is that of the e-services of a producer, as no two publish the same.
func Audience(producer *api.Identity) string { return producer.Subject + ".example.it" }

// TermsOf are Terms with the audience of the producer.
func TermsOf(producer *api.Identity, perConsumer, total int) Object {
	terms := Terms(perConsumer, total)
	terms["audience"] = []string{Audience(producer)}
	return terms
}

// Offers publishes an e-service with these thresholds.
func (w *World) Offers(who *api.Identity, perConsumer, total int) Offer {
	w.Helper()
	seed := Object{
		"name": Unique("E-service"), "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false,
		"descriptor": TermsOf(who, perConsumer, total),
	}
	o := Offer{ID: w.OK(who, "POST", "/eservices", JSON(seed)).Text("id")}
	o.Descriptor = Members(w.OK(who, "GET", "/eservices/"+o.ID+"/descriptors", ""), "id")[0]
	w.OK(who, "POST", o.Path()+"/publish", "")
	return o
}

// Revises publishes a newer descriptor with these thresholds.
func (w *World) Revises(who *api.Identity, o Offer, perConsumer, total int) Offer {
	w.Helper()
	next := Offer{o.ID, w.OK(who, "POST", "/eservices/"+o.ID+"/descriptors", JSON(TermsOf(who, perConsumer, total))).Text("id")}
	w.OK(who, "POST", next.Path()+"/publish", "")
	return next
}

// Joins makes an agreement that is active, and returns its path.
func (w *World) Joins(who *api.Identity, o Offer) string {
	w.Helper()
	path := "/agreements/" + w.OK(who, "POST", "/agreements", fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, o.ID, o.Descriptor)).Text("id")
	w.OK(who, "POST", path+"/submit", "{}")
	return path
}

// PurposeSeed is a new purpose with a title of its own and a risk analysis.
func PurposeSeed(o Offer, calls int) Object {
	return Object{
		"eserviceId": o.ID, "title": Unique("Purpose"), "description": "Rilascio di certificati", "isFreeOfCharge": false, "dailyCalls": calls,
		"riskAnalysisForm": Object{"version": "3.1", "answers": Object{"purpose": []string{"INSTITUTIONAL"}}},
	}
}

// Drafts makes a draft of a purpose, and returns its path.
func (w *World) Drafts(who *api.Identity, o Offer, calls int) string {
	w.Helper()
	return "/purposes/" + w.OK(who, "POST", "/purposes", JSON(PurposeSeed(o, calls))).Text("id")
}

// Submits makes a purpose and activates it, which may end in ACTIVE or waiting.
func (w *World) Submits(who *api.Identity, o Offer, calls int) string {
	w.Helper()
	path := w.Drafts(who, o, calls)
	w.OK(who, "POST", path+"/activate", "")
	return path
}
