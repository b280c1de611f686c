package journal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// The items that the readers of a trail keep are facts about settled rows, which never change.
// So they are written without a condition: what a concurrent reader writes is true as well, and
// an item that is lost or overwritten by an earlier one costs the next reader a count, and no
// mistake (TestTrailModel).
const (
	tallySK     = "TALLY"
	marksPrefix = "TALLY#" // and a day
)

const (
	// settled is how old a row is when no row with an earlier time is written any more. The
	// request that makes an id writes the row, and ends within the ten seconds of its function;
	// the rest is for clocks that differ.
	settled = 30 * time.Second
	// countFrom is how many settled rows a list reads again and again before it counts them.
	countFrom = 32
	// saveEvery is after how many rows the counts are stored, so that a list that runs into its
	// deadline has not counted in vain.
	saveEvery = 5_000
)

// tally is the number of rows of a partition on each day, without the days that had expired when
// it was stored.
type tally struct {
	Until int64        `dynamodbav:"until"` // rows from that Unix millisecond on are not counted
	Days  []talliedDay `dynamodbav:"days"`  // oldest first
	TTL   int64        `dynamodbav:"ttl"`
}

// talliedDay is the number of rows that were recorded on one day and expire on one day. Days are
// written as [time.DateOnly].
type talliedDay struct {
	Recorded string `dynamodbav:"d"`
	Expires  string `dynamodbav:"x"`
	N        int    `dynamodbav:"n"`
}

// isOver reports whether all rows of a day have expired: before today, or in the first instant
// of today where the month does not have the day of recording (retention.Policy).
func (d talliedDay) isOver(now time.Time) bool {
	today := table.Day(now)
	return d.Expires < today || d.Expires == today && d.Recorded[8:] != today[8:]
}

// countedDay is a day with live rows.
type countedDay struct {
	recorded time.Time
	all      int  // its rows
	live     int  // those that have not expired
	mixed    bool // whether they expire on several days, because the retention was changed
}

// count brings the tally of a partition up to date.
type count struct {
	*Journal
	partition string
	at        time.Time // now
	tally     tally
	marks     map[string]*marks // of the days that were looked up, by day
	last      time.Time         // of the rows that were counted here
	unsaved   int               // rows
}

// TallyKey returns the key of the item that [ListTrail] needs.
func TallyKey(partition string) table.Key { return key(partition, tallySK) }

// read returns the rows that are not in the tally, newest first. Where many of them are settled,
// it counts these.
func (c *count) read(ctx context.Context, stored table.Item) ([]table.Item, error) {
	horizon := c.at.Add(-settled).Truncate(time.Millisecond)
	isAhead := false
	if stored != nil {
		if err := table.Decode(stored, &c.tally); err != nil {
			return nil, err
		}
		if isAhead = c.until().After(horizon); isAhead { // the clock was set back, so that new rows may be among those
			c.tally = tally{}
		}
	}
	page, err := c.db.Query(ctx, c.query(rowPrefix+bound(c.until(), 0x00), afterRows))
	if err != nil {
		return nil, err
	}
	if page.Next != "" {
		return c.countAll(ctx, horizon)
	}
	rows := page.Items
	var old []rowTimes // oldest first
	for _, item := range slices.Backward(rows) {
		row, err := timesOf(item)
		if err != nil {
			return nil, err
		}
		if !row.recorded.Before(horizon) {
			break
		}
		old = append(old, row)
	}
	if len(old) < countFrom && !isAhead {
		return rows, nil
	}
	for _, row := range old {
		if err := c.add(ctx, row); err != nil {
			return nil, err
		}
	}
	return rows[:len(rows)-len(old)], c.save(ctx, horizon)
}

