package voucher_test

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// storedEvents returns the stored events of a client, even of a deleted one.
func (w *world) storedEvents(p requester) (all []object) {
	w.Helper()
	q := table.Query{Table: retention.Operations.Name, PK: "CLIENT#" + p.clientID(), From: "OP#", To: "OP$", Consistent: true}
	err := table.All(w.Context(), w.Tap.DB, q, func(item table.Item) error {
		var row object
		err := table.Decode(item, &row)
		all = append(all, row)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// countDecisions returns the number of events of a client by decision.
func (w *world) countDecisions(p requester) map[string]int {
	w.Helper()
	count := map[string]int{}
	for _, row := range w.storedEvents(p) {
		count[fmt.Sprint(row["decision"])]++
	}
	return count
}

// TestOneProofOnce uses one proof 64 times at once.
func TestOneProofOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		proof := w.newProof(nil, nil)
		bodies := make([]string, 64)
		for i := range bodies {
			bodies[i] = form(w.assertion(p, nil), nil)
		}
		got := w.Race(64, 64, func(i int) string { return outcome(w.issue(bodies[i], "DPoP", proof)) })
		if want := map[string]int{"DPoP": 1, "dpopJtiAlreadyCached": 63}; !maps.Equal(got, want) {
			t.Errorf("the answers are %v, want %v", got, want)
		}
		if got, want := w.countDecisions(p), map[string]int{"ISSUED": 1, "REFUSED": 63}; !maps.Equal(got, want) {
			t.Errorf("the events are %v, want %v", got, want)
		}
		for _, row := range w.storedEvents(p) {
			if dpop := row["type"] == "DPoP" && row["voucherId"] != nil && row["reasons"] == nil; dpop != (row["decision"] == "ISSUED") {
				t.Errorf("an event is %v", row)
			}
		}
		if got := outcome(w.issue(bodies[0], "DPoP", proof)); got != "dpopJtiAlreadyCached" {
			t.Errorf("another request with the proof is answered %s", got)
		}
	})
}

// stop is a change after which a requester gets no vouchers, and the reason of the refusals.
// undo returns a requester that gets vouchers again.
type stop struct {
	caller       *api.Identity
	method, path string
	reason       string
	undo         func() requester
}

// publicReason returns the reason in the answers of the endpoint.
func (s stop) publicReason() string {
	if s.reason == noKey {
		return notVerified
	}
	return s.reason
}

// stops returns all changes after which a requester gets no vouchers.
func (w *world) stops(p requester) map[string]stop {
	back := func(caller *api.Identity, path, body string) func() requester {
		return func() requester {
			w.OK(caller, "POST", path, body)
			return p
		}
	}
	suspended := func(caller *api.Identity, path, reason string) stop {
		return stop{caller, "POST", path + "/suspend", reason, back(caller, path+"/unsuspend", "")}
	}
	other := func() requester {
		w.As(consumer, "DELETE", p.path+"/keys/"+p.kid, "") // newRequester adds it to another client
		return w.newRequester()
	}
	return map[string]stop{
		"the consumer suspends the purpose":   suspended(consumer, p.purpose, "invalidPurposeState"),
		"the producer suspends the purpose":   suspended(producer, p.purpose, "invalidPurposeState"),
		"the purpose is archived":             {consumer, "POST", p.purpose + "/archive", "invalidPurposeState", other},
		"the consumer suspends the agreement": suspended(consumer, p.agreement, "invalidAgreementState"),
		"the producer suspends the agreement": suspended(producer, p.agreement, "invalidAgreementState"),
		"the agreement is archived":           {consumer, "POST", p.agreement + "/archive", "invalidAgreementState", other},
		"the descriptor is suspended":         suspended(producer, p.offer.Path(), "invalidEServiceState"),
		"the purpose is unlinked": {
			consumer, "DELETE", p.path + "/purposes/" + p.purposeID(), "purposeNotLinkedToClient",
			back(consumer, p.path+"/purposes", interoptest.JSON(object{"purposeId": p.purposeID()})),
		},
		"the key is deleted": {consumer, "DELETE", p.path + "/keys/" + p.kid, noKey, func() requester {
			w.addKey(consumer, p.path, p.key)
			return p
		}},
		"the client is deleted": {consumer, "DELETE", p.path, noKey, other},
	}
}

// voucherLoop counts the answers to requests that are repeated until one is refused.
type voucherLoop struct {
	sync.Mutex
	stopped  atomic.Bool   // the stop is answered
	flowing  chan struct{} // closed at the first voucher
	vouchers int
	late     int // vouchers of requests that began after stopped was set
	reasons  map[string]int
}

// run repeats a request until it is refused or should have been.
func (a *voucherLoop) run(w *world, body string) {
	for {
		stopped := a.stopped.Load()
		res := w.issue(body)
		a.Lock()
		if res.Status != 200 {
			a.reasons[outcome(res)]++
			a.Unlock()
			return
		}
		if a.vouchers++; a.vouchers == 1 {
			close(a.flowing)
		}
		if stopped {
			a.late++
			a.Unlock()
			return
		}
		a.Unlock()
	}
}

