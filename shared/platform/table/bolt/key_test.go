package bolt

import (
	"bytes"
	"cmp"
	"slices"
	"testing"
)

// FuzzKey: an encoded key gives its parts back, sorts like them and lies inside
// the range of its first part alone.
func FuzzKey(f *testing.F) {
	for _, parts := range [][4]string{
		{"a", "b", "a", "c"},
		{"a", "b", "ab", ""},
		{"a", "\x00", "a\x00", ""},
		{"a\x00\x01", "b", "a", "\x01b"},
		{"a\x00\xff", "b", "a\x00", "\xffb"},
		{"日本", "😀", "日", "本"},
	} {
		f.Add(parts[0], parts[1], parts[2], parts[3])
	}
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string) {
		a, b := joinKey(a1, a2), joinKey(b1, b2)
		for _, key := range [][]byte{a, b} {
			parts, err := splitKey(key)
			if err != nil || !bytes.Equal(joinKey(parts...), key) {
				t.Errorf("%x splits into %q, %v", key, parts, err)
			}
		}
		if parts, _ := splitKey(a); !slices.Equal(parts, []string{a1, a2}) {
			t.Errorf("%q, %q come back as %q", a1, a2, parts)
		}
		want := cmp.Or(cmp.Compare(a1, b1), cmp.Compare(a2, b2))
		if got := bytes.Compare(a, b); got != want {
			t.Errorf("(%q, %q) and (%q, %q) compare as %d, want %d", a1, a2, b1, b2, got, want)
		}
		low := joinKey(a1)
		inside := bytes.Compare(b, low) >= 0 && bytes.Compare(b, after(low)) < 0
		if inside != (a1 == b1) {
			t.Errorf("(%q, %q) inside the range of %q: %v", b1, b2, a1, inside)
		}
	})
}

// FuzzSplit: what is not an encoded key is refused, never taken for another one.
func FuzzSplit(f *testing.F) {
	for _, key := range []string{"", "a", "a\x00", "a\x00\x01", "a\x00\xff", "a\x00\x02", "\x00\x01\x00\x01", "a\x00\x01b"} {
		f.Add([]byte(key))
	}
	f.Fuzz(func(t *testing.T, key []byte) {
		parts, err := splitKey(key)
		if err == nil && !bytes.Equal(joinKey(parts...), key) {
			t.Errorf("%x splits into %q, which is %x", key, parts, joinKey(parts...))
		}
	})
}
