package retention

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

const (
	// leaseTime is longer than any run: Lambda ends a function after 15 minutes.
	leaseTime = 16 * time.Minute
	// stepTime is how long after its limit an operator's run may continue a step that it has
	// begun; then the step is cut off.
	stepTime = 4 * time.Second
	// operatorLeaseTime is how long after its limit the lease of an operator's run ends that did
	// not give it back. It is longer than stepTime and releaseTime together.
	operatorLeaseTime = 15 * time.Second
	// margin is the time before the deadline that is left for running calls and the report.
	margin = 30 * time.Second
	// releaseTime is how long giving the lease back may take; it is part of margin. An operator's
	// run takes it after stepTime.
	releaseTime = 5 * time.Second
	// readers and pageSize limit the rows in memory: each reader has one page. workers limits the
	// requests that write.
	readers  = 8
	pageSize = 250
	workers  = 16
)

// Purge removes expired rows of one table. Create it with NewPurge.
type Purge struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	log     *slog.Logger
	table   string
}

// NewPurge makes the purge of tableName. It returns an error when the configured retention is
// below MinMonths.
func NewPurge(deps api.Deps, tableName string) (*Purge, error) {
	if _, err := PolicyFrom(deps.Setting); err != nil {
		return nil, err
	}
	return newPurge(deps, tableName), nil
}

func newPurge(deps api.Deps, tableName string) *Purge {
	return &Purge{db: deps.DB, now: deps.Now, entropy: deps.Entropy, log: deps.Log, table: tableName}
}

func (p *Purge) newToken(now time.Time) (string, error) {
	id, err := ulid.New(ulid.Timestamp(now), p.entropy)
	return id.String(), err
}

// Run removes the rows that have expired by now, oldest day first. It stops when none is
// left or when the deadline of ctx is near; the next run continues there. It removes a row when
// a strongly consistent read says that it has expired: that never changes
// (docs/decisions/0026-purge-in-batches.md). While a run has the lease another returns ErrBusy.
func (p *Purge) Run(ctx context.Context, req Request) (Report, error) {
	return p.start(ctx, req, BySchedule, 0)
}

// RunFor is Run by an operator who waits for the answer: it begins no further step after limit,
// and cuts off what it has begun 4 s later. It ends at most 9 s after limit, the release of the
// lease included. A run that was cut off is not done and returns no error: the next run removes
// what it leaves. It returns an error when the storage did not answer before any work was known.
// TestRunForEndsInTime proves it.
func (p *Purge) RunFor(ctx context.Context, limit time.Duration, req Request) (Report, error) {
	return p.start(ctx, req, ByOperator, limit)
}

func (p *Purge) start(ctx context.Context, req Request, by string, limit time.Duration) (Report, error) {
	now := p.now()
	r := &run{
		Purge: p, limit: limit, cutoff: table.Stamp(now), today: table.Day(now), dry: req.DryRun,
		reading: make(slots, readers), writing: make(slots, workers),
	}
	working, cancel := r.times(ctx)
	defer cancel()
	if !req.DryRun {
		held, err := p.acquire(working, now, r.leaseTime())
		if err != nil {
			return Report{}, err
		}
		r.lease = held
	}
	err := r.days(working)
	if err != nil && r.isCutOff(ctx, working, err) {
		p.log.LogAttrs(ctx, slog.LevelWarn, "purge was cut off", slog.String("error", err.Error()))
		r.stopped.Store(true)
		err = nil
	}
	report := r.report(now, err)
	if r.lease != nil && !errors.Is(err, ErrLeaseLost) {
		last := LastRun{StartedAt: r.cutoff, EndedAt: table.Stamp(p.now()), By: by, Failed: err != nil, Report: report}
		err = errors.Join(err, r.lease.release(ctx, r.day, last))
	}
	if err != nil {
		report.Done = false
		p.log.LogAttrs(ctx, slog.LevelError, "purge", slog.String("error", err.Error()))
		return report, err
	}
	p.log.LogAttrs(ctx, slog.LevelInfo, "purge", report.attrs(now)...)
	return report, nil
}

