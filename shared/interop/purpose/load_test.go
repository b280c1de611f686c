package purpose_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// carried is a row of the load of an e-service, without thresholds where there is no
// descriptor.
func carried(who *api.Identity, load, purposes int, on string, perConsumer, total int) object {
	row := object{"consumerId": who.Subject, "load": float64(load), "activePurposes": float64(purposes)}
	if on != "" {
		row["descriptorId"], row["dailyCallsPerConsumer"], row["dailyCallsTotal"] = on, float64(perConsumer), float64(total)
	}
	return row
}

// carries fails unless an e-service has that load.
func (w *world) carries(by *api.Identity, o offer, load, limit int, rows ...object) {
	w.Helper()
	body := w.ok(by, "GET", "/eservices/"+o.id+"/load", "").Body
	results := []any{}
	for _, row := range rows {
		results = append(results, row)
	}
	all := object{"totalLoad": float64(load), "results": results, "pagination": object{"offset": 0.0, "limit": 50.0, "totalCount": float64(len(rows))}}
	if limit > 0 {
		all["dailyCallsTotal"] = float64(limit)
	}
	if diff := gocmp.Diff(all, body); diff != "" {
		w.Errorf("the load of %s (-want +got):\n%s", o.id, diff)
	}
}

// TestLoad follows the load of an e-service through what changes it.
func TestLoad(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o, beside := w.offers(100, 1000), w.open(25, 50)
		at := w.joins(consumer, o)
		w.joins(other, o)
		w.runs(consumer, beside, 25)
		w.carries(producer, o, 0, 1000)
		path := w.runs(consumer, o, 40)
		w.runs(consumer, o, 10)
		mine := carried(consumer, 50, 2, o.descriptor, 100, 1000)
		w.carries(producer, o, 50, 1000, mine)
		w.drafts(other, o, 5)
		theirs := w.submits(other, o, 101)
		w.carries(producer, o, 50, 1000, mine)
		w.does(producer, theirs, "approve")
		w.carries(producer, o, 151, 1000, carried(other, 101, 1, o.descriptor, 100, 1000), mine)
		w.does(other, theirs, "suspend")
		w.carries(producer, o, 50, 1000, mine)
		w.does(producer, theirs, "suspend")
		w.does(other, theirs, "archive")
		w.estimates(consumer, path, 30)
		w.carries(producer, o, 40, 1000, carried(consumer, 40, 2, o.descriptor, 100, 1000))
		w.quotas(o, 1, 2)
		w.carries(producer, o, 40, 2, carried(consumer, 40, 2, o.descriptor, 1, 2))
		next := w.revises(o, 7, 70)
		w.joins(stranger, next)
		w.runs(stranger, next, 7)
		w.carries(producer, o, 47, 70, carried(consumer, 40, 2, o.descriptor, 1, 2), carried(stranger, 7, 1, next.descriptor, 7, 70))
		upgraded := "/agreements/" + w.ok(consumer, "POST", at+"/upgrade", "").Text("id")
		w.carries(producer, o, 47, 70, carried(consumer, 40, 2, next.descriptor, 7, 70), carried(stranger, 7, 1, next.descriptor, 7, 70))
		w.ok(consumer, "POST", upgraded+"/archive", "")
		w.carries(producer, o, 47, 70, carried(consumer, 40, 2, "", 0, 0), carried(stranger, 7, 1, next.descriptor, 7, 70))
		w.does(consumer, path, "archive")
		w.carries(producer, o, 17, 70, carried(consumer, 10, 1, "", 0, 0), carried(stranger, 7, 1, next.descriptor, 7, 70))
		w.consistent()
	})
}

