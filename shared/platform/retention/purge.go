package retention

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
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
	// margin is the time before the deadline that is left for running calls and the report.
	margin = 30 * time.Second
	// releaseTime is how long giving the lease back may take; it is part of margin.
	releaseTime = 5 * time.Second
	// pageSize limits the rows in memory, workers the concurrent batches.
	pageSize = 100
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
// left or when the deadline of ctx is near; the next run continues there. Every removal is
// conditional on the row's own expiry. Two runs never overlap: the second returns ErrBusy.
func (p *Purge) Run(ctx context.Context, req Request) (Report, error) {
	return p.start(ctx, req, BySchedule, 0)
}

// RunFor is Run by an operator who waits for the answer: it begins no further step after
// limit. What it leaves, the next run removes.
func (p *Purge) RunFor(ctx context.Context, limit time.Duration, req Request) (Report, error) {
	return p.start(ctx, req, ByOperator, limit)
}

func (p *Purge) start(ctx context.Context, req Request, by string, limit time.Duration) (Report, error) {
	now := p.now()
	r := &run{Purge: p, limit: limit, cutoff: table.Stamp(now), today: table.Day(now), dry: req.DryRun}
	if !req.DryRun {
		held, err := p.acquire(ctx, now)
		if err != nil {
			return Report{}, err
		}
		r.lease = held
	}
	err := r.days(ctx)
	if r.lease != nil && !errors.Is(err, ErrLeaseLost) {
		report := r.report(now, err)
		last := LastRun{StartedAt: r.cutoff, EndedAt: table.Stamp(p.now()), By: by, Failed: err != nil, Report: report}
		err = errors.Join(err, r.lease.release(ctx, r.day, last))
	}
	report := r.report(now, err)
	if err != nil {
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

	tooLate func() bool // tells whether it is too late to start another step
	day     string      // the oldest unfinished day, "" until it is known
	due     string      // when the first row of that day expires, to within a day

	stopped                   atomic.Bool // a batch was left to the next run
	scanned, deleted, skipped atomic.Int64
}

// days processes the queue, one day after the other.
func (r *run) days(ctx context.Context) error {
	until := ctx
	deadline, ok := ctx.Deadline()
	switch {
	case r.limit > 0:
		var cancel context.CancelFunc
		until, cancel = context.WithTimeout(ctx, r.limit)
		defer cancel()
	case ok:
		var cancel context.CancelFunc
		until, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	r.tooLate = func() bool { return until.Err() != nil }
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
		for shard := range heads {
			if dayOf(heads[shard].SK) != r.day {
				continue
			}
			if err := r.shard(ctx, shard, r.day); err != nil || r.stopped.Load() {
				return cmp.Or(err, ctx.Err())
			}
			// "$" sorts after "#", which follows the day in all keys of the day.
			if heads[shard], err = r.head(ctx, shard, r.day+"$"); err != nil {
				return err
			}
		}
	}
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

// shard processes one shard of a day, page by page.
func (r *run) shard(ctx context.Context, shard int, day string) error {
	q := table.Query{Table: r.table, PK: shardKey(shard), From: day, To: day + "$", Limit: pageSize, Consistent: true}
	var rest []entry // of a batch that may continue on the next page
	for {
		if r.limit > 0 && r.tooLate() { // somebody waits; a scheduled run reads on to say what is done
			r.stopped.Store(true)
			return nil
		}
		page, err := r.db.Query(ctx, q)
		if err != nil {
			return err
		}
		batches, err := batchesOf(rest, page.Items)
		if err != nil {
			return err
		}
		rest = nil
		if last := len(batches) - 1; last >= 0 && page.Next != "" {
			rest = batches[last]
			batches = batches[:last]
		}
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(workers)
		for _, entries := range batches {
			g.Go(func() error { return r.batch(gctx, entries) })
		}
		if err := g.Wait(); err != nil || r.stopped.Load() || page.Next == "" {
			return err
		}
		q.Cursor = page.Next
	}
}

// batchesOf groups the entries of a page by batch. rest are entries of the page before. The
// entries of a batch follow each other.
func batchesOf(rest []entry, items []table.Item) ([][]entry, error) {
	var batches [][]entry
	if len(rest) > 0 {
		batches = append(batches, rest)
	}
	for _, item := range items {
		var e entry
		if err := table.Decode(item, &e); err != nil {
			return nil, err
		}
		if last := len(batches) - 1; last >= 0 && e.sameBatch(batches[last][0]) {
			batches[last] = append(batches[last], e)
			continue
		}
		batches = append(batches, []entry{e})
	}
	return batches, nil
}

// batch removes the expired rows of a batch, and then its entries. If the entries went first,
// an interrupted run would leave rows that no run finds. TestKilledAnywhere proves it.
func (r *run) batch(ctx context.Context, entries []entry) error {
	first := slices.MinFunc(entries, func(a, b entry) int { return strings.Compare(a.Next, b.Next) })
	if first.Next > r.cutoff {
		r.skipped.Add(1)
		return nil
	}
	next, err := r.rows(ctx, first)
	switch {
	case errors.Is(err, errTooLate):
		r.stopped.Store(true)
		return nil
	case err != nil || r.dry:
		return err
	}
	for _, e := range entries {
		if err := r.settle(ctx, e, next); err != nil {
			return err
		}
	}
	return nil
}

// settle removes the entry and the marker of an empty batch. In the entry of another batch it
// stores when the next row expires.
func (r *run) settle(ctx context.Context, e entry, next string) error {
	key := table.Key{Table: r.table, PK: e.PK, SK: e.SK}
	if next != "" {
		err := r.db.Write(ctx, table.Update("entry", key, table.Changes{Set: map[string]any{"next": next}}, table.Exists()))
		if isRefused(err) {
			return nil // another run took over and finished the batch
		}
		return err
	}
	marker := table.Key{Table: r.table, PK: e.Partition, SK: e.Marker}
	if err := r.db.Write(ctx, table.Delete("marker", marker)); err != nil {
		return err
	}
	return r.db.Write(ctx, table.Delete("entry", key))
}

// errTooLate ends the walk over a batch that is left to the next run.
var errTooLate = errors.New("too late to start another step")

// rows removes the expired rows of the batch of e. It returns when the next row expires, ""
// when none is left.
func (r *run) rows(ctx context.Context, e entry) (next string, err error) {
	q := table.Query{Table: r.table, PK: e.Partition, From: e.From, To: e.To, Limit: pageSize, Consistent: true}
	err = table.All(ctx, r.db, q, func(item table.Item) error {
		if r.tooLate() {
			return errTooLate
		}
		var row struct {
			SK        string `dynamodbav:"sk"`
			ExpiresAt string `dynamodbav:"expiresAt"`
		}
		if err := table.Decode(item, &row); err != nil {
			return err
		}
		r.scanned.Add(1)
		ours := dayOf(row.ExpiresAt) == dayOf(e.SK) // other rows were recorded under another retention
		if !ours || row.ExpiresAt > r.cutoff {
			r.skipped.Add(1)
			if ours && (next == "" || row.ExpiresAt < next) {
				next = row.ExpiresAt
			}
			return nil
		}
		return r.remove(ctx, table.Key{Table: r.table, PK: e.Partition, SK: row.SK})
	})
	return next, err
}

func (r *run) remove(ctx context.Context, key table.Key) error {
	if !r.dry {
		err := r.db.Write(ctx, table.Delete("row", key, table.AtMost(ExpiresAt, r.cutoff)))
		if isRefused(err) {
			r.skipped.Add(1)
			return nil // it was removed or changed since it was read
		}
		if err != nil {
			return err
		}
	}
	r.deleted.Add(1)
	return nil
}

// isRefused tells whether a write was refused by its conditions.
func isRefused(err error) bool { return table.AsRefused(err) != nil }
