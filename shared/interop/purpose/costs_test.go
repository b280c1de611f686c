package purpose_test

import (
	"fmt"
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/hooked"
)

// TestRoundTrips is the price of every operation: a read is one, a change is one more;
// what is decided by the thresholds reads these besides: the agreement, the e-service
// and its two loads.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		beside := w.publishToBoth(25, 50)
		costs := func(what string, trips, items float64, caller *api.Identity, method, path, body string) {
			w.Helper()
			w.Costs(what, trips, items, caller, method, path, body)
		}
		named := interoptest.JSON(interoptest.PurposeSeed(o, 5))
		costs("create", 2, 2, consumer, "POST", "/purposes", named)
		costs("create again", 2, 2, consumer, "POST", "/purposes", named)
		costs("create with a bad body", 0, 0, consumer, "POST", "/purposes", "{}")
		costs("create without a token", 0, 0, nil, "POST", "/purposes", named)
		costs("create without an agreement", 1, 1, stranger, "POST", "/purposes", named)
		path := "/purposes/" + interoptest.Members(w.OK(consumer, "GET", "/purposes", ""), "id")[0]
		costs("get", 1, 1, consumer, "GET", path, "")
		costs("get a stranger's", 1, 1, stranger, "GET", path, "")
		costs("get nobody's", 1, 0, consumer, "GET", "/purposes/"+o.ID, "")
		costs("get what is no id", 0, 0, consumer, "GET", "/purposes/x", "")
		costs("update", 2, 1, consumer, "PATCH", path, `{"dailyCalls":6}`)
		costs("activate", 3, 3, consumer, "POST", path+"/activate", "")
		costs("create beside an active one", 2, 2, consumer, "POST", "/purposes", interoptest.JSON(interoptest.PurposeSeed(o, 5)))
		costs("activate again", 1, 1, consumer, "POST", path+"/activate", "")
		costs("another estimate", 3, 5, consumer, "POST", path+"/versions", `{"dailyCalls":7}`)
		costs("a lower one", 3, 3, consumer, "POST", path+"/versions", `{"dailyCalls":5}`)
		costs("one above", 3, 5, consumer, "POST", path+"/versions", `{"dailyCalls":70}`)
		costs("the same", 1, 1, consumer, "POST", path+"/versions", `{"dailyCalls":5}`)
		costs("expect", 2, 1, producer, "PUT", path+"/expectedActivationDate", `{"date":"2999-12-31"}`)
		costs("expect a day that is past", 0, 0, producer, "PUT", path+"/expectedActivationDate", `{"date":"1999-12-31"}`)
		costs("reject", 2, 1, producer, "POST", path+"/reject", bodyOf("reject"))
		costs("reject again", 1, 1, producer, "POST", path+"/reject", bodyOf("reject"))
		waiting := path + "/versions/" + w.createVersion(consumer, path, 71).Text("id")
		costs("get a version", 1, 1, producer, "GET", waiting, "")
		costs("remaining", 2, 5, consumer, "GET", path+"/remainingDailyCalls", "")
		costs("its agreement", 3, 3, consumer, "GET", path+"/agreement", "")
		costs("history", 1, 11, consumer, "GET", path+"/history", "")
		costs("versions", 1, 3, consumer, "GET", path+"/versions", "")
		past := interoptest.Members(w.OK(consumer, "GET", path+"/versions", ""), "id")[0]
		costs("get a past version", 1, 2, consumer, "GET", path+"/versions/"+past, "")
		costs("delete a version", 2, 1, consumer, "DELETE", waiting, "")
		costs("delete a past version", 1, 2, consumer, "DELETE", path+"/versions/"+past, "")
		w.createVersion(consumer, path, 72)
		costs("approve", 2, 1, producer, "POST", path+"/approve", "")
		costs("suspend", 2, 1, consumer, "POST", path+"/suspend", "")
		costs("suspend again", 1, 1, consumer, "POST", path+"/suspend", "")
		costs("unsuspend above", 3, 5, consumer, "POST", path+"/unsuspend", "")
		costs("approve that", 2, 1, producer, "POST", path+"/approve", "")
		costs("suspend for the producer", 2, 1, producer, "POST", path+"/suspend", "")
		costs("unsuspend for the producer", 2, 1, producer, "POST", path+"/unsuspend", "")
		w.createVersion(consumer, path, 1)
		w.act(consumer, path, "suspend")
		costs("unsuspend", 3, 5, consumer, "POST", path+"/unsuspend", "")
		costs("clone", 3, 4, consumer, "POST", path+"/clone", fmt.Sprintf(`{"eserviceId":%q}`, beside.ID))
		costs("archive", 2, 1, consumer, "POST", path+"/archive", "")
		costs("archive again", 1, 1, consumer, "POST", path+"/archive", "")
		costs("delete", 2, 1, consumer, "DELETE", w.DraftPurpose(consumer, o, 1), "")
		w.Age()
		w.OK(producer, "GET", "/eservices/"+o.ID+"/load", "")
		costs("the load of an e-service", 2, 2, producer, "GET", "/eservices/"+o.ID+"/load", "")
		w.activePurpose(consumer, o, 1)
		costs("the load of one that is in use", 3, 5, producer, "GET", "/eservices/"+o.ID+"/load", "")
		costs("a stranger's", 1, 2, consumer, "GET", "/eservices/"+o.ID+"/load", "")
	})
}

