package table

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// Together makes reads at the same time and returns when all have ended, with the first
// error. That error ends the context of the others.
//
// The context's [Meter] counts everything that they read, and as many round trips as the
// one of them that makes the most: nothing waits for the others' in addition.
func Together(ctx context.Context, reads ...func(context.Context) error) error {
	group, running := errgroup.WithContext(ctx)
	meters := make([]*Meter, len(reads))
	for i, read := range reads {
		metered, meter := WithMeter(running)
		meters[i] = meter
		group.Go(func() error { return read(metered) })
	}
	err := group.Wait()
	var sum Usage
	for _, meter := range meters {
		used := meter.Usage()
		sum.RoundTrips = max(sum.RoundTrips, used.RoundTrips)
		sum.ItemsRead += used.ItemsRead
		sum.ReadUnits += used.ReadUnits
		sum.WriteUnits += used.WriteUnits
	}
	Metered(ctx, sum)
	return err
}
