package operation

import (
	"context"
	"errors"
	"time"

	"ciclo/shared/retention"
	"ciclo/shared/table"
)

// List returns up to limit live operations, newest first, from the offset-th on
// (0 is the most recent), and how many live ones follow the last returned.
//
// Counters per day make the cost independent of offset and total: one query for
// the counters, one that starts on the day of the first operation returned, and
// one more on the day on which part of a day's operations have expired.
func (l *Log) List(ctx context.Context, o Owner, offset, limit int) (ops []Operation, remaining int, err error) {
	now := l.now()
	days, err := l.liveDays(ctx, o, now)
	if err != nil {
		return nil, 0, err
	}
	total := 0
	for _, d := range days {
		total += d.n
	}
	ops = []Operation{}
	if offset >= total {
		return ops, 0, nil
	}
	skip := offset
	for skip >= days[0].n {
		skip -= days[0].n
		days = days[1:]
	}
	oldest, _ := dayRange(days[len(days)-1].recorded)
	_, newest := dayRange(days[0].recorded)
	q := table.Query{
		Table: retention.Operations.Name, PK: o.pk(), From: oldest, To: newest,
		Descending: true, Limit: skip + limit, Consistent: true,
	}
	stamp := table.Stamp(now)
	err = l.rows(ctx, q, func(r row) error {
		switch {
		case r.ExpiresAt <= stamp && len(ops) >= total-offset:
			return errEnough // every live one is out; what follows may be a long tail of expired ones
		case r.ExpiresAt <= stamp:
			return nil
		case skip > 0:
			skip--
			return nil
		}
		op, err := r.view()
		if err != nil {
			return err
		}
		if ops = append(ops, op); len(ops) == limit {
			return errEnough
		}
		return nil
	})
	return ops, max(0, total-offset-len(ops)), err
}

// errEnough ends a walk early.
var errEnough = errors.New("enough")

// day is how many operations recorded on a day are live.
type day struct {
	recorded time.Time
	n        int
}

// liveDays returns the days with live operations, newest first.
func (l *Log) liveDays(ctx context.Context, o Owner, now time.Time) ([]day, error) {
	var days []day
	today := table.Day(now)
	q := table.Query{Table: retention.Operations.Name, PK: o.pk(), From: dayPrefix, To: afterDays, Descending: true, Consistent: true}
	err := table.All(ctx, l.db, q, func(item table.Item) error {
		var counter struct {
			SK string `dynamodbav:"sk"`
			N  int    `dynamodbav:"n"`
		}
		if err := table.Decode(item, &counter); err != nil {
			return err
		}
		recorded, expires := parseDaySK(counter.SK)
		if expires < today {
			return nil
		}
		start, err := time.Parse(time.DateOnly, recorded)
		if err != nil {
			return err
		}
		d := day{recorded: start, n: counter.N}
		switch {
		case expires == today && start.Day() != now.UTC().Day():
			// A day without a counterpart in the month it expires in: all of it
			// expired with the first instant of today (retention.Policy).
			return nil
		case expires == today:
			if d.n, err = l.countLive(ctx, o, start, expires, now); err != nil {
				return err
			}
		}
		if last := len(days) - 1; last >= 0 && days[last].recorded.Equal(start) {
			// The retention was changed on that day; its operations are interleaved.
			days[last].n += d.n
			return nil
		}
		days = append(days, d)
		return nil
	})
	return days, err
}

// countLive counts the live operations of a day's counter that expire on the day of now.
func (l *Log) countLive(ctx context.Context, o Owner, recorded time.Time, expires string, now time.Time) (n int, err error) {
	from, to := dayRange(recorded)
	stamp := table.Stamp(now)
	q := table.Query{Table: retention.Operations.Name, PK: o.pk(), From: from, To: to, Consistent: true}
	err = l.rows(ctx, q, func(r row) error {
		if r.ExpiresAt > stamp && r.ExpiresAt[:len(time.DateOnly)] == expires {
			n++
		}
		return nil
	})
	return n, err
}

// rows hands the rows of q to yield, until it says errEnough.
func (l *Log) rows(ctx context.Context, q table.Query, yield func(row) error) error {
	err := table.All(ctx, l.db, q, func(item table.Item) error {
		var r row
		if err := table.Decode(item, &r); err != nil {
			return err
		}
		return yield(r)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
