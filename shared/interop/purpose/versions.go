package purpose

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// createVersion plans another number of calls a day.
func createVersion(calls int64) action {
	return action{
		check: func(s snapshot) error { return s.checkEstimate(calls) },
		needs: func(s snapshot) need {
			if s.isLower(calls) {
				return agreementFacts
			}
			return quotaFacts
		},
		decide: func(s snapshot) (decision, error) {
			q, err := s.checkEstimateQuota(calls)
			if err != nil {
				return decision{}, err
			}
			guards := lifecycle.Facts{Within: q.exceeded == nil, StillSuspended: s.purpose.isSuspended()}
			rule, err := Machine.Plan(lifecycle.None, actionCreateVersion, Consumer, guards)
			if err != nil {
				return decision{}, err
			}
			next := s.next()
			v, created := s.addVersion(next, rule, Consumer, s.ids[0], calls)
			v.Check = q.exceeded
			if rule.To == Waiting {
				return s.outcome(next, created).require(q.conditions), nil
			}
			d, err := s.promote(next, v, created)
			return d.require(q.conditions), err
		},
	}
}

// checkEstimate refuses a number of calls that the purpose itself rules out.
func (s snapshot) checkEstimate(calls int64) error {
	p := s.purpose
	if p.isArchived() {
		return s.wrongState(interop.PurposeNotUpdatable, "Purpose %s is archived, for good.", p.ID)
	}
	if err := s.requireConsumer(); err != nil {
		return err
	}
	if old := p.inUse(); old != nil && old.DailyCalls == calls {
		return problem.New(interop.UnchangedDailyCalls, "Version %s of purpose %s plans %d calls a day already.", old.ID, p.ID, calls)
	}
	if pending := p.newestIn(Draft, Waiting); pending != nil {
		return s.wrongState(interop.PurposeVersionStateConflict, "Version %s of purpose %s is %s. A purpose has one such version at a time.",
			pending.ID, p.ID, pending.State)
	}
	return nil
}

// isLower reports whether a number of calls is below that of the version in use. Such a
// one is accepted also above the thresholds.
func (s snapshot) isLower(calls int64) bool {
	old := s.purpose.inUse()
	return old != nil && calls < old.DailyCalls
}

// checkEstimateQuota compares another number of calls with the thresholds.
func (s snapshot) checkEstimateQuota(calls int64) (quota, error) {
	if s.isLower(calls) {
		conditions, err := s.facts.requireAgreement(s.purpose.relation())
		return quota{conditions: conditions}, err
	}
	return s.checkQuota(calls, calls-s.purpose.load())
}

// deleteVersion takes back a version that waits.
func deleteVersion(versionID string) action {
	return action{
		check: func(s snapshot) error {
			if err := s.requireConsumer(); err != nil {
				return err
			}
			v := s.purpose.find(versionID)
			if v == nil {
				past, err := table.As[version](s.extra)
				if err != nil {
					return err
				}
				if v = past; v == nil {
					return problem.New(interop.PurposeVersionUnknown, "Version %s of purpose %s not found", versionID, s.purpose.ID)
				}
			}
			if v.State != Waiting || v.Number == 1 {
				return s.wrongState(interop.PurposeVersionNotDeletable,
					"Version %s is %s. Only one that is %s can be deleted, and not the first of a purpose.", v.ID, v.State, Waiting)
			}
			return nil
		},
		decide: func(s snapshot) (decision, error) {
			v := s.purpose.find(versionID)
			rule, err := Machine.Plan(v.State, actionDeleteVersion, Consumer, nil)
			if err != nil {
				return decision{}, err
			}
			next := s.next()
			next.removeVersion(v.ID)
			return s.outcome(next, s.event(rule.Action, Consumer, v, v.State, rule.To, "")), nil
		},
	}
}

// archive ends a purpose for good.
func archive() action {
	return action{
		check: func(s snapshot) error {
			current := s.purpose.current()
			if current == nil {
				return s.noCurrentVersion()
			}
			if err := s.requireConsumer(); err != nil {
				return err
			}
			if _, err := Machine.Plan(current.State, actionArchive, Consumer, nil); err != nil {
				return s.notInUse(current)
			}
			return nil
		},
		decide: func(s snapshot) (decision, error) {
			next := s.next()
			v := next.inUse()
			rule, err := Machine.Plan(v.State, actionArchive, Consumer, nil)
			if err != nil {
				return decision{}, err
			}
			archived := s.transition(v, rule, Consumer, "")
			withdrawn, err := s.withdraw(next)
			return s.outcome(next, append([]event{archived}, withdrawn...)...), err
		},
	}
}

// noCurrentVersion is the problem of an action on the current version where there is none.
func (s snapshot) noCurrentVersion() error {
	return s.wrongState(interop.NoCurrentPurposeVersion, "Purpose %s has no current version.", s.purpose.ID)
}

// notInUse is the problem of an action that takes a purpose in use.
func (s snapshot) notInUse(current *version) error {
	return s.wrongState(interop.PurposeVersionNotInState, "Purpose %s is %s. It has to be %s or %s.",
		s.purpose.ID, current.State, Active, Suspended)
}
