package agreement

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// upgrade moves an agreement to the published descriptor. Where the consumer owns all
// required attributes the new agreement is in use at once; otherwise it is a draft, which
// replaces the old agreement when it comes into use. The answer is the new agreement.
func upgrade(s snapshot) (outcome, error) {
	if err := s.requireAction(actionUpgrade, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
		return outcome{}, err
	}
	old := s.agreement
	d := s.publishedDescriptor()
	switch {
	case d == nil:
		return outcome{}, problem.New(interop.NoPublishedDescriptor, "E-service %s has no published descriptor.", old.EServiceID)
	case d.Number <= old.DescriptorNumber:
		return outcome{}, problem.New(interop.NoNewerDescriptor,
			"E-service %s has no descriptor newer than %s.", old.EServiceID, old.DescriptorID)
	}
	facts := s.attributeFacts(old, d)
	facts[Held] = isSet(old.ByConsumer) || isSet(old.ByProducer)
	newRule, err := Machine.Plan(lifecycle.None, actionUpgrade, Consumer, facts)
	if err != nil {
		return outcome{}, s.missingAttributes(interop.CertifiedAttributesMissing, old, d)
	}
	oldRule, err := Machine.Plan(old.State, actionUpgrade, Consumer, facts)
	if err != nil {
		return outcome{}, err
	}
	if draft := s.requested(); draft != nil && newRule.To == Draft {
		return outcome{}, s.alreadyExists(draft)
	}
	next := *old
	next.ID = s.newID
	next.State = newRule.To
	next.CreatedAt = s.at
	next.UpdatedAt = ""
	next.DescriptorID = d.ID
	next.DescriptorNumber = d.Number
	next.ByPlatform = nil
	if !facts[Held] {
		next.SuspendedAt = ""
	}
	e := s.event(actionUpgrade, Consumer, lifecycle.None, newRule.To, "")
	o := outcome{transitions: []transition{newTransition(nil, &next, e)}, answer: &next}
	if oldRule.To != old.State {
		e := s.event(actionUpgrade, Consumer, old.State, oldRule.To, "")
		o.transitions = append(o.transitions, newTransition(old, s.withState(oldRule.To), e))
	}
	o.conditions.Require(s.factChecks()...)
	return o, nil
}
