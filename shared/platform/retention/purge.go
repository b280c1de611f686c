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
	// leaseTime outlasts the longest run, which Lambda ends after 15 minutes.
	leaseTime = 16 * time.Minute
	// margin is kept before the deadline for what is under way and the report.
	margin = 30 * time.Second
	// releaseTime is how long giving the lease back may take; it is part of margin.
	releaseTime = 5 * time.Second
	// pageSize bounds what a run holds in memory, workers what it does at once.
	pageSize = 100
	workers  = 16
)

// Request says how to run.
type Request struct {
	DryRun bool `json:"dryRun"` // count only: nothing is removed, no lease is taken
}

// Report is what a run did.
type Report struct {
	Scanned int  `json:"scanned"` // rows looked at
	Deleted int  `json:"deleted"` // rows removed; with DryRun, that would be
	Skipped int  `json:"skipped"` // rows that are not due yet, or batches known to hold none
	Done    bool `json:"done"`    // nothing expired is left
	DryRun  bool `json:"dryRun"`
	// OldestOverdueSeconds is for how long the oldest expired row has been
	// waiting, to within a day; 0 when Done.
	OldestOverdueSeconds int64 `json:"oldestOverdueSeconds"`
	// OldestUnfinishedDay is where the next run begins.
	OldestUnfinishedDay string `json:"oldestUnfinishedDay"`
}

// Purge removes expired rows of one table. Create it with NewPurge.
type Purge struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	log     *slog.Logger
	table   string
}

// NewPurge makes the purge of tableName. It refuses a retention below MinMonths.
func NewPurge(deps api.Deps, tableName string) (*Purge, error) {
	if _, err := PolicyFrom(deps.Setting); err != nil {
		return nil, err
	}
	return &Purge{db: deps.DB, now: deps.Now, entropy: deps.Entropy, log: deps.Log, table: tableName}, nil
}

func (p *Purge) newToken(now time.Time) (string, error) {
	id, err := ulid.New(ulid.Timestamp(now), p.entropy)
	return id.String(), err
}

// Run removes what has expired by now, oldest day first, until nothing is left
// or the context's deadline is near; the next run goes on where this one stopped.
// Every removal is conditional on the row's own expiry. Two runs never overlap:
// the second gets ErrBusy.
func (p *Purge) Run(ctx context.Context, req Request) (Report, error) {
	now := p.now()
	r := &run{Purge: p, cutoff: table.Stamp(now), today: table.Day(now), dry: req.DryRun}
	if !req.DryRun {
		held, err := p.acquire(ctx, now)
		if err != nil {
			return Report{}, err
		}
		r.lease = held
	}
	err := r.days(ctx)
	if r.lease != nil && !errors.Is(err, ErrLeaseLost) {
		err = errors.Join(err, r.lease.release(ctx, r.day))
	}
	report := r.report(now, err)
	if err != nil {
		p.log.LogAttrs(ctx, slog.LevelError, "purge", slog.String("error", err.Error()))
		return report, err
	}
	p.log.LogAttrs(ctx, slog.LevelInfo, "purge", report.attrs(now)...)
	return report, nil
}

// run is one run of the purge. Its cutoff is fixed at the start.
type run struct {
	*Purge
	lease  *lease
	cutoff string
	today  string
	dry    bool

	over func() bool // tells whether it is too late to begin anything new
	day  string      // the oldest day that is not finished, "" until it is known
	due  string      // when the first row of that day expires, to within a day

	stopped                   atomic.Bool // something was not begun
	scanned, deleted, skipped atomic.Int64
}

// days works the queue off, a day at a time.
func (r *run) days(ctx context.Context) error {
	until := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		until, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	r.over = func() bool { return until.Err() != nil }
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
			// After every key of the day, which go on with #.
			if heads[shard], err = r.head(ctx, shard, r.day+"$"); err != nil {
				return err
			}
		}
	}
}

// heads returns the first entry of every shard.
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

