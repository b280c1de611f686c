// Command bench prints what each operation costs (round trips, items, capacity,
// allocations) and how each function starts, and fails when one is over the
// budget of docs/architecture.md. It needs DYNAMODB_ENDPOINT; counts come from
// there, ratios from pairs measured in the same run, so that the numbers hold
// on a noisy machine.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // stop only unregisters signals, and the process is over
	}
}

func run(ctx context.Context) error {
	if os.Getenv("DYNAMODB_ENDPOINT") == "" {
		return errors.New("set DYNAMODB_ENDPOINT; make bench starts DynamoDB Local for it")
	}
	return errors.Join(benchOperations(ctx), benchFunctions(ctx))
}
