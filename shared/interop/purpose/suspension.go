package purpose

import (
	"cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// suspend holds a purpose for the caller's side. Asked again it changes nothing.
func suspend(delegationID string) change {
	return func(s situation) (decision, error) {
		current := s.purpose.current()
		if current == nil {
			return decision{}, s.wrongState(interop.NoCurrentPurposeVersion, "Purpose %s has no current version.", s.purpose.ID)
		}
		by := s.side()
		rule, err := Machine.Plan(current.State, actionSuspend, by, nil)
		if err != nil {
			return decision{}, s.wrongState(interop.PurposeVersionNotInState, "Purpose %s is %s; this takes one that is %s or %s.", s.purpose.ID, current.State, Active, Suspended)
		}
		if err := s.undelegated(delegationID); err != nil {
			return decision{}, err
		}
		next := s.next()
		resuming := next.newest(Waiting)
		resumes := resuming != nil && resuming.Resumes == by
		if next.heldBy(by) && !resumes {
			return s.stays(), nil
		}
		if resumes { // the side has thought better of it
			resuming.Resumes = ""
		}
		next.hold(by, true)
		v := next.inUse()
		since := v.SuspendedAt
		told := s.moves(v, rule, by, "")
		v.SuspendedAt = cmp.Or(since, s.at)
		return s.becomes(next, told), nil
	}
}

// unsuspend takes the suspension of the caller's side back. The purpose is active
// again when the other side does not hold it. Where the consumer lifts the last
// suspension its load counts again: above a threshold the purpose stays suspended,
// and a version waits for the producer.
func unsuspend(delegationID string) change {
	return func(s situation) (decision, error) {
		if s.purpose.newest(Suspended) == nil {
			return decision{}, s.none(Suspended)
		}
		if err := s.undelegated(delegationID); err != nil {
			return decision{}, err
		}
		p, by := s.purpose, s.side()
		if by == Consumer && !p.heldBy(by) {
			return decision{}, problem.New(interop.PurposeNotAllowed, "Purpose %s is suspended by its producer alone, who has to take that back.", p.ID)
		}
		next := s.next()
		next.hold(by, false)
		v := next.newest(Suspended)
		asks := !next.held() && (by == Consumer || p.isSelf())
		var d decision
		var check *ThresholdCheck
		if asks {
			var err error
			if check, err = s.admits(&d, v.DailyCalls, v.DailyCalls, v.DailyCalls); err != nil {
				return decision{}, err
			}
		}
		facts := lifecycle.Facts{Within: check == nil, Held: next.held()}
		if check != nil {
			resumed, err := s.resume(by, facts, check)
			return d.with(resumed), err
		}
		if !p.heldBy(by) {
			return s.stays(), nil
		}
		rule, err := Machine.Plan(v.State, actionUnsuspend, by, facts)
		if err != nil {
			return decision{}, err
		}
		events := []event{s.moves(v, rule, by, "")}
		if rule.To == Active {
			v.SuspendedAt, v.FirstActivationAt = "", cmp.Or(v.FirstActivationAt, s.at)
		}
		// What waits to be resumed by this side has nothing to wait for any more.
		if asked := next.newest(Waiting); asked != nil && asked.Resumes == by {
			withdrawn, err := s.withdraw(next)
			if err != nil {
				return decision{}, err
			}
			events = append(events, withdrawn...)
		}
		return d.with(s.becomes(next, events...)), nil
	}
}

// resume asks the producer whether a purpose may go on whose load others use by now.
// It takes the place of what waited for another reason. Asked again it changes nothing.
func (s situation) resume(by lifecycle.Role, facts lifecycle.Facts, check *ThresholdCheck) (decision, error) {
	if asked := s.purpose.newest(Waiting); asked != nil && asked.Resumes == by {
		return s.stays(), nil
	}
	next := s.next()
	old := next.newest(Suspended)
	if _, err := Machine.Plan(old.State, actionUnsuspend, by, facts); err != nil {
		return decision{}, err
	}
	withdrawn, err := s.withdraw(next)
	if err != nil {
		return decision{}, err
	}
	rule, err := Machine.Plan(lifecycle.None, actionUnsuspend, by, facts)
	if err != nil {
		return decision{}, err
	}
	v, told := s.add(next, rule, by, s.ids[0], old.DailyCalls)
	v.Check, v.Resumes = check, by
	return s.becomes(next, append(withdrawn, told)...), nil
}
