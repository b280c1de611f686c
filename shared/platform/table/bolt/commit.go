package bolt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"
)

// maxFreePages is up to how many free pages a commit writes the list of them, which is
// 8 bytes a page. With the list in the file the next opening need not search for them. A
// purge frees so many that the list would be most of what is written
// (docs/decisions/0027-the-embedded-engine.md); Close writes it then.
const maxFreePages = 4096

// write is a change that waits for its commit.
type write struct {
	ctx  context.Context //nolint:containedctx // of the call that waits
	do   func(*bbolt.Tx) error
	err  error
	done chan struct{} // closed when err is known
}

// queue holds the writes that no commit has taken yet.
type queue struct {
	mu     sync.Mutex
	writes []*write
}

func (q *queue) add(one *write) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.writes = append(q.writes, one)
}

func (q *queue) take() []*write {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.writes
	q.writes = nil
	return all
}

// errNothing ends a transaction without a commit.
var errNothing = errors.New("nothing was written")

// update runs do alone and commits what it wrote. An error of do that isDecision says that
// it wrote nothing; after any other one nothing is committed. Calls that come during a commit
// share the next one, so that many writers wait for the disk as often as one.
func (db *DB) update(ctx context.Context, op string, do func(*bbolt.Tx) error) error {
	own := &write{ctx: ctx, do: do, done: make(chan struct{})}
	db.queue.add(own)
	select {
	case <-own.done:
	case db.turn <- struct{}{}:
		db.commit(db.queue.take())
		<-db.turn
		<-own.done // by this commit or by one before
	}
	return outcome(op, own.err)
}

// commit runs writes in one transaction, in turn, and tells each its outcome.
func (db *DB) commit(writes []*write) {
	if len(writes) == 0 {
		return
	}
	err := db.broken
	if err == nil {
		err = guardPages(func() error { return db.transact(writes) })
	}
	if errors.Is(err, ErrDamaged) {
		db.broken = err // the transaction has not ended: bbolt holds its lock
	}
	for _, w := range writes {
		if err != nil && !errors.Is(err, errNothing) {
			w.err = err
		}
		close(w.done)
	}
}

// transact is bbolt's Update without what that does after a panic: without a list of free
// pages it would read all of the file, in another goroutine, where a second panic ends the
// process.
func (db *DB) transact(writes []*write) error {
	tx, err := db.file.Begin(true)
	if err != nil {
		return err
	}
	if err := db.run(tx, writes); err != nil {
		return cmp.Or(tx.Rollback(), err)
	}
	return tx.Commit()
}

// run runs writes one after the other. Its error is errNothing when all of them were refused.
func (db *DB) run(tx *bbolt.Tx, writes []*write) error {
	result := errNothing
	for _, w := range writes {
		// None begins after its context ended, be it while it waited.
		if w.err = w.ctx.Err(); w.err == nil {
			w.err = w.do(tx)
		}
		switch {
		case w.err == nil:
			result = nil
		case !isDecision(w.err):
			return w.err
		}
	}
	stats := db.file.Stats()
	db.file.NoFreelistSync = stats.FreePageN+stats.PendingPageN > db.most.freePages
	return result
}

// release closes the file, with the list of its free pages in it.
func (db *DB) release() error {
	db.turn <- struct{}{}
	defer func() { <-db.turn }()
	if db.broken != nil {
		return fmt.Errorf("close: %w", db.broken) // closing would wait for bbolt's lock
	}
	var err error
	if db.file.NoFreelistSync && !db.file.NoSync {
		err = guardPages(func() error {
			return db.file.Update(func(*bbolt.Tx) error {
				db.file.NoFreelistSync = false
				return nil
			})
		})
	}
	return errors.Join(err, db.file.Close())
}
