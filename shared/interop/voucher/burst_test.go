package voucher_test

import (
	"maps"
	"net/http"
	"sync"
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/faults"
	"ciclo/shared/platform/testing/hooked"
)

// TestBurst requests 32 vouchers of one client at the same time, on a DynamoDB that refuses
// every transaction that shares an item with a simultaneous one: all are issued and listed.
func TestBurst(t *testing.T) {
	t.Parallel()
	config, ok := engine.Config(t, suite.Schemas())
	if !ok {
		return // the embedded engine has no conflicts
	}
	engine.Dynamo(t, config)
	rounds := faults.NewRounds(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}})
	config.HTTPClient = rounds
	suite.On(t, dynamo.New(config), func(base *interoptest.World) {
		w := &world{base}
		p := w.newRequester()
		const n = 32
		bodies := make([]string, n)
		for i := range bodies {
			bodies[i] = form(w.assertion(p, nil), nil)
		}
		answers := make([]string, n)
		rounds.Begin(n)
		var running sync.WaitGroup
		for i := range n {
			running.Go(func() {
				defer rounds.End()
				answers[i] = outcome(w.issue(bodies[i]))
			})
		}
		running.Wait()
		count := map[string]int{}
		for _, answer := range answers {
			count[answer]++
		}
		if want := map[string]int{"Bearer": n}; !maps.Equal(count, want) {
			t.Errorf("%d simultaneous requests are answered %v", n, count)
		}
		if rounds.Refused() == 0 {
			t.Error("no transaction was refused")
		}
		if total := interoptest.Total(w.OK(consumer, "GET", p.path+"/tokenEvents", "")); total != n {
			t.Errorf("the list has %d events, want %d", total, n)
		}
	})
}

// TestEventConflicts fails the write of an event with conflicts: it is repeated under another
// key. When all attempts fail, the request is refused, may be repeated, and stores nothing.
func TestEventConflicts(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		conflict := &table.Error{Kind: table.Conflict, Op: "write", Err: hooked.ErrDown}
		for fails, want := range map[int]int{0: 200, 1: 200, 2: 200, 3: 503} {
			before, keys := len(w.storedEvents(p)), map[table.Key]bool{}
			left := fails
			w.Tap.Set(func(c *hooked.Call) error {
				if !c.Writes() || !isNoCount(c) {
					return c.Run()
				}
				keys[c.Steps[0].Key] = true
				if left--; left >= 0 {
					return conflict
				}
				return c.Run()
			})
			res := w.issue(form(w.assertion(p, nil), nil))
			w.Tap.Set(nil)
			stored := len(w.storedEvents(p)) - before
			if res.Status != want || stored != map[int]int{200: 1}[want] || len(keys) != min(fails+1, 3) {
				t.Errorf("after %d conflicts: %d, %d events stored, %d keys tried\n%s", fails, res.Status, stored, len(keys), res.Raw)
			}
		}
	})
}
