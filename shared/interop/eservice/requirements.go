package eservice

import (
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/problem"
)

// Requirements is what the consumers of a descriptor must own: of every group at
// least one attribute. A group without attributes asks for nothing.
type Requirements struct {
	Certified []Group `dynamodbav:"certified,omitempty"`
	Declared  []Group `dynamodbav:"declared,omitempty"`
	Verified  []Group `dynamodbav:"verified,omitempty"`
}

// Group is the attributes of which a consumer must own one.
type Group []Required

// Required is an attribute in a group. A certified one may give those who own it
// another limit of calls a day than the descriptor's, 0 for none.
type Required struct {
	AttributeID           string `dynamodbav:"attributeId"`
	DailyCallsPerConsumer int64  `dynamodbav:"dailyCallsPerConsumer,omitempty"`
}

// Of returns the groups of a kind of attributes.
func (r *Requirements) Of(kind attribute.Kind) *[]Group {
	switch kind {
	case attribute.Certified:
		return &r.Certified
	case attribute.Declared:
		return &r.Declared
	default:
		return &r.Verified
	}
}

var kinds = []attribute.Kind{attribute.Certified, attribute.Declared, attribute.Verified}

// clone returns a copy that shares nothing.
func (r Requirements) clone() Requirements {
	for _, kind := range kinds {
		groups := r.Of(kind)
		*groups = slices.Clone(*groups)
		for i, group := range *groups {
			(*groups)[i] = slices.Clone(group)
		}
	}
	return r
}

// size is how many attributes are required; an empty group counts as one.
func (r *Requirements) size() (n int) {
	for _, kind := range kinds {
		for _, group := range *r.Of(kind) {
			n += max(1, len(group))
		}
	}
	return n
}

// maxRequired is how many attributes a descriptor requires at most, lest its item
// grow beyond what can be stored and read at once.
const maxRequired = 200

// index is where the group has an attribute, -1 when it has not.
func (g Group) index(attributeID string) int {
	return slices.IndexFunc(g, func(r Required) bool { return r.AttributeID == attributeID })
}

// group returns one of the groups, by its index.
func (d *Descriptor) group(kind attribute.Kind, index int) (*Group, error) {
	groups := *d.Of(kind)
	if index >= len(groups) {
		return nil, problem.New(interop.RequiredGroupNotFound, "Descriptor %s has no group %d of %s attributes.", d.ID, index, kind)
	}
	return &groups[index], nil
}

// required returns an attribute of a group, with the group and its place there.
func (d *Descriptor) required(kind attribute.Kind, index int, attributeID string) (*Group, int, error) {
	group, err := d.group(kind, index)
	if err != nil {
		return nil, 0, err
	}
	i := group.index(attributeID)
	if i < 0 {
		return nil, 0, problem.New(interop.RequiredNotFound, "Group %d of the %s attributes of descriptor %s does not have attribute %s.", index, kind, d.ID, attributeID)
	}
	return group, i, nil
}

// require adds attributes, which must be among those known, to a group.
func (d *Descriptor) require(kind attribute.Kind, index int, ids []string, known map[string]*attribute.Attribute) error {
	group, err := d.group(kind, index)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if group.index(id) >= 0 {
			return problem.New(interop.RequiredTwiceInGroup, "Attribute %s would be twice in group %d of the %s attributes.", id, index, kind)
		}
		*group = append(*group, Required{AttributeID: id})
	}
	for _, id := range ids {
		if a := known[id]; a == nil || a.Kind != kind {
			return problem.New(interop.RequiredNotInRegistry, "There is no %s attribute %s.", kind, id)
		}
	}
	if len(ids) == 0 && d.State != Draft {
		return problem.New(interop.UnchangedAttributes, "Nothing would be added to group %d of the %s attributes. Name an attribute.", index, kind)
	}
	if n := d.size(); n > maxRequired {
		return problem.New(interop.BadRequest, "Descriptor %s would require %d attributes, counting an empty group as one; %d is the most.", d.ID, n, maxRequired)
	}
	return nil
}

// requireGroup adds a group of attributes.
func requireGroup(id string, kind attribute.Kind, ids []string, known map[string]*attribute.Attribute) change {
	return revise(id, actionRequireGroup, func(d *Descriptor) error {
		groups := d.Of(kind)
		*groups = append(*groups, Group{})
		return d.require(kind, len(*groups)-1, ids, known)
	})
}

// requireAttributes adds attributes to a group.
func requireAttributes(at OfGroup, kind attribute.Kind, ids []string, known map[string]*attribute.Attribute) change {
	return revise(at.DescriptorID, actionRequireAttribute, func(d *Descriptor) error {
		return d.require(kind, at.GroupIndex, ids, known)
	})
}

// removeRequired takes an attribute out of a group. The last one takes the group
// with it, and the later groups move down (PDND).
func removeRequired(at OfRequired, kind attribute.Kind) change {
	return revise(at.DescriptorID, actionRemoveAttribute, func(d *Descriptor) error {
		group, i, err := d.required(kind, at.GroupIndex, at.AttributeID)
		if err != nil {
			return err
		}
		if *group = slices.Delete(*group, i, i+1); len(*group) == 0 {
			groups := d.Of(kind)
			*groups = slices.Delete(*groups, at.GroupIndex, at.GroupIndex+1)
		}
		return nil
	})
}

// setQuota gives those who own a certified attribute another limit of calls a day.
func setQuota(at OfRequired, calls int64) change {
	return revise(at.DescriptorID, actionAttributeQuota, func(d *Descriptor) error {
		if at.GroupIndex >= len(d.Certified) {
			return problem.New(interop.QuotaGroupNotFound, "Descriptor %s has no group %d of certified attributes.", d.ID, at.GroupIndex)
		}
		group := d.Certified[at.GroupIndex]
		i := group.index(at.AttributeID)
		if i < 0 {
			return problem.New(interop.RequiredNotInRegistry, "Group %d of the certified attributes of descriptor %s does not have attribute %s.", at.GroupIndex, d.ID, at.AttributeID)
		}
		if group[i].DailyCallsPerConsumer == calls {
			return problem.New(interop.UnchangedAttributes, "Attribute %s has this limit already. Send another one.", at.AttributeID)
		}
		group[i].DailyCallsPerConsumer = calls
		return nil
	})
}
