package journal

import (
	"context"
	"errors"
	"time"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// List returns up to limit (at least 1) live rows of a partition, newest first, starting at
// offset (0 is the newest), and the number of all live rows. A row is live until it expires.
//
// Counters per day make the cost independent of offset and total: one query reads the
// counters, one reads rows from the day of the first row returned, and one more is needed
// on a day on which a part of another day's rows has expired.
func List[R Row](ctx context.Context, j *Journal, partition string, offset, limit int) (rows []R, total int, err error) {
	now := j.now()
	days, err := j.liveDays(ctx, partition, now)
	if err != nil {
		return nil, 0, err
	}
	for _, d := range days {
		total += d.n
	}
	rows = []R{}
	if offset >= total {
		return rows, total, nil
	}
	skip := offset
	for skip >= days[0].n {
		skip -= days[0].n
		days = days[1:]
	}
	oldest, _ := dayRange(days[len(days)-1].recorded)
	_, newest := dayRange(days[0].recorded)
	q := table.Query{
		Table: retention.Operations.Name, PK: partition, From: oldest, To: newest,
		Descending: true, Limit: skip + limit, Consistent: true,
	}
	stamp := table.Stamp(now)
	err = walk(ctx, j, q, func(row R) error {
		switch expired := row.expiry() <= stamp; {
		case expired && len(rows) >= total-offset:
			return errEnough // all live rows are found; many expired ones may follow
		case expired:
			return nil
		case skip > 0:
			skip--
			return nil
		}
		if rows = append(rows, row); len(rows) == limit {
			return errEnough
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return rows, max(total, offset+len(rows)), nil // rows may have been added since the days were counted
}

// errEnough ends a walk early.
var errEnough = errors.New("enough")

// day is the number of live rows that were recorded on a day.
type day struct {
	recorded time.Time
	n        int
}

// counter is the number of rows that were recorded on one day and expire on one day. Days
// are written as [time.DateOnly].
type counter struct {
	recorded, expires string
	n                 int
}

// counters returns the counters of a partition that expire today or later, newest day
// first.
func (j *Journal) counters(ctx context.Context, partition, today string) ([]counter, error) {
	var all []counter
	q := table.Query{Table: retention.Operations.Name, PK: partition, From: dayPrefix, To: afterDays, Descending: true, Consistent: true}
	err := table.All(ctx, j.db, q, func(item table.Item) error {
		var stored struct {
			SK string `dynamodbav:"sk"`
			N  int    `dynamodbav:"n"`
		}
		if err := table.Decode(item, &stored); err != nil {
			return err
		}
		recorded, expires := parseDaySK(stored.SK)
		if expires < today {
			return nil
		}
		all = append(all, counter{recorded, expires, stored.N})
		return nil
	})
	return all, err
}

// liveDays returns the days with live rows, newest first.
func (j *Journal) liveDays(ctx context.Context, partition string, now time.Time) ([]day, error) {
	var days []day
	today := table.Day(now)
	counters, err := j.counters(ctx, partition, today)
	if err != nil {
		return nil, err
	}
	for _, c := range counters {
		start, err := time.Parse(time.DateOnly, c.recorded)
		if err != nil {
			return nil, err
		}
		d := day{recorded: start, n: c.n}
		switch {
		case c.expires == today && start.Day() != now.UTC().Day():
			// The month of expiry does not have the day of recording: all rows expired
			// in the first instant of today (retention.Policy).
			continue
		case c.expires == today:
			if d.n, err = j.countLive(ctx, partition, start, c.expires, now); err != nil {
				return nil, err
			}
		}
		if last := len(days) - 1; last >= 0 && days[last].recorded.Equal(start) {
			// The retention was changed on that day, so it has several counters.
			days[last].n += d.n
			continue
		}
		days = append(days, d)
	}
	return days, nil
}

// countLive counts the live rows of a counter that expires on the day of now.
func (j *Journal) countLive(ctx context.Context, partition string, recorded time.Time, expires string, now time.Time) (n int, err error) {
	from, to := dayRange(recorded)
	stamp := table.Stamp(now)
	q := table.Query{Table: retention.Operations.Name, PK: partition, From: from, To: to, Consistent: true}
	err = walk(ctx, j, q, func(r Expiry) error {
		if r.ExpiresAt > stamp && r.ExpiresAt[:len(time.DateOnly)] == expires {
			n++
		}
		return nil
	})
	return n, err
}

// walk calls yield with each row of q until it returns an error. errEnough ends the walk
// without one.
func walk[R Row](ctx context.Context, j *Journal, q table.Query, yield func(R) error) error {
	err := table.All(ctx, j.db, q, func(item table.Item) error {
		var row R
		if err := table.Decode(item, &row); err != nil {
			return err
		}
		return yield(row)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
