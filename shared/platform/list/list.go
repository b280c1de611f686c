// Package list keeps lists of records whose pages cost the same at any size.
//
// A record has an entry in each partition in which it is listed, written by the transaction
// that changes the record ([Kind.Steps]). The sort key of an entry is the time of that write,
// so what has changed since an earlier time is one query, which is usually empty. Readers
// ([Lists]) keep the rows of a partition in memory, in the order of the list, bring them up to
// date by that query, and filter, count and page them there.
//
// A change is seen by every read that begins after it: queries are strongly consistent, and
// each begins a [Window] before the read that came before it.
package list

import (
	"context"
	"time"

	"ciclo/shared/platform/table"
)

// Window is the longest time from the stamp of an entry until it is stored, plus the greatest
// difference between the clocks of two functions. A write lasts little more than half of it
// (TestWritesEndInTime of the engine), and the clocks of AWS differ by milliseconds. An entry
// that is stored later still would be missed by the replicas that have read its partition
// since, until they read it again, for Refresh at most.
const Window = time.Minute

// Refresh is the age at which a replica is read again as a whole.
const Refresh = 12 * time.Hour

// DefaultRows is how many rows [Lists] keeps in memory at most.
const DefaultRows = 120_000

// Kind is a kind of entries: E as they are stored, a struct with dynamodbav tags, and R as
// they are kept in memory, where each byte counts a hundred thousand times.
type Kind[E, R any] struct {
	Table string
	// Row returns the row of the entry of a record. It keeps nothing of the id and the item, which
	// may share the memory of a whole page. The item lacks all attributes of E when the record has
	// left the list: the row has the id then.
	Row func(id string, item table.Item) R
	// Compare is the order of the lists. No two records are equal.
	Compare func(a, b *R) int
	// CompareIDs orders rows by the ids of their records.
	CompareIDs func(a, b *R) int
	// AtOnce makes a change remove the entry that it replaces, which costs twice as much: for
	// tables without a stream, and so without a worker that removes it later.
	AtOnce bool
	// Now is the time of the machine; nil for [time.Now]. It is not the clock of the domain,
	// which may be set back in a sandbox.
	Now func() time.Time
}

func (k Kind[E, R]) now() time.Time {
	if k.Now == nil {
		return time.Now()
	}
	return k.Now()
}

// Part is what a read takes of one partition.
type Part[R any] struct {
	PK string
	// Match selects rows, nil all of them. It must not use the [Lists] that call it.
	Match func(*R) bool
}

// Lists reads lists of a kind. It is safe for concurrent use.
type Lists[E, R any] struct {
	kind Kind[E, R]
	db   table.DB
	kept kept[R]
}

// New makes a reader of the lists of a kind. It keeps DefaultRows rows.
func (k Kind[E, R]) New(db table.DB) *Lists[E, R] { return k.NewOf(db, DefaultRows) }

// NewOf makes a reader that keeps a number of rows.
func (k Kind[E, R]) NewOf(db table.DB, rows int) *Lists[E, R] {
	return &Lists[E, R]{kind: k, db: db, kept: kept[R]{most: rows}}
}

// Rows returns what is in the parts, in the order of the list. The parts have no record in
// common. The rows must not be changed. Errors are those of the table.
func (l *Lists[E, R]) Rows(ctx context.Context, parts ...Part[R]) ([]*R, error) {
	found := make([][]*R, len(parts))
	reads := make([]func(context.Context) error, len(parts))
	for i, part := range parts {
		reads[i] = func(ctx context.Context) (err error) {
			found[i], err = l.rows(ctx, part)
			return err
		}
	}
	if err := table.Together(ctx, reads...); err != nil {
		return nil, err
	}
	var all []*R
	for _, rows := range found {
		all = merge(all, rows, l.kind.Compare)
	}
	return all, nil
}

// rows returns what is in one part.
func (l *Lists[E, R]) rows(ctx context.Context, part Part[R]) ([]*R, error) {
	p := l.kept.take(part.PK)
	defer l.kept.give(part.PK, p)
	if err := l.update(ctx, part.PK, p); err != nil {
		return nil, err
	}
	var found []*R
	for _, r := range p.inOrder {
		if part.Match == nil || part.Match(&r.value) {
			found = append(found, &r.value)
		}
	}
	return found, nil
}
