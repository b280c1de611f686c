package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ciclo/shared/table"
)

// Why a run does not start or go on.
var (
	// ErrBusy: another run holds the lease.
	ErrBusy = errors.New("another purge is running")
	// ErrClock: the clock is behind the last run's; a clock that is wrong would remove what is live.
	ErrClock = errors.New("the clock is behind the last purge")
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

// acquire takes the lease when nobody holds it and time has not gone backwards.
func (p *Purge) acquire(ctx context.Context, now time.Time) (*lease, error) {
	token, err := p.newToken(now)
	if err != nil {
		return nil, err
	}
	stamp := table.Stamp(now)
	err = p.db.Write(ctx, table.Update("lease", p.stateKey(),
		table.Changes{Set: map[string]any{"lastRunAt": stamp, "leaseUntil": table.Stamp(now.Add(leaseTime)), "token": token}},
		table.Any(table.Lacks("leaseUntil"), table.AtMost("leaseUntil", stamp)),
		table.Any(table.Lacks("lastRunAt"), table.AtMost("lastRunAt", stamp))))
	if refused := table.AsRefused(err); refused != nil {
		current, _ := refused.By("lease")
		return nil, whyNot(current, stamp)
	}
	return &lease{purge: p, token: token}, err
}

// whyNot tells a clock that runs behind from a lease that is held.
func whyNot(current table.Item, stamp string) error {
	var s state
	if err := table.Decode(current, &s); err != nil {
		return err
	}
	if s.LastRunAt > stamp {
		return fmt.Errorf("%w: it is %s, the last run was at %s", ErrClock, stamp, s.LastRunAt)
	}
	return fmt.Errorf("%w: until %s at most", ErrBusy, s.LeaseUntil)
}

// checkClock is acquire's test alone, for a run that changes nothing.
func (p *Purge) checkClock(ctx context.Context, now time.Time) error {
	item, err := p.db.Get(ctx, p.stateKey())
	if err != nil || item == nil {
		return err
	}
	var s state
	if err := table.Decode(item, &s); err != nil {
		return err
	}
	if stamp := table.Stamp(now); s.LastRunAt > stamp {
		return whyNot(item, stamp)
	}
	return nil
}

// advance stores the oldest unfinished day, while the lease is still held.
func (l *lease) advance(ctx context.Context, day string) error {
	return l.set(ctx, map[string]any{"watermark": day})
}

// release gives the lease back, also when ctx has ended: the next run must not
// find it taken. It stores day like advance, unless it is "".
func (l *lease) release(ctx context.Context, now time.Time, day string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	values := map[string]any{"leaseUntil": table.Stamp(now)}
	if day != "" {
		values["watermark"] = day
	}
	return l.set(ctx, values)
}

func (l *lease) set(ctx context.Context, values map[string]any) error {
	err := l.purge.db.Write(ctx, table.Update("lease", l.purge.stateKey(), table.Changes{Set: values}, table.Equals("token", l.token)))
	if table.AsRefused(err) != nil {
		return ErrLeaseLost
	}
	return err
}
