package table

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"
)

// errPanicked ends the other reads when one panics.
var errPanicked = errors.New("a read panicked")

// Together makes reads at the same time and returns when all have ended, with the first
// error. That error ends the context of the others. A read that panics panics in the
// caller, which can recover from it as if it had made the read itself.
//
// The context's [Meter] counts everything that they read, and as many round trips as the
// one of them that makes the most: nothing waits for the others' in addition.
func Together(ctx context.Context, reads ...func(context.Context) error) error {
	meters := make([]*Meter, len(reads))
	err := atOnce(ctx, len(reads), len(reads), func(ctx context.Context, i int) error {
		metered, meter := WithMeter(ctx)
		meters[i] = meter
		return reads[i](metered)
	})
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

// atOnce runs n tasks, at most limit of them at the same time, and returns the first error
// when all have ended. That error ends the context of the others. A task that panics panics
// in the caller: errgroup would end the process.
func atOnce(ctx context.Context, n, limit int, task func(ctx context.Context, i int) error) error {
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	var (
		once  sync.Once
		cause any // of the first panic
	)
	for i := range n {
		group.Go(func() (err error) {
			defer func() {
				if c := recover(); c != nil {
					once.Do(func() { cause = c })
					err = errPanicked
				}
			}()
			return task(running, i)
		})
	}
	err := group.Wait()
	if cause != nil {
		panic(cause)
	}
	return err
}
