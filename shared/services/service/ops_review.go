package service

import (
	"context"
	"net/http"
	"slices"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
)

const (
	reviewPath = servicePath + "/review"
	tagReview  = "Review"
)

// What any change of a service in review may be refused with.
var reviewProblems = []problem.Code{services.NoValidScopes, services.ServiceNotFound, services.NoTransition, services.VersionConflict, services.PreconditionFailed}

// Review sends a service to review.
var Review = api.Operation[Store, ReviewInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/review", Method: http.MethodPut, Path: reviewPath,
			Summary: "Request a review", Tag: tagReview, Product: services.Product, Scopes: services.Owners, Status: http.StatusNoContent,
			Description: "Sends a draft to review. The automatic part is decided at once: read the service to see whether it was rejected, approved, or waits for a reviewer.",
			Input:       "Exact<ReviewRequest>", Problems: reviewProblems,
			Access:   servicesAccess("BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"),
			Settings: []string{TrustedOwnersSetting, RelaxedServicesSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ReviewInput) (*services.Changed, error) {
		after, err := s.submit(ctx, request{id: in.ServiceID, asked: &in.Matched, record: kindLifecycle}, in.Body.AutoPublish)
		return changed(after, err)
	},
}

// changed tells the version that a change of the service made.
func changed(after snapshot, err error) (*services.Changed, error) {
	if err != nil {
		return nil, err
	}
	return &services.Changed{ETag: api.ETag(after.service.Version)}, nil
}

// Withdraw takes a request for review back.
var Withdraw = api.Operation[Store, ChangeInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/withdraw", Method: http.MethodDelete, Path: reviewPath,
			Summary: "Withdraw from review", Tag: tagReview, Product: services.Product, Scopes: services.Owners, Status: http.StatusNoContent,
			Description: "Takes a request for review back; the service is a draft again.", Problems: reviewProblems,
			Access: servicesAccess("BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ChangeInput) (*services.Changed, error) {
		return changed(s.apply(ctx, in.changing(kindLifecycle), withdraw))
	},
}

// CheckReview tells what a review would find.
var CheckReview = api.Operation[Store, ServiceInput, CheckOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/check", Method: http.MethodGet, Path: reviewPath + "/check",
			Summary: "Check before a review", Tag: tagReview, Product: services.Product, Scopes: services.Either, Status: http.StatusOK,
			Description: "What the automatic review would find, one entry per field, and the state it would lead to. Changes nothing.",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound},
			Access:      servicesAccess("BatchGetItem"),
			Settings:    []string{TrustedOwnersSetting, RelaxedServicesSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ServiceInput) (*CheckOutput, error) {
		result, err := s.check(ctx, in.ServiceID)
		if err != nil {
			return nil, err
		}
		return &CheckOutput{Body: *result}, nil
	},
}

// Approve is a reviewer's yes.
var Approve = api.Operation[Store, ChangeInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/approve", Method: http.MethodPost, Path: reviewPath + "/approve",
			Summary: "Approve", Tag: tagReview, Product: services.Product, Scopes: services.Reviewers, Status: http.StatusNoContent,
			Description: "Approves a submitted service. Its publication takes the data over in the same transaction: visible at once with auto_publish, otherwise when the owner publishes it. When another service of the organization was approved with the name meanwhile, the service is rejected with the code DUPLICATE_NAME, and the answer is 409.",
			Problems:    append(slices.Clone(reviewProblems), services.DuplicateName),
			Access:      servicesAccess("BatchGetItem", "DeleteItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ChangeInput) (*services.Changed, error) {
		r := in.changing(kindLifecycle)
		r.who = access{reviewers: true}
		return changed(s.approve(ctx, r))
	},
}

// Reject is a reviewer's no.
var Reject = api.Operation[Store, RejectInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/reject", Method: http.MethodPost, Path: reviewPath + "/reject",
			Summary: "Reject", Tag: tagReview, Product: services.Product, Scopes: services.Reviewers, Status: http.StatusNoContent,
			Description: "Rejects a submitted service with a reason, which its owner reads in the status.",
			Problems:    reviewProblems,
			Access:      servicesAccess("BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RejectInput) (*services.Changed, error) {
		r := request{id: in.ServiceID, who: access{reviewers: true}, asked: &in.Matched, record: kindLifecycle}
		return changed(s.apply(ctx, r, reject(in.Body.Reason, in.Body.Code)))
	},
}

// ListReviews lists the services that wait for a reviewer.
var ListReviews = api.Operation[Store, ListInput, QueueOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/list-reviews", Method: http.MethodGet, Path: services.Base + "/reviews",
			Summary: "List the services that wait for review", Tag: tagReview, Product: services.Product, Scopes: services.Reviewers, Status: http.StatusOK,
			Description: "Submitted services of all owners, the one that has waited longest first, with what they change of the copy approved last.",
			Problems:    []problem.Code{services.NoValidScopes},
			Access:      servicesAccess("BatchGetItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*QueueOutput, error) {
		found, count, err := s.queue(ctx, in.Paged)
		if err != nil {
			return nil, err
		}
		out := &QueueOutput{}
		out.Body.Value = make([]Waiting, len(found))
		for i, f := range found {
			out.Body.Value[i] = f.waiting(s.now())
		}
		out.Body.Pagination = services.Pagination{Offset: in.Offset, Limit: in.Limit, Count: count}
		return out, nil
	},
}
