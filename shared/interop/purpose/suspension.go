package purpose

import (
	"cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// suspend suspends a purpose for the caller's side. Repeated, it changes nothing.
func suspend(delegationID string) action {
	return action{
		check: func(s snapshot) error {
			current := s.purpose.current()
			if current == nil {
				return s.noCurrentVersion()
			}
			if _, err := Machine.Plan(current.State, actionSuspend, s.side(), nil); err != nil {
				return s.notInUse(current)
			}
			return s.requireNoDelegation(delegationID)
		},
		decide: func(s snapshot) (decision, error) {
			by := s.side()
			next := s.next()
			resuming := next.resuming(by)
			if next.isSuspendedBy(by) && resuming == nil {
				return s.unchanged(), nil
			}
			if resuming != nil { // the side no longer asks for the end of its suspension
				resuming.Resumes = ""
			}
			next.setSuspended(by, true)
			v := next.inUse()
			rule, err := Machine.Plan(v.State, actionSuspend, by, nil)
			if err != nil {
				return decision{}, err
			}
			suspended := s.transition(v, rule, by, "")
			v.SuspendedAt = cmp.Or(v.SuspendedAt, s.at())
			return s.outcome(next, suspended), nil
		},
	}
}

// unsuspend ends the suspension of the caller's side. The purpose is active again unless
// the other side suspends it, too. When the consumer ends the last suspension, the load
// counts again: above a threshold the purpose stays suspended, and a version waits for
// the producer.
func unsuspend(delegationID string) action {
	return action{
		check: func(s snapshot) error {
			if s.purpose.newestIn(Suspended) == nil {
				return s.noVersionIn(Suspended)
			}
			if err := s.requireNoDelegation(delegationID); err != nil {
				return err
			}
			if s.side() == Consumer && !s.purpose.isSuspendedBy(Consumer) {
				return problem.New(interop.PurposeNotAllowed, "Purpose %s is suspended by its producer alone, who has to end that.", s.purpose.ID)
			}
			return nil
		},
		needs: func(s snapshot) need {
			if s.hasToFit() {
				return quotaFacts
			}
			return noFacts
		},
		decide: decideUnsuspend,
	}
}

// hasToFit reports whether the end of the caller's suspension makes the load count again
// and the thresholds are asked: the producer is free to exceed them, but for its own use.
func (s snapshot) hasToFit() bool {
	next := s.next()
	next.setSuspended(s.side(), false)
	return !next.isSuspended() && (s.side() == Consumer || next.isSelf())
}

func decideUnsuspend(s snapshot) (decision, error) {
	by := s.side()
	next := s.next()
	next.setSuspended(by, false)
	v := next.newestIn(Suspended)
	var q quota
	if s.hasToFit() {
		var err error
		if q, err = s.checkQuota(v.DailyCalls, v.DailyCalls); err != nil {
			return decision{}, err
		}
	}
	guards := lifecycle.Facts{Within: q.exceeded == nil, StillSuspended: next.isSuspended()}
	if q.exceeded != nil {
		d, err := s.requestResumption(by, guards, q.exceeded)
		return d.require(q.conditions), err
	}
	if !s.purpose.isSuspendedBy(by) {
		return s.unchanged(), nil
	}
	rule, err := Machine.Plan(v.State, actionUnsuspend, by, guards)
	if err != nil {
		return decision{}, err
	}
	events := []event{s.transition(v, rule, by, "")}
	if rule.To == Active {
		v.SuspendedAt = ""
		v.FirstActivationAt = cmp.Or(v.FirstActivationAt, s.at())
	}
	if next.resuming(by) != nil { // there is nothing left to approve
		withdrawn, err := s.withdraw(next)
		if err != nil {
			return decision{}, err
		}
		events = append(events, withdrawn...)
	}
	return s.outcome(next, events...).require(q.conditions), nil
}

// requestResumption makes a version that waits for the producer, because other purposes
// use the load by now. It replaces a version that waits for another reason. Repeated, it
// changes nothing.
func (s snapshot) requestResumption(by lifecycle.Role, guards lifecycle.Facts, exceeded *ThresholdCheck) (decision, error) {
	if s.purpose.resuming(by) != nil {
		return s.unchanged(), nil
	}
	next := s.next()
	old := next.newestIn(Suspended)
	if _, err := Machine.Plan(old.State, actionUnsuspend, by, guards); err != nil {
		return decision{}, err
	}
	calls := old.DailyCalls
	withdrawn, err := s.withdraw(next)
	if err != nil {
		return decision{}, err
	}
	rule, err := Machine.Plan(lifecycle.None, actionUnsuspend, by, guards)
	if err != nil {
		return decision{}, err
	}
	v, requested := s.addVersion(next, rule, by, s.ids[0], calls)
	v.Check = exceeded
	v.Resumes = by
	return s.outcome(next, append(withdrawn, requested)...), nil
}
