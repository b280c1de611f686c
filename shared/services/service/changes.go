package service

import (
	"ciclo/shared/platform/lifecycle"
)

// A change is what an action makes of a service at an instant: the records
// afterwards, or the problem that refuses it. It reads and writes nothing.
type change func(before snapshot, at string) (snapshot, error)

// moved is the record in its next version, without what belongs to a review.
func (s *service) moved(to lifecycle.State, at string) *service {
	next := *s
	next.State, next.Version, next.ModifiedAt = to, s.Version+1, at
	next.SubmittedAt, next.AutoPublish, next.Reason, next.Code, next.Claim = "", false, "", "", ""
	return &next
}

func (p *publication) moved(to lifecycle.State, at string) *publication {
	next := *p
	next.State, next.Version, next.ModifiedAt = to, p.Version+1, at
	return &next
}

// edit replaces the data of a service.
func edit(data Data) change {
	return func(before snapshot, at string) (snapshot, error) {
		rule, err := plan(before, actionEdit, Owner, nil)
		if err != nil {
			return before, err
		}
		after := before
		after.service = before.service.moved(rule.To, at)
		after.service.Data = data
		return after, nil
	}
}

// review is what is known of a submission when it is decided.
type review struct {
	autoPublish bool
	findings    []Finding
	holder      *claim // of the service that has the name already, nil for none
	trusted     bool   // no person looks at services of this owner
}

// submit sends a service to review, and decides the automatic part of it.
func submit(r review) change {
	return func(before snapshot, at string) (snapshot, error) {
		rule, err := plan(before, actionSubmit, Owner, r.facts(before))
		if err != nil {
			return before, err
		}
		after := before
		after.service = before.service.moved(rule.To, at)
		switch rule.To {
		case Rejected:
			after.service.Reason, after.service.Code = r.verdict(before.service)
		case Submitted:
			after.service.AutoPublish, after.service.SubmittedAt = r.autoPublish, at
			after.service.Claim = nameHashes(&after.service.Data)[0]
		case Approved:
			return approved(after, r.autoPublish, at)
		}
		return after, nil
	}
}

func (r review) facts(s snapshot) lifecycle.Facts {
	return lifecycle.Facts{
		Complete: len(r.findings) == 0, NameFree: r.holder == nil,
		NeedsReviewer: !r.trusted && s.needsReviewer(),
	}
}

// approved makes the publication take over the data of a service that the
// change has just approved.
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
		next.Data, next.Next = s.publication.Data, &released
	}
	next.Claims = next.wanted(s.publication)
	s.publication = next
	return s, nil
}

// withdraw takes a request for review back.
func withdraw(before snapshot, at string) (snapshot, error) {
	rule, err := plan(before, actionWithdraw, Owner, nil)
	if err != nil {
		return before, err
	}
	before.service = before.service.moved(rule.To, at)
	return before, nil
}

// approve is a reviewer's yes. holder is the claim of the service that was approved with
// the name before, nil for none: then the service is rejected, because two requests for one
// name may wait for a reviewer and the first approval has it.
func approve(holder *claim) change {
	return func(before snapshot, at string) (snapshot, error) {
		rule, err := plan(before, actionApprove, Reviewer, lifecycle.Facts{NameFree: holder == nil})
		if err != nil {
			return before, err
		}
		after := before
		after.service = before.service.moved(rule.To, at)
		if rule.To == Rejected {
			after.service.Reason, after.service.Code = review{holder: holder}.verdict(before.service)
			return after, nil
		}
		return approved(after, before.service.AutoPublish, at)
	}
}

// reject is a reviewer's no.
func reject(reason, code string) change {
	return func(before snapshot, at string) (snapshot, error) {
		rule, err := plan(before, actionReject, Reviewer, nil)
		if err != nil {
			return before, err
		}
		after := before
		after.service = before.service.moved(rule.To, at)
		after.service.Reason, after.service.Code = reason, code
		return after, nil
	}
}

// remove deletes a service for good.
func remove(before snapshot, at string) (snapshot, error) {
	rule, err := plan(before, actionDelete, Owner, nil)
	if err != nil {
		return before, err
	}
	before.service = before.service.moved(rule.To, at)
	if before.publication != nil {
		if _, err := Publication.Plan(before.visibility(), actionRemove, Lifecycle, nil); err != nil {
			return before, err
		}
		before.publication = nil
	}
	return before, nil
}

// publish makes the last approved copy visible.
func publish(before snapshot, at string) (snapshot, error) {
	rule, err := planPublication(before, actionPublish)
	if err != nil {
		return before, err
	}
	if before.visibility() == rule.To && before.publication.Next == nil {
		return before, nil
	}
	next := before.publication.moved(rule.To, at)
	next.Data, next.Next = *before.publication.approved(), nil
	next.Claims = next.wanted(before.publication)
	before.publication = next
	return before, nil
}

// unpublish hides the visible copy.
func unpublish(before snapshot, at string) (snapshot, error) {
	rule, err := planPublication(before, actionUnpublish)
	if err != nil {
		return before, err
	}
	if before.visibility() != rule.To {
		before.publication = before.publication.moved(rule.To, at)
	}
	return before, nil
}
