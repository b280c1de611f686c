package journal

import (
	"context"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// Trail is a log for owners with many concurrent writers. A row is one put, and shares no item
// with another row: there is no counter and no entry for the purge, and DynamoDB's TTL removes
// it. Lists count the rows and keep the counts (see tally).
//
// A trail also reads the rows that a [Journal] wrote in the same partition.
type Trail struct{ rows *Journal }

// NewTrail makes a trail. It returns an error when the configured retention is below the
// minimum.
func NewTrail(deps api.Deps) (*Trail, error) {
	rows, err := New(deps)
	return &Trail{rows: rows}, err
}

// Next returns an id and a time for a row.
func (t *Trail) Next() (id string, at time.Time, err error) { return t.rows.Next("") }

// Row returns the step that records a row in a partition, under an id and time of Next. Without
// other steps it costs one write unit for each KB. It may be written again, with another content.
func (t *Trail) Row(partition, id string, at time.Time, row func(Expiry) Row) table.Step {
	expires := t.rows.policy.ExpiresAt(at)
	expiry := Expiry{ExpiresAt: table.Stamp(expires), TTL: retention.TTL(expires)}
	return table.Put(LabelRow, Key(partition, id), row(expiry))
}

// ListTrail returns up to limit (at least 1) live rows of a partition, newest first, starting at
// offset (0 is the newest), and the number of all live rows. A row is live until it expires.
//
// tally is the item of [TallyKey], nil if there is none; a caller reads it together with others.
// ListTrail reads the rows that are not counted yet (those of the last half minute and fewer
// than countFrom older ones), and the rest of the page. Where more rows are not counted, it
// counts them, so that only one reader after them reads them.
func ListTrail[R Row](
	ctx context.Context, t *Trail, partition string, tally table.Item, offset, limit int,
) (rows []R, total int, err error) {
	c := &count{Journal: t.rows, partition: partition, at: t.rows.now().UTC()}
	recent, err := c.read(ctx, tally)
	if err != nil {
		return nil, 0, err
	}
	days, err := c.live(ctx)
	if err != nil {
		return nil, 0, err
	}
	rows = []R{}
	for _, item := range recent {
		row, err := table.As[R](item)
		if err != nil {
			return nil, 0, err
		}
		if (*row).expiry() <= table.Stamp(c.at) {
			continue
		}
		if total >= offset && len(rows) < limit {
			rows = append(rows, *row)
		}
		total++
	}
	skip := max(0, offset-total)
	for _, d := range days {
		total += d.live
	}
	if need := min(limit, total-offset) - len(rows); need > 0 {
		older, err := pageOf[R](ctx, c, days, skip, need)
		if err != nil {
			return nil, 0, err
		}
		rows = append(rows, older...)
	}
	return rows, total, nil
}

// pageOf returns n live rows of the tally's days, newest first, after the first skip. There
// are as many.
func pageOf[R Row](ctx context.Context, c *count, days []countedDay, skip, n int) ([]R, error) {
	for skip >= days[0].live {
		skip -= days[0].live
		days = days[1:]
	}
	oldest, _ := dayRange(days[len(days)-1].recorded)
	to, skip, err := c.skip(ctx, days[0], skip)
	if err != nil {
		return nil, err
	}
	q := table.Query{
		Table: retention.Operations.Name, PK: c.partition, From: oldest, To: to,
		Descending: true, Limit: skip + n, Consistent: true,
	}
	var rows []R
	err = walk(ctx, c.Journal, q, func(row R) error {
		switch {
		case row.expiry() <= table.Stamp(c.at):
			return nil
		case skip > 0:
			skip--
			return nil
		}
		if rows = append(rows, row); len(rows) == n {
			return errEnough
		}
		return nil
	})
	return rows, err
}
