package service

import (
	"context"
	"net/http"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
)

const (
	releasePath = servicePath + "/release"
	tagRelease  = "Publication"
)

// Release publishes the copy of a service that was approved last.
var Release = api.Operation[Store, ChangeInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/release", OperationID: "releaseService", Method: http.MethodPost, Path: releasePath,
			Summary: "Publish", Tag: tagRelease, Product: services.Product, Scopes: services.Owners, Status: http.StatusNoContent,
			Description: "Makes the copy that was approved last visible to citizens, in every state of the service. A repeat changes nothing.",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound, services.PublicationNotFound, services.PreconditionFailed},
			Access:      tableAccess("BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ChangeInput) (*services.Changed, error) {
		return s.changePublication(ctx, in, publish)
	},
}

// changePublication makes a change of a publication.
func (s *Store) changePublication(ctx context.Context, in *ChangeInput, decide decision) (*services.Changed, error) {
	r := in.request(kindPublication)
	r.access = access{hideDeleted: true}
	after, err := s.change(ctx, r, decide)
	if err != nil {
		return nil, err
	}
	return &services.Changed{ETag: api.ETag(after.publication.Version)}, nil
}

// GetRelease reads the publication of a service.
var GetRelease = api.Operation[Store, ServiceInput, PublicationOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/get-release", OperationID: "getPublishedService", Method: http.MethodGet, Path: releasePath,
			Summary: "Get the publication", Tag: tagRelease, Product: services.Product, Scopes: services.OwnersOrReviewers, Status: http.StatusOK,
			Description: "The copy of a service that citizens see, or saw before it was unpublished.",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound, services.PublicationNotFound},
			Access:      tableAccess("BatchGetItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ServiceInput) (*PublicationOutput, error) {
		now, err := s.load(ctx, in.ServiceID, access{reviewers: true, hideDeleted: true})
		if err != nil {
			return nil, err
		}
		p := now.publication
		if p == nil {
			return nil, problem.New(services.PublicationNotFound, "%s not found", in.ServiceID)
		}
		return &PublicationOutput{ETag: api.ETag(p.Version), Body: p.view()}, nil
	},
}

// Unpublish hides the publication of a service.
var Unpublish = api.Operation[Store, ChangeInput, services.Changed]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/unpublish", OperationID: "unpublishService", Method: http.MethodDelete, Path: releasePath,
			Summary: "Unpublish", Tag: tagRelease, Product: services.Product, Scopes: services.Owners, Status: http.StatusNoContent,
			Description: "Hides the service from citizens; it can be published again without a review. A repeat changes nothing.",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound, services.PublicationNotFound, services.PreconditionFailed},
			Access:      tableAccess("BatchGetItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ChangeInput) (*services.Changed, error) {
		return s.changePublication(ctx, in, unpublish)
	},
}
