package eservice

import (
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/problem"
)

// Requirements is what the consumers of a descriptor have to own: at least one attribute
// of every group. A group without attributes requires nothing.
type Requirements struct {
	Certified []Group `dynamodbav:"certified,omitempty"`
	Declared  []Group `dynamodbav:"declared,omitempty"`
	Verified  []Group `dynamodbav:"verified,omitempty"`
}

// Group is a group of attributes; a consumer has to own one of them.
type Group []Required

// Required is an attribute in a group. DailyCallsPerConsumer is the threshold of
// consumers that own a certified attribute, 0 for that of the descriptor.
type Required struct {
	AttributeID           string `dynamodbav:"attributeId"`
	DailyCallsPerConsumer int64  `dynamodbav:"dailyCallsPerConsumer,omitempty"`
}

// Groups returns the groups of a kind of attributes.
func (r *Requirements) Groups(kind attribute.Kind) *[]Group {
	switch kind {
	case attribute.Certified:
		return &r.Certified
	case attribute.Declared:
		return &r.Declared
	case attribute.Verified:
	}
	return &r.Verified
}

var kinds = []attribute.Kind{attribute.Certified, attribute.Declared, attribute.Verified}

// clone returns a copy that shares nothing with r.
func (r Requirements) clone() Requirements {
	for _, kind := range kinds {
		groups := r.Groups(kind)
		*groups = slices.Clone(*groups)
		for i, group := range *groups {
			(*groups)[i] = slices.Clone(group)
		}
	}
	return r
}

// size counts the attributes that are required; an empty group counts as one.
func (r *Requirements) size() int {
	n := 0
	for _, kind := range kinds {
		for _, group := range *r.Groups(kind) {
			n += max(1, len(group))
		}
	}
	return n
}

// maxRequired is how many attributes a descriptor may require, so that its item can be
// stored and all of them are read at once.
const maxRequired = 200

// index returns the place of an attribute in the group, -1 when it is not there.
func (g Group) index(attributeID string) int {
	return slices.IndexFunc(g, func(r Required) bool { return r.AttributeID == attributeID })
}

// group returns the group with an index.
func (d *Descriptor) group(kind attribute.Kind, index int) (*Group, error) {
	groups := *d.Groups(kind)
	if index >= len(groups) {
		return nil, problem.New(interop.RequiredGroupNotFound, "Descriptor %s has no group %d of %s attributes.", d.ID, index, kind)
	}
	return &groups[index], nil
}

// required returns the group with an index and the place of an attribute in it.
func (d *Descriptor) required(kind attribute.Kind, index int, attributeID string) (*Group, int, error) {
	group, err := d.group(kind, index)
	if err != nil {
		return nil, 0, err
	}
	i := group.index(attributeID)
	if i < 0 {
		return nil, 0, problem.New(interop.RequiredNotFound,
			"Group %d of the %s attributes of descriptor %s does not have attribute %s.", index, kind, d.ID, attributeID)
	}
	return group, i, nil
}

// require adds attributes to a group; they have to be in the registry.
func (d *Descriptor) require(kind attribute.Kind, index int, ids []string, registry map[string]*attribute.Attribute) error {
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
		if a := registry[id]; a == nil || a.Kind != kind {
			return problem.New(interop.RequiredNotInRegistry, "There is no %s attribute %s.", kind, id)
		}
	}
	if len(ids) == 0 && d.State != Draft {
		return problem.New(interop.UnchangedAttributes,
			"Nothing would be added to group %d of the %s attributes. Name an attribute.", index, kind)
	}
	if n := d.size(); n > maxRequired {
		return problem.New(interop.BadRequest,
			"Descriptor %s would require %d attributes, counting an empty group as one; %d is the most.", d.ID, n, maxRequired)
	}
	return nil
}

// requireGroup adds a group of attributes.
func requireGroup(id string, kind attribute.Kind, ids []string) decision {
	return revise(id, actionRequireGroup, func(before snapshot, d *Descriptor) error {
		groups := d.Groups(kind)
		*groups = append(*groups, Group{})
		return d.require(kind, len(*groups)-1, ids, before.attributes)
	})
}

// requireAttributes adds attributes to a group.
func requireAttributes(at GroupPath, kind attribute.Kind, ids []string) decision {
	return revise(at.DescriptorID, actionRequireAttribute, func(before snapshot, d *Descriptor) error {
		return d.require(kind, at.GroupIndex, ids, before.attributes)
	})
}

// removeRequired removes an attribute from a group. A group that becomes empty is
// removed, and the indices of the later groups decrease (PDND).
func removeRequired(at RequiredPath, kind attribute.Kind) decision {
	return revise(at.DescriptorID, actionRemoveAttribute, func(_ snapshot, d *Descriptor) error {
		group, i, err := d.required(kind, at.GroupIndex, at.AttributeID)
		if err != nil {
			return err
		}
		if *group = slices.Delete(*group, i, i+1); len(*group) == 0 {
			groups := d.Groups(kind)
			*groups = slices.Delete(*groups, at.GroupIndex, at.GroupIndex+1)
		}
		return nil
	})
}

// setQuota sets the threshold of consumers that own a certified attribute.
func setQuota(at RequiredPath, calls int64) decision {
	return revise(at.DescriptorID, actionAttributeQuota, func(_ snapshot, d *Descriptor) error {
		if at.GroupIndex >= len(d.Certified) {
			return problem.New(interop.QuotaGroupNotFound, "Descriptor %s has no group %d of certified attributes.", d.ID, at.GroupIndex)
		}
		group := d.Certified[at.GroupIndex]
		i := group.index(at.AttributeID)
		if i < 0 {
			return problem.New(interop.RequiredNotInRegistry,
				"Group %d of the certified attributes of descriptor %s does not have attribute %s.", at.GroupIndex, d.ID, at.AttributeID)
		}
		if group[i].DailyCallsPerConsumer == calls {
			return problem.New(interop.UnchangedAttributes, "Attribute %s has this limit already. Send another one.", at.AttributeID)
		}
		group[i].DailyCallsPerConsumer = calls
		return nil
	})
}