// TestLostRaceCosts: an action that lost a race for its purpose starts from the purpose
// that refused it, so a lost round costs what is decided by thresholds one read and one
// transaction more, and everything else a transaction alone.
func TestLostRaceCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		for _, tc := range []struct {
			action string
			state  string
			trips  float64
			items  float64
		}{
			{action: "suspend", state: "ACTIVE", trips: 3, items: 1}, // read, refused, written
			{action: "activate", state: "DRAFT", trips: 5, items: 9}, // read, facts, refused, facts, written
		} {
			path := w.DraftPurpose(consumer, o, 5)
			others := func() { w.OK(consumer, "PATCH", path, `{"description":"Changed by another call"}`) }
			if tc.state == "ACTIVE" {
				w.act(consumer, path, "activate")
				w.createVersion(consumer, path, 70)
				others = func() { w.OK(producer, "PUT", path+"/expectedActivationDate", `{"date":"2999-12-31"}`) }
			}
			w.Tap.During(0, (*hooked.Call).Writes, func() {
				w.Tap.Set(nil)
				others()
			})
			w.Costs(tc.action, tc.trips, tc.items, consumer, "POST", path+"/"+tc.action, "")
		}
		w.checkConsistent()
	})
}

// TestQuotaCosts is the price of a descriptor with quotas for certified attributes:
// one more read, of what the consumer owns, which is three items here.
func TestQuotaCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		special := w.defineAttribute()
		o := w.publishRequiring(1, 50, []quota{{special, 25}})
		w.assign(consumer, special)
		agreement := w.SubmitAgreement(consumer, o)
		path := w.DraftPurpose(consumer, o, 20)
		w.Costs("activate", 4, 6, consumer, "POST", path+"/activate", "")
		w.Costs("another estimate", 4, 8, consumer, "POST", path+"/versions", `{"dailyCalls":25}`)
		w.Costs("a lower one", 3, 3, consumer, "POST", path+"/versions", `{"dailyCalls":24}`)
		w.act(consumer, path, "suspend")
		w.Costs("unsuspend", 4, 8, consumer, "POST", path+"/unsuspend", "")
		w.Costs("remaining", 3, 8, consumer, "GET", path+"/remainingDailyCalls", "")
		w.createVersion(consumer, path, 26)
		w.Age()
		w.OK(producer, "GET", "/purposes", "")
		w.OK(consumer, "GET", "/purposes", "")
		w.Costs("one that waits, for the producer", 4, 8, producer, "GET", "/purposes?states=WAITING_FOR_APPROVAL", "")
		w.Costs("and for the consumer", 2, 1, consumer, "GET", "/purposes?consumerIds="+consumer.Subject+"&states=WAITING_FOR_APPROVAL", "")
		draft := w.DraftPurpose(consumer, o, 1)
		w.OK(consumer, "POST", agreement+"/suspend", "")
		w.Costs("activate without an active agreement", 2, 5, consumer, "POST", draft+"/activate", "")
	})
}

// TestListsReadPages checks that a list reads the purposes of its page alone, once it has read
// the entries of the caller. Hundreds of others have another state, consumer, producer or
// e-service.
func TestListsReadPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const few = 3
		many := w.fewer(60, 4)
		o := w.publish(1, 1000)
		full := w.publish(1, 1000)
		beside := w.publishAs(stranger, 1, 1000)
		for _, at := range []offer{o, full, beside} {
			w.SubmitAgreement(consumer, at)
			w.SubmitAgreement(other, at)
		}
		at := w.SubmitAgreement(stranger, o)
		for i := range many {
			w.ActivatePurpose(other, full, 2)         // waits, of another consumer on another e-service
			w.DraftPurpose(consumer, full, 2)         // a draft of the consumer
			w.ActivatePurpose(consumer, beside, 2)    // waits, of another producer
			path := w.ActivatePurpose(consumer, o, 2) // in another state
			w.act(producer, path, "reject")
			if i < few {
				w.ActivatePurpose(consumer, o, 2)
				w.DraftPurpose(stranger, o, 2)
			}
		}
		w.Age()
		n := float64(many)
		list := func(trips, matching, besides float64, as *api.Identity, query string) {
			w.Helper()
			path := "/purposes?limit=10&" + query
			interoptest.Equal(w.TB, "matching "+query, float64(interoptest.Total(w.OK(as, "GET", path, ""))), matching)
			w.Costs(query, trips, besides+min(matching, 10), as, "GET", path, "")
		}
		waiting := "states=WAITING_FOR_APPROVAL"
		of := "&consumerIds="
		on := "&eserviceIds=" + o.ID
		list(2, few+n, 0, consumer, waiting+of+consumer.Subject)
		list(2, few, 0, consumer, waiting+on+of+consumer.Subject)
		list(2, few, 0, consumer, waiting+on)
		list(3, few, 2, producer, waiting+of+consumer.Subject) // and whether it would fit
		list(3, few, 2, producer, waiting+on+of+consumer.Subject)
		list(3, few, 2, producer, waiting+on)
		list(2, n, 0, producer, "states=REJECTED"+of+consumer.Subject)
		list(2, n, 0, consumer, "states=DRAFT"+of+consumer.Subject)
		list(1, 0, 0, producer, "states=DRAFT"+of+consumer.Subject)
		list(2, few+n, 0, consumer, on+of+consumer.Subject)
		list(1, 0, 0, certifier, on)
		list(2, few, 0, stranger, "states=DRAFT"+of+stranger.Subject)
		// Of an agreement: that, those of its consumer on its e-service, and the page.
		for _, as := range []*api.Identity{stranger, producer} {
			w.OK(as, "GET", at+"/purposes", "")
		}
		w.Costs("purposes of an agreement", 3, 1+few, stranger, "GET", at+"/purposes", "")
		w.Costs("for the producer", 2, 1, producer, "GET", at+"/purposes", "")
		w.Costs("for a stranger", 1, 1, other, "GET", at+"/purposes", "")
	})
}
