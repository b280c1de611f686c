package service

import (
	"context"
	"slices"

	"ciclo/shared/table"
)

// submit sends a service to review. Whether its name is free is for the claim in
// the transaction to say; a name that is taken leads to another decision.
func (s *Store) submit(ctx context.Context, r request, autoPublish bool) (snapshot, error) {
	var refused *table.Refused
	for range maxRounds {
		before, err := s.load(ctx, r.id, r.who)
		if err != nil {
			return before, err
		}
		decision := s.review(before.service)
		decision.autoPublish = autoPublish
		after, err := s.applyTo(ctx, before, r, submit(decision))
		if refused = table.AsRefused(err); refused == nil {
			return after, err
		}
		if decision.holder, _ = taken(refused); decision.holder != r.id {
			return s.applyTo(ctx, before, r, submit(decision))
		}
		// Its own, by a publication that the read, which is no snapshot, missed.
	}
	return snapshot{}, &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
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
	item, err := s.db.Get(ctx, nameKey(&now.service.Data))
	if err != nil {
		return nil, err
	}
	holder, err := table.As[claim](item)
	if err != nil {
		return nil, err
	}
	result := &Check{Findings: r.findings}
	if holder != nil && holder.ServiceID != id {
		r.holder = holder.ServiceID
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

// Check is what a submission would come to.
type Check struct {
	Valid    bool      `json:"valid" doc:"Whether there are no findings"`
	Findings []Finding `json:"findings" nullable:"false" doc:"What keeps the service from being approved, one entry per field"`
	Outcome  string    `json:"outcome" enum:"rejected,submitted,approved" doc:"The state that a submission would lead to: submitted waits for a reviewer"`
}
