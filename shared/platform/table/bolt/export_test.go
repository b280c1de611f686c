package bolt

import (
	"context"

	"go.etcd.io/bbolt"

	"ciclo/shared/platform/table"
)

// OpenLimited is Open with limits of its own.
func OpenLimited(path string, schemas []table.Schema, inspected int64, freePages, buildItems int) (*DB, error) {
	return open(path, schemas, limits{inspected: inspected, freePages: freePages, buildItems: buildItems})
}

// BuildPart does at most that many transactions of the build of a table's indexes, each of
// that many items, and calls each after one that is not the last.
func BuildPart(path string, schema table.Schema, transactions, items int, each func()) error {
	file, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	defer file.Close()
	b, err := newBuild(&tableState{Schema: schema})
	for range transactions {
		if done, failed := b.step(file, items); done || failed != nil {
			return failed
		}
		each()
	}
	return err
}

// Hold keeps commits from beginning until release.
func (db *DB) Hold() (release func()) {
	db.turn <- struct{}{}
	return func() { <-db.turn }
}

// Queued is how many writes wait for a commit.
func (db *DB) Queued() int {
	db.queue.mu.Lock()
	defer db.queue.mu.Unlock()
	return len(db.queue.writes)
}

// Commits is the number of commits of the file.
func (db *DB) Commits() (n int, err error) {
	err = db.file.View(func(tx *bbolt.Tx) error {
		n = tx.ID()
		return nil
	})
	return n, err
}

// Fail is a write that fails with err when its turn comes.
func (db *DB) Fail(ctx context.Context, err error) error {
	return db.update(ctx, "write", func(*bbolt.Tx) error { return err })
}

// ItemSize is the size by which an item is limited and counted.
func ItemSize(item table.Item) int { return itemSize(item) }

// Parse reads an item without the help of the SDK.
func Parse(value []byte) (table.Item, bool) { return parse(value) }