// TestLoadOfWhom is for the producer of an e-service that others know.
func TestLoadOfWhom(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		at := "/eservices/" + o.id + "/load"
		for _, who := range []*api.Identity{consumer, stranger} {
			w.Refused(w.As(who, "GET", at, ""), interop.OperationForbidden)
		}
		w.Refused(w.As(producer, "GET", "/eservices/"+o.descriptor+"/load", ""), interop.EServiceNotFound, o.descriptor)
		w.Refused(w.As(producer, "GET", "/eservices/x/load", ""), interop.BadRequest)
		w.BadPages(producer, at)
		draft := w.ok(producer, "POST", "/eservices", interoptest.JSON(object{
			"name": "A draft of an e-service", "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false, "descriptor": terms(1, 2),
		})).Text("id")
		w.carries(producer, offer{id: draft}, 0, 0)
		w.Refused(w.As(consumer, "GET", "/eservices/"+draft+"/load", ""), interop.EServiceNotFound, draft)
		// A producer is a consumer of its own, too.
		w.joins(producer, o)
		path := w.runs(producer, o, 30)
		w.carries(producer, o, 30, 50, carried(producer, 30, 1, o.descriptor, 25, 50))
		w.left(producer, path, 0, 20)
		w.does(producer, path, "suspend")
		w.carries(producer, o, 0, 50)
	})
}

// TestLoadOrder lists the greatest load first, by pages, each with its thresholds.
func TestLoadOrder(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		special := w.certified()
		o := w.offersTo(30, 10000, []quota{{special, 50}, {w.certified(), 0}})
		var all []object
		for i := range 52 {
			who := numbered(52 - i)
			w.registers(who)
			w.assigns(who, special)
			w.joins(who, o)
			perConsumer := 50
			if i%3 == 0 {
				w.takes(who, special)
				perConsumer = 30
			}
			load := 1 + i%9
			for range 1 + i%2 {
				w.runs(who, o, load)
			}
			all = append(all, carried(who, load*(1+i%2), 1+i%2, o.descriptor, perConsumer, 10000))
		}
		slices.SortFunc(all, func(a, b object) int {
			first, second := a["load"].(float64), b["load"].(float64) //nolint:forcetypeassert // it is one
			return cmp.Or(cmp.Compare(second, first), strings.Compare(fmt.Sprint(a["consumerId"]), fmt.Sprint(b["consumerId"])))
		})
		var ids []string
		for _, row := range all {
			ids = append(ids, fmt.Sprint(row["consumerId"]))
		}
		at := "/eservices/" + o.id + "/load"
		w.Pages(producer, at, "consumerId", ids)
		got := append(interoptest.Results(w.ok(producer, "GET", at, "")), interoptest.Results(w.ok(producer, "GET", at+"?offset=50", ""))...)
		if diff := gocmp.Diff(all, got); diff != "" {
			w.Errorf("the loads (-want +got):\n%s", diff)
		}
	})
}

// TestRemaining tells what remains of any purpose that the caller may see, in
// whatever state: it is of the consumer and the e-service.
func TestRemaining(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(100, 150)
		draft := w.drafts(consumer, o, 5)
		got := w.ok(consumer, "GET", draft+"/remainingDailyCalls", "").Body
		want(w.TB, "with nothing in use", fmt.Sprint(got), "map[remainingDailyCallsPerConsumer:100 remainingDailyCallsTotal:150]")
		w.Refused(w.As(producer, "GET", draft+"/remainingDailyCalls", ""), interop.PurposeNotAllowed)
		path := w.runs(consumer, o, 40)
		for _, other := range []*api.Identity{other, stranger} {
			w.Refused(w.As(other, "GET", path+"/remainingDailyCalls", ""), interop.PurposeNotAllowed)
		}
		w.Refused(w.As(consumer, "GET", "/purposes/"+o.id+"/remainingDailyCalls", ""), interop.PurposeNotFound)
		w.left(consumer, path, 60, 110)
		w.left(consumer, w.submits(consumer, o, 61), 60, 110)
		theirs := w.runs(other, o, 105)
		w.left(other, theirs, 0, 5)
		w.left(consumer, path, 60, 5)
		w.does(consumer, path, "archive")
		w.left(consumer, path, 100, 45)
		w.does(producer, theirs, "suspend")
		w.left(other, theirs, 100, 150)
	})
}
