package voucher_test

import (
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// isNoCount reports whether a call is not one that counts vouchers, which may or may not be
// made at the time of another call (TestLeaseCosts).
func isNoCount(c *hooked.Call) bool {
	return !c.Writes() || !strings.HasPrefix(c.Steps[0].Key.PK, "RATE#")
}

// costOf sends a request and returns its status, the costs in the log and its writes other
// than to the count of vouchers.
func (w *world) costOf(send func() apitest.Response) string {
	w.Helper()
	var writes atomic.Int64 // a proof and its event are written at once
	w.Tap.Set(func(c *hooked.Call) error {
		if c.Writes() && isNoCount(c) {
			writes.Add(1)
		}
		return c.Run()
	})
	res := send()
	w.Tap.Set(nil)
	lines := w.World.World.Log.Lines(w.TB)
	last := lines[len(lines)-1]
	return fmt.Sprintf("%d: %v round trips, %v items, %d writes", res.Status, last["roundTrips"], last["itemsRead"], writes.Load())
}

// TestCosts checks the costs of every operation: a voucher takes a read and a write, the first one
// for a purpose in a process a read more. A refusal costs at most as much, and writes only when a
// key of the client verified the signature. The tool takes the same reads.
func TestCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		w.Clock.Advance(time.Millisecond)
		costs := func(what, want string, send func() apitest.Response) {
			t.Helper()
			if got := w.costOf(send); got != want {
				t.Errorf("%s costs %s, want %s", what, got, want)
			}
		}
		both := func(what, voucher, tool string, changes object, params map[string]string, proof string) {
			t.Helper()
			token, header := w.assertion(p, changes), []string(nil)
			shown := map[string]string{"dpop_proof": proof}
			maps.Copy(shown, params)
			if proof != "" {
				header = []string{"DPoP", proof}
			}
			costs("the tool for "+what, tool, func() apitest.Response { return w.validate(consumer, form(token, shown)) })
			costs(what, voucher, func() apitest.Response { return w.issue(form(token, params), header...) })
		}
		named := map[string]string{"client_id": p.clientID()}
		both("the first voucher", "200: 3 round trips, 6 items, 1 writes", "200: 2 round trips, 6 items, 0 writes", nil, nil, "")
		both("a voucher", "200: 2 round trips, 6 items, 1 writes", "200: 1 round trips, 6 items, 0 writes", nil, nil, "")
		proof := w.newProof(nil, nil)
		both("a bound voucher", "200: 2 round trips, 6 items, 2 writes", "200: 1 round trips, 6 items, 0 writes", nil, nil, proof)
		both("a used proof", "400: 2 round trips, 7 items, 1 writes", "200: 1 round trips, 7 items, 0 writes", nil, nil, proof)
		both("a proof for another request", "400: 2 round trips, 6 items, 1 writes", "200: 1 round trips, 6 items, 0 writes", nil, nil,
			w.newProof(nil, object{"htm": "GET"}))
		both("a broken assertion", "400: 2 round trips, 2 items, 1 writes", "200: 0 round trips, 0 items, 0 writes", object{"aud": "x"}, nil, "")
		both("a broken assertion of an unknown client", "400: 1 round trips, 0 items, 0 writes", "200: 0 round trips, 0 items, 0 writes",
			object{"aud": "x", "sub": unknownID}, nil, "")
		both("a broken assertion with a client_id", "400: 2 round trips, 2 items, 1 writes", "200: 0 round trips, 0 items, 0 writes",
			object{"aud": "x"}, named, "")
		both("no purpose", "400: 2 round trips, 2 items, 1 writes", "200: 1 round trips, 2 items, 0 writes", object{"purposeId": nil}, nil, "")
		both("an expired assertion", "400: 2 round trips, 6 items, 1 writes", "200: 1 round trips, 6 items, 0 writes", object{"exp": 1},
			nil, "")
		both("an unknown purpose", "400: 2 round trips, 2 items, 1 writes", "200: 1 round trips, 2 items, 0 writes",
			object{"purposeId": unknownID}, nil, "")
		both("an unknown client", "400: 1 round trips, 3 items, 0 writes", "200: 1 round trips, 3 items, 0 writes", object{"sub": unknownID},
			nil, "")
		forged := form(w.signJWT(keys()[1], object{"kid": p.kid}, w.claims(p, nil)), nil)
		costs("a forged signature", "400: 1 round trips, 6 items, 0 writes", func() apitest.Response { return w.issue(forged) })
		costs("a malformed assertion", "400: 0 round trips, 0 items, 0 writes", func() apitest.Response { return w.issue(form("x", named)) })
		w.OK(producer, "POST", p.purpose+"/suspend", "")
		both("a suspended purpose", "400: 2 round trips, 6 items, 1 writes", "200: 1 round trips, 6 items, 0 writes", nil, nil, "")
		w.OK(producer, "POST", p.purpose+"/unsuspend", "")
		get := func(path string) func() apitest.Response {
			return func() apitest.Response { return w.As(nil, "GET", path, "") }
		}
		costs("the metadata", "200: 0 round trips, 0 items, 0 writes", get("/.well-known/oauth-authorization-server"))
		costs("the keys", "200: 1 round trips, 0 items, 0 writes", get("/.well-known/jwks.json")) // those of answers
	})
}

