// Package attribute is the registry of attributes: what organizations can own and
// what e-services ask of their consumers (PDND M2M v3, attribute registry).
package attribute

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// Kind says who vouches for an attribute.
type Kind string

// The kinds.
const (
	Certified Kind = "CERTIFIED" // a certifier says who has it
	Declared  Kind = "DECLARED"  // an organization says so itself
	Verified  Kind = "VERIFIED"  // a producer has checked it
)

// Attribute is one entry of the registry; it never changes.
type Attribute struct {
	ID          string `dynamodbav:"id"`
	Kind        Kind   `dynamodbav:"kind"`
	Name        string `dynamodbav:"name"`
	Description string `dynamodbav:"description"`
	CreatedAt   string `dynamodbav:"createdAt"`
	// Of certified ones:
	Code   string `dynamodbav:"code,omitempty"`   // what the certifier calls it
	Origin string `dynamodbav:"origin,omitempty"` // the certifier
}

// attribute      ATTRIBUTE#<id>                       ATTRIBUTE
// name in use    ATTRIBUTE#NAME#<kind>#<hash>         NAME
// code in use    ATTRIBUTE#CODE#<origin>#<hash>       CODE                certified
// list entry     ATTRIBUTES#<kind>                    <name>#<id>        of a long name the beginning
const (
	attributeSK = "ATTRIBUTE"
	nameSK      = "NAME"
	codeSK      = "CODE"
)

// Key names the attribute of that id.
func Key(id string) table.Key { return interop.Key("ATTRIBUTE#"+id, attributeSK) }

// nameKeys make a name unique within its kind, as [names.Claims] says.
func nameKeys(a *Attribute) []table.Key {
	var all []table.Key
	for _, text := range names.Claims(a.Name) {
		all = append(all, interop.Key("ATTRIBUTE#NAME#"+string(a.Kind)+"#"+interop.Hash(text), nameSK))
	}
	return all
}

// codeKey makes a code unique for its certifier.
func codeKey(a *Attribute) table.Key {
	return interop.Key("ATTRIBUTE#CODE#"+a.Origin+"#"+interop.Hash(a.Code), codeSK)
}

func listPK(k Kind) string { return "ATTRIBUTES#" + string(k) }

func entryKey(a *Attribute) table.Key {
	return interop.Key(listPK(a.Kind), interop.NameSortKey(a.Name, a.ID))
}

// Find reads attributes, by id; those there are not are missing in the answer. At
// most 100 distinct ids.
func Find(ctx context.Context, db table.DB, ids ...string) (map[string]*Attribute, error) {
	keys := make([]table.Key, 0, len(ids))
	asked := map[string]bool{}
	for _, id := range ids {
		if !asked[id] {
			asked[id] = true
			keys = append(keys, Key(id))
		}
	}
	found := map[string]*Attribute{}
	if len(keys) == 0 {
		return found, nil
	}
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if item == nil {
			continue
		}
		var a Attribute
		if err := table.Decode(item, &a); err != nil {
			return nil, err
		}
		found[a.ID] = &a
	}
	return found, nil
}
