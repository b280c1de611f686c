package purpose_test

import (
	"fmt"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/hooked"
)

// quota is a certified attribute that a descriptor asks for, with calls a day of its
// own unless these are 0.
type quota struct {
	id    string
	calls int
}

// certified defines an attribute.
func (w *world) certified() string {
	w.Helper()
	n := unique.Add(1)
	return w.ok(certifier, "POST", "/certifiedAttributes", fmt.Sprintf(`{"name":"Attribute %d","description":"Richiesto ai fruitori","code":"code-%d"}`, n, n)).Text("id")
}

// assigns gives an organization a certified attribute.
func (w *world) assigns(who *api.Identity, id string) {
	w.Helper()
	w.ok(certifier, "POST", "/tenants/"+who.Subject+"/certifiedAttributes", fmt.Sprintf(`{"id":%q}`, id))
}

// takes takes it away again.
func (w *world) takes(who *api.Identity, id string) {
	w.Helper()
	w.ok(certifier, "DELETE", "/tenants/"+who.Subject+"/certifiedAttributes/"+id, "")
}

// offersTo publishes an e-service to those who own one attribute of each group.
func (w *world) offersTo(perConsumer, total int, groups ...[]quota) offer {
	w.Helper()
	seed := object{
		"name": fmt.Sprintf("E-service %d", unique.Add(1)), "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false,
		"descriptor": terms(perConsumer, total),
	}
	o := offer{id: w.ok(producer, "POST", "/eservices", interoptest.JSON(seed)).Text("id")}
	o.descriptor = interoptest.Members(w.ok(producer, "GET", "/eservices/"+o.id+"/descriptors", ""), "id")[0]
	for i, group := range groups {
		var ids []string
		for _, q := range group {
			ids = append(ids, q.id)
		}
		at := o.path() + "/certifiedAttributes/groups"
		w.ok(producer, "POST", at, interoptest.JSON(object{"attributeIds": ids}))
		for _, q := range group {
			if q.calls > 0 {
				w.ok(producer, "PATCH", fmt.Sprint(at, "/", i, "/attributes/", q.id), fmt.Sprintf(`{"dailyCallsPerConsumer":%d}`, q.calls))
			}
		}
	}
	w.ok(producer, "POST", o.path()+"/publish", "")
	return o
}

// TestDifferentiatedQuotas holds consumers against the greatest quota of the certified
// attributes that they own, which takes the place of the descriptor's threshold.
func TestDifferentiatedQuotas(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		common, low, high, elsewhere := w.certified(), w.certified(), w.certified(), w.certified()
		o := w.offersTo(100, 1000, []quota{{common, 0}, {low, 50}, {high, 300}}, []quota{{common, 0}, {low, 60}, {elsewhere, 200}})
		w.assigns(consumer, common)
		w.joins(consumer, o)
		path := w.runs(consumer, o, 10)
		remains := func(what string, n int) {
			w.Helper()
			w.part(what, func(w *world) { w.left(consumer, path, n-10, 990) })
			// What waits names the threshold that it was held against.
			over := w.submits(consumer, o, n-9)
			w.because(consumer, over, why{n - 9, 10, 10, n, 1000, "CONSUMER"})
			w.ok(consumer, "DELETE", over, "")
			fits := w.submits(consumer, o, n-10)
			w.is(consumer, fits, fmt.Sprint("ACTIVE ", n-10))
			w.does(consumer, fits, "archive")
		}
		remains("none owned", 100)
		w.assigns(consumer, low)
		remains("lower than the default, the greater of two groups", 60)
		w.assigns(other, high)
		remains("owned by another", 60)
		w.assigns(consumer, elsewhere)
		remains("several, of several groups", 200)
		w.assigns(consumer, high)
		remains("the greatest", 300)
		w.takes(consumer, high)
		remains("lost", 200)
		w.takes(consumer, elsewhere)
		w.takes(consumer, low)
		remains("all lost", 100)
		// One that is revoked while a purpose is activated with it.
		w.assigns(consumer, high)
		late := w.drafts(consumer, o, 290)
		w.meanwhile(func() { w.takes(consumer, high) }, func() { w.does(consumer, late, "activate") })
		w.is(consumer, late, "WAITING_FOR_APPROVAL 290")
		w.because(consumer, late, why{290, 10, 10, 100, 1000, "CONSUMER"})
		// And one that is gained.
		w.ok(consumer, "DELETE", late, "")
		late = w.drafts(consumer, o, 290)
		w.meanwhile(func() { w.assigns(consumer, high) }, func() { w.does(consumer, late, "activate") })
		w.is(consumer, late, "ACTIVE 290")
		w.consistent()
	})
}

// meanwhile does something while a request is about to write for the first time.
func (w *world) meanwhile(what, request func()) {
	w.Helper()
	w.Tap.During(0, (*hooked.Call).Writes, what)
	request()
	w.Tap.Set(nil)
}

