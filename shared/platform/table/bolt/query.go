package bolt

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"go.etcd.io/bbolt"

	"ciclo/shared/platform/table"
)

// span is the part of an ordered bucket that a query reads: keys from low,
// included, to high, excluded.
type span struct{ low, high []byte }

func (s span) holds(key []byte) bool {
	return bytes.Compare(key, s.low) >= 0 && bytes.Compare(key, s.high) < 0
}

// Query reads one page; see table.DB. As in DynamoDB, a page that reached its
// limit has a Next even if nothing follows. Counted is the page as a whole: one
// read unit per 4 KB, half of that unless consistent.
func (db *DB) Query(ctx context.Context, q table.Query) (table.Page, error) {
	all, err := db.spanOf(q)
	if err != nil {
		return table.Page{}, invalid("query", err)
	}
	rest, err := all.after(q)
	if err != nil {
		return table.Page{}, invalid("query", err)
	}
	var page table.Page
	var size int
	err = db.view(ctx, "query", func(tx *bbolt.Tx) error {
		page, size, err = readPage(bucketOf(tx, q), rest, q)
		return err
	})
	if err != nil {
		return table.Page{}, err
	}
	used := table.Usage{RoundTrips: 1, ItemsRead: len(page.Items), ReadUnits: units(size, readUnitBytes)}
	if !q.Consistent {
		used.ReadUnits /= 2
	}
	table.Metered(ctx, used)
	return page, nil
}

// spanOf checks all of q but its cursor and returns what it reads without one.
func (db *DB) spanOf(q table.Query) (span, error) {
	t := db.tables[q.Table]
	if t == nil {
		return span{}, fmt.Errorf("unknown table %q", q.Table)
	}
	if q.Index != "" {
		if !slices.ContainsFunc(t.Indexes, func(ix table.Index) bool { return ix.Name == q.Index }) {
			return span{}, fmt.Errorf("unknown index %q of table %s", q.Index, q.Table)
		}
		if q.Consistent {
			return span{}, errors.New("a consistent read of an index")
		}
	}
	switch {
	case q.PK == "" || len(q.PK) > table.MaxPKBytes:
		return span{}, fmt.Errorf("partition key of %d bytes", len(q.PK))
	case len(q.From) > table.MaxSKBytes || len(q.To) > table.MaxSKBytes:
		return span{}, fmt.Errorf("sort key bounds of %d and %d bytes", len(q.From), len(q.To))
	case q.To != "" && q.From > q.To:
		return span{}, fmt.Errorf("bounds in the wrong order: %q, %q", q.From, q.To)
	case !utf8.ValidString(q.PK) || !utf8.ValidString(q.From) || !utf8.ValidString(q.To):
		return span{}, errors.New("key or bound is not UTF-8")
	case q.Limit < 0:
		return span{}, fmt.Errorf("limit %d", q.Limit)
	}
	partition := joinKey(q.PK)
	s := span{low: partition, high: after(partition)}
	if q.From != "" {
		s.low = joinKey(q.PK, q.From)
	}
	if q.To != "" {
		s.high = after(joinKey(q.PK, q.To))
	}
	return s, nil
}

// after cuts off what the pages up to q's cursor have read.
func (s span) after(q table.Query) (span, error) {
	if q.Cursor == "" {
		return s, nil
	}
	key, err := parseCursor(q)
	switch {
	case err != nil:
		return span{}, fmt.Errorf("cursor: %w", err)
	case !s.holds(key):
		return span{}, errors.New("cursor is not one of this query")
	case q.Descending:
		s.high = key
	default:
		s.low = after(key)
	}
	return s, nil
}

// readPage reads what fits one page of q, and its size.
func readPage(bucket *bbolt.Bucket, s span, q table.Query) (page table.Page, size int, err error) {
	c := bucket.Cursor()
	key, value := first(c, s, q.Descending)
	var last []byte
	for ; key != nil && s.holds(key); key, value = step(c, q.Descending) {
		item, err := unmarshal(value)
		if err != nil {
			return page, size, err
		}
		n := itemSize(item)
		if len(page.Items) > 0 && size+n > table.MaxPageBytes {
			page.Next = makeCursor(q, last)
			break
		}
		page.Items = append(page.Items, item)
		size += n
		last = key
		if len(page.Items) == q.Limit {
			page.Next = makeCursor(q, last)
			break
		}
	}
	return page, size, nil
}

// first moves c to where reading s begins.
func first(c *bbolt.Cursor, s span, descending bool) (key, value []byte) {
	if !descending {
		return c.Seek(s.low)
	}
	if key, _ = c.Seek(s.high); key == nil {
		return c.Last()
	}
	return c.Prev()
}

func step(c *bbolt.Cursor, descending bool) (key, value []byte) {
	if descending {
		return c.Prev()
	}
	return c.Next()
}

func bucketOf(tx *bbolt.Tx, q table.Query) *bbolt.Bucket {
	root := tx.Bucket([]byte(q.Table))
	if q.Index == "" {
		return root.Bucket(itemsBucket)
	}
	return root.Bucket(indexesBucket).Bucket([]byte(q.Index))
}

// makeCursor names the entry with that key as the last one a page of q held.
func makeCursor(q table.Query, key []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(joinKey(q.Table, q.Index), key...))
}

// parseCursor returns the key that q's cursor names, which need not exist any more.
func parseCursor(q table.Query) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil {
		return nil, err
	}
	key, own := bytes.CutPrefix(raw, joinKey(q.Table, q.Index))
	if !own {
		return nil, errors.New("of another table or index")
	}
	want := 2 // pk, sk
	if q.Index != "" {
		want = 4
	}
	parts, err := splitKey(key)
	if err == nil && (len(parts) != want || slices.Contains(parts, "")) {
		err = errKey
	}
	return key, err
}