// run is one run of the purge. The cutoff is fixed at the start.
type run struct {
	*Purge
	lease  *lease
	limit  time.Duration // 0 for that of the context
	cutoff string
	today  string
	dry    bool

	reading, writing slots // of the readers, and of the requests that write

	tooLate func() bool // tells whether it is too late to start another step
	day     string      // the oldest unfinished day, "" until it is known
	due     string      // when the first row of that day expires, to within a day

	stopped                   atomic.Bool // a batch was left to the next run
	scanned, deleted, skipped atomic.Int64
}

// times starts the time of a run: it sets tooLate and returns the context of its steps. cancel
// ends both.
func (r *run) times(ctx context.Context) (working context.Context, cancel func()) {
	until, working := ctx, ctx
	cancelUntil, cancelWorking := context.CancelFunc(func() {}), context.CancelFunc(func() {})
	deadline, ok := ctx.Deadline()
	switch {
	case r.limit > 0:
		working, cancelWorking = context.WithTimeout(ctx, r.limit+stepTime)
		until, cancelUntil = context.WithTimeout(ctx, r.limit)
	case ok:
		until, cancelUntil = context.WithDeadline(ctx, deadline.Add(-margin))
	}
	r.tooLate = func() bool { return until.Err() != nil }
	return working, func() { cancelUntil(); cancelWorking() }
}

// leaseTime returns how long the lease of the run lasts unless it is given back.
func (r *run) leaseTime() time.Duration {
	if r.limit > 0 {
		return r.limit + operatorLeaseTime
	}
	return leaseTime
}

// isCutOff tells whether the run ended with err because its own time was up, not that of the
// caller, and left work at a known day.
func (r *run) isCutOff(ctx, working context.Context, err error) bool {
	return working.Err() != nil && ctx.Err() == nil && r.day != "" && !errors.Is(err, ErrLeaseLost)
}

// days processes the queue, one day after the other.
func (r *run) days(ctx context.Context) error {
	heads, err := r.heads(ctx)
	if err != nil {
		return err
	}
	for {
		if r.day, r.due = oldest(heads); r.day == "" {
			r.day = r.today
			return nil
		}
		if r.lease != nil {
			if err := r.lease.advance(ctx, r.day); err != nil {
				return err
			}
		}
		if err := r.oneDay(ctx, heads); err != nil || r.stopped.Load() {
			return cmp.Or(err, ctx.Err())
		}
	}
}

// oneDay processes the shards of r.day at the same time, and finds their next heads.
func (r *run) oneDay(ctx context.Context, heads []entry) error {
	g, ctx := errgroup.WithContext(ctx)
	for shard := range heads {
		if dayOf(heads[shard].SK) != r.day {
			continue
		}
		g.Go(func() (err error) {
			if err := r.shard(ctx, shard, r.day); err != nil || r.stopped.Load() {
				return err
			}
			// "$" sorts after "#", which follows the day in all keys of the day.
			heads[shard], err = r.head(ctx, shard, r.day+"$")
			return err
		})
	}
	return g.Wait()
}

// heads returns the first entry of each shard.
func (r *run) heads(ctx context.Context) ([]entry, error) {
	heads := make([]entry, shards)
	g, ctx := errgroup.WithContext(ctx)
	for shard := range heads {
		g.Go(func() (err error) {
			heads[shard], err = r.head(ctx, shard, "")
			return err
		})
	}
	return heads, g.Wait()
}

// head returns the first entry of a shard from a key on, up to today; an empty one when there
// is none.
func (r *run) head(ctx context.Context, shard int, from string) (e entry, err error) {
	page, err := r.db.Query(ctx, table.Query{Table: r.table, PK: shardKey(shard), From: from, To: r.today + "$", Limit: 1, Consistent: true})
	if err != nil || len(page.Items) == 0 {
		return entry{}, err
	}
	err = table.Decode(page.Items[0], &e)
	return e, err
}

// oldest returns the oldest day among heads, "" when all are empty, and the earliest expiry
// that the heads of this day know.
func oldest(heads []entry) (day, due string) {
	for _, e := range heads {
		switch d := dayOf(e.SK); {
		case d == "":
		case day == "" || d < day:
			day = d
			due = e.Next
		case d == day:
			due = min(due, e.Next)
		}
	}
	return day, due
}

// isRefused tells whether a write was refused by its conditions.
func isRefused(err error) bool { return table.AsRefused(err) != nil }
