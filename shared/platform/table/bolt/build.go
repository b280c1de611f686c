package bolt

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"ciclo/shared/platform/table"
)

const (
	// indexFormat is the version of how entries are stored. A change of entryOf, joinKey or
	// store raises it.
	indexFormat = 1
	// buildItems is how many items one transaction of a build reads, and so what is in memory.
	buildItems = 5000
)

// builtKey is where the bucket of a table's indexes says which ones it holds, all of them up
// to date. An index cannot have that name. It is in that bucket because releases that did
// not write it remove the bucket when they open the file: what they then write follows
// their own schema.
var builtKey = []byte("#built")

// declaration is what the bytes below builtKey say, as JSON. Two schemas with the same
// declaration have the same entries.
type declaration struct {
	Format  int           `json:"format"`
	Indexes []table.Index `json:"indexes"`
}

// declared returns the declaration of indexes, in whatever order they and their projected
// attributes are.
func declared(indexes []table.Index) ([]byte, error) {
	d := declaration{Format: indexFormat, Indexes: slices.Clone(indexes)}
	for i := range d.Indexes {
		d.Indexes[i].Project = slices.Sorted(slices.Values(d.Indexes[i].Project))
	}
	slices.SortFunc(d.Indexes, func(a, b table.Index) int { return strings.Compare(a.Name, b.Name) })
	return json.Marshal(d)
}

// prepare makes the buckets of every table and the indexes that the file does not have as
// they are declared.
func (db *DB) prepare() error {
	for _, t := range db.tables {
		b, err := newBuild(t)
		if err != nil {
			return err
		}
		for done := false; !done; {
			if done, err = b.step(db.file, db.most.buildItems); err != nil {
				return err
			}
		}
	}
	return nil
}

// build makes the indexes of a table from its items, in several transactions. Until the last
// one the file does not say that it has them, so that one which was interrupted is begun
// again by the next opening.
type build struct {
	*tableState
	declared []byte
	begun    bool
	next     []byte // key of the first item not read yet, nil for the very first
}

func newBuild(t *tableState) (*build, error) {
	d, err := declared(t.Indexes)
	return &build{tableState: t, declared: d}, err
}

// step does the next transaction, which reads that many items, and returns whether it was
// the last one. There is none for a table that has its indexes.
func (b *build) step(file *bbolt.DB, items int) (done bool, err error) {
	if !b.begun {
		if done, err := b.built(file); done || err != nil {
			return done, err
		}
	}
	err = file.Update(func(tx *bbolt.Tx) error {
		if !b.begun {
			if err := b.begin(tx); err != nil {
				return err
			}
		}
		root := tx.Bucket([]byte(b.Name))
		next, err := b.add(root, items)
		if err != nil {
			return err
		}
		if b.next, done = next, next == nil; done {
			return root.Bucket(indexesBucket).Put(builtKey, b.declared)
		}
		return nil
	})
	b.begun = true
	return done, err
}

// built tells whether the file has the table, with its indexes.
func (b *build) built(file *bbolt.DB) (has bool, err error) {
	err = file.View(func(tx *bbolt.Tx) error {
		if root := tx.Bucket([]byte(b.Name)); root != nil {
			has = bytes.Equal(root.Bucket(indexesBucket).Get(builtKey), b.declared)
		}
		return nil
	})
	return has, err
}

// begin makes the table's buckets where they are missing, and those of its indexes, empty.
func (b *build) begin(tx *bbolt.Tx) error {
	root, err := tx.CreateBucketIfNotExists([]byte(b.Name))
	if err != nil {
		return err
	}
	for _, bucket := range [][]byte{itemsBucket, indexesBucket, feedBucket} {
		if _, err := root.CreateBucketIfNotExists(bucket); err != nil {
			return err
		}
	}
	if err := root.DeleteBucket(indexesBucket); err != nil {
		return err
	}
	all, err := root.CreateBucket(indexesBucket)
	if err != nil {
		return err
	}
	for _, ix := range b.Indexes {
		if _, err := all.CreateBucket([]byte(ix.Name)); err != nil {
			return err
		}
	}
	return nil
}

// add adds the entries of that many items and returns the key of the item that follows,
// nil when there is none.
func (b *build) add(root *bbolt.Bucket, items int) (next []byte, err error) {
	if len(b.Indexes) == 0 {
		return nil, nil
	}
	c := root.Bucket(itemsBucket).Cursor()
	key, value := c.Seek(b.next)
	for ; key != nil && items > 0; key, value = c.Next() {
		item, err := unmarshal(value)
		if err != nil {
			return nil, err
		}
		// An index declared later leaves out what it can't hold, as in DynamoDB.
		fitting := slices.DeleteFunc(slices.Clone(b.Indexes), func(ix table.Index) bool {
			return checkIndexKeys([]table.Index{ix}, item) != nil
		})
		if _, err := reindex(root, fitting, nil, item); err != nil {
			return nil, err
		}
		items--
	}
	return bytes.Clone(key), nil
}
