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

// inspect reads all of the file at path before anything writes to it. bbolt maps a file
// into memory and believes what is there: a page that is missing or is not one makes it
// panic, or ends the process with a fault, at any time later. A file that is not there yet,
// or has nothing in it, is all right: bbolt makes it anew.
func inspect(path string) error {
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
			if has := info.Size(); has < tx.Size() {
				return fmt.Errorf("%w: it has %d bytes of %d", ErrDamaged, has, tx.Size())
			}
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
		}), file.Close())
	})
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
func guarded(open func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a page of it cannot be read", ErrDamaged)
		}
	}()
	err = open()
	_, ofSystem := errors.AsType[*fs.PathError](err)
	if err == nil || ofSystem || errors.Is(err, bbolterrors.ErrTimeout) || errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: it is no database, or not all of it", ErrDamaged)
}
