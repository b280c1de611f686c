package journal

import (
	"context"
	"encoding/binary"
	"time"

	"ciclo/shared/platform/table"
)

// mark says how many rows of a day were recorded before a time of that day.
type mark struct {
	at   time.Duration // whole milliseconds
	rows int
}

// maxMarks bounds the marks of a day. With more rows the marks have more rows between them.
const maxMarks = 4096

// marks are those of a day, in ascending order, with at least countFrom rows between them. They
// find a place in a day without reading its rows.
type marks struct {
	all     []mark
	rows    int           // rows that were counted
	last    time.Duration // time of the last one that was counted here
	changed bool
}

// add counts a row, which is later than the others.
func (m *marks) add(at time.Duration) {
	from := 0
	if len(m.all) > 0 {
		from = m.all[len(m.all)-1].rows
	}
	if at > m.last && m.rows-from >= max(countFrom, 2*m.rows/maxMarks) {
		m.all = append(m.all, mark{at: at, rows: m.rows})
	}
	m.rows++
	m.last = at
	m.changed = m.rows > countFrom
}

// since returns the first mark that is not before a time.
func (m *marks) since(at time.Duration) (mark, bool) {
	for _, next := range m.all {
		if next.at >= at {
			return next, true
		}
	}
	return mark{}, false
}

// from returns the first mark with that many rows before it or more.
func (m *marks) from(rows int) (mark, bool) {
	for _, next := range m.all {
		if next.rows >= rows {
			return next, true
		}
	}
	return mark{}, false
}

// storedMarks is the item: pairs of numbers, each less the one before.
type storedMarks struct {
	Packed []byte `dynamodbav:"marks"`
	TTL    int64  `dynamodbav:"ttl"`
}

func (m *marks) stored(ttl int64) storedMarks {
	for len(m.all) > maxMarks {
		half := m.all[:0]
		for i := 1; i < len(m.all); i += 2 {
			half = append(half, m.all[i])
		}
		m.all = half
	}
	s := storedMarks{TTL: ttl}
	last := mark{}
	for _, next := range m.all {
		s.Packed = binary.AppendUvarint(s.Packed, uint64((next.at-last.at)/time.Millisecond)) //nolint:gosec // ascending
		s.Packed = binary.AppendUvarint(s.Packed, uint64(next.rows-last.rows))                //nolint:gosec // ascending
		last = next
	}
	return s
}

// unpack returns the marks of an item, none of a damaged one: they only save reads.
func (s storedMarks) unpack() (all []mark) {
	last := mark{}
	for rest := s.Packed; len(rest) > 0; {
		at, n := binary.Uvarint(rest)
		rows, k := binary.Uvarint(rest[max(n, 0):])
		if n <= 0 || k <= 0 {
			return nil
		}
		rest = rest[n+k:]
		last.at += time.Duration(at) * time.Millisecond //nolint:gosec // as stored
		last.rows += int(rows)                          //nolint:gosec // as stored
		all = append(all, last)
	}
	return all
}

// marksOf returns the marks of a day.
func (c *count) marksOf(ctx context.Context, day string) (*marks, error) {
	if m := c.marks[day]; m != nil {
		return m, nil
	}
	m := &marks{last: -1}
	for _, d := range c.tally.Days {
		if d.Recorded == day {
			m.rows += d.N
		}
	}
	if m.rows > countFrom { // otherwise the day has no marks
		item, err := c.db.Get(ctx, key(c.partition, marksPrefix+day))
		if err != nil {
			return nil, err
		}
		stored, err := table.As[storedMarks](item)
		if err != nil {
			return nil, err
		}
		if stored != nil {
			m.all = stored.unpack()
		}
	}
	if c.marks == nil {
		c.marks = map[string]*marks{}
	}
	c.marks[day] = m
	return m, nil
}

// live returns the days with live rows, newest first.
func (c *count) live(ctx context.Context) ([]countedDay, error) {
	var days []countedDay
	today := table.Day(c.at)
	for i := len(c.tally.Days) - 1; i >= 0; {
		first := i
		for first > 0 && c.tally.Days[first-1].Recorded == c.tally.Days[i].Recorded {
			first--
		}
		recorded, err := time.Parse(time.DateOnly, c.tally.Days[i].Recorded)
		if err != nil {
			return nil, err
		}
		d := countedDay{recorded: recorded, mixed: first < i}
		for _, part := range c.tally.Days[first : i+1] {
			d.all += part.N
			live := part.N
			switch {
			case part.isOver(c.at):
				live = 0
			case part.Expires == today && d.mixed:
				live, err = c.liveOf(ctx, recorded, today)
			case part.Expires == today:
				live, err = c.liveToday(ctx, recorded, part.N)
			}
			if err != nil {
				return nil, err
			}
			d.live += live
		}
		if d.live > 0 {
			days = append(days, d)
		}
		i = first - 1
	}
	return days, nil
}

// liveToday returns how many of the n rows of a day are live on the day on which they expire,
// each at the time of day at which it was recorded. It reads the live rows before the next mark.
func (c *count) liveToday(ctx context.Context, recorded time.Time, n int) (int, error) {
	m, err := c.marksOf(ctx, table.Day(recorded))
	if err != nil {
		return 0, err
	}
	today := c.at.Truncate(24 * time.Hour)
	cut := c.at.Truncate(time.Millisecond).Add(time.Millisecond).Sub(today)
	to := c.end(recorded)
	live := 0
	if next, ok := m.since(cut); ok {
		to = before(recorded.Add(next.at))
		live = n - next.rows
	}
	from := rowPrefix + bound(recorded.Add(cut), 0x00)
	if from > to { // the mark is the first live row, or the day is over
		return live, nil
	}
	err = table.All(ctx, c.db, c.query(from, to), func(table.Item) error {
		live++
		return nil
	})
	return live, err
}

// liveOf returns how many of the rows of a mixed day that expire today are live. It reads the day.
func (c *count) liveOf(ctx context.Context, recorded time.Time, today string) (live int, err error) {
	from, _ := dayRange(recorded)
	err = walk(ctx, c.Journal, c.query(from, c.end(recorded)), func(r Expiry) error {
		if r.ExpiresAt > table.Stamp(c.at) && r.ExpiresAt[:len(time.DateOnly)] == today {
			live++
		}
		return nil
	})
	return live, err
}

// end returns the greatest sort key of a row of a day that is in the tally.
func (c *count) end(recorded time.Time) string {
	_, to := dayRange(recorded)
	return min(to, before(c.until()))
}

// skip returns the sort key from which a page begins that leaves out rows of a day, and how many
// of them are still to be left out.
func (c *count) skip(ctx context.Context, d countedDay, rows int) (to string, left int, err error) {
	to = c.end(d.recorded)
	if rows < countFrom || d.mixed {
		return to, rows, nil
	}
	m, err := c.marksOf(ctx, table.Day(d.recorded))
	if err != nil {
		return "", 0, err
	}
	if at, ok := m.from(d.all - rows); ok {
		return before(d.recorded.Add(at.at)), rows - (d.all - at.rows), nil
	}
	return to, rows, nil
}
