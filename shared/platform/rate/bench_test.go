package rate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/testing/engine"
)

// scheme is a way to share a limit among processes.
type scheme struct {
	name string
	size func(passed, before, left int64) int64
	own  bool // each process counts on its own
	part bool // and has its part of the limit
}

// traffic picks the process of request i.
type traffic struct {
	name string
	pick func(random *rand.Rand, processes, i int) int
}

var traffics = []traffic{
	{"even", func(random *rand.Rand, processes, _ int) int { return random.IntN(processes) }},
	{"skewed", func(random *rand.Rand, processes, _ int) int {
		return int(float64(processes) * random.Float64() * random.Float64() * random.Float64())
	}},
	{"moving", func(random *rand.Rand, processes, i int) int {
		return (i/137*7 + random.IntN(max(1, processes/4))) % processes
	}},
}

// grow returns the rule that leases a part of what the process has used, and a part of what
// is left at most.
func grow(used, share int64) func(passed, before, left int64) int64 {
	return func(passed, before, left int64) int64 {
		if passed == 0 {
			passed = before
		}
		return max(1, min(passed/used, (left+share-1)/share))
	}
}

// BenchmarkLeases compares ways to share a limit of 1000 among processes: updates a request,
// and how far the number of requests that pass is from what a count in one place would let
// pass, in percent of that. Demand is a fifth, nine tenths and twice of the limit.
func BenchmarkLeases(b *testing.B) {
	const limit = 1000
	for _, s := range []scheme{
		{name: "update", size: func(_, _, _ int64) int64 { return 1 }},
		{name: "fixed-10", size: func(_, _, _ int64) int64 { return 10 }},
		{name: "fixed-100", size: func(_, _, _ int64) int64 { return 100 }},
		{name: "eighth", size: func(_, _, left int64) int64 { return (left + 7) / 8 }},
		{name: "grow-1-8", size: grow(1, 8)},
		{name: "grow-2-16", size: grow(2, 16)},
		{name: "grow-4-16", size: rate.LeaseSize},
		{name: "grow-8-16", size: grow(8, 16)},
		{name: "own", own: true},
		{name: "own-part", own: true, part: true},
	} {
		for _, processes := range []int{1, 10, 100} {
			for _, from := range traffics {
				for _, demand := range []int{limit / 5, limit * 9 / 10, limit * 2} {
					b.Run(fmt.Sprintf("%s/%d/%s/%d", s.name, processes, from.name, demand), func(b *testing.B) {
						simulate(b, s, from, processes, limit, demand)
					})
				}
			}
		}
	}
}

func simulate(b *testing.B, s scheme, from traffic, processes, limit, demand int) {
	b.Helper()
	const windows = 3
	w := newWorld(b, engine.Bolt(b, schemas))
	all := make([]*rate.Limiter, processes)
	for i := range all {
		rule := rate.Rule{Limit: limit, Interval: time.Second}
		group := "g"
		if s.own {
			group = fmt.Sprint(i)
		}
		if s.part {
			rule.Limit = max(1, limit/processes)
		}
		all[i] = w.limiter(group, rule)
		if s.size != nil {
			all[i].SetSize(s.size)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	passed, updates, sent := 0, 0, 0
	for b.Loop() {
		begin := w.clock.Now()
		for window := range windows + 1 { // the first one has no window before it
			seen := w.db.Seen()
			for i := range demand {
				w.clock.Set(begin.Add(time.Duration(i) * time.Second / time.Duration(demand)))
				if _, ok := all[from.pick(random, processes, window*demand+i)].Take(b.Context(), org); ok && window > 0 {
					passed++
				}
			}
			if window > 0 {
				sent += demand
				updates += w.db.Seen() - seen
			}
			begin = begin.Add(time.Second + time.Millisecond)
		}
		begin = begin.Add(time.Hour)
		w.clock.Set(begin)
	}
	ideal := float64(sent) * float64(min(demand, limit)) / float64(demand)
	b.ReportMetric(float64(updates)/float64(sent), "updates/request")
	b.ReportMetric(100*(float64(passed)-ideal)/ideal, "error-%")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTake measures a request that is counted in memory.
func BenchmarkTake(b *testing.B) {
	w := newWorld(b, engine.Bolt(b, schemas))
	l := w.limiter("gateway", rate.Rule{Limit: 1<<31 - 1, Interval: time.Hour})
	b.ReportAllocs()
	for b.Loop() {
		l.Take(b.Context(), org)
	}
}
