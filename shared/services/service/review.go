package service

import (
	"context"
	"slices"

	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// submit sends a service to review.
func (s *Store) submit(ctx context.Context, r request, autoPublish bool) (snapshot, error) {
	return s.claim(ctx, r, func(before snapshot, holder *claim) change {
		decision := s.review(before.service)
		decision.autoPublish, decision.holder = autoPublish, holder
		return submit(decision)
	})
}

// approve approves a service. It returns DuplicateName when another service was approved
// with the name before: the service is rejected then.
func (s *Store) approve(ctx context.Context, r request) (snapshot, error) {
	after, err := s.claim(ctx, r, func(_ snapshot, holder *claim) change { return approve(holder) })
	if err == nil && after.service.State == Rejected {
		p := problem.New(services.DuplicateName, "Another service of the organization was approved with the name before. This one is rejected now, with the code %s.", codeDuplicate)
		p.State, p.Version = string(after.service.State), after.service.Version
		return after, p
	}
	return after, err
}

// claim makes a change that depends on whether the service's name is free. The claim in the
// transaction decides about that; a name that is taken leads to another decision.
func (s *Store) claim(ctx context.Context, r request, decide func(before snapshot, holder *claim) change) (snapshot, error) {
	before, err := s.load(ctx, r.id, r.who)
	if err != nil {
		return before, err
	}
	after, err := s.applyTo(ctx, before, r, decide(before, nil))
	if holder := takenBy(table.AsRefused(err), r.id); holder != nil {
		return s.applyTo(ctx, after, r, decide(after, holder))
	}
	return after, err
}

// review collects what the automatic review knows of a service by itself.
func (s *Store) review(record *service) review {
	return review{
		findings: findings(&record.Data, slices.Contains(s.relaxed, record.ID)),
		trusted:  s.trusts(record.Owner),
	}
}

// check tells what a submission of the service would come to now.
func (s *Store) check(ctx context.Context, id string) (*Check, error) {
	now, err := s.load(ctx, id, access{reviewers: true, alive: true})
	if err != nil {
		return nil, err
	}
	r := s.review(now.service)
	if r.holder, err = s.holder(ctx, now.service); err != nil {
		return nil, err
	}
	result := &Check{Findings: r.findings}
	if r.holder != nil {
		result.Findings = append(result.Findings, duplicate(now.service, r.holder))
	}
	// What the rules say of a draft, whatever the service is now: an owner may ask
	// before the edit that makes it one.
	rule, err := Machine.Plan(Draft, actionSubmit, Owner, r.facts(now))
	if err != nil {
		return nil, err
	}
	result.Outcome, result.Valid = string(rule.To), len(result.Findings) == 0
	return result, nil
}

// holder reads the claim of another service that would refuse the name, nil for none.
func (s *Store) holder(ctx context.Context, record *service) (*claim, error) {
	keys := append(approvedKeys(&record.Data), submittedKey(nameHashes(&record.Data)[0], record.Owner))
	slices.Reverse(keys) // its owner's first, which it is told of
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if c, err := table.As[claim](item); err != nil || c != nil && c.ServiceID != record.ID {
			return c, err
		}
	}
	return nil, nil //nolint:nilnil // nobody has the name
}

// Check is what a submission would come to.
type Check struct {
	Valid    bool      `json:"valid" doc:"Whether there are no findings"`
	Findings []Finding `json:"findings" nullable:"false" doc:"What keeps the service from being approved, one entry per field"`
	Outcome  string    `json:"outcome" enum:"rejected,submitted,approved" doc:"The state that a submission would lead to: submitted waits for a reviewer"`
}
