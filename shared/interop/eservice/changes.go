package eservice

import (
	"errors"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// changed returns the catalogue with other data of the e-service.
func (c Catalogue) changed(edit func(*Data)) Catalogue {
	next := *c.EService
	edit(&next.Data)
	c.EService = &next
	return c
}

// editDraft changes an e-service that nobody but its producer has seen.
func editDraft(edit func(*Data)) change {
	return func(before Catalogue, _ string) (Catalogue, error) {
		if before.isPublic() {
			return before, problem.New(interop.EServiceNotInDraftState, "EService %s has descriptors that are not drafts; change its name, description or flags one by one.", before.EService.ID)
		}
		after := before.changed(edit)
		return after, after.EService.settleFlags()
	}
}

// editPublished changes what may be changed of an e-service that others have seen.
func editPublished(edit func(*Data)) change {
	return func(before Catalogue, _ string) (Catalogue, error) {
		if !before.in(liveStates...) {
			return before, problem.New(interop.EServiceWithoutDescriptor, "EService %s has no descriptor that is published, suspended or deprecated.", before.EService.ID)
		}
		after := before.changed(edit)
		if holds(after.EService.ClientAccessDelegable) && !holds(after.EService.ConsumerDelegable) {
			return before, contradictingFlags()
		}
		return after, nil
	}
}

// describe changes the description of an e-service that others have seen.
func describe(description string) change {
	return func(before Catalogue, at string) (Catalogue, error) {
		after, err := editPublished(func(d *Data) { d.Description = description })(before, at)
		if err == nil && before.EService.Description == description {
			err = problem.New(interop.UnchangedDescription, "EService %s has this description already. Send another one.", before.EService.ID)
		}
		return after, err
	}
}

// sayPersonalData sets the flag, which is said once: consumers rely on it.
func sayPersonalData(flag bool) change {
	return func(before Catalogue, at string) (Catalogue, error) {
		after, err := editPublished(func(d *Data) { d.PersonalData = &flag })(before, at)
		if err == nil && before.EService.PersonalData != nil {
			err = problem.New(interop.PersonalDataSet, "EService %s has its personal data flag already.", before.EService.ID)
		}
		return after, err
	}
}

// settleFlags refuses flags of a draft that contradict one another, and makes
// isClientAccessDelegable follow isConsumerDelegable where that is absent or false
// (PDND, catalogue).
func (e *EService) settleFlags() error {
	switch consumer := e.ConsumerDelegable; {
	case consumer == nil:
		e.ClientAccessDelegable = nil
	case !*consumer && holds(e.ClientAccessDelegable):
		return contradictingFlags()
	case !*consumer:
		e.ClientAccessDelegable = consumer
	}
	return nil
}

func contradictingFlags() error {
	return problem.New(interop.InvalidEServiceFlags, "isClientAccessDelegable is true while isConsumerDelegable is not. Set isConsumerDelegable to true, or isClientAccessDelegable to false.")
}

func holds(flag *bool) bool { return flag != nil && *flag }

// remove deletes an e-service that nobody but its producer has seen.
func remove(before Catalogue, _ string) (Catalogue, error) {
	if before.isPublic() {
		return before, problem.New(interop.EServiceNotDeletable, "EService %s has descriptors that are not drafts, so it stays.", before.EService.ID)
	}
	return Catalogue{}, nil
}

// draft adds a descriptor, whose id is given.
func draft(id string, terms Terms) change {
	return func(before Catalogue, at string) (Catalogue, error) {
		rule, err := Machine.Plan(lifecycle.None, actionCreate, Producer, lifecycle.Facts{DraftExists: before.in(Draft)})
		if err != nil {
			return before, problem.New(interop.DraftDescriptorExists, "EService %s has a draft descriptor already.", before.EService.ID)
		}
		number := int64(1)
		for _, d := range before.Descriptors {
			number = max(number, d.Number+1)
		}
		d := &Descriptor{ID: id, Number: number, State: rule.To, CreatedAt: at, Terms: terms}
		return before.with(d), d.check()
	}
}

// check refuses limits that contradict one another.
func (d *Descriptor) check() error {
	if d.DailyCallsPerConsumer > d.DailyCallsTotal {
		return problem.New(interop.InconsistentDailyCalls, "dailyCallsPerConsumer %d is more than dailyCallsTotal %d.", d.DailyCallsPerConsumer, d.DailyCallsTotal)
	}
	for _, group := range d.Certified {
		for _, r := range group {
			if r.DailyCallsPerConsumer > d.DailyCallsTotal {
				return problem.New(interop.InconsistentDailyCalls, "dailyCallsPerConsumer %d of attribute %s is more than dailyCallsTotal %d.", r.DailyCallsPerConsumer, r.AttributeID, d.DailyCallsTotal)
			}
		}
	}
	return nil
}

// moved is a descriptor in another state.
func (d *Descriptor) moved(to lifecycle.State, at string) *Descriptor {
	next := *d
	next.Requirements = d.clone()
	if next.State = to; to == d.State {
		return &next
	}
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
		next.ArchivedAt, next.AudienceClaimed = at, false
	}
	return &next
}

// plan finds the rule for an action of the producer on a descriptor.
func (c Catalogue) plan(id string, action lifecycle.Action) (*Descriptor, lifecycle.Rule, error) {
	d := c.Find(id)
	if d == nil {
		code := interop.DescriptorNotFound
		if slices.Contains(gatewayActions, action) {
			code = interop.DescriptorUnknown
		}
		return nil, lifecycle.Rule{}, descriptorNotFound(code, c.EService.ID, id)
	}
	rule, err := Machine.Plan(d.State, action, Producer, lifecycle.Facts{Latest: d == c.Latest(), DraftExists: c.in(Draft), Only: len(c.Descriptors) == 1})
	if r, ok := errors.AsType[*lifecycle.Refusal](err); ok {
		p := problem.New(interop.DescriptorNotValid, "Descriptor %s is %s, which does not allow this.", id, d.State)
		if action == actionDelete && d.State == Draft {
			p = problem.New(interop.LastDescriptor, "Descriptor %s is the only one of EService %s; delete the e-service.", id, c.EService.ID)
		}
		return nil, rule, problem.Allowing(p, r.State, r.Allowed, lifecycle.WhoseTurn(Machine.Turns(r.State, Producer)...))
	}
	return d, rule, err
}

// revise changes a descriptor, where action is allowed and f refuses nothing.
func revise(id string, action lifecycle.Action, f func(*Descriptor) error) change {
	return func(before Catalogue, at string) (Catalogue, error) {
		d, rule, err := before.plan(id, action)
		if err != nil {
			return before, err
		}
		next := d.moved(rule.To, at)
		if err := f(next); err != nil {
			return before, err
		}
		after := before.with(next)
		if slices.Contains(claimingActions, action) {
			after = after.claimAudiences()
		}
		return after, next.check()
	}
}

// edit changes the terms of a descriptor.
func edit(id string, action lifecycle.Action, f func(*Terms)) change {
	return revise(id, action, func(d *Descriptor) error { f(&d.Terms); return nil })
}

// discard deletes a draft.
func discard(id string) change {
	return func(before Catalogue, _ string) (Catalogue, error) {
		d, _, err := before.plan(id, actionDelete)
		if err != nil {
			return before, err
		}
		after := before
		after.Descriptors = nil
		for _, other := range before.Descriptors {
			if other != d {
				after.Descriptors = append(after.Descriptors, other)
			}
		}
		return after, nil
	}
}

// move takes a descriptor to another state.
func move(id string, action lifecycle.Action) change {
	return edit(id, action, func(*Terms) {})
}
