// Package host runs resource packages as AWS Lambda functions: it adapts
// Lambda's events to net/http handlers, change handlers, jobs and
// authenticators, and gives them storage, clock, randomness, settings and log
// of the process.
//
// A function's main is one call of Start, StartWorker, StartJob or
// StartAuthorizer, which never return. What those put together is exported too,
// for tests: [Proxy], [Stream], [Schedule] and [Authorize]. These may run
// several invocations at once, as Lambda's managed instances do, give each a
// deadline a little before Lambda's own, and outlive panics.
//
// Besides what table/dynamo reads, the environment may have LOG_LEVEL (DEBUG,
// INFO, WARN or ERROR; INFO when missing) and PREWARM=off, which leaves out what
// initialisation otherwise does ahead of the first request: a read that opens the
// connection to DynamoDB, and a request that the handler refuses.
package host

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/aws/sqs"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
)

// margin is kept from an invocation's time for its answer and log line.
const margin = 200 * time.Millisecond

// Need opens what an operation uses besides tables.
type Need func(getenv func(string) string, deps *api.Deps) error

// Sealer is the Need of an operation that keeps secrets.
func Sealer(open func(getenv func(string) string) (seal.Sealer, error)) Need {
	return func(getenv func(string) string, deps *api.Deps) (err error) {
		deps.Sealer, err = open(getenv)
		return err
	}
}

// Signer is the Need of an operation that issues tokens. A deployment without keys
// has none.
func Signer(open func(getenv func(string) string) (*sign.Signer, error)) Need {
	return func(getenv func(string) string, deps *api.Deps) (err error) {
		if !sign.HasKeys(getenv) {
			return nil
		}
		deps.Signer, err = open(getenv)
		return err
	}
}

// Keys is the Need of an operation that publishes the keys of tokens, or says that there
// are some. A deployment may have none.
func Keys(open func(getenv func(string) string) (*sign.Keys, error)) Need {
	return func(getenv func(string) string, deps *api.Deps) (err error) {
		if !sign.HasKeys(getenv) {
			return nil
		}
		deps.Keys, err = open(getenv)
		return err
	}
}

// Blobs is the Need of an operation that keeps files.
func Blobs(open func(getenv func(string) string) (blob.Store, error)) Need {
	return func(getenv func(string) string, deps *api.Deps) (err error) {
		deps.Blobs, err = open(getenv)
		return err
	}
}

// Start serves op; it is the main of an HTTP function.
func Start(op api.Op, needs ...Need) {
	start(func(log *slog.Logger) (any, error) {
		spec := op.Describe()
		deps, connected, err := open(log, spec.Access, needs...)
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", spec.ID, err)
		}
		h, err := api.NewHandler(deps, op)
		if err != nil {
			return nil, err
		}
		if prewarms() {
			h.Prewarm()
		}
		connected()
		return Proxy(h), nil
	})
}

// envDeadLetters names the variable with the URL of a worker's queue of dead letters.
const envDeadLetters = "DEAD_LETTERS"

// StartWorker feeds w with the stream of its table; it is the main of a worker. Without
// DEAD_LETTERS, the URL of a queue, what it can never handle is counted and logged only.
func StartWorker[S any](w api.Worker[S]) {
	start(func(log *slog.Logger) (any, error) {
		deps, connected, err := open(log, w.Access())
		if err != nil {
			return nil, fmt.Errorf("worker %s: %w", w.ID, err)
		}
		if os.Getenv(envDeadLetters) != "" {
			queue, err := sqs.FromEnv(os.Getenv, envDeadLetters)
			if err != nil {
				return nil, fmt.Errorf("worker %s: %w", w.ID, err)
			}
			deps.DeadLetters = queue.Send
		}
		handle, err := w.Start(deps)
		if err != nil {
			return nil, err
		}
		connected()
		return Stream(w.ID, w.Table.Name, handle, deps), nil
	})
}

// StartJob runs j when invoked; it is the main of a scheduled function.
func StartJob[S, I, O any](j api.Job[S, I, O], needs ...Need) {
	start(func(log *slog.Logger) (any, error) {
		deps, connected, err := open(log, j.Access(), needs...)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", j.ID, err)
		}
		run, err := j.Start(deps)
		if err != nil {
			return nil, err
		}
		connected()
		return Schedule(j.ID, run, deps), nil
	})
}

// start hands the handler that build returns to Lambda, or ends the process
// with one line that says why there is none.
func start(build func(*slog.Logger) (handler any, err error)) {
	log := NewLogger(os.Stdout, os.Getenv)
	// aws-lambda-go logs through package log; those lines become JSON too.
	slog.SetDefault(log)
	handler, err := build(log)
	if err != nil {
		log.Error("start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}

// open returns what resource packages need. It opens the connection to
// DynamoDB meanwhile; connected waits for that.
func open(log *slog.Logger, access []api.Access, needs ...Need) (deps api.Deps, connected func(), err error) {
	deps = api.Deps{Now: now, Entropy: rand.Reader, Setting: os.Getenv, Log: log}
	for _, need := range needs {
		if err := need(os.Getenv, &deps); err != nil {
			return api.Deps{}, nil, err
		}
	}
	if len(access) == 0 {
		return deps, func() {}, nil
	}
	db, err := dynamo.FromEnv(os.Getenv, api.Schemas(access)...)
	if err != nil {
		return api.Deps{}, nil, err
	}
	var prewarming sync.WaitGroup
	if prewarms() {
		prewarming.Go(func() { db.Prewarm(context.Background()) })
	}
	deps.DB = db
	return deps, prewarming.Wait, nil
}

// prewarms tells whether initialisation, where Lambda gives a full CPU, does
// what the first request would otherwise have to.
func prewarms() bool { return os.Getenv("PREWARM") != "off" }

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
