package service

import (
	"context"
	"errors"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// request is a caller's request for a change of a service.
type request struct {
	id     string
	access access
	// record is the record that the request is about, and match the versions of it that
	// the caller accepts.
	record kind
	match  *api.Matched
	// invalid is what is wrong with the data that were sent, nil for nothing. Only callers
	// with access to the service get to know it.
	invalid error
}

// change makes a change of a service and returns the records after it.
//
// A change of the service record is refused with VersionConflict when another change of
// that record came first: its caller decided on data that are no longer stored. A change
// that lost against the publication record alone, or against the claim on a name, is
// decided again. TestPairs and TestServiceChangesBetweenRounds prove it.
func (s *Store) change(ctx context.Context, r request, decide decision) (snapshot, error) {
	var last facts // of the round before
	return change.Do(ctx, s.db, change.Change[facts, snapshot]{
		Read: func(ctx context.Context, round change.Round) (_ facts, err error) {
			last, err = s.facts(ctx, r, last, round)
			return last, err
		},
		Decide: func(before facts) (snapshot, error) {
			if r.invalid != nil {
				return before.snapshot, r.invalid
			}
			if err := r.checkVersion(before.snapshot); err != nil {
				return before.snapshot, err
			}
			return decide(before)
		},
		Steps: func(before facts, after snapshot) ([]table.Step, error) {
			return steps(before.snapshot, after), nil
		},
		Lost: func(_ facts, _ snapshot, refused *table.Refused) error {
			item, isRefused := refused.By(labelService)
			if !isRefused || r.record != kindLifecycle {
				return nil
			}
			return versionConflict(item)
		},
	})
}

// facts returns what a round decides on: in the first round the records as they are read,
// after a refusal the facts of the round before with the items that refused it.
func (s *Store) facts(ctx context.Context, r request, last facts, round change.Round) (facts, error) {
	next := last
	refreshed, err := next.refresh(round)
	if err != nil {
		return last, err
	}
	if holder := nameConflict(round.Refused, r.id); holder != nil {
		next.holder = holder
		refreshed = true
	}
	if !refreshed {
		if next.snapshot, err = s.read(ctx, r.id); err != nil {
			return last, err
		}
	}
	if err := r.access.check(ctx, r.id, next.service); err != nil {
		return last, err
	}
	next.at = next.instant(s.now())
	return next, nil
}

// refresh replaces the records that refused the round before. It reports false when the
// records have to be read: none refused, or one that refused is gone.
func (s *snapshot) refresh(round change.Round) (refreshed bool, err error) {
	if item, refused := round.Item(labelService); refused {
		if s.service, err = table.As[service](item); err != nil || s.service == nil {
			return false, err
		}
		refreshed = true
	}
	if item, refused := round.Item(labelPublication); refused {
		if s.publication, err = table.As[publication](item); err != nil || s.publication == nil {
			return false, err
		}
		refreshed = true
	}
	return refreshed, nil
}

// instant returns now, or the time of the last change when that is later: clocks differ,
// and the history is ordered by time. TestClocks proves it.
func (s snapshot) instant(now time.Time) string {
	at := table.Stamp(now)
	if s.service != nil {
		at = max(at, s.service.ModifiedAt)
	}
	if s.publication != nil {
		at = max(at, s.publication.ModifiedAt)
	}
	return at
}

// plan returns the rule of [Machine] for an action, or the problem that refuses it.
func plan(s snapshot, action lifecycle.Action, role lifecycle.Role, guards lifecycle.Facts) (lifecycle.Rule, error) {
	rule, err := Machine.Plan(s.state(), action, role, guards)
	return rule, change.Explain(err, Machine, noTransition(), role)
}

// planPublication returns the rule of [Publication] for an action of the owner, or the
// problem that refuses it.
func planPublication(s snapshot, action lifecycle.Action) (lifecycle.Rule, error) {
	if s.publication == nil {
		return lifecycle.Rule{}, problem.New(services.PublicationNotFound, "no item with id %s found", s.service.ID)
	}
	rule, err := Publication.Plan(s.visibility(), action, Owner, nil)
	return rule, change.Explain(err, Publication, noTransition(), Owner)
}

func noTransition() *problem.Problem {
	return problem.New(services.NoTransition, "No transition matched")
}

// checkVersion returns PreconditionFailed unless the record is in a version that the
// request accepts. A publication that does not exist has no version to compare; the
// decision refuses the change of it.
func (r request) checkVersion(s snapshot) error {
	state := s.state()
	version := s.service.Version
	if r.record == kindPublication {
		if s.publication == nil {
			return nil
		}
		state = s.visibility()
		version = s.publication.Version
	}
	if r.match.Matches(version) {
		return nil
	}
	p := problem.New(services.PreconditionFailed, "The %s record is in version %d, which If-Match does not name.", r.record.name, version)
	p.State = string(state)
	p.Version = version
	return p
}

// versionConflict returns the answer to a change that lost against another one. current is
// the stored item of the service record.
func versionConflict(current table.Item) error {
	s, err := table.As[service](current)
	if err != nil {
		return err
	}
	if s == nil {
		return errors.New("service: the record is gone")
	}
	p := problem.New(services.VersionConflict,
		"Another change of the service came first; the service is now in version %d. Read it, then repeat the call.", s.Version)
	p.State = string(s.State)
	p.Version = s.Version
	return p
}
