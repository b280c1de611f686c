package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"text/tabwriter"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

func organization(id string) api.Identity {
	return api.Identity{Subject: id, Kind: interop.KindOrganization, Scopes: interop.Writers}
}

// numbered is the n-th id of a kind of things.
func numbered(kind, n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, n) }

var (
	producer = organization(numbered(0xa, 1))
	consumer = organization(numbered(0xa, 2))
)

// benchAgreements measures the interop product.
func (b *bench) benchAgreements(ctx context.Context, out *tabwriter.Writer) {
	for _, c := range b.agreementCosts(ctx) {
		b.caller = consumer
		if c.caller.Subject != "" {
			b.caller = c.caller
		}
		b.measure(ctx, out, c)
	}
}

// made calls as somebody and returns the id of what was made.
func (b *bench) made(ctx context.Context, caller api.Identity, path, body string) string {
	b.caller = caller
	var created struct{ ID string }
	if err := json.Unmarshal(b.call(ctx, http.MethodPost, path, body).Body.Bytes(), &created); err != nil || created.ID == "" {
		b.fail("POST " + path)
	}
	return created.ID
}

// descriptorTerms is the body of a descriptor with an approval policy.
func descriptorTerms(policy string) string {
	return fmt.Sprintf(
		`{"audience":["a"],"voucherLifespan":60,"dailyCallsPerConsumer":1,"dailyCallsTotal":2,"agreementApprovalPolicy":%q}`, policy)
}

// offer publishes an e-service and returns what asks for it.
func (b *bench) offer(ctx context.Context, name, policy string) (path, request string) {
	terms := descriptorTerms(policy)
	id := b.made(ctx, producer, "/eservices", fmt.Sprintf(
		`{"name":%q,"description":"description","technology":"REST","mode":"DELIVER","personalData":false,"descriptor":%s}`, name, terms))
	path = "/eservices/" + id
	var page struct{ Results []struct{ ID string } }
	if err := json.Unmarshal(b.call(ctx, http.MethodGet, path+"/descriptors", "").Body.Bytes(), &page); err != nil || len(page.Results) == 0 {
		b.fail("descriptor of " + name)
		return path, ""
	}
	b.call(ctx, http.MethodPost, path+"/descriptors/"+page.Results[0].ID+"/publish", "")
	return path, fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, id, page.Results[0].ID)
}

// agreement brings an agreement of the consumer on an e-service of its own to a state.
func (b *bench) agreement(ctx context.Context, name, policy string, actions ...string) string {
	_, request := b.offer(ctx, name, policy)
	path := "/agreements/" + b.made(ctx, consumer, "/agreements", request)
	for _, action := range actions {
		if b.caller = consumer; action == "approve" {
			b.caller = producer
		}
		b.call(ctx, http.MethodPost, path+"/"+action, "{}")
	}
	return path
}

func (b *bench) agreementCosts(ctx context.Context) []cost {
	_, request := b.offer(ctx, "to be asked for", "AUTOMATIC")
	draft := b.agreement(ctx, "draft", "AUTOMATIC")
	pending := b.agreement(ctx, "pending", "MANUAL", "submit")
	active := b.agreement(ctx, "active", "AUTOMATIC", "submit")
	refused := b.agreement(ctx, "refused", "MANUAL", "submit")
	old, oldRequest := b.offer(ctx, "to be upgraded", "AUTOMATIC")
	upgraded := "/agreements/" + b.made(ctx, consumer, "/agreements", oldRequest)
	b.call(ctx, http.MethodPost, upgraded+"/submit", "{}")
	next := b.made(ctx, producer, old+"/descriptors", descriptorTerms("AUTOMATIC"))
	b.call(ctx, http.MethodPost, old+"/descriptors/"+next+"/publish", "")
	post := func(name, path, body string, roundTrips, items int) cost {
		return cost{name: name, method: http.MethodPost, path: path, body: body, roundTrips: roundTrips, items: items}
	}
	by := func(caller api.Identity, c cost) cost {
		c.caller = caller
		return c
	}
	reads := []cost{
		{name: "agreement: get", method: http.MethodGet, path: active, roundTrips: 1, items: 1, repeatable: true},
		{name: "agreement: history, 2 rows", method: http.MethodGet, path: active + "/history", roundTrips: 1, items: 2, repeatable: true},
	}
	writes := []cost{
		post("agreement: create", "/agreements", request, 2, 2),
		post("agreement: submit, in use at once", draft+"/submit", "{}", 3, 3),
		by(producer, post("agreement: approve", pending+"/approve", "", 3, 3)),
		by(producer, post("agreement: reject", refused+"/reject", `{"reason":"twenty characters long"}`, 2, 1)),
		post("agreement: clone", refused+"/clone", "", 3, 3),
		post("agreement: suspend", active+"/suspend", "", 2, 1),
		post("agreement: suspend, again", active+"/suspend", "", 1, 1),
		post("agreement: unsuspend", active+"/unsuspend", "", 3, 3),
		post("agreement: upgrade", upgraded+"/upgrade", "", 3, 4),
		post("agreement: archive", active+"/archive", "", 2, 1),
	}
	return append(reads, writes...)
}
