package table_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"ciclo/shared/platform/table"
)

// TestTogether: each read waits until all have begun, which never happens where one is
// made after the other; synctest then reports a deadlock.
func TestTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, meter := table.WithMeter(t.Context())
		var begun sync.WaitGroup
		begun.Add(3)
		read := func(trips, items int) func(context.Context) error {
			return func(ctx context.Context) error {
				begun.Done()
				begun.Wait()
				for range trips {
					table.Metered(ctx, table.Usage{RoundTrips: 1, ItemsRead: items, ReadUnits: 0.5})
				}
				return nil
			}
		}
		if err := table.Together(ctx, read(1, 3), read(2, 1), read(1, 0)); err != nil {
			t.Fatal(err)
		}
		if got, want := meter.Usage(), (table.Usage{RoundTrips: 2, ItemsRead: 5, ReadUnits: 2}); got != want {
			t.Errorf("the reads cost %+v, want %+v", got, want)
		}
	})
}

// TestTogetherFails: the first error is the answer, ends the other reads, and what was
// read until then is counted.
func TestTogetherFails(t *testing.T) {
	t.Parallel()
	ctx, meter := table.WithMeter(t.Context())
	broken := errors.New("broken")
	err := table.Together(ctx, func(ctx context.Context) error {
		table.Metered(ctx, table.Usage{RoundTrips: 1})
		<-ctx.Done()
		return ctx.Err()
	}, func(context.Context) error { return broken })
	if !errors.Is(err, broken) || ctx.Err() != nil || meter.Usage().RoundTrips != 1 {
		t.Errorf("Together returns %v, the caller's context %v, %+v counted", err, ctx.Err(), meter.Usage())
	}
	if err := table.Together(ctx); err != nil {
		t.Errorf("no reads: %v", err)
	}
}

// TestTogetherPanics: a panic of a read reaches the caller, not the process.
func TestTogetherPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if cause := recover(); cause != "broken" {
			t.Errorf("recovered from %v", cause)
		}
	}()
	err := table.Together(t.Context(), func(ctx context.Context) error {
		<-ctx.Done() // the panic ends the other reads
		return ctx.Err()
	}, func(context.Context) error { panic("broken") })
	t.Errorf("Together returns %v", err)
}
