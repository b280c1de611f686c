package agreement

import (
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// policyAutomatic is the approval policy of producers who look at no agreement
// that lacks nothing.
const policyAutomatic = "AUTOMATIC"

// subscribable returns the descriptor of that id, which must be the newest that
// was published and be published still.
func (s situation) subscribable(descriptorID string) (*eservice.Descriptor, error) {
	d := s.catalogue.Latest()
	switch {
	case d == nil || d.ID != descriptorID:
		return nil, problem.New(interop.NotLatestDescriptor, "Descriptor %s is not the latest of e-service %s.", descriptorID, s.catalogue.EService.ID)
	case d.State != eservice.Published:
		return nil, inState(d, eservice.Published)
	}
	return d, nil
}

// usable returns the descriptor of an agreement, on which others may be in use.
func (s situation) usable(a *agreement) (*eservice.Descriptor, error) {
	d := s.catalogue.Find(a.DescriptorID)
	switch d.State {
	case eservice.Published, eservice.Suspended, eservice.Deprecated:
		return d, nil
	}
	return nil, inState(d, eservice.Published, eservice.Suspended, eservice.Deprecated)
}

func inState(d *eservice.Descriptor, allowed ...lifecycle.State) error {
	words := make([]string, len(allowed))
	for i, state := range allowed {
		words[i] = string(state)
	}
	return problem.New(interop.AgreementDescriptorState, "Descriptor %s is %s; this takes one that is %s.", d.ID, d.State, strings.Join(words, " or "))
}

// kinds of attributes, in the order in which they are asked for.
var kinds = []struct {
	kind  attribute.Kind
	guard lifecycle.Guard
}{{attribute.Certified, HasCertified}, {attribute.Declared, HasDeclared}, {attribute.Verified, HasVerified}}

// facts tells which attributes that a descriptor asks for the consumer owns: of
// every group that is not empty at least one. An organization that uses its own
// e-service is not asked.
func (s situation) facts(a *agreement, d *eservice.Descriptor) lifecycle.Facts {
	facts := lifecycle.Facts{HasAll: true}
	for _, k := range kinds {
		facts[k.guard] = a.isSelf() || len(s.missing(k.kind, a, d)) == 0
		facts[HasAll] = facts[HasAll] && facts[k.guard]
	}
	return facts
}

// missing are the groups of which the consumer owns nothing.
func (s situation) missing(kind attribute.Kind, a *agreement, d *eservice.Descriptor) []eservice.Group {
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

// lacking is the refusal that says which attributes are missing.
func (s situation) lacking(code problem.Code, a *agreement, d *eservice.Descriptor) error {
	return problem.New(code, "Consumer %s lacks what descriptor %s asks for: %s.", a.ConsumerID, d.ID, s.lack(a, d))
}

// lack names the attributes of which the consumer owns none.
func (s situation) lack(a *agreement, d *eservice.Descriptor) string {
	var said []string
	for _, k := range kinds {
		for _, group := range s.missing(k.kind, a, d) {
			ids := make([]string, len(group))
			for i, required := range group {
				ids[i] = required.AttributeID
			}
			said = append(said, "one "+strings.ToLower(string(k.kind))+" attribute of "+strings.Join(ids, ", "))
		}
	}
	return strings.Join(said, "; ")
}
