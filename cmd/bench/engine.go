package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	consumers "ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

const (
	engineItems   = 100_000 // of a sample; the file is too large to be inspected at once
	engineWorkers = 16      // that remove rows at the same time
)

// engineRows is a table without an index, with the rows of many owners as a log has them.
var engineRows = table.Schema{Name: "bench-rows"}

// benchEngine measures files of the embedded engine: half of their items are in the table of
// consumers, which has an index, half are rows, which are then removed. The goals are for a
// million; smaller files are as much below the limits as they are smaller.
func benchEngine(ctx context.Context, b *bench, s *section) error {
	sizes := []int{engineItems}
	if b.all {
		sizes = []int{engineItems, 1_000_000}
	}
	for _, n := range sizes {
		if err := benchFile(ctx, s, n); err != nil {
			return err
		}
	}
	return nil
}

// engineFile is a file with that many items of each table.
type engineFile struct {
	path string
	half int
	db   *bolt.DB
}

func benchFile(ctx context.Context, s *section, items int) (err error) {
	dir, err := os.MkdirTemp("", "ciclo-bench-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f := &engineFile{path: filepath.Join(dir, "ciclo.db"), half: items / 2}
	million := 1e6 / float64(items)
	if _, err := f.open(); err != nil {
		return err
	}
	if err := f.fill(ctx); err != nil {
		return err
	}
	opened, err := best(f.reopen)
	if err != nil {
		return err
	}
	s.info(fmt.Sprintf("open %d items", items), opened.Seconds()*1000, " ms")
	s.reach(goalEngineOpen, opened.Seconds()*million)

	one, err := f.remove(ctx, 0, f.half/2, 1)
	if err != nil {
		return err
	}
	killed, err := best(func() (time.Duration, error) { return f.openCopy(filepath.Join(dir, "killed.db")) })
	if err != nil {
		return err
	}
	// bbolt reads all pages then, so that what counts on a busy machine is the processor's time.
	s.info(fmt.Sprintf("open %d items, half of the rows removed and the process killed: processor time", items), killed.Seconds()*1000, " ms")
	s.row("the same, of a million", killed.Seconds()*million, " s", goalEngineOpen.limit)
	all, err := f.remove(ctx, f.half/2, f.half, engineWorkers)
	if err != nil {
		return err
	}
	s.info(fmt.Sprintf("remove rows by %d, one worker", table.MaxDeletes), one, "/s")
	s.info(fmt.Sprintf("remove rows by %d, %d workers", table.MaxDeletes, engineWorkers), all, "/s")
	s.reach(goalEnginePurge, 1e6/all)
	return f.db.Close()
}

// open opens the file and returns how long that took.
func (f *engineFile) open() (took time.Duration, err error) {
	began := time.Now()
	f.db, err = bolt.Open(f.path, []table.Schema{consumers.Consumers, engineRows})
	return time.Since(began), err
}

// best returns the shortest of three openings: a busy machine only makes them longer.
func best(open func() (time.Duration, error)) (shortest time.Duration, err error) {
	for i := range 3 {
		took, err := open()
		if err != nil {
			return 0, err
		}
		if i == 0 || took < shortest {
			shortest = took
		}
	}
	return shortest, nil
}

func (f *engineFile) reopen() (time.Duration, error) {
	if err := f.db.Close(); err != nil {
		return 0, err
	}
	return f.open()
}

// openCopy opens a copy of the file as it is while it is open, which is how a process leaves
// it that is killed, and returns the processor time that took.
func (f *engineFile) openCopy(path string) (time.Duration, error) {
	content, err := os.Open(f.path)
	if err != nil {
		return 0, err
	}
	defer content.Close()
	killed, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	if _, err := killed.ReadFrom(content); err != nil {
		return 0, errors.Join(err, killed.Close())
	}
	if err := killed.Close(); err != nil {
		return 0, err
	}
	c := &engineFile{path: path}
	before := processorTime()
	if _, err := c.open(); err != nil {
		return 0, err
	}
	return processorTime() - before, errors.Join(c.db.Close(), os.Remove(path))
}

// processorTime is what this process has used.
func processorTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// fill stores the items.
func (f *engineFile) fill(ctx context.Context) error {
	const each = table.MaxSteps / 2
	return f.inParts(f.half, each, engineWorkers, func(first int) error {
		var steps []table.Step
		for i := first; i < min(first+each, f.half); i++ {
			owner := hashed(i / 4)
			steps = append(steps,
				table.Put(fmt.Sprint("r", i), rowKey(i), map[string]any{
					"operation": "CREATE", "at": "2026-01-01T00:00:00.000Z", "expires": 1_800_000_000, "details": hashed(i),
				}),
				table.Put(fmt.Sprint("c", i), table.Key{Table: consumers.Consumers.Name, PK: "ISS#1#CARD#" + hashed(i), SK: "CARD"}, map[string]any{
					"ownerPk": "ISS#1#CON#" + owner, "ownerSk": "CARD#" + hashed(i), "cardId": hashed(i), "state": "ACTIVE", "version": 1,
				}))
		}
		return f.db.Write(ctx, steps...)
	})
}

// remove removes the rows from first to end and returns how many a second.
func (f *engineFile) remove(ctx context.Context, first, end, workers int) (float64, error) {
	began := time.Now()
	err := f.inParts(end-first, table.MaxDeletes, workers, func(part int) error {
		var keys []table.Key
		for i := first + part; i < min(first+part+table.MaxDeletes, end); i++ {
			keys = append(keys, rowKey(i))
		}
		return f.db.DeleteAll(ctx, keys)
	})
	return float64(end-first) / time.Since(began).Seconds(), err
}

// inParts calls do with the first number of each part of n numbers, by several workers.
func (f *engineFile) inParts(n, each, workers int, do func(first int) error) error {
	var next atomic.Int64
	ends := make(chan error, workers)
	for range workers {
		go func() {
			for {
				first := (int(next.Add(1)) - 1) * each
				if first >= n {
					ends <- nil
					return
				}
				if err := do(first); err != nil {
					ends <- err
					return
				}
			}
		}()
	}
	var errs []error
	for range workers {
		errs = append(errs, <-ends)
	}
	return errors.Join(errs...)
}

// rowKey is the key of a row: a thousand of each owner, one after the other.
func rowKey(i int) table.Key {
	return table.Key{Table: engineRows.Name, PK: "OWNER#" + hashed(i/1000), SK: fmt.Sprintf("2026-01-01T00:00:00.000Z#%08d", i)}
}

// hashed returns an identifier that is in no order.
func hashed(i int) string {
	sum := sha256.Sum256(fmt.Append(nil, i))
	return fmt.Sprintf("%x", sum[:16])
}
