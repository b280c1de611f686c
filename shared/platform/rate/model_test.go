package rate_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/testing/engine"
)

// model is a limit that is counted in one place.
type model struct {
	rule          rate.Rule
	begins, burst time.Time // burst is its end, zero before it begins
	passed        int
	before        int // in the window before, when it ended less than an interval ago
}

func (m *model) extra() int { return m.rule.Limit * m.rule.Burst / 100 }

// take counts a request; begins tells whether it begins a window.
func (m *model) take(now time.Time) (remaining int, passes bool) {
	if m.begins.IsZero() || now.Sub(m.begins) >= m.rule.Interval {
		m.before = m.passed
		m.passed = 0
		m.begins = now
		m.burst = time.Time{}
	}
	if m.passed >= m.rule.Limit {
		if m.passed >= m.rule.Limit+m.extra() || !m.burst.IsZero() && !now.Before(m.burst) {
			return 0, false
		}
		if m.burst.IsZero() {
			m.burst = now.Add(m.rule.Interval * time.Duration(m.rule.Burst) / 100)
		}
	}
	m.passed++
	return max(m.rule.Limit-m.passed, 0), true
}

// TestModel sends random requests to some processes at random times. One process answers
// what a count in one place would answer. Several pass no more than that, and refuse no
// request while more is left than leaseSize lets the others have without a use for it.
func TestModel(t *testing.T) {
	t.Parallel()
	db := engine.Bolt(t, schemas)
	runs := 0
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t, db)
		runs++
		w.clock.Advance(time.Duration(runs) * 1000 * time.Hour) // no window of another run
		rule := rate.Rule{
			Limit:    rapid.IntRange(1, 200).Draw(r, "limit"),
			Interval: time.Duration(rapid.IntRange(1, 50).Draw(r, "interval")*100) * time.Millisecond,
			Burst:    rapid.SampledFrom([]int{0, 0, 10, 50, 100, 150}).Draw(r, "burst"),
		}
		m := &model{rule: rule}
		all := w.limiters(rapid.IntRange(1, 5).Draw(r, "processes"), rule)
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			w.clock.Advance(rapid.SampledFrom([]time.Duration{0, 0, 1, 30, 99, 400, 1100, 5000}).Draw(r, "wait") * time.Millisecond)
			l := all[rapid.IntRange(0, len(all)-1).Draw(r, "process")]
			for range rapid.IntRange(1, 60).Draw(r, "requests") {
				if len(all) == 1 {
					remaining, passes := m.take(w.clock.Now())
					if got, ok := l.Take(w.Context(), org); got.Remaining != remaining || ok != passes {
						r.Fatalf("%+v: %d remain, passes %v; want %d, %v", m, got.Remaining, ok, remaining, passes)
					}
					continue
				}
				m.check(r, w, l)
			}
		}
	})
}

// check counts a request to one of several processes.
func (m *model) check(r *rapid.T, w *world, l *rate.Limiter) {
	r.Helper()
	now := w.clock.Now()
	if m.begins.IsZero() || now.Sub(m.begins) >= m.rule.Interval {
		m.before = m.passed
		m.passed = 0
		m.begins = now
	}
	got, passes := l.Take(w.Context(), org)
	if passes {
		m.passed++
	}
	if m.passed > m.rule.Limit+m.extra() {
		r.Fatalf("%+v: %d passed", m.rule, m.passed)
	}
	if got.Remaining < 0 || got.Remaining > m.rule.Limit-1 || !passes && got.Remaining > 0 {
		r.Fatalf("%+v: %d remain, passes %v", m.rule, got.Remaining, passes)
	}
	if !passes && 4*(m.rule.Limit-m.passed) > m.passed+m.before {
		r.Fatalf("%+v: refused after %d, %d in the window before", m.rule, m.passed, m.before)
	}
}
