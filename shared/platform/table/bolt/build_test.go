package bolt_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// tamper changes the buckets of the orders in a file, and the entry of the item "a" is
// gone from the index.
func tamper(t *testing.T, path string, change func(indexes *bbolt.Bucket) error) {
	t.Helper()
	file, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	err = file.Update(func(tx *bbolt.Tx) error {
		indexes := tx.Bucket([]byte("orders")).Bucket([]byte("indexes"))
		entries := indexes.Bucket([]byte("by-owner"))
		key, _ := entries.Cursor().First()
		if err := entries.Delete(key); err != nil {
			return err
		}
		return change(indexes)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestIndexesAreKept: a file whose indexes are as declared is opened as it is; any other
// gets them built from its items.
func TestIndexesAreKept(t *testing.T) {
	t.Parallel()
	index := func(change func(*table.Index)) table.Schema {
		s := ordersSchema()
		s.Indexes = []table.Index{{Name: "by-owner", PK: "owner", SK: "rank", Project: []string{"note", "place"}}}
		change(&s.Indexes[0])
		return s
	}
	same := func(*table.Index) {}
	keep := func(*bbolt.Bucket) error { return nil }
	more := index(same)
	more.Indexes = append(more.Indexes, table.Index{Name: "by-note", PK: "note", SK: "rank"})
	for name, c := range map[string]struct {
		schema table.Schema
		tamper func(indexes *bbolt.Bucket) error
		kept   bool
	}{
		"the same":            {index(same), keep, true},
		"projected, in order": {index(func(ix *table.Index) { ix.Project = []string{"place", "note"} }), keep, true},
		"projects less":       {index(func(ix *table.Index) { ix.Project = []string{"note"} }), keep, false},
		"another key":         {index(func(ix *table.Index) { ix.SK = "note" }), keep, false},
		"one more":            {more, keep, false},
		"of an older release": {index(same), func(b *bbolt.Bucket) error { return b.Delete([]byte("#built")) }, false},
		"of another format": {index(same), func(b *bbolt.Bucket) error {
			return b.Put([]byte("#built"), []byte(`{"format":0}`))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "data.db")
			db := open(t, path, index(same))
			for _, sk := range []string{"a", "b"} {
				write(t, db, table.Put("p", order(sk), map[string]any{"owner": "x", "rank": sk, "note": sk, "place": sk}))
			}
			shut(t, db)
			tamper(t, path, c.tamper)
			db = open(t, path, c.schema)
			want := []string{"a", "b"}
			if c.kept {
				want = []string{"b"}
			}
			if got := skOf(query(t, db, table.Query{Table: "orders", Index: "by-owner", PK: "x"}).Items); !slices.Equal(got, want) {
				t.Errorf("the index has %q, want %q", got, want)
			}
		})
	}
}

// TestBuildInParts: a build of several transactions has every item; one that ended after
// any of them is done again.
func TestBuildInParts(t *testing.T) {
	t.Parallel()
	plain := ordersSchema()
	plain.Indexes = nil
	var all []string
	var steps []table.Step
	for i := range 10 {
		sk := fmt.Sprint(i)
		all = append(all, sk)
		steps = append(steps, table.Put(sk, order(sk), map[string]any{"owner": "x", "rank": sk}))
	}
	for transactions := range 5 {
		path := filepath.Join(t.TempDir(), "data.db")
		db := open(t, path, plain)
		write(t, db, steps...)
		shut(t, db)
		unfinished := 0
		if err := bolt.BuildPart(path, ordersSchema(), transactions, 3, func() { unfinished++ }); err != nil {
			t.Fatal(err)
		}
		if want := min(transactions, 3); unfinished != want {
			t.Errorf("after %d transactions %d of them left something to do, want %d", transactions, unfinished, want)
		}
		db, err := bolt.OpenLimited(path, []table.Schema{ordersSchema()}, 0, 0, 4)
		if err != nil {
			t.Fatal(err)
		}
		if got := skOf(query(t, db, table.Query{Table: "orders", Index: "by-owner", PK: "x"}).Items); !slices.Equal(got, all) {
			t.Errorf("after %d transactions the index has %q", transactions, got)
		}
		shut(t, db)
	}
}
