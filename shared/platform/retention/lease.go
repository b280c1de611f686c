package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ciclo/shared/platform/table"
)

// Why a run does not start or go on.
var (
	// ErrBusy: another run holds the lease.
	ErrBusy = errors.New("another purge is running")
	// ErrLeaseLost: the run took longer than its lease and another one took over.
	ErrLeaseLost = errors.New("another purge took over")
)

// state is the purge's own row: who runs, until when, and how far it came.
type state struct {
	LastRunAt  string `dynamodbav:"lastRunAt"`
	LeaseUntil string `dynamodbav:"leaseUntil"`
	Token      string `dynamodbav:"token"`
	Watermark  string `dynamodbav:"watermark"` // oldest day that is not finished
}

func (p *Purge) stateKey() table.Key {
	return table.Key{Table: p.table, PK: "PURGE", SK: "STATE"}
}

// lease is the right to purge, until it ends or is released.
type lease struct {
	purge *Purge
	token string
}

// acquire takes the lease when nobody holds it.
//
// A clock that is behind the last run's does not keep a run from starting: either that run's
// clock was ahead, or this one's is behind, and then it removes less than is due, never more,
// because each removal is conditional on the row's own expiry. Refusing would stop the purge
// for as long as that clock was ahead. TestClockBehindTheLastRun proves it.
func (p *Purge) acquire(ctx context.Context, now time.Time) (*lease, error) {
	token, err := p.newToken(now)
	if err != nil {
		return nil, err
	}
	stamp := table.Stamp(now)
	take := func(lastRun table.Cond) error {
		return p.db.Write(ctx, table.Update("lease", p.stateKey(),
			table.Changes{Set: map[string]any{"lastRunAt": stamp, "leaseUntil": table.Stamp(now.Add(leaseTime)), "token": token}},
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

// refusal decodes the row that refused the lease, nil when it was not refused.
func refusal(err error) (*state, error) {
	refused := table.AsRefused(err)
	if refused == nil {
		return nil, err
	}
	current, _ := refused.By("lease")
	return table.As[state](current)
}

// shorten lets a lease end when one that was taken now would. It ends later only if the
// holder's clock is ahead, and if that run has crashed it would end that much too late.
func (p *Purge) shorten(ctx context.Context, held *state, now time.Time) error {
	latest := table.Stamp(now.Add(leaseTime))
	if held.LeaseUntil <= latest {
		return nil
	}
	err := p.db.Write(ctx, table.Update("lease", p.stateKey(),
		table.Changes{Set: map[string]any{"leaseUntil": latest}}, table.Equals("token", held.Token), table.Equals("leaseUntil", held.LeaseUntil)))
	if table.AsRefused(err) != nil {
		return nil // it ended meanwhile
	}
	return err
}

// advance stores the oldest unfinished day, while the lease is still held.
func (l *lease) advance(ctx context.Context, day string) error {
	return l.update(ctx, table.Changes{Set: map[string]any{"watermark": day}})
}

// release gives the lease back, also when ctx has ended: the next run must not
// find it taken, whatever its clock says. It stores day like advance, unless it is "".
func (l *lease) release(ctx context.Context, day string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	do := table.Changes{Remove: []string{"leaseUntil"}}
	if day != "" {
		do.Set = map[string]any{"watermark": day}
	}
	return l.update(ctx, do)
}

func (l *lease) update(ctx context.Context, do table.Changes) error {
	err := l.purge.db.Write(ctx, table.Update("lease", l.purge.stateKey(), do, table.Equals("token", l.token)))
	if table.AsRefused(err) != nil {
		return ErrLeaseLost
	}
	return err
}
