package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// benchPurposes measures the purposes of the interop product.
func (b *bench) benchPurposes(ctx context.Context, out *tabwriter.Writer) {
	for _, c := range b.purposeCosts(ctx) {
		b.caller = consumer
		if c.caller.Subject != "" {
			b.caller = c.caller
		}
		b.measure(ctx, out, c)
	}
}

// subscribed publishes an e-service with room for many purposes, and makes agreements
// for it.
func (b *bench) subscribed(ctx context.Context, name string, consumers ...api.Identity) (eserviceID string) {
	path, request := b.offer(ctx, name, "AUTOMATIC")
	var asked struct{ EserviceID, DescriptorID string }
	_ = json.Unmarshal([]byte(request), &asked)
	b.caller = producer
	b.call(ctx, http.MethodPatch, path+"/descriptors/"+asked.DescriptorID+"/quotas", `{"dailyCallsPerConsumer":1000,"dailyCallsTotal":100000}`)
	for _, who := range consumers {
		id := b.made(ctx, who, "/agreements", request)
		b.call(ctx, http.MethodPost, "/agreements/"+id+"/submit", "{}")
	}
	return asked.EserviceID
}

func (b *bench) purposeSeed(eserviceID string, calls int) string {
	b.ids++
	return fmt.Sprintf(`{"eserviceId":%q,"title":"Purpose %d","description":"description","isFreeOfCharge":false,"dailyCalls":%d,
		"riskAnalysisForm":{"version":"3.1","answers":{"purpose":["INSTITUTIONAL"]}}}`, eserviceID, b.ids, calls)
}

// purpose makes one of the consumer and takes actions on it.
func (b *bench) purpose(ctx context.Context, eserviceID string, calls int, actions ...string) string {
	path := "/purposes/" + b.made(ctx, consumer, "/purposes", b.purposeSeed(eserviceID, calls))
	for _, action := range actions {
		b.call(ctx, http.MethodPost, path+"/"+action, "")
	}
	return path
}

func (b *bench) purposeCosts(ctx context.Context) []cost {
	id := b.subscribed(ctx, "to be used", consumer)
	draft, above, waits := b.purpose(ctx, id, 1), b.purpose(ctx, id, 5000), b.purpose(ctx, id, 5000, "activate")
	active, refused := b.purpose(ctx, id, 10, "activate"), b.purpose(ctx, id, 5000, "activate")
	post := func(name, path, body string, roundTrips, items int) cost {
		return cost{name: "purpose: " + name, method: http.MethodPost, path: path, body: body, roundTrips: roundTrips, items: items}
	}
	get := func(name, path string, roundTrips, items int) cost {
		return cost{name: "purpose: " + name, method: http.MethodGet, path: path, roundTrips: roundTrips, items: items, repeatable: true}
	}
	by := func(caller api.Identity, c cost) cost {
		c.caller = caller
		return c
	}
	return []cost{
		get("get", active, 1, 1),
		get("history, 2 rows", active+"/history", 1, 2),
		get("remaining daily calls", active+"/remainingDailyCalls", 2, 5),
		post("create", "/purposes", b.purposeSeed(id, 1), 2, 4),
		post("activate, within the thresholds", draft+"/activate", "", 3, 5),
		post("activate, above", above+"/activate", "", 3, 5),
		by(producer, post("reject", refused+"/reject", `{"rejectionReason":"ten characters"}`, 2, 1)),
		post("suspend", active+"/suspend", "", 2, 1),
		post("unsuspend", active+"/unsuspend", "", 3, 5),
		post("new version, greater", active+"/versions", `{"dailyCalls":20}`, 3, 5),
		post("new version, smaller", active+"/versions", `{"dailyCalls":5}`, 3, 5),
		by(producer, post("approve", waits+"/approve", "", 2, 1)), // beyond the consumer's threshold from here on
		post("archive", active+"/archive", "", 2, 1),
		post("clone", above+"/clone", fmt.Sprintf(`{"eserviceId":%q}`, id), 3, 6),
	}
}

// benchContention activates purposes of several consumers on one e-service at once,
// which all move one account of the ledger, next to as many conditional updates of one
// item, and tells both rates. The rates of a shared machine mean little, their ratio
// more.
func benchContention(ctx context.Context, embedded *bench, s *section) error {
	b, err := embedded.local(ctx) // where transactions conflict
	if err != nil {
		return err
	}
	const purposes, clients = 160, 16
	consumers := make([]api.Identity, clients)
	for i := range consumers {
		consumers[i] = organization(numbered(0xa, 100+i))
	}
	id := b.subscribed(ctx, "to be used by many", consumers...)
	paths := make([]string, purposes)
	for i := range paths {
		paths[i] = "/purposes/" + b.made(ctx, consumers[i%clients], "/purposes", b.purposeSeed(id, 1)) + "/activate"
	}
	rate := func(do func(i int) error) (perSecond float64, failed int64) {
		var next, failures atomic.Int64
		var working sync.WaitGroup
		began := time.Now()
		for range clients {
			working.Go(func() {
				for i := next.Add(1) - 1; i < purposes; i = next.Add(1) - 1 {
					if do(int(i)) != nil {
						failures.Add(1)
					}
				}
			})
		}
		working.Wait()
		return purposes / time.Since(began).Seconds(), failures.Load()
	}
	one := table.Key{Table: interop.Table.Name, PK: "BENCH", SK: "ONE"}
	plain, _ := rate(func(int) error {
		return b.db.Write(ctx, table.Update("one", one, table.Changes{Add: map[string]int64{"load": 1}},
			table.Any(table.Lacks("load"), table.AtMost("load", purposes))))
	})
	activated, failed := rate(func(i int) error {
		res := b.callAs(ctx, consumers[i%clients], http.MethodPost, paths[i], "")
		if res.Code != http.StatusOK {
			return fmt.Errorf("status %d", res.Code)
		}
		return nil
	})
	s.note("%d activations on one e-service by %d clients at once: %.0f/s, %d failed; "+
		"conditional updates of one item: %.0f/s, %.1f times as many",
		purposes, clients, activated, failed, plain, plain/activated)
	if failed > 0 {
		b.fail(fmt.Sprintf("%d activations under contention", failed))
	}
	return nil
}