// TestDescriptors counts what is active on all descriptors of an e-service, and holds
// each consumer against those of its own agreement.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		old := w.offers(50, 100)
		first := w.joins(consumer, old)
		next := w.revises(old, 200, 400)
		w.joins(other, next)
		mine, theirs := w.runs(consumer, old, 40), w.runs(other, next, 60)
		w.left(consumer, mine, 10, 0)
		w.left(other, theirs, 140, 300)
		over := w.submits(consumer, old, 1)
		w.because(consumer, over, why{1, 40, 100, 50, 100, "TOTAL"})
		w.runs(other, next, 140)
		w.because(other, w.submits(other, next, 1), why{1, 200, 240, 200, 400, "CONSUMER"})
		// An upgrade brings other thresholds; what waits goes on to, and what is in use.
		upgraded := w.ok(consumer, "POST", first+"/upgrade", "")
		want(w.TB, "the new descriptor", upgraded.Text("descriptorId"), next.descriptor)
		w.is(consumer, over, "WAITING_FOR_APPROVAL 1")
		w.because(consumer, over, why{1, 40, 100, 50, 100, "TOTAL"})
		w.is(consumer, mine, "ACTIVE 40")
		w.left(consumer, mine, 160, 160)
		w.after(mine, 200, "ACTIVE 200")
		w.is(consumer, w.submits(consumer, next, 1), "WAITING_FOR_APPROVAL 1")
		w.consistent()
	})
}

// TestWithoutAgreement keeps purposes as they are when the agreement is suspended or
// archived; nothing is activated meanwhile.
func TestWithoutAgreement(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, action := range []string{"suspend", "archive"} {
			w.part(action, func(w *world) {
				o := w.offers(25, 50)
				at := w.joins(consumer, o)
				draft, running, held := w.drafts(consumer, o, 1), w.runs(consumer, o, 5), w.runs(consumer, o, 2)
				w.does(consumer, held, "suspend")
				byProducer := w.runs(consumer, o, 4)
				w.does(producer, byProducer, "suspend")
				waiting := w.submits(consumer, o, 30)
				before := w.everything()
				w.ok(consumer, "POST", at+"/"+action, "")
				w.unchanged("the agreement", before)
				refused := func(method, path, body string) {
					w.Helper()
					w.Refused(w.As(consumer, method, path, body), interop.PurposeWithoutAgreement, consumer.Subject, o.id)
				}
				refused("POST", "/purposes", interoptest.JSON(seed(o, 1)))
				refused("POST", draft+"/activate", "")
				refused("POST", held+"/unsuspend", "")
				refused("POST", running+"/versions", `{"dailyCalls":6}`)
				refused("POST", running+"/versions", `{"dailyCalls":4}`)
				refused("GET", running+"/remainingDailyCalls", "")
				w.Refused(w.As(producer, "GET", running+"/remainingDailyCalls", ""), interop.PurposeWithoutAgreement)
				w.unchanged("what is refused", before)
				// What takes no agreement goes on.
				w.does(producer, waiting, "approve")
				w.is(consumer, waiting, "ACTIVE 30")
				w.does(producer, byProducer, "unsuspend")
				w.is(consumer, byProducer, "ACTIVE 4")
				w.does(consumer, running, "suspend")
				w.does(consumer, held, "archive")
				w.ok(consumer, "DELETE", draft, "")
				if action == "suspend" {
					w.ok(consumer, "POST", at+"/unsuspend", "")
					w.does(consumer, running, "unsuspend")
					w.is(consumer, running, "SUSPENDED 5 by Consumer, WAITING_FOR_APPROVAL 5")
					w.because(consumer, running, why{5, 34, 34, 25, 50, "CONSUMER"})
				}
			})
		}
		w.consistent()
	})
}

// TestQuotasChange raises and lowers thresholds: nothing changes by that, only what is
// asked for from then on is held against them.
func TestQuotasChange(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		running, waiting := w.runs(consumer, o, 20), w.submits(consumer, o, 10)
		before := w.everything()
		w.quotas(o, 100, 1000)
		w.unchanged("a greater quota", before)
		w.because(consumer, waiting, why{10, 20, 20, 25, 50, "CONSUMER"})
		w.is(consumer, w.submits(consumer, o, 80), "ACTIVE 80")
		before = w.everything()
		w.quotas(o, 1, 2)
		w.unchanged("a lower quota", before)
		w.is(consumer, running, "ACTIVE 20")
		w.left(consumer, running, 0, 0)
		over := w.submits(other, o, 1)
		w.because(other, over, why{1, 0, 100, 1, 2, "TOTAL"})
		w.after(running, 19, "ACTIVE 19")
		w.after(running, 20, "ACTIVE 19, WAITING_FOR_APPROVAL 20")
		w.because(consumer, running, why{20, 99, 99, 1, 2, "CONSUMER TOTAL"})
		w.consistent()
	})
}
