package rate_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// TestExactly: of the requests to 16 processes, from 8 goroutines each, exactly as many pass
// in a window as the limit and its burst allow.
func TestExactly(t *testing.T) {
	each(t, func(w *world) {
		for _, c := range []struct {
			rule rate.Rule
			want int
		}{
			{rate.Rule{Limit: 1, Interval: time.Second}, 1},
			{rate.Rule{Limit: 10, Interval: time.Second, Burst: 25}, 12},
			{rate.Rule{Limit: 700, Interval: time.Minute}, 700},
			{rate.Rule{Limit: 500, Interval: time.Second, Burst: 50}, 750},
		} {
			all := w.limiters(16, c.rule)
			for range 3 {
				if got := w.exhaust(all, 8); got != c.want {
					w.Errorf("%+v: %d requests passed, want %d", c.rule, got, c.want)
				}
				w.clock.Advance(c.rule.Interval)
			}
			w.clock.Advance(time.Hour)
		}
	})
}

// TestAllowance: what one process answers is what remains.
func TestAllowance(t *testing.T) {
	each(t, func(w *world) {
		rule := rate.Rule{Limit: 40, Interval: 1500 * time.Millisecond}
		l := w.limiter("gateway", rule)
		for i := range rule.Limit {
			w.takes(l, rule.Limit-1-i, true)
		}
		for range 3 {
			got, ok := l.Take(w.Context(), org)
			if want := (api.Allowance{Limit: 40, Interval: rule.Interval}); got != want || ok {
				w.Errorf("over the limit: %+v, passes %v", got, ok)
			}
		}
	})
}

// TestWindow: a window begins with a request and ends an interval later, on the clock of
// whichever process asks.
func TestWindow(t *testing.T) {
	each(t, func(w *world) {
		all := w.limiters(2, rate.Rule{Limit: 2, Interval: time.Second})
		a, b := all[0], all[1]
		w.clock.Advance(700 * time.Millisecond)
		w.takes(a, 1, true)
		w.clock.Advance(999 * time.Millisecond)
		w.takes(b, 0, true)
		w.takes(b, 0, false)
		w.takes(a, 0, false)
		w.clock.Advance(time.Millisecond)
		w.takes(b, 1, true)
		w.takes(a, 0, true)
		w.takes(a, 0, false)
		w.clock.Advance(-500 * time.Millisecond) // a clock that is behind
		w.takes(a, 0, false)
		w.takes(w.limiter("gateway", rate.Rule{Limit: 2, Interval: time.Second}), 0, false)
		w.clock.Advance(-time.Hour) // a clock that was set back
		w.takes(a, 1, true)
		w.takes(b, 0, true)
		w.takes(b, 0, false)
	})
}

// TestBurst: after the limit, a part of it more passes within the same part of the interval.
func TestBurst(t *testing.T) {
	each(t, func(w *world) {
		rule := rate.Rule{Limit: 6, Interval: time.Second, Burst: 50} // 3 more in 500 ms
		l := w.limiter("gateway", rule)
		limit := func() {
			for i := range rule.Limit {
				w.takes(l, rule.Limit-1-i, true)
			}
		}
		limit()
		w.clock.Advance(100 * time.Millisecond)
		w.takes(l, 0, true) // until 600 ms
		w.clock.Advance(499 * time.Millisecond)
		w.takes(l, 0, true)
		w.takes(l, 0, true)
		w.takes(l, 0, false)
		w.clock.Advance(401 * time.Millisecond)
		limit()
		w.takes(l, 0, true)
		w.clock.Advance(499 * time.Millisecond)
		w.takes(l, 0, true) // does not begin another burst
		w.clock.Advance(time.Millisecond)
		w.takes(l, 0, false) // one is left of the burst, which is over
		w.takes(w.limiter("gateway", rule), 0, false)
		w.clock.Advance(500 * time.Millisecond)
		limit()
	})
}

// TestLeaseOfTheBurstEnds: what a process has leased of a burst is over with the burst.
func TestLeaseOfTheBurstEnds(t *testing.T) {
	each(t, func(w *world) {
		l := w.limiter("gateway", rate.Rule{Limit: 1, Interval: time.Second, Burst: 800})
		l.SetSize(func(_, _, left int64) int64 { return left })
		w.takes(l, 0, true)
		w.takes(l, 0, true)
		w.clock.Advance(999 * time.Millisecond)
		w.takes(l, 0, true)
		half := w.limiter("token", rate.Rule{Limit: 10, Interval: time.Second, Burst: 50})
		half.SetSize(func(_, _, left int64) int64 { return left })
		for i := range 10 {
			w.takes(half, 9-i, true)
		}
		w.takes(half, 0, true) // has leased five
		w.clock.Advance(500 * time.Millisecond)
		w.takes(half, 0, false)
	})
}

