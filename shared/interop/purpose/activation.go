package purpose

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// activate submits a draft: it becomes active within the thresholds, otherwise it waits
// for the producer.
func activate(delegationID string) action {
	return action{
		check: func(s snapshot) error {
			switch {
			case s.purpose.newestIn(Draft) == nil:
				return s.noVersionIn(Draft)
			case !s.purpose.Analysed:
				return problem.New(interop.MissingRiskAnalysis, "Purpose %s has no riskAnalysisForm.", s.purpose.ID)
			}
			if err := s.requireConsumer(); err != nil {
				return err
			}
			return s.requireNoDelegation(delegationID)
		},
		needs: always(quotaFacts),
		decide: func(s snapshot) (decision, error) {
			next := s.next()
			v := next.newestIn(Draft)
			q, err := s.checkQuota(v.DailyCalls, v.DailyCalls)
			if err != nil {
				return decision{}, err
			}
			rule, err := Machine.Plan(v.State, actionActivate, Consumer, lifecycle.Facts{Within: q.exceeded == nil})
			if err != nil {
				return decision{}, err
			}
			activated := s.transition(v, rule, Consumer, "")
			v.Check = q.exceeded
			if rule.To == Active {
				v.FirstActivationAt = s.at()
			}
			return s.outcome(next, activated).require(q.conditions), nil
		},
	}
}

// approve puts the version that waits into use, also above the thresholds. It lifts no
// suspension, except where the version was made to end one.
func approve(delegationID string) action {
	return action{
		check: func(s snapshot) error {
			if s.purpose.newestIn(Waiting) == nil {
				return s.noVersionIn(Waiting)
			}
			if err := s.requireProducer(); err != nil {
				return err
			}
			return s.requireNoDelegation(delegationID)
		},
		decide: func(s snapshot) (decision, error) {
			next := s.next()
			v := next.newestIn(Waiting)
			if v.Resumes != "" {
				next.setSuspended(v.Resumes, false)
				v.Resumes = ""
			}
			rule, err := Machine.Plan(v.State, actionApprove, Producer, lifecycle.Facts{StillSuspended: next.isSuspended()})
			if err != nil {
				return decision{}, err
			}
			return s.promote(next, v, s.transition(v, rule, Producer, ""))
		},
	}
}

// promote is the decision that a version comes into use, in place of the one that was.
// A purpose that is suspended stays so, since the same time.
func (s snapshot) promote(next *purpose, v *version, promoted event) (decision, error) {
	if v.State == Active {
		v.FirstActivationAt = s.at()
	} else if old := s.purpose.newestIn(Suspended); old != nil {
		v.SuspendedAt = old.SuspendedAt
	}
	replaced, err := s.replaceOthers(next, v)
	return s.outcome(next, append([]event{promoted}, replaced...)...), err
}

// reject rejects the version that waits, for a reason that the consumer reads.
func reject(reason string) action {
	return updateWaiting(actionReject, reason, func(next *purpose, v *version) {
		v.RejectionReason = reason
		v.Resumes = ""
		next.WasRejected = true
	})
}

// expect records the date by which the producer expects to activate the version that waits.
func expect(date string) action {
	return updateWaiting(actionExpect, "", func(_ *purpose, v *version) { v.ExpectedOn = date })
}

// updateWaiting is an action of the producer on the version that waits.
func updateWaiting(name lifecycle.Action, reason string, update func(next *purpose, v *version)) action {
	return action{
		check: func(s snapshot) error {
			if err := s.requireProducer(); err != nil {
				return err
			}
			if s.purpose.newestIn(Waiting) == nil {
				return s.wrongState(interop.PurposeVersionNotInState, "Purpose %s has no version that is %s.", s.purpose.ID, Waiting)
			}
			return nil
		},
		decide: func(s snapshot) (decision, error) {
			next := s.next()
			v := next.newestIn(Waiting)
			rule, err := Machine.Plan(v.State, name, Producer, nil)
			if err != nil {
				return decision{}, err
			}
			updated := s.transition(v, rule, Producer, reason)
			update(next, v)
			return s.outcome(next, updated), nil
		},
	}
}