// countAll counts the settled rows that are not in the tally, and returns the others, newest
// first.
func (c *count) countAll(ctx context.Context, horizon time.Time) ([]table.Item, error) {
	q := c.query(rowPrefix+bound(c.until(), 0x00), before(horizon))
	q.Descending = false
	err := table.All(ctx, c.db, q, func(item table.Item) error {
		row, err := timesOf(item)
		if err == nil && c.unsaved >= saveEvery && row.recorded.After(c.last) {
			err = c.save(ctx, row.recorded)
		}
		if err == nil {
			err = c.add(ctx, row)
		}
		return err
	})
	if err == nil {
		err = c.save(ctx, horizon)
	}
	if err != nil {
		return nil, err
	}
	var rows []table.Item
	err = table.All(ctx, c.db, c.query(rowPrefix+bound(horizon, 0x00), afterRows), func(item table.Item) error {
		rows = append(rows, item)
		return nil
	})
	return rows, err
}

// query returns the query of the rows between two sort keys, newest first.
func (c *count) query(from, to string) table.Query {
	return table.Query{Table: retention.Operations.Name, PK: c.partition, From: from, To: to, Descending: true, Consistent: true}
}

func (c *count) until() time.Time { return time.UnixMilli(c.tally.Until).UTC() }

// before returns the greatest sort key of a row that was recorded before a time.
func before(at time.Time) string { return rowPrefix + bound(at.Add(-time.Millisecond), 0xff) }

// add counts a row, which is later than those that were counted.
func (c *count) add(ctx context.Context, row rowTimes) error {
	day := table.Day(row.recorded)
	m, err := c.marksOf(ctx, day)
	if err != nil {
		return err
	}
	m.add(row.recorded.Sub(row.recorded.Truncate(24 * time.Hour)))
	c.last = row.recorded
	c.unsaved++
	for i := len(c.tally.Days) - 1; i >= 0 && c.tally.Days[i].Recorded == day; i-- {
		if d := &c.tally.Days[i]; d.Expires == row.expires {
			d.N++
			return nil
		}
	}
	c.tally.Days = append(c.tally.Days, talliedDay{Recorded: day, Expires: row.expires, N: 1})
	return nil
}

// save stores the counts of the rows before a time.
func (c *count) save(ctx context.Context, until time.Time) error {
	c.tally.Until = until.UnixMilli()
	c.unsaved = 0
	var puts []func(context.Context) error
	live := map[string]bool{}
	for _, d := range c.tally.Days {
		live[d.Recorded] = live[d.Recorded] || !d.isOver(c.at)
	}
	c.tally.Days = slices.DeleteFunc(c.tally.Days, func(d talliedDay) bool { return !live[d.Recorded] })
	for _, d := range c.tally.Days {
		expires, err := time.Parse(time.DateOnly, d.Expires)
		if err != nil {
			return err
		}
		ttl := retention.TTL(expires.AddDate(0, 0, 1))
		c.tally.TTL = max(c.tally.TTL, ttl)
		if m := c.marks[d.Recorded]; m != nil && m.changed {
			m.changed = false
			puts = append(puts, func(ctx context.Context) error {
				return c.db.Write(ctx, table.Put("marks", key(c.partition, marksPrefix+d.Recorded), m.stored(ttl)))
			})
		}
	}
	for some := range slices.Chunk(puts, 16) {
		if err := table.Together(ctx, some...); err != nil {
			return err
		}
	}
	return c.db.Write(ctx, table.Put("tally", TallyKey(c.partition), c.tally))
}

// rowTimes is what is counted of a row.
type rowTimes struct {
	recorded time.Time
	expires  string // day
}

func timesOf(item table.Item) (rowTimes, error) {
	var row struct {
		SK        string `dynamodbav:"sk"`
		ExpiresAt string `dynamodbav:"expiresAt"`
	}
	if err := table.Decode(item, &row); err != nil {
		return rowTimes{}, err
	}
	id, err := ulid.ParseStrict(strings.TrimPrefix(row.SK, rowPrefix))
	if err != nil || len(row.ExpiresAt) < len(time.DateOnly) {
		return rowTimes{}, &table.Error{Kind: table.Invalid, Op: "count", Err: fmt.Errorf("row %q, which expires at %q", row.SK, row.ExpiresAt)}
	}
	return rowTimes{recorded: id.Timestamp().UTC(), expires: row.ExpiresAt[:len(time.DateOnly)]}, nil
}
