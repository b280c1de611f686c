// Package purge lets the platform's operator see how the scheduled purge of operations does,
// start it, and see what it and the worker that deletes consumers gave up on.
package purge

import (
	"context"
	"errors"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/retention"
)

// limit is after how long a run begins no further step. RunFor ends at most 9 s later, before the
// 28 s of the function; API Gateway waits for 29 s.
const limit = 18 * time.Second

// reader reads how the purge does.
type reader struct{ *retention.Reader }

func newReader(deps api.Deps) (*reader, error) {
	return &reader{retention.NewReader(deps, retention.Operations.Name)}, nil
}

// runner runs the purge.
type runner struct{ *retention.Purge }

func newRunner(deps api.Deps) (*runner, error) {
	p, err := retention.NewPurge(deps, retention.Operations.Name)
	return &runner{p}, err
}

// run runs the purge once. It returns PurgeRunning while another run has the lease.
func (r *runner) run(ctx context.Context, dry bool) (*RunOutput, error) {
	report, err := r.RunFor(ctx, limit, retention.Request{DryRun: dry})
	switch {
	case errors.Is(err, retention.ErrBusy):
		return nil, problem.New(consumers.PurgeRunning,
			"Another purge is running. Nothing was removed by this call; read the report in a minute.")
	case errors.Is(err, retention.ErrLeaseLost):
		return nil, problem.New(consumers.PurgeRunning, "Another purge took over from this one, which stopped. Read the report in a minute.")
	case err != nil:
		return nil, err
	}
	return &RunOutput{Body: Report(report)}, nil
}

// status reads how the purge does.
func (r *reader) status(ctx context.Context) (*StatusOutput, error) {
	s, err := r.Status(ctx)
	if err != nil {
		return nil, err
	}
	out := &StatusOutput{Body: Status{
		LastStartedAt: s.LastStartedAt, RunningUntil: s.RunningUntil,
		OldestOverdueSeconds: s.OldestOverdueSeconds, OldestUnfinishedDay: s.OldestUnfinishedDay,
	}}
	if s.Last != nil {
		out.Body.LastRun = &LastRun{
			StartedAt: s.Last.StartedAt, EndedAt: s.Last.EndedAt, By: s.Last.By, Failed: s.Last.Failed, Report: Report(s.Last.Report),
		}
	}
	return out, nil
}
