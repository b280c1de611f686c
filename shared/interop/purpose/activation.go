package purpose

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// activate submits a draft: it is in use at once within the thresholds, otherwise it
// waits for the producer.
func activate(delegationID string) change {
	return func(s situation) (decision, error) {
		p := s.purpose
		draft := p.newest(Draft)
		switch {
		case draft == nil:
			return decision{}, s.none(Draft)
		case !p.Analysed:
			return decision{}, problem.New(interop.MissingRiskAnalysis, "Purpose %s has no riskAnalysisForm.", p.ID)
		}
		if err := s.consumer(); err != nil {
			return decision{}, err
		}
		if err := s.undelegated(delegationID); err != nil {
			return decision{}, err
		}
		next := s.next()
		v := next.newest(Draft)
		var d decision
		check, err := s.admits(&d, v.DailyCalls, v.DailyCalls, v.DailyCalls)
		if err != nil {
			return decision{}, err
		}
		rule, err := Machine.Plan(v.State, actionActivate, Consumer, lifecycle.Facts{Within: check == nil})
		if err != nil {
			return decision{}, err
		}
		told := s.moves(v, rule, Consumer, "")
		v.Check = check
		if rule.To == Active {
			v.FirstActivationAt = s.at
		}
		return d.with(s.becomes(next, told)), nil
	}
}

// with is the decision other under the checks of d.
func (d decision) with(other decision) decision {
	other.checks, other.ledger = d.checks, d.ledger
	return other
}

// admits holds a version of so many calls a day, which adds more to what is asked
// for and counted to what is active, against the thresholds, and adds to d that it
// is still so. It returns why the version has to wait, nil when it need not.
func (s situation) admits(d *decision, requested, more, counted int64) (*ThresholdCheck, error) {
	t, err := s.limits(d)
	if err != nil {
		return nil, err
	}
	check := t.check(requested, more)
	if check == nil {
		d.ledger = t.admit(more, counted)
	} else {
		d.checks = append(d.checks, t.waitSteps(more, s.round)...)
	}
	return check, nil
}

// approve puts a version into use that waited, whatever the thresholds. What the
// purpose is held by holds on.
func approve(delegationID string) change {
	return func(s situation) (decision, error) {
		if s.purpose.newest(Waiting) == nil {
			return decision{}, s.none(Waiting)
		}
		if err := s.producer(); err != nil {
			return decision{}, err
		}
		if err := s.undelegated(delegationID); err != nil {
			return decision{}, err
		}
		next := s.next()
		v := next.newest(Waiting)
		if v.Resumes != "" {
			next.hold(v.Resumes, false)
			v.Resumes = ""
		}
		rule, err := Machine.Plan(v.State, actionApprove, Producer, lifecycle.Facts{Held: next.held()})
		if err != nil {
			return decision{}, err
		}
		return s.takesOver(next, v, s.moves(v, rule, Producer, ""))
	}
}

// takesOver puts a version into use in the place of another one, if there is one. A
// suspension lasts since it began.
func (s situation) takesOver(next *purpose, v *version, told event) (decision, error) {
	if v.State == Active {
		v.FirstActivationAt = s.at
	} else if old := s.purpose.newest(Suspended); old != nil {
		v.SuspendedAt = old.SuspendedAt
	}
	replaced, err := s.replace(next, v)
	return s.becomes(next, append([]event{told}, replaced...)...), err
}

// reject refuses a version that waits, for a reason that the consumer reads.
func reject(reason string) change {
	return say(actionReject, func(next *purpose, v *version) {
		v.RejectionReason, v.Resumes, next.WasRejected = reason, "", true
	}, reason)
}

// expect says by when the producer means to activate a version that waits.
func expect(date string) change {
	return say(actionExpect, func(_ *purpose, v *version) { v.ExpectedOn = date }, "")
}

// say is what the producer says about a version that waits.
func say(action lifecycle.Action, what func(next *purpose, v *version), reason string) change {
	return func(s situation) (decision, error) {
		if err := s.producer(); err != nil {
			return decision{}, err
		}
		next := s.next()
		v := next.newest(Waiting)
		if v == nil {
			return decision{}, s.wrongState(interop.PurposeVersionNotInState, "Purpose %s has no version that is %s.", next.ID, Waiting)
		}
		rule, err := Machine.Plan(v.State, action, Producer, nil)
		if err != nil {
			return decision{}, err
		}
		told := s.moves(v, rule, Producer, reason)
		what(next, v)
		return s.becomes(next, told), nil
	}
}

