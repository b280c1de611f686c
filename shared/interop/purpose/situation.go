package purpose

import (
	"errors"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// situation is everything that a change is decided on.
type situation struct {
	purpose *purpose // nil for a new one
	besides table.Item
	facts   *facts // nil until a change asks for them
	caller  string
	at      string
	ids     [2]string // for what the change makes
	round   int       // how many transactions were refused before, because others came first
}

// Returned by a change that takes facts which were not read: those of the load, and
// what the consumer owns.
var (
	errFacts = errors.New("facts")
	errOwned = errors.New("owned attributes")
)

// decision is what an action makes of a purpose. It is one transaction.
type decision struct {
	before, after *purpose // the same where nothing changes
	form          *Form    // a new risk analysis
	past          []version
	events        []event
	checks        []table.Step // that what it was decided on is still so
	// ledger is how the load is kept, where thresholds are asked; otherwise it is
	// kept whatever they are.
	ledger []table.Step
}

// change decides an action in a situation. It reads and writes nothing.
type change func(s situation) (decision, error)

// requireParty refuses a caller without a part in the purpose. Every change comes after
// it, so that the answer to such a caller says nothing about the state.
func (s situation) requireParty(code problem.Code) error {
	if len(s.purpose.sides(s.caller)) == 0 {
		return problem.New(code, "Tenant %s has no part in purpose %s.", s.caller, s.purpose.ID)
	}
	return nil
}

// consumer refuses who is not the purpose's consumer.
func (s situation) consumer() error {
	if s.caller != s.purpose.ConsumerID {
		return problem.New(interop.NotThePurposeConsumer, "Tenant %s is not the consumer of purpose %s.", s.caller, s.purpose.ID)
	}
	return nil
}

// producer refuses who is not the purpose's producer.
func (s situation) producer() error {
	if s.caller != s.purpose.ProducerID {
		return problem.New(interop.NotThePurposeProducer, "Tenant %s is not the producer of purpose %s.", s.caller, s.purpose.ID)
	}
	return nil
}

// undelegated refuses to act by a delegation: none is offered.
func (s situation) undelegated(delegationID string) error {
	if delegationID != "" && !s.purpose.isSelf() {
		return problem.New(interop.NotThePurposeDelegate, "There is no delegation %s.", delegationID)
	}
	return nil
}

// side tells for which side the caller acts: a producer always for its own.
func (s situation) side() lifecycle.Role {
	if s.caller == s.purpose.ProducerID {
		return Producer
	}
	return Consumer
}

// wrongState is a refusal that says what the purpose allows instead.
func (s situation) wrongState(code problem.Code, format string, args ...any) error {
	p := s.purpose
	return problem.Allowing(problem.New(code, format, args...), p.state(), p.allowed(s.caller), lifecycle.WhoseTurn(p.turns(s.caller)...))
}

// turns lists what the sides other than an organization may do with the purpose.
func (p *purpose) turns(but string) []lifecycle.Turn {
	var turns []lifecycle.Turn
	for _, side := range []struct {
		organization string
		role         lifecycle.Role
	}{{p.ConsumerID, Consumer}, {p.ProducerID, Producer}} {
		if actions := p.allowed(side.organization); side.organization != but && len(actions) > 0 {
			turns = append(turns, lifecycle.Turn{Role: side.role, Actions: actions})
		}
	}
	return turns
}

// none is the refusal of what takes a version in a state.
func (s situation) none(state lifecycle.State) error {
	return s.wrongState(interop.NoPurposeVersionInState, "Purpose %s has no version that is %s.", s.purpose.ID, state)
}

// state is where the purpose as a whole is: that of what is in use, or on its way
// there, or of what there was last.
func (p *purpose) state() lifecycle.State {
	for _, v := range []*version{p.inUse(), p.newest(Draft), p.newest(Waiting), p.newest(Archived)} {
		if v != nil {
			return v.State
		}
	}
	return Rejected
}

// allowed lists what an organization may do with the purpose, in rule order.
func (p *purpose) allowed(organization string) []lifecycle.Action {
	sides := p.sides(organization)
	var possible []lifecycle.Action
	for i := range p.Versions {
		possible = append(possible, Machine.Possible(p.Versions[i].State, sides...)...)
	}
	if slices.Contains(sides, Consumer) && !p.isOver() {
		if !p.isDraft() {
			possible = append(possible, actionClone)
		}
		if p.newest(Draft, Waiting) == nil {
			possible = append(possible, actionCreateVersion)
		}
	}
	return slices.DeleteFunc(Machine.Actions(), func(a lifecycle.Action) bool {
		waits := p.newest(Waiting)
		return !slices.Contains(possible, a) || a == actionDelete && !p.isNew() ||
			a == actionDeleteVersion && waits.Number == 1 ||
			a == actionUnsuspend && !slices.Contains(sides, Producer) && !p.heldBy(Consumer)
	})
}

// next returns a purpose to change, which shares nothing with the one that was read.
func (s situation) next() *purpose {
	next := *s.purpose
	next.Versions = slices.Clone(next.Versions)
	next.UpdatedAt = s.at
	return &next
}

// becomes is the decision that turns the purpose into next.
func (s situation) becomes(next *purpose, events ...event) decision {
	return decision{before: s.purpose, after: next, past: next.settled(), events: events}
}

// stays is the decision that changes nothing.
func (s situation) stays() decision { return decision{before: s.purpose, after: s.purpose} }

// moves takes a version to the state of a rule, and tells of it.
func (s situation) moves(v *version, rule lifecycle.Rule, by lifecycle.Role, reason string) event {
	e := s.event(rule.Action, by, v, v.State, rule.To, reason)
	v.State, v.UpdatedAt = rule.To, s.at
	return e
}

func (s situation) event(action lifecycle.Action, by lifecycle.Role, v *version, from, to lifecycle.State, reason string) event {
	e := event{Action: action, Side: by, OrganizationID: s.caller, VersionID: v.ID, DailyCalls: v.DailyCalls, From: from, To: to, At: s.at, Reason: reason}
	if by == Platform {
		e.OrganizationID = ""
	}
	return e
}

// add makes a version of a purpose, the newest, in the state of a rule.
func (s situation) add(p *purpose, rule lifecycle.Rule, by lifecycle.Role, id string, calls int64) (*version, event) {
	p.Numbered++
	p.Versions = append(p.Versions, version{ID: id, Number: p.Numbered, State: rule.To, DailyCalls: calls, CreatedAt: s.at})
	v := &p.Versions[len(p.Versions)-1]
	return v, s.event(rule.Action, by, v, lifecycle.None, rule.To, "")
}

// replace archives what was in use, for another version's sake.
func (s situation) replace(p *purpose, by *version) ([]event, error) {
	var events []event
	for i := range p.Versions {
		v := &p.Versions[i]
		if v.ID == by.ID || v.State != Active && v.State != Suspended {
			continue
		}
		rule, err := Machine.Plan(v.State, actionReplace, Platform, nil)
		if err != nil {
			return nil, err
		}
		events = append(events, s.moves(v, rule, Platform, ""))
	}
	return events, nil
}

// withdraw removes what waits.
func (s situation) withdraw(p *purpose) ([]event, error) {
	v := p.newest(Waiting)
	if v == nil {
		return nil, nil
	}
	rule, err := Machine.Plan(v.State, actionWithdraw, Platform, nil)
	if err != nil {
		return nil, err
	}
	told := s.event(actionWithdraw, Platform, v, v.State, rule.To, "")
	p.remove(v.ID)
	return []event{told}, nil
}

// remove takes a version out of the purpose.
func (p *purpose) remove(id string) {
	p.Versions = slices.DeleteFunc(p.Versions, func(v version) bool { return v.ID == id })
}

// limits returns the thresholds of the purpose, and adds to d that they still hold;
// it takes an agreement that is active.
func (s situation) limits(d *decision) (thresholds, error) {
	p := s.purpose
	if err := s.subscribed(p.EServiceID, d); err != nil {
		return thresholds{}, err
	}
	live := s.facts.live()
	d.checks = append(d.checks, s.facts.eservice.VersionCheck())
	if len(live.Quotas) > 0 {
		if s.facts.owned == nil {
			return thresholds{}, errOwned
		}
		d.checks = append(d.checks, s.facts.owned.VersionCheck())
	}
	return s.facts.thresholds(p.ConsumerID, live, s.at), nil
}

// subscribed refuses a consumer without an active agreement for an e-service, and
// adds to d that it is active still.
func (s situation) subscribed(eserviceID string, d *decision) error {
	if s.facts == nil {
		return errFacts
	}
	consumerID := s.caller
	if s.purpose != nil {
		consumerID = s.purpose.ConsumerID
	}
	if live := s.facts.live(); live == nil || s.facts.subscription.State != subscriptionActive {
		return noAgreement(consumerID, eserviceID, s.facts.subscription)
	}
	d.checks = append(d.checks, s.facts.subscription.Active(consumerID, eserviceID))
	return nil
}
