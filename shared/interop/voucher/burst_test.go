package voucher_test

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/faults"
)

// burst requests n vouchers of one client at the same time, every fourth with a proof, and
// returns the number of answers of each kind.
func (w *world) burst(p requester, n int, begin func(n int), end func()) map[string]int {
	w.Helper()
	bodies, proofs := make([]string, n), make([]string, n)
	for i := range bodies {
		bodies[i] = form(w.assertion(p, nil), nil)
		if i%4 == 0 {
			proofs[i] = w.newProof(nil, nil)
		}
	}
	answers := make([]string, n)
	begin(n)
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() {
			defer end()
			if proofs[i] == "" {
				answers[i] = outcome(w.issue(bodies[i]))
			} else {
				answers[i] = outcome(w.issue(bodies[i], "DPoP", proofs[i]))
			}
		})
	}
	running.Wait()
	count := map[string]int{}
	for _, answer := range answers {
		count[answer]++
	}
	if total := interoptest.Total(w.OK(consumer, "GET", p.path+"/tokenEvents", "")); total != n {
		w.Errorf("the list has %d events, want %d", total, n)
	}
	return count
}

// TestBurst requests 96 vouchers of one client at the same time, on a DynamoDB that refuses
// every transaction that shares an item with a simultaneous one: all are issued at the first
// attempt and listed. Their events have no item in common.
func TestBurst(t *testing.T) {
	t.Parallel()
	const n = 96
	want := map[string]int{"Bearer": n - n/4, "DPoP": n / 4}
	t.Run("bolt", func(t *testing.T) {
		t.Parallel()
		embedded(t, func(w *world) {
			if count := w.burst(w.newRequester(), n, func(int) {}, func() {}); !maps.Equal(count, want) {
				t.Errorf("%d simultaneous requests are answered %v", n, count)
			}
		})
	})
	config, ok := engine.Config(t, suite.Schemas())
	if !ok {
		return
	}
	engine.Dynamo(t, config)
	rounds := faults.NewRounds(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}})
	config.HTTPClient = rounds
	suite.On(t, dynamo.New(config), func(base *interoptest.World) {
		w := &world{base}
		p := w.newRequester()
		if count := w.burst(p, n, rounds.Begin, rounds.End); !maps.Equal(count, want) {
			t.Errorf("%d simultaneous requests are answered %v", n, count)
		}
		if rounds.Refused() > 0 {
			t.Errorf("%d attempts were refused", rounds.Refused())
		}
		for key := range w.journal() {
			if key.PK != "CLIENT#"+p.clientID() || !strings.HasPrefix(key.SK, "OP#") && !strings.HasPrefix(key.SK, "TALLY") {
				t.Errorf("the vouchers share %v", key)
			}
		}
		w.checkRounds(rounds)
	})
}

// checkRounds checks that a counter which simultaneous transactions share is refused in rounds,
// as those of vouchers would be.
func (w *world) checkRounds(rounds *faults.Rounds) {
	w.Helper()
	shared := table.Key{Table: retention.Operations.Name, PK: "shared", SK: "counter"}
	rounds.Begin(2)
	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			defer rounds.End()
			count := table.Update("n", shared, table.Changes{Add: map[string]int64{"n": 1}})
			if err := w.Tap.DB.Write(w.Context(), count); err != nil {
				w.Error(err)
			}
		})
	}
	running.Wait()
	if rounds.Refused() == 0 {
		w.Error("no transaction was refused")
	}
}
