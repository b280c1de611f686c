// Package blob keeps small named byte strings, such as logos.
package blob

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"strings"
)

// MaxBytes is the size of the largest blob that a Store keeps.
const MaxBytes = 2 << 20

const maxName = 256

// ErrUnavailable is wrapped by the error of a Store that failed or did not
// answer in time; the same call may succeed later.
var ErrUnavailable = errors.New("blob store is unavailable")

// Blob is a stored object.
type Blob struct {
	Type  string // media type
	Bytes []byte // at most MaxBytes
}

// Store keeps blobs by names that CheckName accepts. It is safe for concurrent
// use: a blob is replaced as a whole.
type Store interface {
	// Put keeps b as name, in place of what was there. The error wraps
	// ErrUnavailable when b may or may not have been kept.
	Put(ctx context.Context, name string, b Blob) error
	// Get returns the blob called name; false when there is none.
	Get(ctx context.Context, name string) (Blob, bool, error)
}

// CheckName returns an error unless name can name a blob: at most 256 bytes of
// a-z, 0-9, dot, dash, underscore and slash, whose parts between slashes are
// not empty and not a dot, and no two dots in a row.
func CheckName(name string) error {
	if len(name) > maxName {
		return fmt.Errorf("blob: a name of more than %d bytes", maxName)
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("._/-", rune(c)) {
			return fmt.Errorf("blob: name %q has a byte other than a-z, 0-9 and ._/-", name)
		}
	}
	if strings.Contains(name, "..") {
		return fmt.Errorf("blob: name %q has two dots in a row", name)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." {
			return fmt.Errorf("blob: name %q is not a clean relative path", name)
		}
	}
	return nil
}

// Check returns an error unless a Store keeps b as name.
func Check(name string, b Blob) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if len(b.Bytes) > MaxBytes {
		return fmt.Errorf("blob: more than %d bytes", MaxBytes)
	}
	if _, _, err := mime.ParseMediaType(b.Type); err != nil {
		return fmt.Errorf("blob: %q is not a media type", b.Type)
	}
	return nil
}
