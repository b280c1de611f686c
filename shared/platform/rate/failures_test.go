package rate_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/faults"
	"ciclo/shared/platform/testing/hooked"
)

// TestStoreFails: while the store fails, requests pass with the whole limit remaining, and
// the store is asked once a second. After that they are counted again, and those that had
// been leased before the failure are not lost to the process.
func TestStoreFails(t *testing.T) {
	each(t, func(w *world) {
		l := w.limiter("gateway", rate.Rule{Limit: 20, Interval: time.Minute})
		w.takes(l, 19, true)
		for range 3 {
			w.db.Set(func(*hooked.Call) error { return hooked.ErrDown })
			for range 30 {
				w.takes(l, 20, true)
			}
			if w.db.Seen() != 1 {
				w.Errorf("the store was asked %d times in the second after its failure", w.db.Seen())
			}
			w.clock.Advance(time.Second)
		}
		w.db.Set(nil)
		if got := w.exhaust([]*rate.Limiter{l}, 4); got != 19 {
			w.Errorf("%d requests passed after the failure, want 19", got)
		}
	})
}

// TestAnswerLost: an update that was carried out without an answer takes from the limit. No
// process passes more than what it knows that it has leased.
func TestAnswerLost(t *testing.T) {
	each(t, func(w *world) {
		all := w.limiters(2, rate.Rule{Limit: 40, Interval: time.Minute})
		all[0].SetSize(func(_, _, _ int64) int64 { return 10 })
		w.takes(all[1], 39, true)
		w.db.Set(hooked.Broken(1, true)) // of two: it learns of the window, and leases
		w.takes(all[0], 40, true)
		w.db.Set(nil)
		w.clock.Advance(time.Second)
		if got := w.exhaust(all, 4); got != 40-1-10 {
			w.Errorf("%d requests passed, want 29", got)
		}
	})
}

// TestFaults: whatever happens to a request of the store, it is sent once, and the request
// of the client passes.
func TestFaults(t *testing.T) {
	t.Parallel()
	config, ok := engine.Config(t, schemas)
	if !ok {
		return
	}
	engine.Dynamo(t, config)
	injector := faults.New(http.DefaultClient)
	config.HTTPClient = injector
	db := dynamo.New(config)
	for _, fault := range faults.All() {
		if fault == faults.Deadline || fault == faults.TransactionInProgress {
			continue // TestStoreHangs; there is no transaction
		}
		w := newWorld(t, db)
		l := w.limiter(fault.String(), rate.Rule{Limit: 3, Interval: time.Minute})
		injector.Arm(0, fault)
		w.takes(l, 3, true)
		if injector.Requests() != 1 {
			t.Errorf("%v: %d requests were sent", fault, injector.Requests())
		}
		injector.Disarm()
		w.clock.Advance(time.Second)
		if got := w.exhaust([]*rate.Limiter{l}, 2); got > 3 || got < 2 {
			t.Errorf("%v: %d requests passed after it, want 3, or 2 when it was carried out", fault, got)
		}
	}
}

// hanging is a store that never answers.
type hanging struct {
	table.DB
	asked int
}

func (h *hanging) UpdateOnce(ctx context.Context, _ table.Step) (table.Item, error) {
	h.asked++
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestStoreHangs: a request waits for the store as long as Patience, and those that arrive
// meanwhile no longer than it. A request that was abandoned by its client does not end the
// lease that others wait for.
func TestStoreHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &hanging{}
		deps := api.Deps{DB: store, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		l := rate.New(deps, "counts", "gateway", rate.Rule{Limit: 7, Interval: time.Second})
		abandoned, abandon := context.WithCancel(t.Context())
		begin := time.Now()
		for i := range 8 {
			ctx := t.Context()
			if i == 0 {
				ctx = abandoned
			}
			go func() {
				allowance, ok := l.Take(ctx, org)
				if allowance.Remaining != 7 || !ok {
					t.Errorf("%d remain, passes %v", allowance.Remaining, ok)
				}
				if waited := time.Since(begin); waited != rate.Patience {
					t.Errorf("waited for %v", waited)
				}
			}()
			synctest.Wait() // the first one asks the store
		}
		abandon()
		time.Sleep(rate.Patience + time.Millisecond) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		if store.asked != 1 {
			t.Errorf("the store was asked %d times", store.asked)
		}
	})
}

// TestImpatientClient: a request that waits for the lease of another one passes when its
// client has gone.
func TestImpatientClient(t *testing.T) {
	t.Parallel()
	db := newEmbedded(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, db)
		l := w.limiter("gateway", rate.Rule{Limit: 7, Interval: time.Second})
		release := make(chan struct{})
		w.db.Set(func(c *hooked.Call) error {
			<-release
			return c.Run()
		})
		go w.takes(l, 6, true)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			if allowance, ok := l.Take(ctx, org); allowance.Remaining != 7 || !ok {
				t.Errorf("%d remain, passes %v", allowance.Remaining, ok)
			}
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(release)
		synctest.Wait()
	})
}

// TestStorePanics: a panic of the request that gets a lease leaves the others none to wait
// for.
func TestStorePanics(t *testing.T) {
	embedded(t, func(w *world) {
		l := w.limiter("gateway", rate.Rule{Limit: 7, Interval: time.Second})
		w.db.Set(func(*hooked.Call) error { panic("the store") })
		func() {
			defer func() {
				if recover() == nil {
					w.Error("no panic")
				}
			}()
			l.Take(w.Context(), org)
		}()
		w.db.Set(nil)
		w.takes(l, 6, true)
	})
}

// TestForeignItem: an item of another shape is no reason to refuse requests.
func TestForeignItem(t *testing.T) {
	each(t, func(w *world) {
		l := w.limiter("gateway", rate.Rule{Limit: 7, Interval: time.Second})
		key := table.Key{Table: "counts", PK: "RATE#gateway#" + org, SK: "RATE"}
		if err := w.db.Write(w.Context(), table.Put("p", key, map[string]any{"start": "yesterday"})); err != nil {
			w.Fatal(err)
		}
		w.takes(l, 7, true)
	})
}
