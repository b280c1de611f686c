package agreement

import (
	"reflect"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// situation is everything that a change is decided on.
type situation struct {
	agreement *agreement // nil when the first of its kind is asked for
	other     *agreement // in use for the same consumer and e-service, when that is known to be another
	catalogue eservice.Catalogue
	owned     tenant.Owned // by the consumer
	claimed   []*agreement // of the consumer and the e-service, not over; that in use is the first
	caller    string
	at        string
	newID     string // for an agreement that the change makes
}

// decision is what an action makes of agreements. It is one transaction.
type decision struct {
	moves   []move
	checks  []table.Step // that what it was decided on is still so
	answer  *agreement
	refusal error // what the caller is told although the moves are made
}

// move is what becomes of one agreement; before is nil for a new one, after for
// one that is deleted.
type move struct {
	before, after *agreement
	event
}

// change decides an action in a situation. It reads and writes nothing.
type change func(s situation) (decision, error)

// admit refuses an action that the state never allows, then a caller who has not
// the role: in this order, as published. A caller without any part in the agreement
// is refused before that, so that the answer says nothing about the state.
func (s situation) admit(action lifecycle.Action, by lifecycle.Role, wrongState, wrongCaller problem.Code) error {
	a := s.agreement
	sides := a.sides(s.caller)
	if len(sides) > 0 && !slices.Contains(Machine.Possible(a.State, by), action) {
		p := problem.New(wrongState, "Agreement %s is %s, which does not allow this.", a.ID, a.State)
		return problem.Allowing(p, a.State, Machine.Possible(a.State, sides...), lifecycle.WhoseTurn(Machine.Turns(a.State, sides...)...))
	}
	if !slices.Contains(sides, by) {
		return problem.New(wrongCaller, "Tenant %s is not the %s of agreement %s.", s.caller, by, a.ID)
	}
	return nil
}

// undelegated refuses to act by a delegation: none is offered.
func undelegated(delegationID string) error {
	if delegationID != "" {
		return problem.New(interop.NotTheDelegate, "There is no delegation %s.", delegationID)
	}
	return nil
}

// moved is an agreement in another state.
func (s situation) moved(rule lifecycle.Rule) *agreement {
	next := *s.agreement
	next.State, next.UpdatedAt = rule.To, s.at
	return &next
}

// becomes is the decision that turns the agreement into next.
func (s situation) becomes(next *agreement, rule lifecycle.Rule, by lifecycle.Role, reason string) decision {
	return decision{moves: []move{{s.agreement, next, s.event(rule.Action, by, s.agreement.State, rule.To, reason)}}, answer: next}
}

func (s situation) event(action lifecycle.Action, by lifecycle.Role, from, to lifecycle.State, reason string) event {
	e := event{Action: action, Side: by, OrganizationID: s.caller, From: from, To: to, At: s.at, Reason: reason}
	if by == Platform {
		e.OrganizationID = ""
	}
	return e
}

// relying adds to a decision that e-service and attributes are still as they were read.
func (s situation) relying(d decision) decision {
	d.checks = append(d.checks, s.catalogue.VersionCheck(), s.owned.VersionCheck())
	return d
}

// replacing adds to a decision that puts an agreement into use that the other one
// is archived.
func (s situation) replacing(d decision) (decision, error) {
	// The other one may be over by now: it was in use when a round before was refused.
	if s.other == nil || !s.other.inUse() || !d.answer.inUse() {
		return d, nil
	}
	rule, err := Machine.Plan(s.other.State, actionReplace, Platform, nil)
	if err != nil {
		return d, err
	}
	old := situation{agreement: s.other, at: s.at}
	d.moves = append(d.moves, move{s.other, old.moved(rule), s.event(actionReplace, Platform, s.other.State, rule.To, "")})
	return d, nil
}

// create asks for a descriptor of an e-service.
func create(descriptorID, delegationID string) change {
	return func(s situation) (decision, error) {
		e := s.catalogue.EService
		d, err := s.subscribable(descriptorID)
		if err != nil {
			return decision{}, err
		}
		if delegationID != "" {
			return decision{}, problem.New(interop.AgreementNoDelegation, "There is no delegation %s.", delegationID)
		}
		a := &agreement{
			ID: s.newID, EServiceID: e.ID, EServiceName: e.Name, DescriptorID: d.ID, DescriptorNumber: d.Number,
			ProducerID: e.ProducerID, ConsumerID: s.caller, CreatedAt: s.at,
		}
		return s.request(actionCreate, a, d)
	}
}

// request makes a new draft, unless an agreement of the consumer and the
// e-service is not over yet.
func (s situation) request(action lifecycle.Action, a *agreement, d *eservice.Descriptor) (decision, error) {
	if len(s.claimed) > 0 {
		return decision{}, s.exists(s.claimed[0])
	}
	rule, err := Machine.Plan(lifecycle.None, action, Consumer, s.facts(a, d))
	if err != nil {
		return decision{}, s.lacking(interop.CertifiedAttributesMissing, a, d)
	}
	a.State = rule.To
	made := decision{moves: []move{{nil, a, s.event(action, Consumer, lifecycle.None, rule.To, "")}}, answer: a}
	made.checks = []table.Step{table.Check(labelNoneInUse, claimKeys(a.ConsumerID, a.EServiceID)[0], table.NotExists())}
	return s.relying(made), nil
}

// clone makes a draft like one that was rejected.
func clone(s situation) (decision, error) {
	if err := s.admit(actionClone, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
		return decision{}, err
	}
	old := s.agreement
	d := s.catalogue.Find(old.DescriptorID)
	return s.request(actionClone, &agreement{
		ID: s.newID, EServiceID: old.EServiceID, EServiceName: old.EServiceName, DescriptorID: old.DescriptorID, DescriptorNumber: old.DescriptorNumber,
		ProducerID: old.ProducerID, ConsumerID: old.ConsumerID, Notes: old.Notes, RejectionReason: old.RejectionReason, CreatedAt: s.at,
	}, d)
}

// submit sends a draft to the producer, or puts it into use at once.
func submit(notes string) change {
	return func(s situation) (decision, error) {
		if err := s.admit(actionSubmit, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
			return decision{}, err
		}
		a := s.agreement
		d, err := s.subscribable(a.DescriptorID)
		if err != nil {
			return decision{}, err
		}
		facts := s.facts(a, d)
		facts[Automatic] = a.isSelf() || d.ApprovalPolicy == policyAutomatic
		facts[Held] = !a.isSelf() && holds(a.ByProducer)
		rule, err := Machine.Plan(a.State, actionSubmit, Consumer, facts)
		if err != nil {
			return decision{}, s.lacking(interop.AgreementSubmissionFailed, a, d)
		}
		next := s.moved(rule)
		next.Notes = notes
		if rule.To == Active {
			next.Suspension = Suspension{}
		}
		return s.decided(next, rule, Consumer, interop.AgreementSubmissionFailed, d)
	}
}

// approve puts an agreement into use that waited for its producer.
func approve(delegationID string) change {
	return func(s situation) (decision, error) {
		if err := s.admit(actionApprove, Producer, interop.AgreementNotPending, interop.NotTheProducer); err != nil {
			return decision{}, err
		}
		if err := undelegated(delegationID); err != nil {
			return decision{}, err
		}
		a := s.agreement
		d, err := s.usable(a)
		if err != nil {
			return decision{}, err
		}
		facts := s.facts(a, d)
		facts[Held] = holds(a.ByConsumer)
		rule, err := Machine.Plan(a.State, actionApprove, Producer, facts)
		if err != nil {
			return decision{}, s.lacking(interop.AgreementActivationFailed, a, d)
		}
		next := s.moved(rule)
		if next.inUse() {
			put(&next.ByProducer, false)
		}
		if rule.To == Active {
			next.SuspendedAt = ""
		}
		return s.decided(next, rule, Producer, interop.AgreementActivationFailed, d)
	}
}

// decided is the decision about an agreement on its way into use. Where a
// certified attribute is missing that is stored and the caller is refused.
func (s situation) decided(next *agreement, rule lifecycle.Rule, by lifecycle.Role, code problem.Code, d *eservice.Descriptor) (decision, error) {
	missing := rule.To == MissingCertified
	put(&next.ByPlatform, missing)
	decided := s.relying(s.becomes(next, rule, by, ""))
	if missing {
		decided.refusal = s.lacking(code, next, d)
	}
	return s.replacing(decided)
}

// reject refuses an agreement that waited for its producer.
func reject(reason string) change {
	return func(s situation) (decision, error) {
		if err := s.admit(actionReject, Producer, interop.AgreementNotInState, interop.NotTheProducer); err != nil {
			return decision{}, err
		}
		rule, err := Machine.Plan(s.agreement.State, actionReject, Producer, nil)
		if err != nil {
			return decision{}, err
		}
		next := s.moved(rule)
		next.RejectionReason, next.Suspension = reason, Suspension{}
		return s.becomes(next, rule, Producer, reason), nil
	}
}

// archive ends an agreement for good.
func archive(s situation) (decision, error) {
	if err := s.admit(actionArchive, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
		return decision{}, err
	}
	rule, err := Machine.Plan(s.agreement.State, actionArchive, Consumer, nil)
	if err != nil {
		return decision{}, err
	}
	return s.becomes(s.moved(rule), rule, Consumer, ""), nil
}

// remove deletes an agreement that never was in use; its history stays.
func remove(s situation) (decision, error) {
	if err := s.admit(actionDelete, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
		return decision{}, err
	}
	rule, err := Machine.Plan(s.agreement.State, actionDelete, Consumer, nil)
	if err != nil {
		return decision{}, err
	}
	return decision{moves: []move{{s.agreement, nil, s.event(rule.Action, Consumer, s.agreement.State, rule.To, "")}}}, nil
}

// same tells whether an action changed nothing but the time.
func same(before, after *agreement) bool {
	b := *after
	b.UpdatedAt = before.UpdatedAt
	return reflect.DeepEqual(*before, b)
}
