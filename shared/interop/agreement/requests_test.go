package agreement_test

import (
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// request is one operation with a request that it answers with success.
type request struct {
	api.Spec
	as         *api.Identity
	path, body string
}

// requests makes agreements in every state, and a request for each operation.
func (w *world) requests() map[string]request {
	w.Helper()
	at := func(situation string) string { return "/agreements/" + w.situated(consumer, situation).id }
	pending := at("PENDING")
	active := at("ACTIVE")
	upgraded := w.offers("MANUAL")
	old := w.uses(upgraded)
	w.revises(upgraded, "MANUAL")
	verified := w.attribute(attribute.Verified)
	through := w.asks(w.offers("MANUAL", one(attribute.Verified, verified)))
	w.does(consumer, through, "submit")
	revoked := w.attribute(attribute.Verified)
	revoking := w.asks(w.offers("MANUAL", one(attribute.Verified, revoked)))
	w.does(consumer, revoking, "submit")
	w.owns(attribute.Verified, revoked, revoking)
	attributes := "/tenants/" + consumer.Subject + "/verifiedAttributes"
	requests := map[string]request{
		"agreement/list":      {path: "/agreements?limit=2&offset=1"},
		"agreement/create":    {path: "/agreements", body: interoptest.JSON(seedOf(w.offers("MANUAL")))},
		"agreement/get":       {path: active},
		"agreement/delete":    {path: at("DRAFT")},
		"agreement/history":   {path: active + "/history"},
		"agreement/submit":    {path: at("DRAFT") + "/submit", body: bodyOf("submit")},
		"agreement/approve":   {path: pending + "/approve", as: producer},
		"agreement/reject":    {path: at("PENDING") + "/reject", body: bodyOf("reject"), as: producer},
		"agreement/suspend":   {path: at("ACTIVE") + "/suspend"},
		"agreement/unsuspend": {path: at("C") + "/unsuspend"},
		"agreement/archive":   {path: at("ACTIVE") + "/archive"},
		"agreement/upgrade":   {path: "/agreements/" + old + "/upgrade"},
		"agreement/clone":     {path: at("REJECTED") + "/clone"},
		"tenant/verify-attribute": {
			path: attributes, body: interoptest.JSON(object{"id": verified, "agreementId": through}),
			as: producer,
		},
		"tenant/revoke-verified-attribute": {path: attributes + "/" + revoked + "?agreementId=" + revoking, as: producer},
	}
	for _, op := range agreement.Operations() {
		spec := op.Describe()
		r, ok := requests[spec.ID]
		if !ok {
			w.Fatalf("there is no request for %s", spec.ID)
		}
		if r.Spec = spec; r.as == nil {
			r.as = consumer
		}
		requests[spec.ID] = r
	}
	if len(requests) != len(agreement.Operations()) {
		w.Fatal("there are requests for operations that there are not")
	}
	return requests
}

func (w *world) send(as *api.Identity, r request, header ...string) apitest.Response {
	w.Helper()
	return w.As(as, r.Method, r.path, r.body, header...)
}

// named tells whether the request names an agreement in its path.
func (r request) named() bool { return strings.Contains(r.Path, "{agreementId}") }

// about is the request about another agreement.
func (r request) about(id string) request {
	r.path = strings.Replace(r.path, strings.Split(r.path, "/")[2], id, 1)
	return r
}

// saying is the request with another body.
func (r request) saying(body string) request {
	r.body = body
	return r
}

// to is the request with another path.
func (r request) to(path string) request {
	r.path = path
	return r
}

// writes tells whether the request changes something.
func (r request) writes() bool { return r.Method != "GET" }

// reads tells whether the operation reads a body.
func (r request) reads() bool {
	return r.Method == "POST" && !slices.Contains([]string{"agreement/archive", "agreement/upgrade", "agreement/clone"}, r.ID)
}

// reading is the caller with a token that only reads.
func reading(who *api.Identity) *api.Identity {
	return interoptest.Organization(who.Subject, interop.RoleReader)
}
