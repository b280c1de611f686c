package rate_test

import (
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
)

// TestMain gives the store more time than it has in production: the tests are about counts.
func TestMain(m *testing.M) {
	rate.Patience = time.Minute
	os.Exit(m.Run())
}

var schemas = []table.Schema{{Name: "counts", Expires: true}}

const org = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"

// world is a store with a clock.
type world struct {
	testing.TB
	db    *hooked.DB
	clock *apitest.Clock
}

func newWorld(t testing.TB, db table.DB) *world {
	t.Helper()
	w := &world{TB: t, db: &hooked.DB{DB: db}, clock: &apitest.Clock{}}
	w.clock.Set(apitest.Start)
	return w
}

// each runs test on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	engine.Each(t, schemas, func(t *testing.T, db table.DB) { test(newWorld(t, db)) })
}

// embedded runs test on the embedded engine.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	test(newWorld(t, engine.Bolt(t, schemas)))
}

// limiter makes the limiter of one process.
func (w *world) limiter(group string, rule rate.Rule) *rate.Limiter {
	deps := api.Deps{DB: w.db, Now: w.clock.Now, Log: slog.New(slog.DiscardHandler)}
	return rate.New(deps, "counts", group, rule)
}

// limiters makes the limiters of n processes.
func (w *world) limiters(n int, rule rate.Rule) []*rate.Limiter {
	all := make([]*rate.Limiter, n)
	for i := range all {
		all[i] = w.limiter("gateway", rule)
	}
	return all
}

// takes counts a request, which must have that outcome.
func (w *world) takes(l *rate.Limiter, remaining int, passes bool) {
	w.Helper()
	got, ok := l.Take(w.Context(), org)
	if got.Remaining != remaining || ok != passes {
		w.Errorf("%d remain, passes %v; want %d, %v", got.Remaining, ok, remaining, passes)
	}
}

// endless is more requests than any test lets pass.
const endless = 10_000

// exhaust sends requests to all limiters, from goroutines of each, until each goroutine is
// refused. It returns how many passed.
func (w *world) exhaust(all []*rate.Limiter, goroutines int) int {
	var passes atomic.Int64
	var running sync.WaitGroup
	for _, l := range all {
		for range goroutines {
			running.Go(func() {
				for passes.Load() < endless {
					allowance, ok := l.Take(w.Context(), org)
					if allowance.Remaining < 0 || !ok && allowance.Remaining != 0 {
						w.Errorf("%d remain, passes %v", allowance.Remaining, ok)
					}
					if !ok {
						return
					}
					passes.Add(1)
				}
			})
		}
	}
	running.Wait()
	return int(passes.Load())
}

// newEmbedded opens the embedded engine.
func newEmbedded(t *testing.T) table.DB {
	t.Helper()
	return engine.Bolt(t, schemas)
}
