package eservice

import (
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// create makes an e-service with its first descriptor.
func create(e EService, descriptorID string, terms Terms) decision {
	return func(before snapshot) (outcome, error) {
		e.CreatedAt = before.at
		if err := e.settleFlags(); err != nil {
			return outcome{}, err
		}
		before.EService = &e
		return draft(descriptorID, terms)(before)
	}
}

// draft adds a descriptor.
func draft(id string, terms Terms) decision {
	return func(before snapshot) (outcome, error) {
		rule, err := Machine.Plan(lifecycle.None, actionCreate, Producer, lifecycle.Facts{DraftExists: before.hasState(Draft)})
		if err != nil {
			return outcome{}, problem.New(interop.DraftDescriptorExists, "EService %s has a draft descriptor already.", before.EService.ID)
		}
		number := int64(1)
		for _, d := range before.Descriptors {
			number = max(number, d.Number+1)
		}
		d := &Descriptor{ID: id, Number: number, State: rule.To, CreatedAt: before.at, Terms: terms}
		return outcome{Catalogue: before.with(d)}, d.checkDailyCalls()
	}
}

// checkDailyCalls returns the problem of thresholds that contradict each other.
func (d *Descriptor) checkDailyCalls() error {
	if d.DailyCallsPerConsumer > d.DailyCallsTotal {
		return problem.New(interop.InconsistentDailyCalls,
			"dailyCallsPerConsumer %d is more than dailyCallsTotal %d.", d.DailyCallsPerConsumer, d.DailyCallsTotal)
	}
	for _, group := range d.Certified {
		for _, r := range group {
			if r.DailyCallsPerConsumer > d.DailyCallsTotal {
				return problem.New(interop.InconsistentDailyCalls,
					"dailyCallsPerConsumer %d of attribute %s is more than dailyCallsTotal %d.",
					r.DailyCallsPerConsumer, r.AttributeID, d.DailyCallsTotal)
			}
		}
	}
	return nil
}

// inState returns a copy of the descriptor in a state, with the dates that follow from
// the transition. The copy shares nothing that edits change.
func (d *Descriptor) inState(to lifecycle.State, at string) *Descriptor {
	next := *d
	next.Requirements = d.clone()
	if to == d.State {
		return &next
	}
	next.State = to
	next.SuspendedAt = ""
	switch to {
	case Published:
		if next.PublishedAt == "" {
			next.PublishedAt = at
		}
	case Suspended:
		next.SuspendedAt = at
	case Deprecated:
		next.DeprecatedAt = at
	case Archived:
		next.ArchivedAt = at
		next.AudienceClaimed = false
	case Draft, lifecycle.None: // no rule leads there from another state
	}
	return &next
}

// plan returns a descriptor and the rule for an action of the producer on it.
func (c Catalogue) plan(id string, action lifecycle.Action) (*Descriptor, lifecycle.Rule, error) {
	d := c.Find(id)
	if d == nil {
		code := interop.DescriptorNotFound
		if slices.Contains(gatewayActions, action) {
			code = interop.DescriptorUnknown
		}
		return nil, lifecycle.Rule{}, descriptorNotFound(code, c.EService.ID, id)
	}
	rule, err := Machine.Plan(d.State, action, Producer, c.facts(d))
	if err != nil {
		return nil, rule, change.Explain(err, Machine, c.notAllowed(d, action), Producer)
	}
	return d, rule, nil
}

// facts are the guards of the actions on a descriptor.
func (c Catalogue) facts(d *Descriptor) lifecycle.Facts {
	return lifecycle.Facts{Latest: d == c.Latest(), DraftExists: c.hasState(Draft), Only: len(c.Descriptors) == 1}
}

// allowed returns what the descriptor of that id allows an organization.
func (c Catalogue) allowed(id, organization string) (*interop.AllowedOutput, error) {
	d := c.Find(id)
	switch {
	case d == nil:
		return nil, descriptorNotFound(interop.DescriptorUnknown, c.EService.ID, id)
	case organization != c.EService.ProducerID:
		return interop.Allowing(d.State, nil, Machine.Turns(d.State)...), nil
	}
	return interop.Allowing(d.State, Machine.Allowed(d.State, Producer, c.facts(d)), Machine.Turns(d.State, Producer)...), nil
}

// notAllowed returns the problem of an action that the state of a descriptor does not
// allow.
func (c Catalogue) notAllowed(d *Descriptor, action lifecycle.Action) *problem.Problem {
	if action == actionDelete && d.State == Draft {
		return problem.New(interop.LastDescriptor,
			"Descriptor %s is the only one of EService %s; delete the e-service.", d.ID, c.EService.ID)
	}
	return problem.New(interop.DescriptorNotValid, "Descriptor %s is %s, which does not allow this.", d.ID, d.State)
}

// revise changes a descriptor by an action that its state allows. edit changes a copy of
// the descriptor or returns the problem that refuses the change.
func revise(id string, action lifecycle.Action, edit func(snapshot, *Descriptor) error) decision {
	return func(before snapshot) (outcome, error) {
		d, rule, err := before.plan(id, action)
		if err != nil {
			return outcome{}, err
		}
		next := d.inState(rule.To, before.at)
		if err := edit(before, next); err != nil {
			return outcome{}, err
		}
		after := outcome{Catalogue: before.with(next)}
		if slices.Contains(claimingActions, action) {
			after = after.claimAudiences(before)
		}
		return after, next.checkDailyCalls()
	}
}

// editTerms changes the terms of a descriptor.
func editTerms(id string, action lifecycle.Action, edit func(*Terms)) decision {
	return revise(id, action, func(_ snapshot, d *Descriptor) error {
		edit(&d.Terms)
		return nil
	})
}

// transition takes an action on a descriptor that changes its state only.
func transition(id string, action lifecycle.Action) decision {
	return revise(id, action, func(snapshot, *Descriptor) error { return nil })
}

// discard deletes a draft.
func discard(id string) decision {
	return func(before snapshot) (outcome, error) {
		d, _, err := before.plan(id, actionDelete)
		if err != nil {
			return outcome{}, err
		}
		return outcome{Catalogue: before.without(d)}, nil
	}
}
