package retention

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/table"
)

// entriesPage is the number of entries of the queue that are read at a time.
const entriesPage = 100

// shard processes one shard of a day, page by page.
func (r *run) shard(ctx context.Context, shard int, day string) error {
	q := table.Query{Table: r.table, PK: shardKey(shard), From: day, To: day + "$", Limit: entriesPage, Consistent: true}
	var rest []entry // of a batch that may continue on the next page
	for {
		page, err := r.query(ctx, q)
		if err != nil || r.stopped.Load() {
			return err
		}
		batches, err := batchesOf(rest, page.Items)
		if err != nil {
			return err
		}
		rest = nil
		if last := len(batches) - 1; last >= 0 && page.Next != "" {
			rest = batches[last].entries
			batches = batches[:last]
		}
		if err := r.remove(ctx, batches); err != nil || r.stopped.Load() || page.Next == "" {
			return err
		}
		q.Cursor = page.Next
	}
}

// query reads a page, unless the limit of an operator's run has passed: then it sets r.stopped.
// A scheduled run reads on to say what is done.
func (r *run) query(ctx context.Context, q table.Query) (table.Page, error) {
	if r.limit > 0 && r.tooLate() {
		r.stopped.Store(true)
		return table.Page{}, nil
	}
	return r.db.Query(ctx, q)
}

// batch is a batch and its entries.
type batch struct {
	entries []entry

	mu   sync.Mutex
	next string // when the next of its rows expires, "" when none is left
}

// due returns when the first row of the batch expires.
func (b *batch) due() string {
	return slices.MinFunc(b.entries, func(a, b entry) int { return strings.Compare(a.Next, b.Next) }).Next
}

// keep notes a row that has not expired.
func (b *batch) keep(expiresAt string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == "" || expiresAt < b.next {
		b.next = expiresAt
	}
}

// batchesOf groups the entries of a page by batch. rest are entries of the page before. The
// entries of a batch follow each other.
func batchesOf(rest []entry, items []table.Item) ([]*batch, error) {
	var batches []*batch
	if len(rest) > 0 {
		batches = append(batches, &batch{entries: rest})
	}
	for _, item := range items {
		var e entry
		if err := table.Decode(item, &e); err != nil {
			return nil, err
		}
		if last := len(batches) - 1; last >= 0 && e.sameBatch(batches[last].entries[0]) {
			batches[last].entries = append(batches[last].entries, e)
			continue
		}
		batches = append(batches, &batch{entries: []entry{e}})
	}
	return batches, nil
}

// remove removes the expired rows of batches, and then the markers and entries of those that
// are empty. If the entries went first, an interrupted run would leave rows that no run finds.
// TestKilledAnywhere proves it.
func (r *run) remove(ctx context.Context, batches []*batch) error {
	batches = slices.DeleteFunc(batches, func(b *batch) bool {
		later := b.due() > r.cutoff
		if later {
			r.skipped.Add(1)
		}
		return later
	})
	if err := r.sweep(ctx, batches); err != nil || r.stopped.Load() || r.dry {
		return err
	}
	if err := r.postpone(ctx, batches); err != nil {
		return err
	}
	var markers, entries []table.Key
	for _, b := range batches {
		if b.next != "" {
			continue
		}
		for _, e := range b.entries {
			if marker := (table.Key{Table: r.table, PK: e.Partition, SK: e.Marker}); !slices.Contains(markers, marker) {
				markers = append(markers, marker)
			}
			entries = append(entries, table.Key{Table: r.table, PK: e.PK, SK: e.SK})
		}
	}
	for _, keys := range [][]table.Key{markers, entries} {
		if err := r.deleteAll(ctx, keys); err != nil {
			return err
		}
	}
	return nil
}

// postpone stores in the entries of batches that have rows left when the next of these expires.
func (r *run) postpone(ctx context.Context, batches []*batch) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, b := range batches {
		if b.next == "" {
			continue
		}
		for _, e := range b.entries {
			r.writing.start(ctx, g, func() error {
				err := r.db.Write(ctx, table.Update("entry", table.Key{Table: r.table, PK: e.PK, SK: e.SK},
					table.Changes{Set: map[string]any{"next": b.next}}, table.Exists()))
				if isRefused(err) {
					return nil // another run took over and finished the batch
				}
				return err
			})
		}
	}
	return g.Wait()
}

// deleteAll removes items in as few requests as possible, several at the same time.
func (r *run) deleteAll(ctx context.Context, keys []table.Key) error {
	g, ctx := errgroup.WithContext(ctx)
	for some := range slices.Chunk(keys, table.MaxDeletes) {
		r.writing.start(ctx, g, func() error { return r.db.DeleteAll(ctx, some) })
	}
	return g.Wait()
}

// slots limits what runs at the same time.
type slots chan struct{}

// start runs f in g as soon as a slot is free. When ctx ends before, g fails, and start returns
// false.
func (s slots) start(ctx context.Context, g *errgroup.Group, f func() error) bool {
	select {
	case s <- struct{}{}:
		s.run(g, f)
		return true
	case <-ctx.Done():
		g.Go(ctx.Err)
		return false
	}
}

// try is start if a slot is free now; otherwise it returns false.
func (s slots) try(g *errgroup.Group, f func() error) bool {
	select {
	case s <- struct{}{}:
		s.run(g, f)
		return true
	default:
		return false
	}
}

func (s slots) run(g *errgroup.Group, f func() error) {
	g.Go(func() error {
		defer func() { <-s }()
		return f()
	})
}
