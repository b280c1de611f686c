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
	"ciclo/shared/platform/testing/hooked"
)

// rows are the events that are stored of a client, whether it is there or not.
func (w *world) rows(p party) (all []object) {
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

// decided is how many events of each decision a client has.
func (w *world) decided(p party) map[string]int {
	w.Helper()
	count := map[string]int{}
	for _, row := range w.rows(p) {
		count[fmt.Sprint(row["decision"])]++
	}
	return count
}

// TestOneProofOnce uses one proof 64 times at once.
func TestOneProofOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.ready()
		proof := w.prove(nil, nil)
		bodies := make([]string, 64)
		for i := range bodies {
			bodies[i] = form(w.assertion(p, nil), nil)
		}
		got := w.Race(64, 64, func(i int) string { return reasons(w.asks(bodies[i], "DPoP", proof)) })
		if want := map[string]int{"DPoP": 1, "dpopJtiAlreadyCached": 63}; !maps.Equal(got, want) {
			t.Errorf("one proof came to %v, want %v", got, want)
		}
		if got, want := w.decided(p), map[string]int{"ISSUED": 1, "REFUSED": 63}; !maps.Equal(got, want) {
			t.Errorf("the events are %v, want %v", got, want)
		}
		for _, row := range w.rows(p) {
			if dpop := row["type"] == "DPoP" && row["voucherId"] != nil && row["reasons"] == nil; dpop != (row["decision"] == "ISSUED") {
				t.Errorf("an event is %v", row)
			}
		}
		if got := reasons(w.asks(bodies[0], "DPoP", proof)); got != "dpopJtiAlreadyCached" {
			t.Errorf("afterwards it comes to %s", got)
		}
	})
}

// stop ends what a party is given vouchers for; the reason is why from then on. undo
// gives the party that is ready again.
type stop struct {
	who          *api.Identity
	method, path string
	reason       string
	undo         func() party
}

// public is the reason as the endpoint tells it.
func (s stop) public() string {
	if s.reason == noKey {
		return notVerified
	}
	return s.reason
}

// stops are all of them.
func (w *world) stops(p party) map[string]stop {
	back := func(who *api.Identity, path, body string) func() party {
		return func() party {
			w.OK(who, "POST", path, body)
			return p
		}
	}
	suspended := func(who *api.Identity, path, reason string) stop {
		return stop{who, "POST", path + "/suspend", reason, back(who, path+"/unsuspend", "")}
	}
	other := func() party {
		w.As(consumer, "DELETE", p.path+"/keys/"+p.kid, "") // which is free then
		return w.ready()
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
		"the key is deleted": {consumer, "DELETE", p.path + "/keys/" + p.kid, noKey, func() party {
			w.upload(consumer, p.path, p.key)
			return p
		}},
		"the client is deleted": {consumer, "DELETE", p.path, noKey, other},
	}
}

// asking is what many who ask at once are told.
type asking struct {
	sync.Mutex
	stopped  atomic.Bool   // the stop was answered
	flowing  chan struct{} // closed when there are vouchers
	vouchers int
	late     int // of those, by requests that began when stopped was set
	reasons  map[string]int
}

// until asks until there is no voucher, or should be none.
func (a *asking) until(w *world, body string) {
	for {
		stopped := a.stopped.Load()
		res := w.asks(body)
		a.Lock()
		if res.Status != 200 {
			a.reasons[reasons(res)]++
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

// TestStoppedAtOnce has 64 ask again and again while what they stand on is stopped:
// who begins when that was answered is given nothing, and every answer has its event.
// DynamoDB Local is asked by fewer, about one stop for each of the two reads.
func TestStoppedAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.ready()
		for what := range w.stops(p) {
			askers := w.few(64, 16)
			if askers < 64 && what != "the producer suspends the purpose" && what != "the consumer suspends the agreement" {
				continue
			}
			before := w.decided(p)
			s, a := w.stops(p)[what], &asking{flowing: make(chan struct{}), reasons: map[string]int{}}
			body := form(w.assertion(p, nil), nil)
			var asking sync.WaitGroup
			for range askers {
				asking.Go(func() { a.until(w, body) })
			}
			<-a.flowing
			w.Want(w.As(s.who, s.method, s.path, ""), 200)
			a.stopped.Store(true)
			if got := reasons(w.asks(body)); got != s.public() {
				t.Errorf("%s: the next who asks is told %q", what, got)
			}
			asking.Wait()
			if a.late > 0 || !maps.Equal(a.reasons, map[string]int{s.public(): askers}) {
				t.Errorf("%s: %d vouchers came after it was answered, and %v", what, a.late, a.reasons)
			}
			after, refused := w.decided(p), askers+1
			if s.reason == noKey {
				refused = 0 // of requests that a key of the client is not known to have signed
			}
			if after["ISSUED"]-before["ISSUED"] != a.vouchers || after["REFUSED"]-before["REFUSED"] != refused {
				t.Errorf("%s: the events were %v and are %v after %d vouchers and %d refusals", what, before, after, a.vouchers, askers+1)
			}
			p = s.undo()
		}
	})
}

