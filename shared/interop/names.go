package interop

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// maxNameBytes bounds the part of a name in a sort key. DynamoDB takes 1024 bytes,
// including the id.
const maxNameBytes = 900

// NameSortKey returns the sort key of a list entry with a name and an id, in lower case.
// A long name is cut, so lists are sorted by [CompareNames] after they are read.
func NameSortKey(name, id string) string {
	name = strings.ToLower(name)
	if len(name) > maxNameBytes {
		end := maxNameBytes
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = name[:end]
	}
	return name + "#" + id
}

// CompareNames compares by name regardless of case, then by id.
func CompareNames(name, id, otherName, otherID string) int {
	return cmp.Or(strings.Compare(strings.ToLower(name), strings.ToLower(otherName)), strings.Compare(id, otherID))
}

// Hash returns a part of a key for a text of any length.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
