package service

import (
	"ciclo/shared/platform/lifecycle"
)

// facts is what a change is decided on: the records as they were read, and what else the
// decision needs.
type facts struct {
	snapshot
	// at is the time of the change, never before the time of the last one: see instant.
	at string
	// holder is the claim of the service that refused the name in an earlier round, nil
	// when the name was not refused.
	holder *claim
}

// decision decides on an action: it returns both records after the action, or the problem
// that refuses it. A decision is pure. To add an action, add a rule to [Machine] or
// [Publication] and a decision.
type decision func(before facts) (snapshot, error)

// transition returns the next version of the record, in state to. What belongs to a review
// is left out; the decision sets it again where it applies.
func (s *service) transition(to lifecycle.State, at string) *service {
	next := *s
	next.State = to
	next.Version = s.Version + 1
	next.ModifiedAt = at
	next.SubmittedAt = ""
	next.AutoPublish = false
	next.Reason = ""
	next.Code = ""
	next.Claim = ""
	return &next
}

// transition returns the next version of the record, in state to.
func (p *publication) transition(to lifecycle.State, at string) *publication {
	next := *p
	next.State = to
	next.Version = p.Version + 1
	next.ModifiedAt = at
	return &next
}

// edit replaces the data of a service.
func edit(data Data) decision {
	return func(before facts) (snapshot, error) {
		after := before.snapshot
		rule, err := plan(before.snapshot, actionEdit, Owner, nil)
		if err != nil {
			return after, err
		}
		after.service = before.service.transition(rule.To, before.at)
		after.service.Data = data
		return after, nil
	}
}

// submit requests a review of a service and decides the automatic part of it.
func submit(p policy, autoPublish bool) decision {
	return func(before facts) (snapshot, error) {
		after := before.snapshot
		r := p.review(before)
		rule, err := plan(before.snapshot, actionSubmit, Owner, r.guards())
		if err != nil {
			return after, err
		}
		after.service = before.service.transition(rule.To, before.at)
		switch rule.To {
		case Rejected:
			after.service.Reason, after.service.Code = r.rejection(before.service)
		case Submitted:
			after.service.AutoPublish = autoPublish
			after.service.SubmittedAt = before.at
			after.service.Claim = nameHashes(&after.service.Data)[0]
		case Approved:
			return approved(after, autoPublish, before.at)
		}
		return after, nil
	}
}

// approved returns the snapshot in which the publication has the data of s.service, which
// the change has just approved. autoPublish makes them visible at once.
func approved(s snapshot, autoPublish bool, at string) (snapshot, error) {
	rule, err := Publication.Plan(s.visibility(), actionRelease, Lifecycle, lifecycle.Facts{AutoPublish: autoPublish})
	if err != nil {
		return s, err
	}
	s.service.AutoPublish = autoPublish
	released := s.service.Data
	released.MaxAllowedPaymentAmount = PublishedPaymentCeiling
	next := &publication{ID: s.service.ID, State: rule.To, Version: 1, ModifiedAt: at, Data: released}
	if s.publication != nil {
		next.Version = s.publication.Version + 1
	}
	if s.visibility() == Published && !autoPublish {
		next.Data = s.publication.Data
		next.Next = &released
	}
	next.Claims = next.claimsAfter(s.publication)
	s.publication = next
	return s, nil
}

// withdraw takes back a request for review.
func withdraw(before facts) (snapshot, error) {
	after := before.snapshot
	rule, err := plan(before.snapshot, actionWithdraw, Owner, nil)
	if err != nil {
		return after, err
	}
	after.service = before.service.transition(rule.To, before.at)
	return after, nil
}

// approve approves a submitted service. Two requests for one name may wait for a reviewer,
// and the first approval gets the name: when another service was approved with it, this one
// is rejected.
func approve(before facts) (snapshot, error) {
	after := before.snapshot
	rule, err := plan(before.snapshot, actionApprove, Reviewer, lifecycle.Facts{NameFree: before.holder == nil})
	if err != nil {
		return after, err
	}
	after.service = before.service.transition(rule.To, before.at)
	if rule.To == Rejected {
		after.service.Reason = duplicateName(before.service, before.holder).line()
		after.service.Code = codeDuplicate
		return after, nil
	}
	return approved(after, before.service.AutoPublish, before.at)
}

// reject rejects a submitted service. code may be "".
func reject(reason, code string) decision {
	return func(before facts) (snapshot, error) {
		after := before.snapshot
		rule, err := plan(before.snapshot, actionReject, Reviewer, nil)
		if err != nil {
			return after, err
		}
		after.service = before.service.transition(rule.To, before.at)
		after.service.Reason = reason
		after.service.Code = code
		return after, nil
	}
}

// remove deletes a service and its publication.
func remove(before facts) (snapshot, error) {
	after := before.snapshot
	rule, err := plan(before.snapshot, actionDelete, Owner, nil)
	if err != nil {
		return after, err
	}
	after.service = before.service.transition(rule.To, before.at)
	if before.publication == nil {
		return after, nil
	}
	if _, err := Publication.Plan(before.visibility(), actionRemove, Lifecycle, nil); err != nil {
		return after, err
	}
	after.publication = nil
	return after, nil
}

// publish makes the copy that was approved last visible. A repeat changes nothing.
func publish(before facts) (snapshot, error) {
	after := before.snapshot
	rule, err := planPublication(before.snapshot, actionPublish)
	if err != nil {
		return after, err
	}
	if before.visibility() == rule.To && before.publication.Next == nil {
		return after, nil
	}
	next := before.publication.transition(rule.To, before.at)
	next.Data = *before.publication.approved()
	next.Next = nil
	next.Claims = next.claimsAfter(before.publication)
	after.publication = next
	return after, nil
}

// unpublish hides the visible copy. A repeat changes nothing.
func unpublish(before facts) (snapshot, error) {
	after := before.snapshot
	rule, err := planPublication(before.snapshot, actionUnpublish)
	if err != nil {
		return after, err
	}
	if before.visibility() != rule.To {
		after.publication = before.publication.transition(rule.To, before.at)
	}
	return after, nil
}
