package agreement_test

import (
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// requests creates agreements in every state and returns a request for each operation. A
// request has a body if its operation reads one.
func (w *world) requests() map[string]interoptest.Request {
	w.Helper()
	at := func(situation string) string { return "/agreements/" + w.agreementIn(consumer, situation).id }
	pending := at("PENDING")
	active := at("ACTIVE")
	upgraded := w.newOffer("MANUAL")
	old := w.activate(upgraded)
	w.newDescriptor(upgraded, "MANUAL")
	verified := w.attribute(attribute.Verified)
	through := w.createDraft(w.newOffer("MANUAL", one(attribute.Verified, verified)))
	w.mustAct(consumer, through, "submit")
	revoked := w.attribute(attribute.Verified)
	revoking := w.createDraft(w.newOffer("MANUAL", one(attribute.Verified, revoked)))
	w.mustAct(consumer, revoking, "submit")
	w.assign(attribute.Verified, revoked, revoking)
	attributes := "/tenants/" + consumer.Subject + "/verifiedAttributes"
	requests := map[string]interoptest.Request{
		"agreement/list":            {At: "/agreements?limit=2&offset=1"},
		"agreement/create":          {At: "/agreements", Body: interoptest.JSON(seedOf(w.newOffer("MANUAL")))},
		"agreement/get":             {At: active},
		"agreement/delete":          {At: at("DRAFT")},
		"agreement/allowed-actions": {At: active + "/allowedActions"},
		"agreement/history":         {At: active + "/history"},
		"agreement/submit":          {At: at("DRAFT") + "/submit", Body: bodyOf("submit")},
		"agreement/approve":         {At: pending + "/approve", Body: "{}", As: producer},
		"agreement/reject":          {At: at("PENDING") + "/reject", Body: bodyOf("reject"), As: producer},
		"agreement/suspend":         {At: at("ACTIVE") + "/suspend", Body: "{}"},
		"agreement/unsuspend":       {At: at("C") + "/unsuspend", Body: "{}"},
		"agreement/archive":         {At: at("ACTIVE") + "/archive"},
		"agreement/upgrade":         {At: "/agreements/" + old + "/upgrade"},
		"agreement/clone":           {At: at("REJECTED") + "/clone"},
		"tenant/verify-attribute": {
			At: attributes, Body: interoptest.JSON(object{"id": verified, "agreementId": through}),
			As: producer,
		},
		"tenant/revoke-verified-attribute": {At: attributes + "/" + revoked + "?agreementId=" + revoking, As: producer},
	}
	for id, r := range requests {
		if r.As == nil {
			r.As = consumer
		}
		requests[id] = r
	}
	for _, op := range agreement.Operations() {
		if _, ok := requests[op.Describe().ID]; !ok {
			w.Fatalf("there is no request for %s", op.Describe().ID)
		}
	}
	if len(requests) != len(agreement.Operations()) {
		w.Fatalf("there are %d requests for %d operations", len(requests), len(agreement.Operations()))
	}
	return w.Requests(requests)
}

// isNamed reports whether the path of the request has the id of an agreement.
func isNamed(r interoptest.Request) bool { return strings.Contains(r.Path, "{agreementId}") }

// withID returns the request for the agreement with that id.
func withID(r interoptest.Request, id string) interoptest.Request {
	r.At = strings.Replace(r.At, strings.Split(r.At, "/")[2], id, 1)
	return r
}

// withBody returns the request with another body.
func withBody(r interoptest.Request, body string) interoptest.Request {
	r.Body = body
	return r
}

// withPath returns the request with another path and query.
func withPath(r interoptest.Request, path string) interoptest.Request {
	r.At = path
	return r
}

// readerOf returns the organization of a caller with a token that only reads.
func readerOf(caller *api.Identity) *api.Identity {
	return interoptest.Organization(caller.Subject, interop.RoleReader)
}
