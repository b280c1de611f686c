package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ciclo/shared/platform/table"
)

// The errors of a run that cannot start or continue.
var (
	// ErrBusy means that another run has the lease.
	ErrBusy = errors.New("another purge is running")
	// ErrLeaseLost means that the run took longer than its lease and another run took over.
	ErrLeaseLost = errors.New("another purge took over")
)

// state is the item of the purge itself: which run has the lease, until when, which day is
// next, and how the last run that ended did.
type state struct {
	LastRunAt  string   `dynamodbav:"lastRunAt"`
	LeaseUntil string   `dynamodbav:"leaseUntil"`
	Token      string   `dynamodbav:"token"`
	Watermark  string   `dynamodbav:"watermark"`      // oldest day that is not finished
	Last       *LastRun `dynamodbav:"last,omitempty"` // absent until a run of this release has ended
}

func (p *Purge) stateKey() table.Key {
	return table.Key{Table: p.table, PK: "PURGE", SK: "STATE"}
}

// lease is the right to purge until it ends or is released.
type lease struct {
	purge *Purge
	token string
}

// acquire takes the lease for a time, or returns ErrBusy while another run has it.
//
// A run starts also when its clock is behind the clock of the last run. Either the other
// clock was ahead, or this one is behind; then the run removes less than is due, never more,
// because it removes only rows that have expired by its own clock. If such a run were refused,
// the purge would stop for as long as the other clock was ahead.
// TestClockBehindTheLastRun proves it.
func (p *Purge) acquire(ctx context.Context, now time.Time, lasts time.Duration) (*lease, error) {
	token, err := p.newToken(now)
	if err != nil {
		return nil, err
	}
	stamp := table.Stamp(now)
	take := func(lastRun table.Cond) error {
		return p.db.Write(ctx, table.Update("lease", p.stateKey(),
			table.Changes{Set: map[string]any{"lastRunAt": stamp, "leaseUntil": table.Stamp(now.Add(lasts)), "token": token}},
			table.Any(table.Lacks("leaseUntil"), table.AtMost("leaseUntil", stamp)), lastRun))
	}
	err = take(table.Any(table.Lacks("lastRunAt"), table.AtMost("lastRunAt", stamp)))
	held, err := refusal(err)
	if err == nil && held != nil && held.LeaseUntil <= stamp {
		p.log.LogAttrs(ctx, slog.LevelWarn, "the clock is behind that of the last purge: one of them is wrong",
			slog.String("now", stamp), slog.String("lastRunAt", held.LastRunAt))
		held, err = refusal(take(table.Equals("lastRunAt", held.LastRunAt)))
	}
	switch {
	case err != nil:
		return nil, err
	case held == nil:
		return &lease{purge: p, token: token}, nil
	}
	return nil, errors.Join(fmt.Errorf("%w: until %s at most", ErrBusy, held.LeaseUntil), p.shorten(ctx, held, now))
}

// refusal returns the state that refused the lease, nil when the lease was taken.
func refusal(err error) (*state, error) {
	refused := table.AsRefused(err)
	if refused == nil {
		return nil, err
	}
	current, _ := refused.By("lease")
	return table.As[state](current)
}

// shorten makes another run's lease end no later than the longest that is taken now. A lease that
// ends later was taken under a clock that is ahead. If that run has crashed, the lease would
// stop the purge until the wrong time. TestLeaseUnderAClockThatWasAhead proves it.
func (p *Purge) shorten(ctx context.Context, held *state, now time.Time) error {
	latest := table.Stamp(now.Add(leaseTime))
	if held.LeaseUntil <= latest {
		return nil
	}
	unchanged := []table.Cond{table.Equals("token", held.Token), table.Equals("leaseUntil", held.LeaseUntil)}
	end := table.Changes{Set: map[string]any{"leaseUntil": latest}}
	err := p.db.Write(ctx, table.Update("lease", p.stateKey(), end, unchanged...))
	if isRefused(err) {
		return nil // the lease has ended
	}
	return err
}

// advance stores the oldest unfinished day. It returns ErrLeaseLost when another run took over.
func (l *lease) advance(ctx context.Context, day string) error {
	return l.update(ctx, table.Changes{Set: map[string]any{"watermark": day}})
}

// release gives the lease back, also when ctx has ended: otherwise the next run would have to
// wait for its end. It stores how the run ended, and day as advance does, unless it is "".
func (l *lease) release(ctx context.Context, day string, last LastRun) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	do := table.Changes{Set: map[string]any{"last": last}, Remove: []string{"leaseUntil"}}
	if day != "" {
		do.Set["watermark"] = day
	}
	return l.update(ctx, do)
}

func (l *lease) update(ctx context.Context, do table.Changes) error {
	err := l.purge.db.Write(ctx, table.Update("lease", l.purge.stateKey(), do, table.Equals("token", l.token)))
	if isRefused(err) {
		return ErrLeaseLost
	}
	return err
}
