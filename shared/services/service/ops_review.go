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

// Review requests a review of a service.
var Review = api.Operation[Store, ReviewInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/review", OperationID: "reviewService", Method: http.MethodPut, Path: reviewPath,
			Summary: "Request a review", Tag: tagReview, Product: services.Product, Scopes: services.Owners, Status: http.StatusNoContent,
			Description: "Requests a review of a draft. Its automatic part is decided at once: read the service to see whether it was rejected, " +
				"was approved, or waits for a reviewer.",
			Input: "Exact<ReviewRequest>", Problems: changeProblems,
			Access:   tableAccess("BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"),
			Settings: []string{TrustedOwnersSetting, RelaxedServicesSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ReviewInput) (*services.Changed, error) {
		r := request{id: in.ServiceID, record: kindLifecycle, match: &in.Matched}
		return changed(s.change(ctx, r, submit(s.policy, in.Body.AutoPublish)))
	},
}

// changed returns the version that a change of the service made.
func changed(after snapshot, err error) (*services.Changed, error) {
	if err != nil {
		return nil, err
	}
	return &services.Changed{ETag: api.ETag(after.service.Version)}, nil
}

// Withdraw takes back a request for review.
var Withdraw = api.Operation[Store, ChangeInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/withdraw", OperationID: "withdrawService", Method: http.MethodDelete, Path: reviewPath,
			Summary: "Withdraw from review", Tag: tagReview, Product: services.Product, Scopes: services.Owners, Status: http.StatusNoContent,
			Description: "Takes back a request for review and makes the service a draft again.", Problems: changeProblems,
			Access: tableAccess("BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ChangeInput) (*services.Changed, error) {
		return changed(s.change(ctx, in.request(kindLifecycle), withdraw))
	},
}

// CheckReview returns the outcome that a review would have.
var CheckReview = api.Operation[Store, ServiceInput, CheckOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/check", OperationID: "checkService", Method: http.MethodGet, Path: reviewPath + "/check",
			Summary: "Check before a review", Tag: tagReview, Product: services.Product, Scopes: services.OwnersOrReviewers, Status: http.StatusOK,
			Description: "The findings of the automatic review, one per field, and the state that a submission would lead to. Changes nothing.",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound},
			Access:      tableAccess("BatchGetItem"),
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

// GetReview reads a service that waits for a reviewer.
var GetReview = api.Operation[Store, ServiceInput, WaitingOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/get-review", OperationID: "getReview", Method: http.MethodGet, Path: reviewPath,
			Summary: "Get a service that waits for review", Tag: tagReview,
			Product: services.Product, Scopes: services.Reviewers, Status: http.StatusOK,
			Description: "A submitted service, as the list of those that wait for review has it. " +
				"A service that was decided on, withdrawn or never submitted is not found; its history says what happened.",
			Problems: []problem.Code{services.NoValidScopes, services.ServiceNotFound, services.ReviewNotFound},
			Access:   tableAccess("BatchGetItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ServiceInput) (*WaitingOutput, error) {
		found, err := s.load(ctx, in.ServiceID, access{reviewers: true, hideDeleted: true})
		if err != nil {
			return nil, err
		}
		if found.state() != Submitted {
			return nil, problem.New(services.ReviewNotFound, "%s does not wait for a review", in.ServiceID)
		}
		return &WaitingOutput{ETag: api.ETag(found.service.Version), Body: found.waiting(s.now())}, nil
	},
}

// Approve approves a submitted service.
var Approve = api.Operation[Store, ChangeInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/approve", OperationID: "approveService", Method: http.MethodPost, Path: reviewPath + "/approve",
			Summary: "Approve", Tag: tagReview, Product: services.Product, Scopes: services.Reviewers, Status: http.StatusNoContent,
			Description: "Approves a submitted service. Its publication gets the data in the same transaction: visible at once with auto_publish, " +
				"otherwise when the owner publishes it. When another service of the organization was approved with the name first, " +
				"the service is rejected with the code DUPLICATE_NAME, and the answer is 409.",
			Problems: append(slices.Clone(changeProblems), services.DuplicateName),
			Access:   tableAccess("BatchGetItem", "DeleteItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ChangeInput) (*services.Changed, error) {
		r := in.request(kindLifecycle)
		r.access = access{reviewers: true}
		return changed(s.approve(ctx, r))
	},
}

// Reject rejects a submitted service.
var Reject = api.Operation[Store, RejectInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/reject", OperationID: "rejectService", Method: http.MethodPost, Path: reviewPath + "/reject",
			Summary: "Reject", Tag: tagReview, Product: services.Product, Scopes: services.Reviewers, Status: http.StatusNoContent,
			Description: "Rejects a submitted service with a reason, which its owner reads in the status.",
			Problems:    changeProblems,
			Access:      tableAccess("BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RejectInput) (*services.Changed, error) {
		r := request{id: in.ServiceID, access: access{reviewers: true}, record: kindLifecycle, match: &in.Matched}
		return changed(s.change(ctx, r, reject(in.Body.Reason, in.Body.Code)))
	},
}

// ListReviews lists the services that wait for a reviewer.
var ListReviews = api.Operation[Store, ListInput, QueueOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/list-reviews", OperationID: "getReviews", Method: http.MethodGet, Path: services.Base + "/reviews",
			Summary: "List the services that wait for review", Tag: tagReview,
			Product: services.Product, Scopes: services.Reviewers, Status: http.StatusOK,
			Description: "The submitted services of all owners, the longest waiting first, with the fields that differ from the copy approved last.",
			Problems:    []problem.Code{services.NoValidScopes},
			Access:      tableAccess("BatchGetItem", "Query"),
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