// createVersion asks for another load estimate.
func createVersion(calls int64) change {
	return func(s situation) (decision, error) {
		p := s.purpose
		if p.isOver() {
			return decision{}, s.wrongState(interop.PurposeNotUpdatable, "Purpose %s is archived, for good.", p.ID)
		}
		if err := s.consumer(); err != nil {
			return decision{}, err
		}
		old, pending := p.inUse(), p.newest(Draft, Waiting)
		switch {
		case old != nil && old.DailyCalls == calls:
			return decision{}, problem.New(interop.UnchangedDailyCalls, "Version %s of purpose %s plans %d calls a day already.", old.ID, p.ID, calls)
		case pending != nil:
			return decision{}, s.wrongState(interop.PurposeVersionStateConflict, "Version %s of purpose %s is %s; there is one such at a time.", pending.ID, p.ID, pending.State)
		}
		var d decision
		check, err := s.estimates(&d, old, calls)
		if err != nil {
			return decision{}, err
		}
		rule, err := Machine.Plan(lifecycle.None, actionCreateVersion, Consumer, lifecycle.Facts{Within: check == nil, Held: p.held()})
		if err != nil {
			return decision{}, err
		}
		next := s.next()
		v, told := s.add(next, rule, Consumer, s.ids[0], calls)
		v.Check = check
		if rule.To == Waiting {
			return d.with(s.becomes(next, told)), nil
		}
		made, err := s.takesOver(next, v, told)
		return d.with(made), err
	}
}

// estimates holds another estimate against the thresholds. A lower one is always
// accepted.
func (s situation) estimates(d *decision, old *version, calls int64) (*ThresholdCheck, error) {
	if old != nil && calls < old.DailyCalls {
		return nil, s.subscribed(s.purpose.EServiceID, d)
	}
	more := calls - s.purpose.load()
	counted := more
	if s.purpose.held() {
		counted = 0
	}
	return s.admits(d, calls, more, counted)
}

// deleteVersion takes a request for another estimate back.
func deleteVersion(versionID string) change {
	return func(s situation) (decision, error) {
		if err := s.consumer(); err != nil {
			return decision{}, err
		}
		v := s.purpose.find(versionID)
		if v == nil {
			past, err := table.As[version](s.besides)
			if err != nil {
				return decision{}, err
			}
			if v = past; v == nil {
				return decision{}, problem.New(interop.PurposeVersionUnknown, "Version %s of purpose %s not found", versionID, s.purpose.ID)
			}
		}
		if v.State != Waiting || v.Number == 1 {
			return decision{}, s.wrongState(interop.PurposeVersionNotDeletable, "Version %s is %s; this takes one that waits and is not the only one.", v.ID, v.State)
		}
		rule, err := Machine.Plan(v.State, actionDeleteVersion, Consumer, nil)
		if err != nil {
			return decision{}, err
		}
		next := s.next()
		next.remove(v.ID)
		return s.becomes(next, s.event(rule.Action, Consumer, v, v.State, rule.To, "")), nil
	}
}

// archive ends a purpose for good.
func archive(s situation) (decision, error) {
	current := s.purpose.current()
	if current == nil {
		return decision{}, s.wrongState(interop.NoCurrentPurposeVersion, "Purpose %s has no current version.", s.purpose.ID)
	}
	if err := s.consumer(); err != nil {
		return decision{}, err
	}
	rule, err := Machine.Plan(current.State, actionArchive, Consumer, nil)
	if err != nil {
		return decision{}, s.wrongState(interop.PurposeVersionNotInState, "Purpose %s is %s; this takes one that is %s or %s.", s.purpose.ID, current.State, Active, Suspended)
	}
	next := s.next()
	events := []event{s.moves(next.inUse(), rule, Consumer, "")}
	withdrawn, err := s.withdraw(next)
	return s.becomes(next, append(events, withdrawn...)...), err
}
