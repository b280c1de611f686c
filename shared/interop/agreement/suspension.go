package agreement

import (
	"cmp"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// callerSide returns the side for which the caller acts. A caller that is both acts as the
// producer.
func (s snapshot) callerSide(action lifecycle.Action, wrongState problem.Code, delegationID string) (lifecycle.Role, error) {
	a := s.agreement
	by := Consumer
	if a.ProducerID == s.caller {
		by = Producer
	}
	if err := s.requireAction(action, by, wrongState, interop.AgreementNotAllowed); err != nil {
		return by, err
	}
	if a.isSelf() {
		return by, nil
	}
	return by, requireNoDelegation(delegationID)
}

// setSuspended sets the flag of a side, or both flags where they are one organization.
func (a *agreement) setSuspended(by lifecycle.Role, value bool) {
	if by == Consumer || a.isSelf() {
		setFlag(&a.ByConsumer, value)
	}
	if by == Producer || a.isSelf() {
		setFlag(&a.ByProducer, value)
	}
}

// suspend suspends an agreement for the caller's side. Repeating it changes nothing.
func suspend(delegationID string) decide {
	return func(s snapshot) (outcome, error) {
		by, err := s.callerSide(actionSuspend, interop.AgreementNotInState, delegationID)
		if err != nil {
			return outcome{}, err
		}
		rule, err := Machine.Plan(s.agreement.State, actionSuspend, by, nil)
		if err != nil {
			return outcome{}, err
		}
		next := s.withState(rule.To)
		next.setSuspended(by, true)
		next.SuspendedAt = cmp.Or(next.SuspendedAt, s.at)
		return s.unlessUnchanged(s.outcome(next, rule, by, "")), nil
	}
}

// unsuspend ends the suspension of the caller's side. The agreement is active again unless
// the other side suspends it or an attribute is missing.
func unsuspend(delegationID string) decide {
	return func(s snapshot) (outcome, error) {
		by, err := s.callerSide(actionUnsuspend, interop.AgreementNotSuspended, delegationID)
		if err != nil {
			return outcome{}, err
		}
		d, err := s.usableDescriptor(s.agreement)
		if err != nil {
			return outcome{}, err
		}
		next := *s.agreement
		next.setSuspended(by, false)
		facts := s.attributeFacts(&next, d)
		setFlag(&next.ByPlatform, !facts[HasAll])
		facts[Held] = isSet(next.ByConsumer) || isSet(next.ByProducer) || isSet(next.ByPlatform)
		rule, err := Machine.Plan(next.State, actionUnsuspend, by, facts)
		if err != nil {
			return outcome{}, err
		}
		next.State = rule.To
		next.UpdatedAt = s.at
		if rule.To == Active {
			next.SuspendedAt = ""
		}
		o := s.outcome(&next, rule, by, "")
		o.conditions.Require(s.factChecks()...)
		return s.unlessUnchanged(o), nil
	}
}

// recompute decides what the platform makes of an agreement after a change of its
// consumer's attributes or of its e-service. It changes nothing unless the platform's own
// flag changes (PDND, agreement process).
func recompute(s snapshot) (outcome, error) {
	a := s.agreement
	d := s.catalogue.Find(a.DescriptorID)
	if d == nil {
		return outcome{}, nil
	}
	facts := s.attributeFacts(a, d)
	facts[Held] = isSet(a.ByConsumer) || isSet(a.ByProducer)
	rule, err := Machine.Plan(a.State, actionRecompute, Platform, facts)
	if err != nil {
		return outcome{}, nil //nolint:nilerr // no rule: these facts change nothing in this state
	}
	next := s.withState(rule.To)
	setFlag(&next.ByPlatform, !facts[HasAll] && (rule.To == MissingCertified || next.isInUse()))
	if isSet(next.ByPlatform) == isSet(a.ByPlatform) {
		return outcome{}, nil
	}
	if rule.To == Suspended {
		next.SuspendedAt = cmp.Or(next.SuspendedAt, s.at)
	}
	if rule.To == Active {
		next.SuspendedAt = ""
	}
	reason := ""
	if isSet(next.ByPlatform) {
		reason = "The consumer lacks " + s.describeMissing(a, d) + "."
	}
	o := s.outcome(next, rule, Platform, reason)
	o.conditions.Require(s.factChecks()...)
	return o, nil
}

// recomputableStates are the states that attributes may change.
var recomputableStates = slices.DeleteFunc(slices.Clone(Machine.States), func(state lifecycle.State) bool {
	return !slices.Contains(Machine.Possible(state, Platform), actionRecompute)
})
