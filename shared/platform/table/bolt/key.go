package bolt

import (
	"bytes"
	"errors"
)

// A stored key is its parts one after the other, each closed by end. A zero
// byte inside a part is written as escaped. Both start with a zero byte, and end
// is the smaller one, so encoded keys sort exactly like their parts and no key
// is the beginning of another one with as many parts.
var (
	end     = []byte{0x00, 0x01}
	escaped = []byte{0x00, 0xff}
)

var errKey = errors.New("malformed key")

// joinKey encodes parts so that byte order is the order of the parts.
func joinKey(parts ...string) []byte {
	n := 0
	for _, p := range parts {
		n += len(p) + len(end)
	}
	key := make([]byte, 0, n)
	for _, p := range parts {
		for i := range len(p) {
			if p[i] == 0 {
				key = append(key, escaped...)
			} else {
				key = append(key, p[i])
			}
		}
		key = append(key, end...)
	}
	return key
}

// splitKey is the inverse of joinKey; what joinKey did not make is an error.
func splitKey(key []byte) ([]string, error) {
	var parts []string
	var part []byte
	for len(key) > 0 {
		switch {
		case key[0] != 0:
			part = append(part, key[0])
			key = key[1:]
		case bytes.HasPrefix(key, escaped):
			part = append(part, 0)
			key = key[len(escaped):]
		case bytes.HasPrefix(key, end):
			parts = append(parts, string(part))
			part = nil
			key = key[len(end):]
			continue
		default:
			return nil, errKey
		}
		if len(key) == 0 {
			return nil, errKey
		}
	}
	return parts, nil
}

// after returns the least key above every key that begins with prefix, a
// non-empty result of joinKey.
func after(prefix []byte) []byte {
	next := bytes.Clone(prefix)
	next[len(next)-1]++
	return next
}
