package consumer_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/faults"
)

// TestFaults breaks every request to DynamoDB of what changes a consumer, in
// every way: once so that the service tries again and succeeds, once so that the
// caller is gone and repeats its call.
func TestFaults(t *testing.T) {
	t.Parallel()
	config, ok := engine.Config(t, consumerstest.Schemas)
	if !ok {
		return // there is no wire to break in the embedded engine
	}
	engine.Dynamo(t, config)
	for _, fault := range faults.All() {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			line := &faults.Line{Injector: faults.New(http.DefaultClient), At: -1, Fault: fault}
			config := config
			config.HTTPClient = line
			w := &world{suite.On(t, dynamo.New(config))}
			for _, a := range acts() {
				if !a.onTheWire {
					continue
				}
				requests := w.count(line, a)
				for _, gone := range []bool{false, true} {
					w.everyRequest(line, a, requests, gone)
				}
			}
			if strings.Contains(w.Logged(), canary) {
				t.Error("a consumer id was logged")
			}
		})
	}
}

// count is how many requests an act makes.
func (w *world) count(line *faults.Line, a act) (requests int) {
	w.Helper()
	w.broken(a, fmt.Sprintf("%s-%s-%d", canary, a.name, line.Fault), func(do func(testing.TB) int) int {
		line.Disarm()
		status := do(w.TB)
		requests = line.Requests()
		return status
	})
	return requests
}

// everyRequest breaks every request of an act, one after the other. Either the
// caller is gone by then or the service has time to try again.
func (w *world) everyRequest(line *faults.Line, a act, requests int, gone bool) {
	w.Helper()
	for k := range requests {
		id := fmt.Sprintf("%s-%s-%d-%d-%t", canary, a.name, line.Fault, k, gone)
		status := w.broken(a, id, func(do func(testing.TB) int) int {
			ctx, cancel := context.WithCancel(w.Context())
			defer cancel()
			line.Arm(k, line.Fault)
			line.At = k
			line.GiveUp = nil
			if gone {
				line.GiveUp = cancel
			}
			status := do(apitest.Within{TB: w.TB, Ctx: ctx})
			if line.Hits() != 1 {
				w.Errorf("%s: %d requests broken, want 1", id, line.Hits())
			}
			line.At = -1
			line.Disarm()
			return status
		})
		if (status == http.StatusServiceUnavailable) != gone {
			w.Errorf("%s: answered with %d", id, status)
		}
	}
}
