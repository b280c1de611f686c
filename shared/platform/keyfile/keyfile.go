// Package keyfile keeps a secret key of the sandbox in a file: who reads the
// file has the key.
package keyfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Read returns the content of the file at path, which is made with what fresh
// returns, for its owner's eyes only, when there is none. Processes that do so at
// once get the same content. The error tells that the file cannot be read or made.
func Read(path string, fresh func() ([]byte, error)) ([]byte, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = create(path, fresh)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// create makes the file, unless another process has just done so. The file is
// complete from the start, for that process reads it too.
func create(path string, fresh func() ([]byte, error)) error {
	content, err := fresh()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
