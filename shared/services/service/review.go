package service

import (
	"context"
	"slices"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// policy is what the deployment's settings change about the automatic review.
type policy struct {
	trustedOwners   []string // whose services need no reviewer; "*" stands for all owners
	relaxedServices []string // ids of services that may lack a privacy notice and contacts
}

// review is what the automatic review finds out about a service.
type review struct {
	findings      []Finding
	holder        *claim // of another service that has the name, nil for none
	needsReviewer bool
}

// review reviews a service. It compares the service with the copy that was approved last.
func (p policy) review(f facts) review {
	s := f.service
	isTrusted := slices.Contains(p.trustedOwners, s.Owner) || slices.Contains(p.trustedOwners, "*")
	return review{
		findings:      findings(&s.Data, slices.Contains(p.relaxedServices, s.ID)),
		holder:        f.holder,
		needsReviewer: !isTrusted && f.needsReviewer(),
	}
}

// guards returns the values of the guards of a submission.
func (r review) guards() lifecycle.Facts {
	return lifecycle.Facts{
		Complete:      len(r.findings) == 0,
		NameFree:      r.holder == nil,
		NeedsReviewer: r.needsReviewer,
	}
}

// approve approves a service. It returns DuplicateName when another service was approved
// with the name before: this one is then stored as rejected.
func (s *Store) approve(ctx context.Context, r request) (snapshot, error) {
	after, err := s.change(ctx, r, approve)
	if err != nil || after.service.State != Rejected {
		return after, err
	}
	p := problem.New(services.DuplicateName,
		"Another service of the organization was approved with the name before. This one is rejected now, with the code %s.", codeDuplicate)
	p.State = string(after.service.State)
	p.Version = after.service.Version
	return after, p
}

// check returns the outcome that a submission of the service would have now.
func (s *Store) check(ctx context.Context, id string) (*Check, error) {
	now, err := s.load(ctx, id, access{reviewers: true, hideDeleted: true})
	if err != nil {
		return nil, err
	}
	holder, err := s.nameHolder(ctx, now.service)
	if err != nil {
		return nil, err
	}
	r := s.policy.review(facts{snapshot: now, holder: holder})
	result := &Check{Findings: r.findings}
	if holder != nil {
		result.Findings = append(result.Findings, duplicateName(now.service, holder))
	}
	// The rules for a draft apply in every state: an owner may ask before the edit that
	// makes the service a draft.
	rule, err := Machine.Plan(Draft, actionSubmit, Owner, r.guards())
	if err != nil {
		return nil, err
	}
	result.Outcome = string(rule.To)
	result.Valid = len(result.Findings) == 0
	return result, nil
}

// nameHolder reads the claim of another service that would refuse the name to a
// submission, nil for none. The claim of a service of the same owner is preferred: only
// then may the owner read the id of the other service.
func (s *Store) nameHolder(ctx context.Context, record *service) (*claim, error) {
	keys := []table.Key{submittedKey(nameHashes(&record.Data)[0], record.Owner)}
	items, err := s.db.BatchGet(ctx, append(keys, approvedKeys(&record.Data)...))
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if c, err := table.As[claim](item); err != nil || c != nil && c.ServiceID != record.ID {
			return c, err
		}
	}
	return nil, nil //nolint:nilnil // the name is free
}

// Check is the outcome that a submission would have.
type Check struct {
	Valid    bool      `json:"valid" doc:"Whether there are no findings"`
	Findings []Finding `json:"findings" nullable:"false" doc:"What keeps the service from being approved, one entry per field"`
	Outcome  string    `json:"outcome" enum:"rejected,submitted,approved" doc:"The state after a submission; submitted waits for a reviewer"`
}
