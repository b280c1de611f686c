package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

const servicesPath = services.Base + "/services"

// serviceCosts prepares what the calls of the services product need and returns
// them. Round trips to KMS and S3 come on top: one for create, keys and
// regenerate-key, one for each of the logo's.
func (b *bench) serviceCosts(ctx context.Context) []cost {
	sheet := func(name string) string {
		return fmt.Sprintf(`{"name":%q,"description":"d","organization":{"name":"o","fiscal_code":"12345678901"},
			"metadata":{"scope":"LOCAL","topic_id":3,"privacy_url":"https://example.it","phone":"1"}}`, name)
	}
	made := func(name string) string {
		var created struct{ ID string }
		if err := json.Unmarshal(b.call(ctx, http.MethodPost, servicesPath, sheet(name)).Body.Bytes(), &created); err != nil || created.ID == "" {
			b.fail("service " + name)
		}
		return servicesPath + "/" + created.ID
	}
	review := `{"auto_publish":true}`
	submitted := func(path string) string {
		b.call(ctx, http.MethodPut, path+"/review", review)
		return path
	}
	draft, waiting, refused := made("draft"), submitted(made("waiting")), submitted(made("refused"))
	live := submitted(made("live"))
	b.call(ctx, http.MethodPost, live+"/review/approve", "")
	duplicate := made("LIVE")
	b.many(ctx, 10_000)
	return []cost{
		{name: "create", method: http.MethodPost, path: servicesPath, body: sheet("new"), roundTrips: 1},
		{name: "get", method: http.MethodGet, path: draft, roundTrips: 1, items: 1, repeatable: true},
		{name: "update", method: http.MethodPut, path: draft, body: sheet("draft"), roundTrips: 2, items: 2},
		{name: "check", method: http.MethodGet, path: draft + "/review/check", roundTrips: 2, items: 2, repeatable: true},
		{name: "review, for a reviewer", method: http.MethodPut, path: draft + "/review", body: review, roundTrips: 2, items: 2},
		{name: "review, duplicate name", method: http.MethodPut, path: duplicate + "/review", body: review, roundTrips: 3, items: 2},
		{name: "review queue of 3", method: http.MethodGet, path: services.Base + "/reviews", roundTrips: 2, items: 9, repeatable: true},
		{name: "withdraw", method: http.MethodDelete, path: draft + "/review", roundTrips: 2, items: 2},
		{name: "approve and publish", method: http.MethodPost, path: waiting + "/review/approve", roundTrips: 2, items: 2},
		{name: "reject", method: http.MethodPost, path: refused + "/review/reject", body: `{"reason":"r"}`, roundTrips: 2, items: 2},
		{name: "get release", method: http.MethodGet, path: live + "/release", roundTrips: 1, items: 2, repeatable: true},
		{name: "unpublish", method: http.MethodDelete, path: live + "/release", roundTrips: 2, items: 2},
		{name: "publish", method: http.MethodPost, path: live + "/release", roundTrips: 2, items: 2},
		{name: "publish, repeated", method: http.MethodPost, path: live + "/release", roundTrips: 1, items: 2, repeatable: true},
		{name: "history, 10 rows", method: http.MethodGet, path: live + "/history", roundTrips: 2, items: 11, repeatable: true},
		{name: "keys", method: http.MethodGet, path: live + "/keys", roundTrips: 1, items: 2, repeatable: true},
		{name: "regenerate key", method: http.MethodPut, path: live + "/keys/primary", roundTrips: 2, items: 2},
		{name: "delete", method: http.MethodDelete, path: live, roundTrips: 2, items: 2},
		{name: "list 20 of 10,000", method: http.MethodGet, path: servicesPath, roundTrips: 2, items: 41, repeatable: true},
		{
			name: "list 20 of 10,000, offset 5,000", method: http.MethodGet, path: servicesPath + "?offset=5000",
			roundTrips: 2, items: 5041, repeatable: true,
		},
		{
			name: "list 20 of 10,000, offset 9,980", method: http.MethodGet, path: servicesPath + "?offset=9980",
			roundTrips: 2, items: 10021, repeatable: true,
		},
	}
}

// many gives the caller n services and another owner as many, without histories.
func (b *bench) many(ctx context.Context, n int) {
	var item table.Item
	for _, owner := range []string{issuer, "another"} {
		for first := 0; first < n; first += table.MaxSteps / 2 {
			var steps []table.Step
			for i := first; i < min(first+table.MaxSteps/2, n); i++ {
				id := fmt.Sprintf("01KDVDNA00%016d", i)
				if owner != issuer {
					id = strings.Replace(id, "01KD", "01KC", 1)
				}
				item, _ = table.Encode(map[string]any{
					"id": id, "owner": owner, "state": "draft", "version": 1, "modifiedAt": "2026-01-01T00:00:00.000Z",
				})
				steps = append(steps,
					table.Put(fmt.Sprint("service ", i), table.Key{Table: services.Table.Name, PK: "SERVICE#" + id, SK: "LIFECYCLE"}, item),
					table.Put(fmt.Sprint("entry ", i), table.Key{Table: services.Table.Name, PK: "OWNER#" + owner, SK: "SERVICE#" + id}, table.Item{}))
			}
			if err := b.db.Write(ctx, steps...); err != nil {
				b.fail(err.Error())
				return
			}
		}
	}
}

// benchServices measures the services product.
func (b *bench) benchServices(ctx context.Context, out *tabwriter.Writer) {
	b.caller = api.Identity{Subject: issuer, Kind: services.KindManage, Scopes: services.OwnersOrReviewers}
	for _, c := range b.serviceCosts(ctx) {
		b.measure(ctx, out, c)
	}
}
