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
func carried(caller *api.Identity, load, purposes int, on string, perConsumer, total int) object {
	row := object{"consumerId": caller.Subject, "load": float64(load), "activePurposes": float64(purposes)}
	if on != "" {
		row["descriptorId"] = on
		row["dailyCallsPerConsumer"] = float64(perConsumer)
		row["dailyCallsTotal"] = float64(total)
	}
	return row
}

// checkLoads fails unless an e-service has that load.
func (w *world) checkLoads(by *api.Identity, o offer, load, limit int, rows ...object) {
	w.Helper()
	body := w.OK(by, "GET", "/eservices/"+o.ID+"/load", "").Body
	results := []any{}
	for _, row := range rows {
		results = append(results, row)
	}
	all := object{
		"totalLoad": float64(load), "results": results,
		"pagination": object{"offset": 0.0, "limit": 50.0, "totalCount": float64(len(rows))},
	}
	if limit > 0 {
		all["dailyCallsTotal"] = float64(limit)
	}
	if diff := gocmp.Diff(all, body); diff != "" {
		w.Errorf("the load of %s (-want +got):\n%s", o.ID, diff)
	}
}

// TestLoad follows the load of an e-service through what changes it.
func TestLoad(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(100, 1000)
		beside := w.publishToBoth(25, 50)
		at := w.SubmitAgreement(consumer, o)
		w.SubmitAgreement(other, o)
		w.activePurpose(consumer, beside, 25)
		w.checkLoads(producer, o, 0, 1000)
		path := w.activePurpose(consumer, o, 40)
		w.activePurpose(consumer, o, 10)
		mine := carried(consumer, 50, 2, o.Descriptor, 100, 1000)
		w.checkLoads(producer, o, 50, 1000, mine)
		w.DraftPurpose(other, o, 5)
		theirs := w.ActivatePurpose(other, o, 101)
		w.checkLoads(producer, o, 50, 1000, mine)
		w.act(producer, theirs, "approve")
		w.checkLoads(producer, o, 151, 1000, carried(other, 101, 1, o.Descriptor, 100, 1000), mine)
		w.act(other, theirs, "suspend")
		w.checkLoads(producer, o, 50, 1000, mine)
		w.act(producer, theirs, "suspend")
		w.act(other, theirs, "archive")
		w.createVersion(consumer, path, 30)
		w.checkLoads(producer, o, 40, 1000, carried(consumer, 40, 2, o.Descriptor, 100, 1000))
		w.setThresholds(o, 1, 2)
		w.checkLoads(producer, o, 40, 2, carried(consumer, 40, 2, o.Descriptor, 1, 2))
		next := w.revise(o, 7, 70)
		w.SubmitAgreement(stranger, next)
		w.activePurpose(stranger, next, 7)
		w.checkLoads(producer, o, 47, 70, carried(consumer, 40, 2, o.Descriptor, 1, 2), carried(stranger, 7, 1, next.Descriptor, 7, 70))
		upgraded := "/agreements/" + w.OK(consumer, "POST", at+"/upgrade", "").Text("id")
		w.checkLoads(producer, o, 47, 70, carried(consumer, 40, 2, next.Descriptor, 7, 70), carried(stranger, 7, 1, next.Descriptor, 7, 70))
		w.OK(consumer, "POST", upgraded+"/archive", "")
		w.checkLoads(producer, o, 47, 70, carried(consumer, 40, 2, "", 0, 0), carried(stranger, 7, 1, next.Descriptor, 7, 70))
		w.act(consumer, path, "archive")
		w.checkLoads(producer, o, 17, 70, carried(consumer, 10, 1, "", 0, 0), carried(stranger, 7, 1, next.Descriptor, 7, 70))
		w.checkConsistent()
	})
}

// TestLoadOfWhom is for the producer of an e-service that others know.
func TestLoadOfWhom(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		at := "/eservices/" + o.ID + "/load"
		for _, caller := range []*api.Identity{consumer, stranger} {
			w.Refused(w.As(caller, "GET", at, ""), interop.OperationForbidden)
		}
		w.Refused(w.As(producer, "GET", "/eservices/"+o.Descriptor+"/load", ""), interop.EServiceNotFound, o.Descriptor)
		w.Refused(w.As(producer, "GET", "/eservices/x/load", ""), interop.BadRequest)
		w.BadPages(producer, at)
		draft := w.OK(producer, "POST", "/eservices", interoptest.JSON(object{
			"name": "A draft of an e-service", "description": "Certificati online", "technology": "REST", "mode": "DELIVER",
			"personalData": false, "descriptor": interoptest.Terms(1, 2),
		})).Text("id")
		w.checkLoads(producer, offer{ID: draft}, 0, 0)
		w.Refused(w.As(consumer, "GET", "/eservices/"+draft+"/load", ""), interop.EServiceNotFound, draft)
		// A producer is a consumer of its own, too.
		w.SubmitAgreement(producer, o)
		path := w.activePurpose(producer, o, 30)
		w.checkLoads(producer, o, 30, 50, carried(producer, 30, 1, o.Descriptor, 25, 50))
		w.checkRemaining(producer, path, 0, 20)
		w.act(producer, path, "suspend")
		w.checkLoads(producer, o, 0, 50)
	})
}

