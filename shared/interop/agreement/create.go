package agreement

import (
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// create makes a draft of an agreement on a descriptor.
func create(eserviceID, descriptorID, delegationID string) decide {
	return func(s snapshot) (outcome, error) {
		e := s.catalogue.EService
		if e == nil || !s.catalogue.IsVisibleTo(s.caller) {
			return outcome{}, problem.New(interop.AgreementEServiceNotFound, "EService %s not found", eserviceID)
		}
		d, err := s.latestDescriptor(descriptorID)
		if err != nil {
			return outcome{}, err
		}
		if delegationID != "" {
			return outcome{}, problem.New(interop.AgreementNoDelegation, "There is no delegation %s.", delegationID)
		}
		return s.newDraft(actionCreate, &agreement{
			ID:               s.newID,
			EServiceID:       e.ID,
			EServiceName:     e.Name,
			DescriptorID:     d.ID,
			DescriptorNumber: d.Number,
			ProducerID:       e.ProducerID,
			ConsumerID:       s.caller,
			CreatedAt:        s.at,
		}, d)
	}
}

// clone makes a draft with the content of a rejected agreement.
func clone(s snapshot) (outcome, error) {
	if err := s.requireAction(actionClone, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
		return outcome{}, err
	}
	old := s.agreement
	return s.newDraft(actionClone, &agreement{
		ID:               s.newID,
		EServiceID:       old.EServiceID,
		EServiceName:     old.EServiceName,
		DescriptorID:     old.DescriptorID,
		DescriptorNumber: old.DescriptorNumber,
		ProducerID:       old.ProducerID,
		ConsumerID:       old.ConsumerID,
		Notes:            old.Notes,
		RejectionReason:  old.RejectionReason,
		CreatedAt:        s.at,
	}, s.catalogue.Find(old.DescriptorID))
}

// newDraft returns the outcome that makes a draft. It returns AgreementExists where the
// consumer has an agreement for the e-service that is not over.
func (s snapshot) newDraft(action lifecycle.Action, a *agreement, d *eservice.Descriptor) (outcome, error) {
	if len(s.existing) > 0 {
		return outcome{}, s.alreadyExists(s.existing[0])
	}
	rule, err := Machine.Plan(lifecycle.None, action, Consumer, s.attributeFacts(a, d))
	if err != nil {
		return outcome{}, s.missingAttributes(interop.CertifiedAttributesMissing, a, d)
	}
	a.State = rule.To
	e := s.event(action, Consumer, lifecycle.None, rule.To, "")
	o := outcome{transitions: []transition{newTransition(nil, a, e)}, answer: a}
	o.conditions.Require(table.Check(labelNoneInUse, SubscriptionKey(a.ConsumerID, a.EServiceID), table.NotExists()))
	o.conditions.Require(s.factChecks()...)
	return o, nil
}

// requested returns the agreement on its way into use, nil when none is known.
func (s snapshot) requested() *agreement {
	i := slices.IndexFunc(s.existing, (*agreement).isRequested)
	if i < 0 {
		return nil
	}
	return s.existing[i]
}

// alreadyExists refuses to make another agreement of the same consumer and e-service as a.
// The answer says what the caller may do with a, and names the draft that will replace a,
// or the newer descriptor that a can be upgraded to.
func (s snapshot) alreadyExists(a *agreement) error {
	p := problem.New(interop.AgreementExists,
		"Consumer %s has agreement %s for e-service %s, which is %s.", a.ConsumerID, a.ID, a.EServiceID, a.State)
	draft := s.requested()
	newer := s.publishedDescriptor()
	upgradable := newer != nil && newer.Number > a.DescriptorNumber
	switch {
	case draft != nil && draft != a:
		p.Detail += " Agreement " + draft.ID + ", which is " + string(draft.State) + ", replaces it once it comes into use."
	case a.isInUse() && upgradable:
		p.Detail += " To use descriptor " + newer.ID + ", which is newer, call POST /agreements/" + a.ID + "/upgrade."
	}
	sides := a.sides(s.caller)
	allowed := slices.DeleteFunc(Machine.Possible(a.State, sides...), func(action lifecycle.Action) bool {
		return action == actionUpgrade && !upgradable
	})
	return problem.Allowing(p, a.State, allowed, lifecycle.WhoseTurn(Machine.Turns(a.State, sides...)...))
}
