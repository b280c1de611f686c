// Package attribute is the registry of attributes, which organizations own and
// e-services require of their consumers (PDND M2M v3, attribute registry).
package attribute

import (
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// Kind tells by which way an organization comes to own an attribute.
type Kind string

// The kinds.
const (
	Certified Kind = "CERTIFIED" // a certifier assigns it
	Declared  Kind = "DECLARED"  // the organization declares it
	Verified  Kind = "VERIFIED"  // a producer has verified it
)

// Attribute is an entry of the registry. It never changes and is never removed.
type Attribute struct {
	ID          string `dynamodbav:"id"`
	Kind        Kind   `dynamodbav:"kind"`
	Name        string `dynamodbav:"name"`
	Description string `dynamodbav:"description"`
	CreatedAt   string `dynamodbav:"createdAt"`
	// Of certified attributes alone:
	Code   string `dynamodbav:"code,omitempty"`   // the certifier's own name for it
	Origin string `dynamodbav:"origin,omitempty"` // id of the certifier
}

// attribute        ATTRIBUTE#<id>                       ATTRIBUTE
// claim on a name  ATTRIBUTE#NAME#<kind>#<hash>         NAME
// claim on a code  ATTRIBUTE#CODE#<origin>#<hash>       CODE                certified
// list entry       ATTRIBUTES#<kind>                    see package list
const (
	attributeSK = "ATTRIBUTE"
	nameSK      = "NAME"
	codeSK      = "CODE"
)

// Key returns the key of an attribute.
func Key(id string) table.Key { return interop.Key("ATTRIBUTE#"+id, attributeSK) }

// nameKeys returns the keys that make a name unique within its kind, see [names.Claims].
func nameKeys(a *Attribute) []table.Key {
	var all []table.Key
	for _, text := range names.Claims(a.Name) {
		all = append(all, interop.Key("ATTRIBUTE#NAME#"+string(a.Kind)+"#"+interop.Hash(text), nameSK))
	}
	return all
}

// codeKey returns the key that makes a code unique for its certifier.
func codeKey(a *Attribute) table.Key {
	return interop.Key("ATTRIBUTE#CODE#"+a.Origin+"#"+interop.Hash(a.Code), codeSK)
}

func listPK(k Kind) string { return "ATTRIBUTES#" + string(k) }

// Find reads attributes, by id. Unknown ids are missing in the result. It takes at most
// 100 distinct ids, and reads nothing for none.
func Find(ctx context.Context, db table.DB, ids ...string) (map[string]*Attribute, error) {
	found := map[string]*Attribute{}
	if len(ids) == 0 {
		return found, nil
	}
	var keys []table.Key
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		keys = append(keys, Key(id))
	}
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if item == nil {
			continue
		}
		a, err := table.As[Attribute](item)
		if err != nil {
			return nil, err
		}
		found[a.ID] = a
	}
	return found, nil
}
