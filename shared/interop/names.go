package interop

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"
)

// CompareNames compares by name regardless of case, then by id.
func CompareNames(name, id, otherName, otherID string) int {
	return cmp.Or(strings.Compare(OrderOf(name), OrderOf(otherName)), strings.Compare(id, otherID))
}

// OrderOf returns the text by which lists are ordered that are ordered by a name, regardless
// of case. It does not share the memory of name, which may be part of a whole item.
func OrderOf(name string) string {
	if lower := strings.ToLower(name); lower != name {
		return lower
	}
	return strings.Clone(name)
}

// UUID returns the 16 bytes of an id, which lists keep in memory instead of its text. It
// returns zeros for a text that is no id.
func UUID(id string) uuid.UUID {
	u, err := uuid.Parse(id)
	if err != nil {
		return uuid.UUID{}
	}
	return u
}

// UUIDs is [UUID] of several ids.
func UUIDs(ids []string) []uuid.UUID {
	all := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		all[i] = UUID(id)
	}
	return all
}

// Hash returns a part of a key for a text of any length.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