// TestStopTakesEffect sends requests in 64 loops while a state that they depend on changes: a
// request that begins after the answer to the change gets no voucher, and every answer has
// its event. On DynamoDB Local there are fewer loops, and one change for each of the two
// reads.
func TestStopTakesEffect(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		for what := range w.stops(p) {
			loops := w.byEngine(64, 16)
			if loops < 64 && what != "the producer suspends the purpose" && what != "the consumer suspends the agreement" {
				continue
			}
			before := w.countDecisions(p)
			s, a := w.stops(p)[what], &voucherLoop{flowing: make(chan struct{}), reasons: map[string]int{}}
			body := form(w.assertion(p, nil), nil)
			var running sync.WaitGroup
			for range loops {
				running.Go(func() { a.run(w, body) })
			}
			<-a.flowing
			w.Want(w.As(s.caller, s.method, s.path, ""), 200)
			a.stopped.Store(true)
			if got := outcome(w.issue(body)); got != s.publicReason() {
				t.Errorf("%s: the next request is answered %q", what, got)
			}
			running.Wait()
			if a.late > 0 || !maps.Equal(a.reasons, map[string]int{s.publicReason(): loops}) {
				t.Errorf("%s: %d vouchers were issued afterwards, and the refusals are %v", what, a.late, a.reasons)
			}
			after, refused := w.countDecisions(p), loops+1
			if s.reason == noKey {
				refused = 0 // an unsigned request has no event
			}
			if after["ISSUED"]-before["ISSUED"] != a.vouchers || after["REFUSED"]-before["REFUSED"] != refused {
				t.Errorf("%s: the decisions were %v and are %v after %d vouchers and %d refusals", what, before, after, a.vouchers, loops+1)
			}
			p = s.undo()
		}
	})
}

// duringCall runs inner before call k of outer, and reports whether outer makes that call.
func (w *world) duringCall(k int, outer, inner func()) (met bool) {
	w.Helper()
	w.Tap.During(k, isNoCount, func() {
		met = true
		inner()
	})
	outer()
	w.Tap.Set(nil)
	return met
}

// stopDuringCall makes a stop right before call k of a request for a voucher or, when swapped,
// the request right before call k of the stop. It reports whether there is a call k; if
// there is none, the second request is sent after the first. next is a requester that gets
// vouchers again. When first, the request is the first one for its purpose.
func (w *world) stopDuringCall(p requester, what string, k int, swapped, first bool) (next requester, met bool) {
	w.Helper()
	if first {
		w.OK(consumer, "DELETE", p.path+"/keys/"+p.kid, "")
		p = w.newRequester()
	} else {
		w.checkOutcome(p, "Bearer")
	}
	w.Clock.Advance(time.Millisecond)
	s := w.stops(p)[what]
	reads, calls := 1, 2 // calls of the request after which the stop has no effect on it, and all
	if first {
		calls = 3
		if s.reason == "invalidAgreementState" || s.reason == "invalidEServiceState" {
			reads = 2
		}
	}
	var res apitest.Response
	requests := func() { res = w.issue(form(w.assertion(p, nil), nil)) }
	stops := func() { w.Want(w.As(s.caller, s.method, s.path, ""), 200) }
	want := "Bearer"
	if !swapped {
		if met = w.duringCall(k, requests, stops); !met {
			stops()
		} else if k < reads {
			want = s.reason
		}
		if !met && k != calls {
			w.Errorf("a voucher takes %d calls", k)
		}
	} else if met = w.duringCall(k, stops, requests); !met {
		requests()
		want = s.reason
	}
	if want == noKey {
		want = notVerified
	}
	if got := outcome(res); got != want {
		w.Errorf("%s, call %d, swapped: %t: the request is answered %q, want %q", what, k, swapped, got, want)
	}
	if met {
		w.checkOutcome(p, s.reason)
	}
	return s.undo(), met
}

// TestStopDuringRequest makes each stop right before each call to the engine that a request
// for a voucher makes, and a request before each call that the stop makes: reads after a
// stop return the new state.
func TestStopDuringRequest(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		for what := range w.stops(p) {
			for _, swapped := range []bool{false, true} {
				for _, first := range []bool{false, true} {
					for k, met := 0, true; met; k++ {
						p, met = w.stopDuringCall(p, what, k, swapped, first)
					}
				}
			}
		}
	})
}

// TestUsedMeanwhile uses the proof of a request in another request right before each of its
// calls.
func TestUsedMeanwhile(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		w.checkOutcome(p, "Bearer")
		for k := range 2 { // before its read and before its writes
			w.Clock.Advance(time.Millisecond)
			proof, body := w.newProof(nil, nil), form(w.assertion(p, nil), nil)
			var other apitest.Response
			w.Tap.During(k, isNoCount, func() {
				w.Tap.Set(nil)
				other = w.issue(body, "DPoP", proof)
			})
			res := w.issue(body, "DPoP", proof)
			w.Tap.Set(nil)
			if outcome(other) != "DPoP" || outcome(res) != "dpopJtiAlreadyCached" {
				t.Errorf("used before call %d: %q, then %q", k, outcome(other), outcome(res))
			}
		}
		if got, want := w.countDecisions(p), map[string]int{"ISSUED": 3, "REFUSED": 2}; !maps.Equal(got, want) {
			t.Errorf("the events are %v, want %v", got, want)
		}
		if all := interoptest.Results(w.OK(consumer, "GET", p.path+"/tokenEvents", "")); len(all) != 5 {
			t.Errorf("the list has the events %v", all)
		}
	})
}
