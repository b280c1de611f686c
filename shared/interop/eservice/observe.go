package eservice

import (
	"reflect"
	"strings"

	"ciclo/shared/platform/table"
)

// Observed is what a change of the table means to those who depend on an e-service.
type Observed struct {
	EServiceID          string // "" when nothing follows from the change
	Renamed             bool
	RequirementsChanged bool // a descriptor asks its consumers for other attributes
	Unused              bool // a descriptor may have to be archived: see [Store.Retire]
}

// Observe reads a change of the table. Nothing follows from most changes of a use: each
// agreement that comes into use makes one. The filter of agreement/follow leaves those out
// (functions/interop/own/agreements.yaml).
func Observe(change table.Change) (Observed, error) {
	id, ok := strings.CutPrefix(change.Key.PK, eservicePK(""))
	if !ok || change.Old == nil || change.New == nil {
		return Observed{}, nil // created, or deleted as a draft: there are no agreements
	}
	var o Observed
	var err error
	switch sk := change.Key.SK; {
	case sk == eserviceSK:
		o.Renamed, err = compare(change, func(before, after *EService) bool { return before.Name != after.Name })
	case strings.HasPrefix(sk, descriptorPrefix):
		o.RequirementsChanged, err = compare(change, func(before, after *Descriptor) bool {
			return !reflect.DeepEqual(before.Requirements, after.Requirements)
		})
		if err == nil {
			o.Unused, err = compare(change, func(before, after *Descriptor) bool {
				return before.State != Deprecated && after.State == Deprecated
			})
		}
	case strings.HasPrefix(sk, usePrefix):
		o.Unused, err = compare(change, func(_, after *use) bool { return after.Count <= 0 })
	}
	if o != (Observed{}) {
		o.EServiceID = id
	}
	return o, err
}

// compare decodes both images of a change and compares them.
func compare[T any](change table.Change, differ func(before, after *T) bool) (bool, error) {
	before, err := table.As[T](change.Old)
	if err != nil {
		return false, err
	}
	after, err := table.As[T](change.New)
	if err != nil {
		return false, err
	}
	return differ(before, after), nil
}
