package retention

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ciclo/shared/platform/table"
)

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

// inTime is the storage of a run whose queries return errTooLate after the limit of an operator's
// run. A scheduled run reads on to say what is done.
type inTime struct {
	table.DB

	run *run
}

// Query implements [table.DB].
func (s inTime) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if s.run.limit > 0 && s.run.tooLate() {
		return table.Page{}, errTooLate
	}
	return s.DB.Query(ctx, q)
}

// rows removes the expired rows of the batch of e. It returns when the next row expires, ""
// when none is left.
func (r *run) rows(ctx context.Context, e entry) (next string, err error) {
	q := table.Query{Table: r.table, PK: e.Partition, From: e.From, To: e.To, Limit: pageSize, Consistent: true}
	err = table.All(ctx, inTime{r.db, r}, q, func(item table.Item) error {
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
