package agreement

import (
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// policyAutomatic is the approval policy by which an agreement needs no approval while no
// attribute is missing.
const policyAutomatic = "AUTOMATIC"

// latestDescriptor returns the descriptor of that id. It must be the newest one that was
// ever published, and PUBLISHED now.
func (s snapshot) latestDescriptor(descriptorID string) (*eservice.Descriptor, error) {
	d := s.catalogue.Latest()
	switch {
	case d == nil || d.ID != descriptorID:
		return nil, problem.New(interop.NotLatestDescriptor,
			"Descriptor %s is not the latest of e-service %s.", descriptorID, s.catalogue.EService.ID)
	case d.State != eservice.Published:
		return nil, wrongDescriptorState(d, eservice.Published)
	}
	return d, nil
}

// usableDescriptor returns the descriptor of an agreement. It may be deprecated or
// suspended, as agreements on it stay in use then.
func (s snapshot) usableDescriptor(a *agreement) (*eservice.Descriptor, error) {
	d := s.catalogue.Find(a.DescriptorID)
	switch d.State {
	case eservice.Published, eservice.Suspended, eservice.Deprecated:
		return d, nil
	default:
		return nil, wrongDescriptorState(d, eservice.Published, eservice.Suspended, eservice.Deprecated)
	}
}

// publishedDescriptor returns the descriptor that new agreements are made on, nil when
// there is none.
func (s snapshot) publishedDescriptor() *eservice.Descriptor {
	for _, d := range s.catalogue.Descriptors {
		if d.State == eservice.Published {
			return d
		}
	}
	return nil
}

func wrongDescriptorState(d *eservice.Descriptor, allowed ...lifecycle.State) error {
	words := make([]string, len(allowed))
	for i, state := range allowed {
		words[i] = string(state)
	}
	return problem.New(interop.AgreementDescriptorState,
		"Descriptor %s is %s. The action needs a descriptor that is %s.", d.ID, d.State, strings.Join(words, " or "))
}

// kinds lists the kinds of attributes in the order in which they are looked at.
var kinds = []struct {
	kind  attribute.Kind
	guard lifecycle.Guard
}{{attribute.Certified, HasCertified}, {attribute.Declared, HasDeclared}, {attribute.Verified, HasVerified}}

// attributeFacts returns the guards that say which kinds of required attributes the
// consumer owns: of every group that is not empty at least one attribute. Nothing is
// required of an organization that uses its own e-service.
func (s snapshot) attributeFacts(a *agreement, d *eservice.Descriptor) lifecycle.Facts {
	facts := lifecycle.Facts{HasAll: true}
	for _, k := range kinds {
		facts[k.guard] = a.isSelf() || len(s.missingGroups(k.kind, a, d)) == 0
		facts[HasAll] = facts[HasAll] && facts[k.guard]
	}
	return facts
}

// missingGroups returns the groups of which the consumer owns no attribute.
func (s snapshot) missingGroups(kind attribute.Kind, a *agreement, d *eservice.Descriptor) []eservice.Group {
	var missing []eservice.Group
	for _, group := range *d.Groups(kind) {
		owns := len(group) == 0
		for _, required := range group {
			owns = owns || s.owned.Has(kind, required.AttributeID, a.ProducerID, s.at)
		}
		if !owns {
			missing = append(missing, group)
		}
	}
	return missing
}

// missingAttributes returns the refusal that names the attributes that are missing.
func (s snapshot) missingAttributes(code problem.Code, a *agreement, d *eservice.Descriptor) error {
	return problem.New(code, "Consumer %s lacks attributes that descriptor %s requires: %s.", a.ConsumerID, d.ID, s.describeMissing(a, d))
}

// describeMissing names the attributes that are missing.
func (s snapshot) describeMissing(a *agreement, d *eservice.Descriptor) string {
	var parts []string
	for _, k := range kinds {
		for _, group := range s.missingGroups(k.kind, a, d) {
			ids := make([]string, len(group))
			for i, required := range group {
				ids[i] = required.AttributeID
			}
			parts = append(parts, "one "+strings.ToLower(string(k.kind))+" attribute of "+strings.Join(ids, ", "))
		}
	}
	return strings.Join(parts, "; ")
}