// TestLoadOrder lists the greatest load first, by pages, each with its thresholds.
func TestLoadOrder(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		special := w.defineAttribute()
		o := w.publishRequiring(30, 10000, []quota{{special, 50}, {w.defineAttribute(), 0}})
		var all []object
		for i := range 52 {
			caller := organization(52 - i)
			w.Register(caller)
			w.assign(caller, special)
			w.SubmitAgreement(caller, o)
			perConsumer := 50
			if i%3 == 0 {
				w.revoke(caller, special)
				perConsumer = 30
			}
			load := 1 + i%9
			for range 1 + i%2 {
				w.activePurpose(caller, o, load)
			}
			all = append(all, carried(caller, load*(1+i%2), 1+i%2, o.Descriptor, perConsumer, 10000))
		}
		slices.SortFunc(all, func(a, b object) int {
			first, second := a["load"].(float64), b["load"].(float64) //nolint:forcetypeassert // it is one
			return cmp.Or(cmp.Compare(second, first), strings.Compare(fmt.Sprint(a["consumerId"]), fmt.Sprint(b["consumerId"])))
		})
		var ids []string
		for _, row := range all {
			ids = append(ids, fmt.Sprint(row["consumerId"]))
		}
		at := "/eservices/" + o.ID + "/load"
		w.Pages(producer, at, "consumerId", ids)
		got := append(interoptest.Results(w.OK(producer, "GET", at, "")), interoptest.Results(w.OK(producer, "GET", at+"?offset=50", ""))...)
		if diff := gocmp.Diff(all, got); diff != "" {
			w.Errorf("the loads (-want +got):\n%s", diff)
		}
	})
}

// TestRemaining reads the remaining calls by purposes in all states: they are those of the
// consumer on the e-service.
func TestRemaining(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(100, 150)
		draft := w.DraftPurpose(consumer, o, 5)
		got := w.OK(consumer, "GET", draft+"/remainingDailyCalls", "").Body
		interoptest.Equal(w.TB, "with nothing in use", fmt.Sprint(got), "map[remainingDailyCallsPerConsumer:100 remainingDailyCallsTotal:150]")
		w.Refused(w.As(producer, "GET", draft+"/remainingDailyCalls", ""), interop.PurposeNotAllowed)
		path := w.activePurpose(consumer, o, 40)
		for _, other := range []*api.Identity{other, stranger} {
			w.Refused(w.As(other, "GET", path+"/remainingDailyCalls", ""), interop.PurposeNotAllowed)
		}
		w.Refused(w.As(consumer, "GET", "/purposes/"+o.ID+"/remainingDailyCalls", ""), interop.PurposeNotFound)
		w.checkRemaining(consumer, path, 60, 110)
		w.checkRemaining(consumer, w.ActivatePurpose(consumer, o, 61), 60, 110)
		theirs := w.activePurpose(other, o, 105)
		w.checkRemaining(other, theirs, 0, 5)
		w.checkRemaining(consumer, path, 60, 5)
		w.act(consumer, path, "archive")
		w.checkRemaining(consumer, path, 100, 45)
		w.act(producer, theirs, "suspend")
		w.checkRemaining(other, theirs, 100, 150)
	})
}

// TestAgreementLoad compares the load of an agreement, which both sides read, with what a
// purpose comes to.
func TestAgreementLoad(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(100, 1000)
		at := w.SubmitAgreement(consumer, o)
		w.SubmitAgreement(other, o)
		w.activePurpose(consumer, o, 40)
		w.activePurpose(other, o, 60)
		want := object{
			"descriptorId": o.Descriptor, "consumerLoad": 40.0, "totalLoad": 100.0,
			"dailyCallsPerConsumer": 100.0, "dailyCallsTotal": 1000.0,
		}
		for _, by := range []*api.Identity{consumer, producer} {
			if diff := gocmp.Diff(want, w.OK(by, "GET", at+"/load", "").Body); diff != "" {
				w.Errorf("the load of the agreement (-want +got):\n%s", diff)
			}
		}
		interoptest.Equal(w.TB, "another's", w.As(other, "GET", at+"/load", "").Status, interop.AgreementNotAllowed.Status)
		w.OK(consumer, "POST", at+"/suspend", "{}")
		if diff := gocmp.Diff(want, w.OK(consumer, "GET", at+"/load", "").Body); diff != "" {
			w.Errorf("while it is suspended (-want +got):\n%s", diff)
		}
		w.OK(consumer, "POST", at+"/archive", "")
		res := w.As(consumer, "GET", at+"/load", "")
		interoptest.Equal(w.TB, "archived", res.Status, interop.AgreementNotInState.Status)
	})
}
