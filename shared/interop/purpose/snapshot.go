package purpose

import (
	"slices"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// snapshot is what an action is decided on. All of it is read before the decision.
type snapshot struct {
	purpose *purpose   // nil for a new one
	extra   table.Item // the item that target.extra names
	facts   *facts     // nil for an action that needs none
	caller  string     // the organization that calls
	now     time.Time  // after everything was read, so that nothing that has expired counts
	ids     [2]string  // new ids, for what the action creates
	round   int        // rounds that were lost to other writers before this one
}

// at is the time of the decision as it is stored.
func (s snapshot) at() string { return table.Stamp(s.now) }

// requireParty returns a problem with that code unless the caller is the consumer or the
// producer. It comes before all other checks, so that the answer to anyone else does not
// depend on the state of the purpose.
func (s snapshot) requireParty(code problem.Code) error {
	if len(s.purpose.rolesOf(s.caller)) == 0 {
		return problem.New(code, "Tenant %s is neither the consumer nor the producer of purpose %s.", s.caller, s.purpose.ID)
	}
	return nil
}

// requireConsumer returns NotThePurposeConsumer unless the caller is the consumer.
func (s snapshot) requireConsumer() error {
	if s.caller != s.purpose.ConsumerID {
		return problem.New(interop.NotThePurposeConsumer, "Tenant %s is not the consumer of purpose %s.", s.caller, s.purpose.ID)
	}
	return nil
}

// requireProducer returns NotThePurposeProducer unless the caller is the producer.
func (s snapshot) requireProducer() error {
	if s.caller != s.purpose.ProducerID {
		return problem.New(interop.NotThePurposeProducer, "Tenant %s is not the producer of purpose %s.", s.caller, s.purpose.ID)
	}
	return nil
}

// requireNoDelegation returns NotThePurposeDelegate when a delegation is named:
// delegations are not offered. A producer that uses its own e-service needs none, so
// there the id is ignored.
func (s snapshot) requireNoDelegation(delegationID string) error {
	if delegationID != "" && !s.purpose.isSelf() {
		return problem.New(interop.NotThePurposeDelegate, "There is no delegation %s.", delegationID)
	}
	return nil
}

// side is the role in which the caller suspends: the producer's where it has both.
func (s snapshot) side() lifecycle.Role {
	if s.caller == s.purpose.ProducerID {
		return Producer
	}
	return Consumer
}

// wrongState is a problem with the state of the purpose and the actions that it allows. A
// purpose has several versions, each with a state, so these are not the state and actions
// of one lifecycle.Refusal, and change.Explain does not fit.
func (s snapshot) wrongState(code problem.Code, format string, args ...any) error {
	p := s.purpose
	return problem.Allowing(problem.New(code, format, args...), p.state(), p.allowed(s.caller), lifecycle.WhoseTurn(p.turns(s.caller)...))
}

// turns lists what the organizations other than one may do with the purpose.
func (p *purpose) turns(except string) []lifecycle.Turn {
	var turns []lifecycle.Turn
	for _, side := range []struct {
		organization string
		role         lifecycle.Role
	}{{p.ConsumerID, Consumer}, {p.ProducerID, Producer}} {
		if actions := p.allowed(side.organization); side.organization != except && len(actions) > 0 {
			turns = append(turns, lifecycle.Turn{Role: side.role, Actions: actions})
		}
	}
	return turns
}

// noVersionIn is the problem of an action that needs a version in a state.
func (s snapshot) noVersionIn(state lifecycle.State) error {
	return s.wrongState(interop.NoPurposeVersionInState, "Purpose %s has no version that is %s.", s.purpose.ID, state)
}

// state is that of the purpose as a whole: of its version in use, otherwise of the one
// that is drafted or waits, otherwise of its last one.
func (p *purpose) state() lifecycle.State {
	for _, v := range []*version{p.inUse(), p.newestIn(Draft), p.newestIn(Waiting), p.newestIn(Archived)} {
		if v != nil {
			return v.State
		}
	}
	return Rejected
}

// allowed lists what an organization may do with the purpose, in the order of the rules.
func (p *purpose) allowed(organization string) []lifecycle.Action {
	roles := p.rolesOf(organization)
	var possible []lifecycle.Action
	for i := range p.Versions {
		possible = append(possible, Machine.Possible(p.Versions[i].State, roles...)...)
	}
	if slices.Contains(roles, Consumer) && !p.isArchived() {
		if !p.isDraft() {
			possible = append(possible, actionClone)
		}
		if p.newestIn(Draft, Waiting) == nil {
			possible = append(possible, actionCreateVersion)
		}
	}
	return slices.DeleteFunc(Machine.Actions(), func(a lifecycle.Action) bool {
		waiting := p.newestIn(Waiting)
		return !slices.Contains(possible, a) || a == actionDelete && !p.isUnused() ||
			a == actionDeleteVersion && waiting.Number == 1 ||
			a == actionUnsuspend && !slices.Contains(roles, Producer) && !p.isSuspendedBy(Consumer)
	})
}

// next returns the purpose as its next change starts from: a copy that shares nothing
// with the one that was read.
func (s snapshot) next() *purpose {
	next := *s.purpose
	next.Versions = slices.Clone(next.Versions)
	next.UpdatedAt = s.at()
	next.Version++
	return &next
}

// outcome is the decision that the purpose becomes next.
func (s snapshot) outcome(next *purpose, events ...event) decision {
	if s.purpose.Title != next.Title {
		next.Folded = isFolded(next.Title)
	}
	return decision{before: s.purpose, after: next, past: next.retire(), events: events}
}

// isFolded reports whether a title claims more keys than its lower case: see titleKeys.
func isFolded(title string) bool { return len(names.Claims(title)) > 1 }

// unchanged is the decision that nothing changes.
func (s snapshot) unchanged() decision { return decision{before: s.purpose, after: s.purpose} }

// transition puts a version into the state of a rule and returns the event of that.
func (s snapshot) transition(v *version, rule lifecycle.Rule, by lifecycle.Role, reason string) event {
	e := s.event(rule.Action, by, v, v.State, rule.To, reason)
	v.State = rule.To
	v.UpdatedAt = s.at()
	return e
}

func (s snapshot) event(action lifecycle.Action, by lifecycle.Role, v *version, from, to lifecycle.State, reason string) event {
	e := event{
		Action: action, Side: by, OrganizationID: s.caller, VersionID: v.ID, DailyCalls: v.DailyCalls,
		From: from, To: to, At: s.at(), Reason: reason,
	}
	if by == Platform {
		e.OrganizationID = ""
	}
	return e
}

// addVersion adds a version to a purpose, its newest, in the state of a rule.
func (s snapshot) addVersion(p *purpose, rule lifecycle.Rule, by lifecycle.Role, id string, calls int64) (*version, event) {
	p.Numbered++
	p.Versions = append(p.Versions, version{ID: id, Number: p.Numbered, State: rule.To, DailyCalls: calls, CreatedAt: s.at()})
	v := &p.Versions[len(p.Versions)-1]
	return v, s.event(rule.Action, by, v, lifecycle.None, rule.To, "")
}

// replaceOthers archives the versions that are in use other than v, which replaces them.
func (s snapshot) replaceOthers(p *purpose, v *version) ([]event, error) {
	var events []event
	for i := range p.Versions {
		old := &p.Versions[i]
		if old.ID == v.ID || old.State != Active && old.State != Suspended {
			continue
		}
		rule, err := Machine.Plan(old.State, actionReplace, Platform, nil)
		if err != nil {
			return nil, err
		}
		events = append(events, s.transition(old, rule, Platform, ""))
	}
	return events, nil
}

// withdraw removes the version of a purpose that waits, if there is one.
func (s snapshot) withdraw(p *purpose) ([]event, error) {
	v := p.newestIn(Waiting)
	if v == nil {
		return nil, nil
	}
	rule, err := Machine.Plan(v.State, actionWithdraw, Platform, nil)
	if err != nil {
		return nil, err
	}
	withdrawn := s.event(actionWithdraw, Platform, v, v.State, rule.To, "")
	p.removeVersion(v.ID)
	return []event{withdrawn}, nil
}
