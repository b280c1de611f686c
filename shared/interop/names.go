package interop

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// maxListed is how many bytes of a name are in a sort key, of which DynamoDB
// takes 1024 with the id.
const maxListed = 900

// NameSortKey is the sort key of what has a name and an id in a list by name, whatever
// its case. Of long names it holds the beginning: [CompareNames] puts a list in order.
func NameSortKey(name, id string) string {
	name = strings.ToLower(name)
	if len(name) > maxListed {
		end := maxListed
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = name[:end]
	}
	return name + "#" + id
}

// CompareNames compares by name, whatever its case, then by id.
func CompareNames(name, id, otherName, otherID string) int {
	return cmp.Or(strings.Compare(strings.ToLower(name), strings.ToLower(otherName)), strings.Compare(id, otherID))
}

// Hash makes a part of a key of a text of any length.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
