// Package host runs resource packages as AWS Lambda functions: it adapts
// Lambda's events to net/http handlers, change handlers, jobs and
// authenticators, and gives them storage, clock, randomness, settings and log
// of the process.
//
// An artifact's main is one call of [Start], which never returns. Many functions run
// the same artifact; the handler of each, which Lambda puts into _HANDLER, names the one
// operation, worker, job or authorizer that it serves. What Start puts together is
// exported too, for tests: [Open], [Proxy], [Stream], [Schedule] and [Authorize]. These
// may run several invocations at once, as Lambda's managed instances do, give each a
// deadline a little before Lambda's own, and outlive panics.
//
// The environment may have, in addition to what table/dynamo reads, LOG_LEVEL (DEBUG,
// INFO, WARN or ERROR; INFO when missing) and PREWARM=off, which leaves out what
// initialisation otherwise does ahead of the first request: a read that opens the
// connection to DynamoDB, and a request that the handler refuses.
package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// margin is kept from an invocation's time for its answer and log line.
const margin = 200 * time.Millisecond

// Start serves what this function's handler names, one of operations or of what options
// add to them; it is the main of an artifact. Where it cannot, it ends the process with
// one log line that says why.
func Start(operations []api.Op, options ...Option) {
	log := NewLogger(os.Stdout, os.Getenv)
	// aws-lambda-go logs through package log; those lines become JSON too.
	slog.SetDefault(log)
	handler, err := Open(os.Getenv, log, operations, options...)
	if err != nil {
		log.Error("start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}

func now() time.Time { return time.Now().UTC() }

// invocations marks the first invocation for the log and leaves every one the
// margin, so that storage calls end while there is time to answer.
func invocations[I, O any](handle func(context.Context, I) (O, error)) func(context.Context, I) (O, error) {
	var warm atomic.Bool
	return func(ctx context.Context, in I) (O, error) {
		ctx = context.WithValue(ctx, coldKey{}, !warm.Swap(true))
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
			defer cancel()
		}
		return handle(ctx, in)
	}
}

// panicked is a panic made an error.
type panicked struct {
	cause any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.cause) }

// guard runs f and makes an error of its panic.
func guard(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &panicked{cause: cause, stack: debug.Stack()}
		}
	}()
	return f()
}

// failure is err for the log, with the stack when it was a panic.
func failure(err error) []slog.Attr {
	attrs := []slog.Attr{slog.String("error", err.Error())}
	if p, ok := errors.AsType[*panicked](err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	return attrs
}

// measured runs f and logs one line about it: message, attrs, what f adds to
// them, the outcome and what storage was asked for.
func measured(ctx context.Context, deps api.Deps, message string, attrs []slog.Attr, f func(context.Context) ([]slog.Attr, error)) error {
	ctx, meter := table.WithMeter(ctx)
	ctx, notes := api.Notes(ctx)
	begin, level, outcome := deps.Now(), slog.LevelInfo, "done"
	err := guard(func() error {
		more, err := f(ctx)
		attrs = append(attrs, more...)
		return err
	})
	if err != nil {
		level, outcome = slog.LevelError, "failed"
		attrs = append(attrs, failure(err)...)
	}
	used := meter.Usage()
	deps.Log.LogAttrs(ctx, level, message, append(append(attrs, notes()...),
		slog.String("outcome", outcome),
		slog.Float64("latencyMs", float64(deps.Now().Sub(begin).Microseconds())/1000),
		slog.Int("roundTrips", used.RoundTrips), slog.Int("itemsRead", used.ItemsRead),
		slog.Float64("readUnits", used.ReadUnits), slog.Float64("writeUnits", used.WriteUnits),
	)...)
	return err
}
