// Package bolt is the embedded engine of package table: DynamoDB's semantics
// and limits over one go.etcd.io/bbolt file.
//
// It is a convenience for a laptop and for tests, never for production: one
// process, one writer at a time, no replica, no backup. What it is for is that
// nothing works here that would fail in DynamoDB: it checks the same limits,
// compares, stores and returns values the same way and keeps indexes as narrow.
// Differences that remain: index reads are never behind, no call is ever
// throttled or conflicts with another one, expired items are not removed and
// changes wait for the feed without a time limit.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"ciclo/shared/platform/table"
)

// lockWait is how long Open waits for a process that is just ending to release
// the file.
const lockWait = time.Second

// Every table is a bucket of the file with these buckets inside. Values are
// DynamoDB JSON.
var (
	itemsBucket   = []byte("items")   // (pk, sk) → item
	indexesBucket = []byte("indexes") // index name → bucket of (index pk, index sk, pk, sk) → projected item
	feedBucket    = []byte("feed")    // sequence → change that waits to be delivered
)

// nameForm is what DynamoDB takes for the name of a table or an index.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)

// DB is an open file; it implements table.DB and table.Feed and is safe for
// concurrent use.
type DB struct {
	file     *bbolt.DB
	tables   map[string]*tableState
	most     limits
	leftover string // file to remove on Close, "" for none
	closing  sync.Once
	closed   chan struct{}

	queue  queue         // writes that wait for a commit
	turn   chan struct{} // holds a token while a goroutine commits
	broken error         // why nothing is written any more; read and set in turn
}

var (
	_ table.DB   = (*DB)(nil)
	_ table.Feed = (*DB)(nil)
)

// tableState is what a DB knows about one table besides its items.
type tableState struct {
	table.Schema
	changed chan struct{} // holds a token when there may be changes to deliver
	running atomic.Bool   // a Run delivers this table's changes
}

// Open opens or creates the file at path with the tables of schemas; path ""
// means a temporary file, gone after Close. Items and indexes already in the file
// are kept; only a table whose schema declares other indexes than the file has gets
// them built from its items. The error tells when a schema is one DynamoDB would
// refuse, the file is held by another process, or it can't be read; it wraps
// ErrDamaged for a file that this package did not leave like that.
func Open(path string, schemas []table.Schema) (*DB, error) {
	return open(path, schemas, limits{inspected: maxInspected, freePages: maxFreePages, buildItems: buildItems})
}

// limits keep opening a file and writing to it from taking time by the file's size.
type limits struct {
	inspected  int64 // size of the largest file that is read before it is used
	freePages  int   // free pages up to which every commit writes the list of them
	buildItems int   // items that one transaction of a build reads
}

func open(path string, schemas []table.Schema, most limits) (*DB, error) {
	tables, err := byName(schemas)
	if err != nil {
		return nil, fmt.Errorf("open tables: %w", err)
	}
	temporary := path == ""
	if temporary {
		if path, err = temporaryPath(); err != nil {
			return nil, fmt.Errorf("open tables: %w", err)
		}
	}
	file, err := openFile(path, temporary, most.inspected)
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		return nil, fmt.Errorf("open tables: %s is in use by another process: %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("open tables: %s: %w", path, err)
	}
	db := &DB{file: file, tables: tables, most: most, closed: make(chan struct{}), turn: make(chan struct{}, 1)}
	// Removed at once it can't outlive a killed process; not every system allows that.
	if temporary && os.Remove(path) != nil {
		db.leftover = path
	}
	if err := guarded(db.prepare); err != nil {
		return nil, errors.Join(fmt.Errorf("open tables: %s: %w", path, err), db.Close())
	}
	return db, nil
}

func openFile(path string, temporary bool, inspected int64) (file *bbolt.DB, err error) {
	if !temporary {
		if err := inspect(path, inspected); err != nil {
			return nil, err
		}
	}
	err = guarded(func() error {
		file, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:      lockWait,
			NoSync:       temporary, // what is thrown away need not survive a power cut
			FreelistType: bbolt.FreelistMapType,
		})
		return err
	})
	return file, err
}

// Close ends every Run, waits for calls under way and releases the file; a
// temporary one is removed. Calls made afterwards fail as Unavailable.
func (db *DB) Close() (err error) {
	db.closing.Do(func() {
		close(db.closed)
		err = db.release()
		if db.leftover != "" {
			err = errors.Join(err, os.Remove(db.leftover))
		}
	})
	return err
}

func byName(schemas []table.Schema) (map[string]*tableState, error) {
	tables := make(map[string]*tableState, len(schemas))
	for _, s := range schemas {
		if tables[s.Name] != nil {
			return nil, fmt.Errorf("table %s is declared twice", s.Name)
		}
		if err := checkSchema(s); err != nil {
			return nil, fmt.Errorf("table %q: %w", s.Name, err)
		}
		tables[s.Name] = &tableState{Schema: s, changed: make(chan struct{}, 1)}
	}
	return tables, nil
}

func checkSchema(s table.Schema) error {
	if !nameForm.MatchString(s.Name) {
		return fmt.Errorf("name does not match %v", nameForm)
	}
	seen := make(map[string]bool, len(s.Indexes))
	for _, ix := range s.Indexes {
		switch {
		case !nameForm.MatchString(ix.Name):
			return fmt.Errorf("name of index %q does not match %v", ix.Name, nameForm)
		case seen[ix.Name]:
			return fmt.Errorf("index %s is declared twice", ix.Name)
		case ix.PK == "" || ix.SK == "" || ix.PK == ix.SK:
			return fmt.Errorf("index %s needs two different key attributes", ix.Name)
		}
		seen[ix.Name] = true
	}
	return nil
}

func temporaryPath() (string, error) {
	f, err := os.CreateTemp("", "ciclo-*.db")
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// table returns what is known about a declared table; the error is Invalid.
func (db *DB) table(op, name string) (*tableState, error) {
	t := db.tables[name]
	if t == nil {
		return nil, invalid(op, fmt.Errorf("unknown table %q", name))
	}
	return t, nil
}

// view runs fn on a snapshot of the file.
func (db *DB) view(ctx context.Context, op string, fn func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return outcome(op, guardPages(func() error { return db.file.View(fn) }))
}

// outcome passes on what the interface promises; anything else says that the
// file is closed or broken.
func outcome(op string, err error) error {
	if err == nil || isDecision(err) {
		return err
	}
	return &table.Error{Kind: table.Unavailable, Op: op, Err: err}
}

// isDecision tells whether err is an answer to the call rather than a failure of the file.
func isDecision(err error) bool {
	var known *table.Error
	return errors.As(err, &known) || table.AsRefused(err) != nil ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func invalid(op string, err error) error {
	return &table.Error{Kind: table.Invalid, Op: op, Err: err}
}
