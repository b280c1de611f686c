// Package coldstart measures how functions start and answer, next to a bare
// aws-lambda-go function that is built and run along with them: the machine
// makes the times, so what says something are the ratios.
package coldstart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	Env     []string // as runtimeapi.Config.Env
	Event   []byte   // the payload of every invocation
}

// Options says what to measure and how often; both counts must be positive.
type Options struct {
	Functions []Function
	Starts    int // cold starts per function and setting
	Warm      int // invocations after the first, per start
}

// Row is what was measured of one function.
type Row struct {
	Name      string
	Size      int64 // of the binary, in bytes
	SizeRatio float64
	Off, On   Times // with PREWARM=off and without; for the bare function the same
}

// Times are lower quartiles over all starts.
type Times struct {
	Init  Time // process start to readiness
	First Time // the first invocation
	Warm  Time // a later invocation
}

// Time is a duration and how many times the bare function's it is.
type Time struct {
	Typical time.Duration
	Ratio   float64
}

// Measure returns a row for the bare function, which comes first, and one for
// each of o.Functions, in that order. Starts of different functions take turns,
// so that a noisy moment hits all of them. It fails when any invocation does;
// an HTTP answer of 5xx counts as a failure.
func Measure(ctx context.Context, o Options) (rows []Row, err error) {
	if o.Starts < 1 || o.Warm < 1 {
		return nil, errors.New("coldstart: at least one start and one warm invocation")
	}
	dir, err := os.MkdirTemp("", "coldstart")
	if err != nil {
		return nil, fmt.Errorf("coldstart: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	bare := Function{Name: bareName, Binary: filepath.Join(dir, "bootstrap"), Event: []byte("{}")}
	if err := replay.Compile(ctx, "", barePackage, bare.Binary); err != nil {
		return nil, err
	}
	subjects := []*subject{{Function: bare}}
	for _, f := range o.Functions {
		off := f
		off.Env = append(slices.Clone(f.Env), "PREWARM=off")
		subjects = append(subjects, &subject{Function: off}, &subject{Function: f})
	}
	for range o.Starts {
		for _, s := range subjects {
			if err := s.start(ctx, o.Warm); err != nil {
				return nil, fmt.Errorf("coldstart: %s: %w", s.Name, err)
			}
		}
	}
	return compare(subjects)
}

// compare makes the rows of the bare function and of the pairs that follow it.
func compare(subjects []*subject) ([]Row, error) {
	bare := subjects[0]
	rows := []Row{{Name: bare.Name, Off: bare.over(bare), On: bare.over(bare)}}
	for i := 1; i < len(subjects); i += 2 {
		rows = append(rows, Row{Name: subjects[i].Name, Off: subjects[i].over(bare), On: subjects[i+1].over(bare)})
	}
	for i := range rows {
		info, err := os.Stat(subjects[max(0, 2*i-1)].Binary)
		if err != nil {
			return nil, fmt.Errorf("coldstart: %w", err)
		}
		rows[i].Size = info.Size()
		rows[i].SizeRatio = float64(rows[i].Size) / float64(rows[0].Size)
	}
	return rows, nil
}

// subject is a function with one setting, and what was measured of it.
type subject struct {
	Function
	init, first, warm []time.Duration
}

// start measures one process from its start to its end.
func (s *subject) start(ctx context.Context, warm int) (err error) {
	f, err := runtimeapi.Start(ctx, runtimeapi.Config{Binary: s.Binary, Handler: s.Handler, Env: s.Env})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	s.init = append(s.init, f.InitDuration())
	for i := range 1 + warm {
		res, err := f.Invoke(ctx, s.Event)
		if err != nil {
			return err
		}
		if err := failure(res); err != nil {
			return err
		}
		if i == 0 {
			s.first = append(s.first, res.Duration)
		} else {
			s.warm = append(s.warm, res.Duration)
		}
	}
	return nil
}

func failure(res runtimeapi.Result) error {
	if res.FunctionError != "" {
		return errors.New(res.FunctionError)
	}
	var answer struct{ StatusCode int }
	if json.Unmarshal(res.Payload, &answer) == nil && answer.StatusCode >= 500 {
		return fmt.Errorf("answered %s", res.Payload)
	}
	return nil
}

func (s *subject) over(bare *subject) Times {
	return Times{Init: timeOf(s.init, bare.init), First: timeOf(s.first, bare.first), Warm: timeOf(s.warm, bare.warm)}
}

func timeOf(samples, bare []time.Duration) Time {
	typical := quartile(samples)
	return Time{Typical: typical, Ratio: float64(typical) / float64(quartile(bare))}
}

// quartile is the lower one: noise only ever adds to a time, so the quicker runs
// say more about the function and less about the machine.
func quartile(samples []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[len(sorted)/4]
}