// head returns the first entry of a shard from a key on that is not after
// today, an empty one when there is none.
func (r *run) head(ctx context.Context, shard int, from string) (e entry, err error) {
	page, err := r.db.Query(ctx, table.Query{Table: r.table, PK: shardKey(shard), From: from, To: r.today + "$", Limit: 1, Consistent: true})
	if err != nil || len(page.Items) == 0 {
		return entry{}, err
	}
	err = table.Decode(page.Items[0], &e)
	return e, err
}

// oldest returns the oldest day among heads and when its first row expires, as
// far as heads tell; "" when all are empty.
func oldest(heads []entry) (day, due string) {
	for _, e := range heads {
		switch d := dayOf(e.SK); {
		case d == "":
		case day == "" || d < day:
			day, due = d, e.Next
		case d == day:
			due = min(due, e.Next)
		}
	}
	return day, due
}

// shard works one shard of a day off, a page at a time.
func (r *run) shard(ctx context.Context, shard int, day string) error {
	q := table.Query{Table: r.table, PK: shardKey(shard), From: day, To: day + "$", Limit: pageSize, Consistent: true}
	var rest []entry // of a batch that may go on with the next page
	for {
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
			rest, batches = batches[last], batches[:last]
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

// batchesOf returns the entries of each batch on a page, the first of which begins with
// rest. Entries of one batch follow each other.
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

// batch removes the expired rows of a batch, then its entries: last, so that a run that
// is cut off leaves them for the next one.
func (r *run) batch(ctx context.Context, entries []entry) error {
	first := slices.MinFunc(entries, func(a, b entry) int { return strings.Compare(a.Next, b.Next) })
	if first.Next > r.cutoff {
		r.skipped.Add(1)
		return nil
	}
	next, err := r.rows(ctx, first)
	switch {
	case errors.Is(err, errOver):
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

// settle removes an entry whose batch is empty, with its marker, or notes in it when the
// next row of the batch expires.
func (r *run) settle(ctx context.Context, e entry, next string) error {
	key := table.Key{Table: r.table, PK: e.PK, SK: e.SK}
	if next != "" {
		err := r.db.Write(ctx, table.Update("entry", key, table.Changes{Set: map[string]any{"next": next}}, table.Exists()))
		if table.AsRefused(err) != nil {
			return nil // a run that took over has finished the batch
		}
		return err
	}
	marker := table.Key{Table: r.table, PK: e.Partition, SK: e.Marker}
	if err := r.db.Write(ctx, table.Delete("marker", marker)); err != nil {
		return err
	}
	return r.db.Write(ctx, table.Delete("entry", key))
}

// errOver ends the walk over a batch that must be left to the next run.
var errOver = errors.New("too late to begin anything new")

// rows removes the expired rows of e and returns when the next one expires, ""
// when none is left.
func (r *run) rows(ctx context.Context, e entry) (next string, err error) {
	q := table.Query{Table: r.table, PK: e.Partition, From: e.From, To: e.To, Limit: pageSize, Consistent: true}
	err = table.All(ctx, r.db, q, func(item table.Item) error {
		if r.over() {
			return errOver
		}
		var row struct {
			SK        string `dynamodbav:"sk"`
			ExpiresAt string `dynamodbav:"expiresAt"`
		}
		if err := table.Decode(item, &row); err != nil {
			return err
		}
		r.scanned.Add(1)
		ours := dayOf(row.ExpiresAt) == dayOf(e.SK) // others were recorded under another retention
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
		if table.AsRefused(err) != nil {
			r.skipped.Add(1)
			return nil // removed or renewed since it was read; either way not ours
		}
		if err != nil {
			return err
		}
	}
	r.deleted.Add(1)
	return nil
}

// report sums up a run that began at now and ended with err.
func (r *run) report(now time.Time, err error) Report {
	rep := Report{
		Scanned: int(r.scanned.Load()), Deleted: int(r.deleted.Load()), Skipped: int(r.skipped.Load()),
		Done: err == nil && !r.stopped.Load(), DryRun: r.dry, OldestUnfinishedDay: r.day,
	}
	if due, err := table.ParseStamp(r.due); err == nil && !rep.Done {
		rep.OldestOverdueSeconds = max(0, int64(now.Sub(due).Seconds()))
	}
	return rep
}
