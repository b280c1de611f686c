// Package keyfile keeps a secret key of the sandbox in a file. Anyone who can read the
// file has the key.
package keyfile

import (
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ciclo/shared/platform/jose"
)

// Private returns the private key of type K in the file at path, in PEM (PKCS #8), which
// is made with a key of generate, readable by its owner alone, if there is none. Without a
// path it returns a key of generate. It returns an error that does not quote the file if the
// file cannot be read or created, or has no such key.
func Private[K crypto.Signer](path string, generate func() (K, error)) (K, error) {
	if path == "" {
		return generate()
	}
	content, err := Read(path, func() ([]byte, error) {
		key, err := generate()
		if err != nil {
			return nil, err
		}
		return jose.PrivatePEM(key)
	})
	if err != nil {
		var none K
		return none, err
	}
	key, err := Parse[K](path, content)
	if err != nil {
		return key, fmt.Errorf("%w; delete the file to get a new one", err)
	}
	return key, nil
}

// Parse returns the key in the content of the file at path, or an error if that is not one
// key of type K.
func Parse[K crypto.Signer](path string, content []byte) (K, error) {
	key, ok := jose.ParsePrivatePEM(content).(K)
	if !ok {
		return key, fmt.Errorf("%s has no single PRIVATE KEY in PEM, or one of another kind than %T", path, key)
	}
	return key, nil
}

// Read returns the content of the file at path, which is made with what fresh
// returns, readable by its owner alone, if there is none. Processes that do so at the same
// time get the same content. It returns an error if the file cannot be read or created.
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
