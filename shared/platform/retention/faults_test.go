package retention_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/faults"
)

// sender sends requests by a function.
type sender func(*http.Request) (*http.Response, error)

func (s sender) Do(req *http.Request) (*http.Response, error) { return s(req) }

// TestFaults: when one request of a run fails in any way, that run or the next one removes the
// expired rows and counts each once. No other row is removed.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range faults.All() {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			config, ok := engine.Config(t, schemas)
			if !ok {
				return // faults are those of the network
			}
			f := &faulty{fault: fault, injector: faults.New(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}})}
			config.HTTPClient = sender(f.send)
			f.world = world{apitest.New(engine.Dynamo(t, config), nil)}
			k := 0
			for f.breaks(t, k) {
				if k++; k == 2 {
					k = 16 // requests 1 to 16 read the first entry of each shard, concurrently
				}
			}
			if k < 30 {
				t.Errorf("only %d requests", k)
			}
			_, live := split(t, f.ops, f.Clock.Now())
			got := f.records(t, f.ops...)
			same(t, "table in the end", f.kept(t, got, live), got)
		})
	}
}

// faulty is a world in which one request fails.
type faulty struct {
	world
	fault    faults.Fault
	injector *faults.Injector
	target   int
	cancel   context.CancelFunc // ends the run that a request without an answer would keep
	ops      []op
}

func (f *faulty) send(req *http.Request) (*http.Response, error) {
	if f.cancel != nil && f.fault == faults.Deadline && f.injector.Requests() == f.target {
		f.cancel()
	}
	return f.injector.Do(req)
}

// breaks purges some operations while request k fails. It returns false when a run makes fewer
// requests.
func (f *faulty) breaks(t *testing.T, k int) bool {
	t.Helper()
	// Consumers of one shard, so that their number does not change what a run does.
	consumer := 0
	if n := len(f.ops); n > 0 {
		consumer = f.ops[n-1].consumer + 1
	}
	for f.steps(t, op{consumer: consumer, at: edge})[2].Key.PK != "PURGE#07" {
		consumer++
	}
	ops := []op{
		{consumer: consumer, at: edge.Add(-2 * day)},
		{consumer: consumer, at: edge.Add(-time.Minute)},
		{consumer: consumer, at: edge.Add(2 * time.Hour)}, // live, in the same batch
	}
	f.ops = append(f.ops, ops...)
	f.record(t, ops...)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.target = k
	f.cancel = cancel
	f.injector.Arm(k, f.fault)
	first, err := f.run(ctx, t, retention.Request{})
	hit := f.injector.Hits() > 0
	f.cancel = nil
	f.injector.Disarm()
	if err != nil && (f.fault != faults.Deadline || ctx.Err() == nil) {
		t.Fatalf("request %d: %+v, %v", k, first, err)
	}
	second, err := f.purge(t)
	if f.fault == faults.Deadline && errors.Is(err, retention.ErrBusy) {
		f.Clock.Advance(leaseTime) // the lease could not be given back
		second, err = f.purge(t)
	}
	if err != nil || first.Deleted+second.Deleted != 2 || !second.Done {
		t.Fatalf("request %d: %+v, then %+v, %v", k, first, second, err)
	}
	return hit
}
