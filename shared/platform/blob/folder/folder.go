// Package folder keeps blobs as files, for a sandbox.
package folder

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"ciclo/shared/platform/blob"
)

// otherType is the media type of a name whose extension is not known.
const otherType = "application/octet-stream"

// types has the media types that a name's extension stands for; the system's
// own table differs from machine to machine.
var types = map[string]string{
	".gif":  "image/gif",
	".jpeg": "image/jpeg",
	".jpg":  "image/jpeg",
	".json": "application/json",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".webp": "image/webp",
}

// Store is a [blob.Store] over the files below a folder.
type Store struct{ root *os.Root }

// Open returns a Store over dir, which it makes if need be. The error is that
// of the file system.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Store{root}, nil
}

// Close ends the use of the folder.
func (s *Store) Close() error { return s.root.Close() }

// Put implements [blob.Store]. A file has no media type of its own, so b's must
// be the one that the extension of name stands for.
func (s *Store) Put(ctx context.Context, name string, b blob.Blob) error {
	if err := blob.Check(name, b); err != nil {
		return err
	}
	if want := typeOf(name); b.Type != want {
		return fmt.Errorf("blob: %q is kept as %s, not as %s", name, want, b.Type)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("blob put: %w", err)
	}
	if err := s.replace(filepath.FromSlash(name), b.Bytes); err != nil {
		return fmt.Errorf("blob put: %w", err)
	}
	return nil
}

func (s *Store) replace(file string, content []byte) error {
	if err := s.root.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	// Capitals: no name of a blob.
	temp := filepath.Join(filepath.Dir(file), "PART-"+rand.Text())
	f, err := s.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = s.root.Rename(temp, file)
	}
	if err != nil {
		return errors.Join(err, s.root.Remove(temp))
	}
	return nil
}

// Get implements [blob.Store].
func (s *Store) Get(ctx context.Context, name string) (blob.Blob, bool, error) {
	if err := blob.CheckName(name); err != nil {
		return blob.Blob{}, false, err
	}
	if err := ctx.Err(); err != nil {
		return blob.Blob{}, false, fmt.Errorf("blob get: %w", err)
	}
	content, err := s.read(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return blob.Blob{}, false, nil
	}
	if err != nil {
		return blob.Blob{}, false, fmt.Errorf("blob get: %w", err)
	}
	return blob.Blob{Type: typeOf(name), Bytes: content}, true, nil
}

// read returns the content of file; [fs.ErrNotExist] when that is a folder.
func (s *Store) read(file string) ([]byte, error) {
	f, err := s.root.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fs.ErrNotExist
	}
	content, err := io.ReadAll(io.LimitReader(f, blob.MaxBytes+1))
	if err == nil && len(content) > blob.MaxBytes {
		err = fmt.Errorf("%s has more than %d bytes", file, blob.MaxBytes)
	}
	return content, err
}

func typeOf(name string) string {
	if t, ok := types[path.Ext(name)]; ok {
		return t
	}
	return otherType
}