// TestApart: groups and keys are counted on their own, whatever their names are.
func TestApart(t *testing.T) {
	each(t, func(w *world) {
		rule := rate.Rule{Limit: 1, Interval: time.Second}
		for _, group := range []string{"gateway", "token", "g"} {
			l := w.limiter(group, rule)
			for i := range 20 {
				for n, want := range []bool{true, false} {
					if _, ok := l.Take(w.Context(), fmt.Sprint(org, i)); ok != want {
						w.Errorf("%s, key %d, request %d: passes %v", group, i, n, ok)
					}
				}
			}
		}
	})
}

// TestForgottenKeys: a limiter knows so many keys at most, and forgets no count.
func TestForgottenKeys(t *testing.T) {
	embedded(t, func(w *world) {
		l := w.limiter("gateway", rate.Rule{Limit: 3, Interval: time.Second})
		l.SetGeneration(8)
		for n := range 4 {
			for i := range 100 {
				if _, ok := l.Take(w.Context(), fmt.Sprint("key-", i)); ok != (n < 3) {
					w.Errorf("key %d, request %d: passes %v", i, n, ok)
				}
				if l.Keys() > 16 {
					w.Fatalf("%d keys are known", l.Keys())
				}
			}
		}
	})
}

// TestOneLeaseForAll: requests that arrive while a lease is being got wait for it, and the
// next one is for all of them.
func TestOneLeaseForAll(t *testing.T) {
	t.Parallel()
	embedded := newEmbedded(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, embedded)
		l := w.limiter("gateway", rate.Rule{Limit: 1024, Interval: time.Second})
		release := make(chan struct{})
		w.db.Set(func(c *hooked.Call) error {
			<-release
			return c.Run()
		})
		const requests = 64
		var running sync.WaitGroup
		for range requests {
			running.Go(func() {
				if _, ok := l.Take(w.Context(), org); !ok {
					t.Error("refused")
				}
			})
		}
		synctest.Wait()
		close(release)
		running.Wait()
		if w.db.Seen() != 2 {
			t.Errorf("%d updates for %d requests, want 2", w.db.Seen(), requests)
		}
		w.takes(l, 1024-requests-1, true)
	})
}

// TestReady: a Take that follows Ready asks the store for nothing, and Ready counts nothing.
func TestReady(t *testing.T) {
	each(t, func(w *world) {
		l := w.limiter("gateway", rate.Rule{Limit: 3, Interval: time.Second})
		for left := 2; left >= 0; left-- {
			l.Ready(w.Context(), org)
			l.Ready(w.Context(), org)
			w.db.Set(func(*hooked.Call) error { return hooked.ErrDown })
			w.takes(l, left, true)
			w.db.Set(nil)
		}
		l.Ready(w.Context(), org)
		w.db.Set(func(*hooked.Call) error { return hooked.ErrDown })
		w.takes(l, 0, false)
	})
}

// TestItem: a key has one item, which expires, for all windows.
func TestItem(t *testing.T) {
	each(t, func(w *world) {
		all := w.limiters(3, rate.Rule{Limit: 10, Interval: time.Second, Burst: 20})
		for range 3 {
			w.exhaust(all, 1)
			w.clock.Advance(time.Hour)
		}
		page, err := w.db.Query(w.Context(), table.Query{Table: "counts", PK: "RATE#gateway#" + org, Consistent: true})
		if err != nil || len(page.Items) != 1 {
			w.Fatalf("%v, %v, want one item", page.Items, err)
		}
		var item struct {
			TTL int64 `dynamodbav:"ttl"`
		}
		if err := table.Decode(page.Items[0], &item); err != nil {
			w.Fatal(err)
		}
		begun := w.clock.Now().Add(-time.Hour)
		if expires := time.Unix(item.TTL, 0); expires.Before(begun.Add(time.Minute)) || expires.After(begun.Add(2*time.Hour)) {
			w.Errorf("a window that began at %v expires at %v", begun, expires)
		}
	})
}