// meets makes one call before call k of the other, if it has that many.
func (w *world) meets(k int, outer, inner func()) (met bool) {
	w.Helper()
	w.Tap.During(k, func(*hooked.Call) bool { return true }, func() {
		met = true
		inner()
	})
	outer()
	w.Tap.Set(nil)
	return met
}

// meetStop makes a stop right before call k of a request for a voucher, or when swapped the
// request before call k of the stop, and after it when there are not so many calls. met
// reports that there were; next is the party that is ready again.
func (w *world) meetStop(p party, what string, k int, swapped bool) (next party, met bool) {
	w.Helper()
	w.Clock.Advance(time.Millisecond)
	s := w.stops(p)[what]
	sees := 1 // so many of the calls of who asks come before it, which then does not matter
	if s.reason == "invalidAgreementState" || s.reason == "invalidEServiceState" {
		sees = 2
	}
	var res apitest.Response
	asks := func() { res = w.asks(form(w.assertion(p, nil), nil)) }
	stops := func() { w.Want(w.As(s.who, s.method, s.path, ""), 200) }
	want := "Bearer"
	if !swapped {
		if met = w.meets(k, asks, stops); !met {
			stops()
		} else if k < sees {
			want = s.reason
		}
		if !met && k != 3 {
			w.Errorf("a voucher takes %d calls", k)
		}
	} else if met = w.meets(k, stops, asks); !met {
		asks()
		want = s.reason
	}
	if want == noKey {
		want = notVerified
	}
	if got := reasons(res); got != want {
		w.Errorf("%s, around call %d, the other way round: %t: it comes to %q, want %q", what, k, swapped, got, want)
	}
	if met {
		w.gets(p, s.reason)
	}
	return s.undo(), met
}

// TestBetweenTheCalls makes each stop right before each call of the engine that a
// request for a voucher makes, and the other way round: a stop shows in what is read
// after it.
func TestBetweenTheCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		for what := range w.stops(p) {
			for _, swapped := range []bool{false, true} {
				for k, met := 0, true; met; k++ {
					p, met = w.meetStop(p, what, k, swapped)
				}
			}
		}
	})
}

// TestUsedMeanwhile has another request use the proof right before each call of one.
func TestUsedMeanwhile(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		for k := range 3 {
			w.Clock.Advance(time.Millisecond)
			proof, body := w.prove(nil, nil), form(w.assertion(p, nil), nil)
			var other apitest.Response
			w.Tap.During(k, func(*hooked.Call) bool { return true }, func() {
				w.Tap.Set(nil)
				other = w.asks(body, "DPoP", proof)
			})
			res := w.asks(body, "DPoP", proof)
			w.Tap.Set(nil)
			if reasons(other) != "DPoP" || reasons(res) != "dpopJtiAlreadyCached" {
				t.Errorf("used before call %d: %q, then %q", k, reasons(other), reasons(res))
			}
		}
		if got, want := w.decided(p), map[string]int{"ISSUED": 3, "REFUSED": 3}; !maps.Equal(got, want) {
			t.Errorf("the events are %v, want %v", got, want)
		}
		if all := interoptest.Results(w.OK(consumer, "GET", p.path+"/tokenEvents", "")); len(all) != 6 {
			t.Errorf("listed are %v", all)
		}
	})
}
