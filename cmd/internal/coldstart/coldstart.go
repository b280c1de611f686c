// Package coldstart measures how functions start, next to a bare aws-lambda-go function that
// is built and run along with them. The machine makes the times, so what says something are
// the ratios: the bare function is started right before each start of another, and a ratio
// is that of such a pair. DynamoDB is a [Stub], which answers what was recorded once.
package coldstart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ciclo/cmd/internal/replay"
	"ciclo/shared/platform/testing/runtimeapi"
)

const (
	bareName    = "bare"
	barePackage = "ciclo/shared/platform/testing/runtimeapi/bare"
)

// Function is a function to measure.
type Function struct {
	Name    string
	Binary  string
	Handler string
	Env     []string      // as runtimeapi.Config.Env
	Event   func() []byte // makes the payload of an invocation
	Stub    *Stub         // recorded before the function is measured; nil for a function without tables
}

// Row is what was measured of one function.
type Row struct {
	Name  string
	Size  int64 // of the binary, in bytes
	Init  Ratio // process start to readiness
	Total Ratio // process start to the answer to the first invocation
}

// Ratio compares the starts of a function with those of the bare function that came right
// before them. CPU is user and system time of the whole process.
type Ratio struct {
	Typical   time.Duration // the median
	Wall, CPU Quartiles     // of the pairs' ratios
}

// Quartiles of ratios.
type Quartiles struct{ Low, Median, High float64 }

// Bare builds the bare function in a folder.
func Bare(ctx context.Context, folder string) (Function, error) {
	f := Function{Name: bareName, Binary: filepath.Join(folder, "bootstrap"), Event: func() []byte { return []byte("{}") }}
	return f, replay.Compile(ctx, "", barePackage, f.Binary)
}

// Record invokes the functions once, so that their stubs know the answers of DynamoDB. It
// fails when a function does not answer with success.
func Record(ctx context.Context, functions ...Function) error {
	for _, f := range functions {
		if _, err := f.start(ctx, true); err != nil {
			return fmt.Errorf("coldstart: record %s: %w", f.Name, err)
		}
		if f.Stub != nil {
			f.Stub.Replay()
		}
	}
	return nil
}

// Measure returns a row for each function, by as many pairs of starts as told. Functions take
// turns, so that a noisy moment hits all of them. It fails when an invocation does.
func Measure(ctx context.Context, bare Function, pairs int, functions ...Function) ([]Row, error) {
	if pairs < 1 {
		return nil, errors.New("coldstart: at least one pair")
	}
	inits, totals := make([]samples, len(functions)), make([]samples, len(functions))
	for range pairs {
		for i, f := range functions {
			if err := inits[i].add(ctx, bare, f, false); err != nil {
				return nil, fmt.Errorf("coldstart: %s: %w", f.Name, err)
			}
			if err := totals[i].add(ctx, bare, f, true); err != nil {
				return nil, fmt.Errorf("coldstart: %s: %w", f.Name, err)
			}
		}
	}
	rows := make([]Row, len(functions))
	for i, f := range functions {
		info, err := os.Stat(f.Binary)
		if err != nil {
			return nil, fmt.Errorf("coldstart: %w", err)
		}
		rows[i] = Row{Name: f.Name, Size: info.Size(), Init: inits[i].ratio(), Total: totals[i].ratio()}
	}
	return rows, nil
}

// spent is what one start took.
type spent struct{ wall, cpu time.Duration }

// samples are the starts of pairs.
type samples struct {
	walls     []time.Duration
	wall, cpu []float64
}

// add starts the bare function and then another one.
func (s *samples) add(ctx context.Context, bare, f Function, invoke bool) error {
	least, err := bare.start(ctx, invoke)
	if err != nil {
		return fmt.Errorf("%s: %w", bare.Name, err)
	}
	took, err := f.start(ctx, invoke)
	if err != nil {
		return err
	}
	s.walls = append(s.walls, took.wall)
	s.wall = append(s.wall, float64(took.wall)/float64(least.wall))
	s.cpu = append(s.cpu, float64(took.cpu)/float64(least.cpu))
	return nil
}

func (s *samples) ratio() Ratio {
	return Ratio{Typical: slices.Sorted(slices.Values(s.walls))[len(s.walls)/2], Wall: quartiles(s.wall), CPU: quartiles(s.cpu)}
}

func quartiles(of []float64) Quartiles {
	sorted := slices.Sorted(slices.Values(of))
	n := len(sorted)
	return Quartiles{Low: sorted[n/4], Median: sorted[n/2], High: sorted[min(n-1, 3*n/4)]}
}

// start runs one process from its start to its end, with an invocation or without.
func (f Function) start(ctx context.Context, invoke bool) (spent, error) {
	if f.Stub != nil {
		f.Stub.Rewind()
	}
	event := f.Event()
	process, err := runtimeapi.Start(ctx, runtimeapi.Config{Binary: f.Binary, Handler: f.Handler, Env: f.Env})
	if err != nil {
		return spent{}, err
	}
	took := spent{wall: process.InitDuration()}
	if invoke {
		var res runtimeapi.Result
		if res, err = process.Invoke(ctx, event); err == nil {
			err = failure(res)
		}
		took.wall += res.Duration
	}
	err = errors.Join(err, process.Close())
	took.cpu = process.CPUTime()
	return took, err
}

func failure(res runtimeapi.Result) error {
	if res.FunctionError != "" {
		return errors.New(res.FunctionError)
	}
	var answer struct{ StatusCode int }
	if json.Unmarshal(res.Payload, &answer) == nil && answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("answered %s", res.Payload)
	}
	return nil
}
