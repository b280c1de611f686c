package agreement

import (
	"reflect"

	"ciclo/shared/platform/change"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// decide decides an action on a snapshot. It reads and writes nothing.
type decide func(snapshot) (outcome, error)

// outcome is what an action makes of agreements. It is written in one transaction.
type outcome struct {
	transitions []transition
	conditions  change.Conditions // what the decision relies on
	answer      *agreement
	refusal     error // answers the caller although the transitions are written
}

// transition is what becomes of one agreement. before is nil for a new one, after for one
// that is deleted. An event without an action is not in the history.
type transition struct {
	before, after *agreement
	event
}

// newTransition numbers the version that the transition makes and adds the parties to the
// event.
func newTransition(before, after *agreement, e event) transition {
	t := transition{before: before, after: after, event: e}
	if after != nil {
		after.Version = t.version()
	}
	a := t.agreement()
	t.ConsumerID = a.ConsumerID
	t.ProducerID = a.ProducerID
	return t
}

// agreement returns the agreement after the transition, or, where that deletes it, before.
func (t *transition) agreement() *agreement {
	if t.after != nil {
		return t.after
	}
	return t.before
}

// version returns the number of the version that the transition makes. That of a deleted
// agreement goes on, as its history does.
func (t *transition) version() int64 {
	if t.before == nil {
		return 1
	}
	return t.before.Version + 1
}

// outcome returns the outcome that turns the agreement of the snapshot into next.
func (s snapshot) outcome(next *agreement, rule lifecycle.Rule, by lifecycle.Role, reason string) outcome {
	e := s.event(rule.Action, by, s.agreement.State, rule.To, reason)
	return outcome{transitions: []transition{newTransition(s.agreement, next, e)}, answer: next}
}

func (s snapshot) event(action lifecycle.Action, by lifecycle.Role, from, to lifecycle.State, reason string) event {
	e := event{Action: action, Side: by, OrganizationID: s.caller, From: from, To: to, At: s.at, Reason: reason}
	if by == Platform {
		e.OrganizationID = ""
	}
	return e
}

// withState returns a copy of the agreement that is in the state since now.
func (s snapshot) withState(state lifecycle.State) *agreement {
	next := *s.agreement
	next.State = state
	next.UpdatedAt = s.at
	return &next
}

// factChecks returns the conditions that e-service and attributes are still as they were
// read. Every decision on attributes needs them, because agreement/follow finds the
// agreements that a change of attributes concerns by reading a list: one that comes into
// use at the same time must either be in that list or be refused here. Without them an
// agreement stays in use although its consumer has lost an attribute
// (TestPairsWithRevocations).
func (s snapshot) factChecks() []table.Step {
	return []table.Step{s.catalogue.VersionCheck(), s.owned.VersionCheck()}
}

// unlessUnchanged returns the outcome, or one that writes nothing where only the time of
// the change would differ.
func (s snapshot) unlessUnchanged(o outcome) outcome {
	after := *o.answer
	after.UpdatedAt = s.agreement.UpdatedAt
	after.Version = s.agreement.Version
	if reflect.DeepEqual(*s.agreement, after) {
		return outcome{answer: s.agreement}
	}
	return o
}

// replaceInUse adds to an outcome that puts an agreement into use that the other one of
// the same consumer and e-service is archived.
func (s snapshot) replaceInUse(o outcome) (outcome, error) {
	// The other one was in use when it refused the round before, and may have ended since.
	if s.inUse == nil || !s.inUse.isInUse() || !o.answer.isInUse() {
		return o, nil
	}
	rule, err := Machine.Plan(s.inUse.State, actionReplace, Platform, nil)
	if err != nil {
		return o, err
	}
	old := snapshot{agreement: s.inUse, at: s.at}
	e := s.event(actionReplace, Platform, s.inUse.State, rule.To, "")
	o.transitions = append(o.transitions, newTransition(s.inUse, old.withState(rule.To), e))
	return o, nil
}
