package agreement

import (
	"cmp"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// side tells for which side the caller acts: a producer always for its own.
func (s situation) side(action lifecycle.Action, wrongState problem.Code, delegationID string) (lifecycle.Role, error) {
	a := s.agreement
	by := Consumer
	if a.ProducerID == s.caller {
		by = Producer
	}
	if err := s.admit(action, by, wrongState, interop.AgreementNotAllowed); err != nil {
		return by, err
	}
	if a.isSelf() {
		return by, nil
	}
	return by, undelegated(delegationID)
}

// hold sets the flag of a side; both where they are one organization.
func (a *agreement) hold(by lifecycle.Role, value bool) {
	if by == Consumer || a.isSelf() {
		put(&a.ByConsumer, value)
	}
	if by == Producer || a.isSelf() {
		put(&a.ByProducer, value)
	}
}

// suspend holds an agreement for the caller's side. Asked again it changes nothing.
func suspend(delegationID string) change {
	return func(s situation) (decision, error) {
		by, err := s.side(actionSuspend, interop.AgreementNotInState, delegationID)
		if err != nil {
			return decision{}, err
		}
		rule, err := Machine.Plan(s.agreement.State, actionSuspend, by, nil)
		if err != nil {
			return decision{}, err
		}
		next := s.moved(rule)
		next.hold(by, true)
		next.SuspendedAt = cmp.Or(next.SuspendedAt, s.at)
		return s.unlessSame(s.becomes(next, rule, by, "")), nil
	}
}

// unsuspend takes the suspension of the caller's side back. The agreement is
// active again when the other side does not hold it and no attribute is missing.
func unsuspend(delegationID string) change {
	return func(s situation) (decision, error) {
		by, err := s.side(actionUnsuspend, interop.AgreementNotSuspended, delegationID)
		if err != nil {
			return decision{}, err
		}
		d, err := s.usable(s.agreement)
		if err != nil {
			return decision{}, err
		}
		next := *s.agreement
		next.hold(by, false)
		facts := s.facts(&next, d)
		put(&next.ByPlatform, !facts[HasAll])
		facts[Held] = holds(next.ByConsumer) || holds(next.ByProducer) || holds(next.ByPlatform)
		rule, err := Machine.Plan(next.State, actionUnsuspend, by, facts)
		if err != nil {
			return decision{}, err
		}
		next.State, next.UpdatedAt = rule.To, s.at
		if rule.To == Active {
			next.SuspendedAt = ""
		}
		return s.unlessSame(s.relying(s.becomes(&next, rule, by, ""))), nil
	}
}

func (s situation) unlessSame(d decision) decision {
	if same(s.agreement, d.answer) {
		return decision{answer: s.agreement}
	}
	return d
}

// recompute is what the platform makes of an agreement whose consumer's attributes
// or whose e-service have changed. It acts when its own flag changes (PDND,
// agreement process).
func recompute(s situation) (decision, error) {
	a := s.agreement
	d := s.catalogue.Find(a.DescriptorID)
	if d == nil {
		return decision{}, nil
	}
	facts := s.facts(a, d)
	facts[Held] = holds(a.ByConsumer) || holds(a.ByProducer)
	rule, err := Machine.Plan(a.State, actionRecompute, Platform, facts)
	if err != nil {
		return decision{}, nil //nolint:nilerr // nothing to do in this state
	}
	next := s.moved(rule)
	put(&next.ByPlatform, !facts[HasAll] && (rule.To == MissingCertified || next.inUse()))
	if holds(next.ByPlatform) == holds(a.ByPlatform) {
		return decision{}, nil
	}
	switch rule.To {
	case Suspended:
		next.SuspendedAt = cmp.Or(next.SuspendedAt, s.at)
	case Active:
		next.SuspendedAt = ""
	}
	reason := ""
	if holds(next.ByPlatform) {
		reason = "The consumer lacks " + s.lack(a, d) + "."
	}
	return s.relying(s.becomes(next, rule, Platform, reason)), nil
}

// recomputed are the states that attributes may change.
var recomputed = slices.DeleteFunc(slices.Clone(Machine.States), func(state lifecycle.State) bool {
	return !slices.Contains(Machine.Possible(state, Platform), actionRecompute)
})