// TestCostsOfEvents checks that a page of events reads the client with the tally, the events that
// are not counted yet, and the events on the page.
func TestCostsOfEvents(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		at := p.path + "/tokenEvents"
		w.Costs("no events", 2, 1, consumer, "GET", at, "")
		const n = 40
		for range n {
			w.issue(form(w.assertion(p, object{"aud": "x"}), nil))
			w.Clock.Advance(6 * time.Hour)
		}
		w.Costs("the first page, which counts", 4, 1+n+10, consumer, "GET", at+"?limit=10", "")
		w.Costs("a page", 3, 1+1+10, consumer, "GET", at+"?limit=10", "")
		w.issue(form(w.assertion(p, object{"aud": "x"}), nil))
		w.Costs("a page with a new event", 3, 1+1+1+9, consumer, "GET", at+"?limit=10", "")
		w.Costs("the last", 3, 1+1+1+7, consumer, "GET", at+"?limit=7&offset=34", "")
		w.Costs("a page past the end", 2, 1+1+1, consumer, "GET", at+"?offset=41", "")
		w.Costs("by another organization", 1, 2, producer, "GET", at, "")
		w.Costs("events of an unknown client", 1, 0, consumer, "GET", "/clients/"+unknownID+"/tokenEvents", "")
	})
}

// TestCostsOfLinks checks the costs of the operations on the links of a client.
func TestCostsOfLinks(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		at := p.path + "/purposes"
		next := w.ActivatePurpose(consumer, p.offer, 10)
		id := next[len("/purposes/"):]
		link := interoptest.JSON(object{"purposeId": id})
		w.Costs("link", 3, 3, consumer, "POST", at, link)
		w.Costs("link again", 1, 3, consumer, "POST", at, link)
		w.Costs("link an unknown purpose", 1, 1, consumer, "POST", at, interoptest.JSON(object{"purposeId": unknownID}))
		w.Costs("link another's client", 1, 3, producer, "POST", at, link)
		w.Costs("the purposes", 3, 1+2+2, consumer, "GET", at, "")
		w.Costs("a page of them", 3, 1+2+2, consumer, "GET", at+"?limit=1&states=DRAFT", "")
		w.Costs("by another organization", 1, 1, producer, "GET", at, "")
		w.Costs("unlink", 1, 0, consumer, "DELETE", at+"/"+id, "")
		w.Costs("unlink again", 1, 0, consumer, "DELETE", at+"/"+id, "")
		w.OK(consumer, "DELETE", at+"/"+p.purposeID(), "")
		w.Costs("no purposes", 2, 1, consumer, "GET", at, "")
		w.Costs("unlink from another's client", 1, 0, producer, "DELETE", at+"/"+id, "")
		w.OK(consumer, "POST", p.agreement+"/archive", "")
		w.Costs("link without an agreement", 2, 2, consumer, "POST", at, link)
	})
}
