// Package rate limits how many requests each key, such as an organization, may make in a
// window of time, exactly and over all processes.
//
// The count is one item for each key in DynamoDB. A process does not write it for every
// request: it leases a part of what the window still allows by one conditional update, and
// spends the lease from memory. The count never exceeds the limit, so that leases do not
// either (docs/decisions/0023-rate-limit.md).
package rate

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// Rule is what a limiter allows each key.
type Rule struct {
	Limit    int           // requests in a window
	Interval time.Duration // length of a window
	Burst    int           // percentage of the limit that a window allows in addition, see [Limiter]
}

// extra returns how many requests a burst allows.
func (r Rule) extra() int64 { return int64(r.Limit) * int64(r.Burst) / 100 }

// interval returns the length of a window in milliseconds.
func (r Rule) interval() int64 { return max(r.Interval.Milliseconds(), 1) }

// burst returns the length of a burst in milliseconds.
func (r Rule) burst() int64 { return r.interval() * int64(r.Burst) / 100 }

// Limiter limits the requests of the keys of one group. It is safe for concurrent use.
//
// A window begins with the first request of a key after its last window has ended. After
// Limit requests a burst begins: for Interval × Burst % it allows Limit × Burst % more, and
// then no more until the window ends.
type Limiter struct {
	db    table.DB
	now   func() time.Time
	log   *slog.Logger
	table string
	group string
	rule  Rule
	size  func(demand) int64

	// The windows of recent keys, in two generations: when the younger one is full, it
	// becomes the older one and the windows of that one are forgotten.
	mu             sync.Mutex
	younger, older map[string]*window
	generation     int // keys in one generation
}

// Patience is how long a request waits for the store; tests on busy machines have more. An
// update takes 3 to 10 ms, and some 70 ms in a process that has to open its connection first.
// Clients hardly notice 100 ms in a second in which the store does not answer.
var Patience = 100 * time.Millisecond

const (
	// pause is how long the requests of a key pass uncounted after the store has failed.
	pause = time.Second
	// generation bounds the memory: two generations of 250 bytes a key are 2 MB.
	generation = 4096
)

// New makes a limiter that keeps its counts in a table, under the name of its group.
func New(deps api.Deps, tableName, group string, rule Rule) *Limiter {
	return &Limiter{
		db: deps.DB, now: deps.Now, log: deps.Log, table: tableName, group: group, rule: rule,
		size: leaseSize, generation: generation, younger: map[string]*window{},
	}
}

// Take counts one request of a key. It returns what the window still allows the key, and
// false when the request is over the limit.
//
// Most requests are counted in memory. Others wait for the store, at most for Patience. When
// it fails, requests pass uncounted for a while and the whole limit remains (PDND does the
// same): an outage of the count must not become one of the API.
func (l *Limiter) Take(ctx context.Context, key string) (api.Allowance, bool) {
	w := l.window(key)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting++
	defer func() { w.waiting-- }()
	for {
		now := l.now().UnixMilli()
		switch v, remaining := w.spend(now, l.rule); v {
		case passed:
			return l.allowance(remaining), true
		case refused:
			return l.allowance(0), false
		case unknown:
		}
		if !l.renew(ctx, key, w) {
			return l.allowance(int64(l.rule.Limit)), true
		}
	}
}

// Ready leases what a Take would have to lease, so that Take, called next, rarely waits. It
// counts no request. A caller can run it together with another round trip.
func (l *Limiter) Ready(ctx context.Context, key string) {
	w := l.window(key)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.needs(l.now().UnixMilli(), l.rule) {
		w.waiting++
		defer func() { w.waiting-- }()
		l.renew(ctx, key, w)
	}
}

// IsReady reports whether a Take, called next, needs no answer of the store.
func (l *Limiter) IsReady(key string) bool {
	w := l.window(key)
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.needs(l.now().UnixMilli(), l.rule)
}

func (l *Limiter) allowance(remaining int64) api.Allowance {
	return api.Allowance{Limit: l.rule.Limit, Remaining: int(remaining), Interval: l.rule.Interval}
}

// renew gets a lease for a window that needs one, or waits for the one that another
// goroutine gets. The window is locked, except while renew waits. It returns false when
// there is no answer.
func (l *Limiter) renew(ctx context.Context, key string, w *window) bool {
	if w.flight == nil {
		return l.fetch(ctx, key, w)
	}
	flight := w.flight
	w.mu.Unlock()
	defer w.mu.Lock()
	select {
	case <-flight:
		return true
	case <-ctx.Done():
		return false
	}
}

// fetch gets a lease while the window is unlocked. The others wait for it, also when it
// panics.
func (l *Limiter) fetch(ctx context.Context, key string, w *window) bool {
	now := l.now().UnixMilli()
	known, want := w.demand(now, l.rule)
	w.flight = make(chan struct{})
	defer func() {
		close(w.flight)
		w.flight = nil
	}()
	got, err := func() (grant, error) {
		w.mu.Unlock()
		defer w.mu.Lock()
		return l.lease(ctx, key, known, want, now)
	}()
	if err != nil {
		w.pause = l.now().Add(pause).UnixMilli()
		l.log.LogAttrs(ctx, slog.LevelWarn, "requests pass without being counted", slog.String("group", l.group), slog.Any("error", err))
		return false
	}
	w.receive(got, l.rule)
	return true
}

// window returns what is known of a key. Of two keys that are forgotten and used again at
// the same time, each process may know two windows: both have leases of their own.
func (l *Limiter) window(key string) *window {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w, known := l.younger[key]; known {
		return w
	}
	w, known := l.older[key]
	if !known {
		w = &window{}
	}
	if len(l.younger) >= l.generation {
		l.older = l.younger
		l.younger = make(map[string]*window)
	}
	l.younger[key] = w
	return w
}
