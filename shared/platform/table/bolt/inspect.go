package bolt

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// ErrDamaged says that a file is not what this package wrote: it was cut off, or
// something else wrote into it. It stays as it is.
var ErrDamaged = errors.New("the file is damaged")

// maxInspected is the size of the largest file that inspect reads: more would keep the
// process from its work for seconds.
const maxInspected = 64 << 20

// inspect looks at the file at path before anything writes to it. bbolt maps a file
// into memory and believes what is there: a page that is missing or is not one makes it
// panic, or ends the process with a fault, at any time later. A file that is not there yet,
// or has nothing in it, is all right: bbolt makes it anew. A file of more than most bytes
// is not read; what is wrong inside is found by the call that reads it (guardPages),
// or by bbolt, which then ends the process: it reads all pages of a file without a list of its
// free pages, in a goroutine of its own.
func inspect(path string, most int64) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w: it is no regular file", ErrDamaged)
	case info.Size() == 0:
		return nil
	}
	return guarded(func() error {
		file, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, ReadOnly: true})
		if err != nil {
			return err
		}
		return cmp.Or(file.View(func(tx *bbolt.Tx) error {
			has := info.Size()
			if has < tx.Size() {
				return fmt.Errorf("%w: it has %d bytes of %d", ErrDamaged, has, tx.Size())
			}
			if has > most {
				return nil
			}
			return readPages(tx)
		}), file.Close())
	})
}

// readPages reads all of a file.
func readPages(tx *bbolt.Tx) error {
	err := tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return readAll(b) })
	if err != nil {
		return err
	}
	// The list of free pages, too. Check looks at pages in a goroutine of its own, where a
	// fault would end the process; that it reads the same pages was tried just now.
	for wrong := range tx.Check() {
		err = cmp.Or(err, wrong)
	}
	return err
}

// readAll reads what is in a bucket and in those inside.
func readAll(b *bbolt.Bucket) error {
	return b.ForEach(func(key, value []byte) error {
		if inner := b.Bucket(key); value == nil && inner != nil {
			return readAll(inner)
		}
		if len(value) > 0 && !json.Valid(value) {
			return fmt.Errorf("%w: an item cannot be read", ErrDamaged)
		}
		return nil
	})
}

// guarded runs open, which reads pages of a file, and turns what bbolt does about a page
// that is none into ErrDamaged. Then the file stays open until the process ends.
func guarded(open func() error) error {
	err := guardPages(open)
	_, ofSystem := errors.AsType[*fs.PathError](err)
	if err == nil || ofSystem || errors.Is(err, bbolterrors.ErrTimeout) || errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: it is no database, or not all of it", ErrDamaged)
}

// guardPages runs read and turns a panic or fault at a page that is none into ErrDamaged.
func guardPages(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a page of it cannot be read: %v", ErrDamaged, p)
		}
	}()
	return read()
}
