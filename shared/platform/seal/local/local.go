// Package local wraps data keys with a master key in a file, for a sandbox. Anyone who
// can read the file can read every secret.
package local

import (
	"context"
	"crypto/rand"
	"fmt"

	"ciclo/shared/platform/jose/keyfile"
	"ciclo/shared/platform/seal"
)

// Sealer is a [seal.Sealer].
type Sealer struct{ master *seal.Box }

// Open returns a Sealer with the master key in the file at path. If there is no file, Open
// creates one that only its owner can read. Without a path the key is random and lost with
// the process. Open returns an error if the file cannot be read or created, or is not a
// master key, and leaves such a file as it is.
func Open(path string) (*Sealer, error) {
	key, err := masterKey(path)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	master, err := seal.NewBox(key)
	if err != nil {
		return nil, err
	}
	return &Sealer{master}, nil
}

func masterKey(path string) ([]byte, error) {
	if path == "" {
		return random(), nil
	}
	key, err := keyfile.Read(path, func() ([]byte, error) { return random(), nil })
	if err != nil {
		return nil, err
	}
	if len(key) != seal.KeyBytes {
		return nil, fmt.Errorf("%s is no master key: it has %d bytes, want %d", path, len(key), seal.KeyBytes)
	}
	return key, nil
}

// NewKey implements [seal.Sealer].
func (s *Sealer) NewKey(_ context.Context, about string) (*seal.DataKey, error) {
	key := random()
	return seal.NewDataKey(about, key, s.master.Seal(key, bound(about)))
}

// OpenKey implements [seal.Sealer].
func (s *Sealer) OpenKey(_ context.Context, about string, wrapped []byte) (*seal.DataKey, error) {
	if err := seal.CheckAbout(about); err != nil {
		return nil, err
	}
	key, err := s.master.Open(wrapped, bound(about))
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	return seal.NewDataKey(about, key, wrapped)
}

func bound(about string) []byte { return []byte("data key\x00" + about) }

func random() []byte {
	key := make([]byte, seal.KeyBytes)
	_, _ = rand.Read(key) // never fails: it ends the process instead
	return key
}
