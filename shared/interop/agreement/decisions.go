package agreement

import (
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// requireAction refuses an action that the state never allows, then a caller without the
// role, in the published order. A caller who has no part in the agreement is refused
// first, so the answer does not reveal the state.
func (s snapshot) requireAction(action lifecycle.Action, by lifecycle.Role, wrongState, wrongCaller problem.Code) error {
	a := s.agreement
	sides := a.sides(s.caller)
	if len(sides) > 0 && !slices.Contains(Machine.Possible(a.State, by), action) {
		p := problem.New(wrongState, "Agreement %s is %s, which does not allow this.", a.ID, a.State)
		return problem.Allowing(p, a.State, Machine.Possible(a.State, sides...), lifecycle.WhoseTurn(Machine.Turns(a.State, sides...)...))
	}
	if !slices.Contains(sides, by) {
		return problem.New(wrongCaller, "Tenant %s is not the %s of agreement %s.", s.caller, by, a.ID)
	}
	return nil
}

// requireNoDelegation refuses every delegation: none is offered.
func requireNoDelegation(delegationID string) error {
	if delegationID != "" {
		return problem.New(interop.NotTheDelegate, "There is no delegation %s.", delegationID)
	}
	return nil
}

// submit sends a draft to the producer, or puts it into use at once.
func submit(notes string) decide {
	return func(s snapshot) (outcome, error) {
		if err := s.requireAction(actionSubmit, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
			return outcome{}, err
		}
		a := s.agreement
		d, err := s.latestDescriptor(a.DescriptorID)
		if err != nil {
			return outcome{}, err
		}
		facts := s.attributeFacts(a, d)
		facts[Automatic] = a.isSelf() || d.ApprovalPolicy == policyAutomatic
		facts[Held] = !a.isSelf() && isSet(a.ByProducer)
		rule, err := Machine.Plan(a.State, actionSubmit, Consumer, facts)
		if err != nil {
			return outcome{}, s.missingAttributes(interop.AgreementSubmissionFailed, a, d)
		}
		next := s.withState(rule.To)
		next.Notes = notes
		if rule.To == Active {
			next.Suspension = Suspension{}
		}
		return s.activation(next, rule, Consumer, interop.AgreementSubmissionFailed)
	}
}

// approve puts a pending agreement into use.
func approve(delegationID string) decide {
	return func(s snapshot) (outcome, error) {
		if err := s.requireAction(actionApprove, Producer, interop.AgreementNotPending, interop.NotTheProducer); err != nil {
			return outcome{}, err
		}
		if err := requireNoDelegation(delegationID); err != nil {
			return outcome{}, err
		}
		a := s.agreement
		d, err := s.usableDescriptor(a)
		if err != nil {
			return outcome{}, err
		}
		facts := s.attributeFacts(a, d)
		facts[Held] = isSet(a.ByConsumer)
		rule, err := Machine.Plan(a.State, actionApprove, Producer, facts)
		if err != nil {
			return outcome{}, s.missingAttributes(interop.AgreementActivationFailed, a, d)
		}
		next := s.withState(rule.To)
		if next.isInUse() {
			setFlag(&next.ByProducer, false)
		}
		if rule.To == Active {
			next.SuspendedAt = ""
		}
		return s.activation(next, rule, Producer, interop.AgreementActivationFailed)
	}
}

// activation returns the outcome for an agreement on its way into use. Where a certified
// attribute is missing, that is stored and the caller is refused with the code.
func (s snapshot) activation(next *agreement, rule lifecycle.Rule, by lifecycle.Role, code problem.Code) (outcome, error) {
	missing := rule.To == MissingCertified
	setFlag(&next.ByPlatform, missing)
	o := s.outcome(next, rule, by, "")
	o.conditions.Require(s.factChecks()...)
	if missing {
		o.refusal = s.missingAttributes(code, next, s.catalogue.Find(next.DescriptorID))
	}
	return s.replaceInUse(o)
}

// reject refuses a pending agreement.
func reject(reason string) decide {
	return func(s snapshot) (outcome, error) {
		if err := s.requireAction(actionReject, Producer, interop.AgreementNotInState, interop.NotTheProducer); err != nil {
			return outcome{}, err
		}
		rule, err := Machine.Plan(s.agreement.State, actionReject, Producer, nil)
		if err != nil {
			return outcome{}, err
		}
		next := s.withState(rule.To)
		next.RejectionReason = reason
		next.Suspension = Suspension{}
		return s.outcome(next, rule, Producer, reason), nil
	}
}

// archive ends an agreement for good.
func archive(s snapshot) (outcome, error) {
	if err := s.requireAction(actionArchive, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
		return outcome{}, err
	}
	rule, err := Machine.Plan(s.agreement.State, actionArchive, Consumer, nil)
	if err != nil {
		return outcome{}, err
	}
	return s.outcome(s.withState(rule.To), rule, Consumer, ""), nil
}

// remove deletes an agreement that was never in use. Its history stays.
func remove(s snapshot) (outcome, error) {
	if err := s.requireAction(actionDelete, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
		return outcome{}, err
	}
	rule, err := Machine.Plan(s.agreement.State, actionDelete, Consumer, nil)
	if err != nil {
		return outcome{}, err
	}
	return s.outcome(nil, rule, Consumer, ""), nil
}
