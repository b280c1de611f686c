package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/table"
)

// benchRate measures what the limit of requests costs: a request without a lease, one in a
// lease, and how many updates a window of 1000 requests from 10 processes takes.
func (b *bench) benchRate(ctx context.Context, out *tabwriter.Writer, s *section) {
	const processes, limit = 10, 1000
	all := make([]*rate.Limiter, processes)
	for i := range all {
		all[i] = rate.New(b.deps(), interop.Table.Name, "bench", rate.Rule{Limit: limit, Interval: time.Hour})
	}
	take := func(l *rate.Limiter) (used table.Usage, passes bool) {
		metered, meter := table.WithMeter(ctx)
		_, passes = l.Take(metered, consumer.Subject)
		return meter.Usage(), passes
	}
	row := func(name string, used table.Usage, budget int) {
		mark := ""
		if used.RoundTrips > budget {
			mark = " OVER"
			b.fail(name)
		}
		fmt.Fprintf(out, "%s\t-\t%d\t%d\t%g\t%g\t-\t%d, 0%s\t\n",
			name, used.RoundTrips, used.ItemsRead, used.ReadUnits, used.WriteUnits, budget, mark)
	}
	first, _ := take(all[0])
	row("rate limit: a lease", first, 1)
	all[0].Ready(ctx, consumer.Subject)
	leased, _ := take(all[0])
	row("rate limit: a request in a lease", leased, 0)
	passed, updates := 2, 2
	for i := range 2 * limit {
		used, passes := take(all[i%processes])
		updates += used.RoundTrips
		if passes {
			passed++
		}
	}
	if passed != limit {
		b.fail(fmt.Sprintf("rate limit: %d of %d requests passed", passed, limit))
	}
	s.note("rate limit: %d updates for the %d requests of %d processes that pass", updates, passed, processes)
}
