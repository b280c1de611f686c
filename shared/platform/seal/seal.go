// Package seal encrypts small secrets that must stay readable to their owner:
// each owner has a data key, and the data key is stored wrapped by a master key.
package seal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// EnvKeyID names the environment variable with the master key.
const EnvKeyID = "SEAL_KEY_ID"

// HasKey reports whether the environment names a master key at all.
func HasKey(getenv func(string) string) bool { return getenv(EnvKeyID) != "" }

// Derive returns a key of KeyBytes that follows from a name: every process of the deployment
// gets the same one, and nobody else. It is safe for concurrent use.
type Derive func(ctx context.Context, name string) ([]byte, error)

// EnvDeriveKeyID names the environment variable with the key from which others are derived.
const EnvDeriveKeyID = "DERIVE_KEY_ID"

// KeyBytes is the length of a data key: AES-256.
const KeyBytes = 32

const maxAbout = 256

var (
	// ErrUnavailable is wrapped by the error of a Sealer that failed or did
	// not answer in time; the same call may succeed later.
	ErrUnavailable = errors.New("sealer is unavailable")
	// ErrDamaged is wrapped by the error of opening what was changed, or was
	// sealed by another key or as something else.
	ErrDamaged = errors.New("does not open: changed, or sealed as something else")
)

// Sealer makes and opens data keys; about names what they protect and is bound
// to them. CheckAbout defines which names are valid. A Sealer is safe for concurrent
// use.
type Sealer interface {
	// NewKey returns a new data key.
	NewKey(ctx context.Context, about string) (*DataKey, error)
	// OpenKey returns the data key that NewKey returned, with the same about
	// and that Wrapped. The error wraps ErrDamaged when there is no such key.
	OpenKey(ctx context.Context, about string, wrapped []byte) (*DataKey, error)
}

// DataKey encrypts with AES-256-GCM; Wrapped is what to store to open it again.
// It is safe for concurrent use.
type DataKey struct {
	Wrapped []byte

	about string
	box   *Box
}

// NewDataKey returns the DataKey of a Sealer: key is secret and KeyBytes long,
// wrapped is the same key encrypted. The error names the one that is not
// acceptable.
func NewDataKey(about string, key, wrapped []byte) (*DataKey, error) {
	if err := CheckAbout(about); err != nil {
		return nil, err
	}
	if len(wrapped) == 0 {
		return nil, errors.New("seal: no wrapped key")
	}
	box, err := NewBox(key)
	if err != nil {
		return nil, err
	}
	return &DataKey{Wrapped: slices.Clone(wrapped), about: about, box: box}, nil
}

// CheckAbout returns an error unless about can name what a key protects: 1 to
// 256 bytes of UTF-8 without NUL.
func CheckAbout(about string) error {
	// JSON would make one name of two that are not UTF-8.
	if about == "" || len(about) > maxAbout || !utf8.ValidString(about) || strings.Contains(about, "\x00") {
		return fmt.Errorf("seal: want 1 to %d bytes of UTF-8 that name what a key protects", maxAbout)
	}
	return nil
}

// Seal returns plaintext encrypted, to be opened with this key as name only.
// It returns an error if there is no key.
func (k *DataKey) Seal(name, plaintext string) (sealed []byte, err error) {
	if k == nil || k.box == nil {
		return nil, errors.New("seal: no key")
	}
	return k.box.Seal([]byte(plaintext), k.bound(name)), nil
}

// Open returns the plaintext of what Seal returned for name. The error wraps
// ErrDamaged when sealed is anything else.
func (k *DataKey) Open(name string, sealed []byte) (string, error) {
	if k == nil || k.box == nil {
		return "", errors.New("seal: no key")
	}
	plaintext, err := k.box.Open(sealed, k.bound(name))
	return string(plaintext), err
}

func (k *DataKey) bound(name string) []byte { return []byte(k.about + "\x00" + name) }
