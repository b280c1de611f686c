package service

import (
	"context"
	"net/http"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
)

// Operations lists the operations on services.
func Operations() []api.Op {
	return []api.Op{
		Info, Create, List, Topics, Get, AllowedActions, Update, Delete, UpdateLogo, GetLogo, History, Keys, RegenerateKey,
		Review, Withdraw, CheckReview, GetReview, Approve, Reject, ListReviews, Release, GetRelease, Unpublish,
	}
}

const (
	servicesPath = services.Base + "/services"
	servicePath  = servicesPath + "/{serviceId}"

	tagServices = "Services"
)

// tableAccess is what a function does to the table: actions, and the GetItem that warms up
// every function.
func tableAccess(actions ...string) []api.Access {
	return []api.Access{{Table: services.Table, Actions: append([]string{"GetItem"}, actions...)}}
}

// changeProblems are the codes of every change of the service record.
var changeProblems = []problem.Code{
	services.NoValidScopes, services.ServiceNotFound, services.NoTransition, services.VersionConflict, services.PreconditionFailed,
}

// request returns the owner's request for a change of the record.
func (in *ChangeInput) request(record kind) request {
	return request{id: in.ServiceID, record: record, match: &in.Matched}
}

// Info describes the API.
var Info = api.Operation[Store, NoInput, InfoOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/info", OperationID: "getInfo", Method: http.MethodGet, Path: services.Base + "/info",
			Summary: "Name and version of the API", Tag: tagServices, Product: services.Product, Public: true, Status: http.StatusOK,
			Description: "Needs no key.",
		}
	},
	Open: NewStore,
	Run: func(*Store, context.Context, *NoInput) (*InfoOutput, error) {
		out := &InfoOutput{}
		out.Body.Name = "ciclo"
		out.Body.Version = api.Version
		return out, nil
	},
}

// Create makes a service.
var Create = api.Operation[Store, CreateInput, ServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/create", OperationID: "createService", Method: http.MethodPost, Path: servicesPath,
			Summary: "Create a service", Tag: tagServices, Product: services.Product, Scopes: services.Owners, Status: http.StatusCreated,
			Description: "Stores a new service as a draft and makes its two keys. With the key of a group the service belongs to that group.",
			Input:       "CreateServicePayload", MaxBody: maxBody,
			Problems: []problem.Code{services.TopicUnknown, services.NoValidScopes},
			Access:   tableAccess("PutItem"),
			Needs:    []api.Need{api.NeedSeal},
			Settings: []string{RetiredTopicsSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateInput) (*ServiceOutput, error) {
		created, err := s.create(ctx, &in.Body)
		if err != nil {
			return nil, err
		}
		return created.output(), nil
	},
}

func (s *service) output() *ServiceOutput {
	return &ServiceOutput{ETag: api.ETag(s.Version), Body: s.view()}
}

// List lists services.
var List = api.Operation[Store, SearchInput, ListOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/list", OperationID: "getServices", Method: http.MethodGet, Path: servicesPath,
			Summary: "List services", Tag: tagServices, Product: services.Product, Scopes: services.Owners, Status: http.StatusOK,
			Description: "The services of the owner, or of the key's group, in the order of their creation, including deleted ones. " +
				"count is the number of all of them. name, state and visibility select some, order arranges them; " +
				"state, visibility and the order by last_update read all services of the owner.",
			Problems: []problem.Code{services.NoValidScopes},
			Access:   tableAccess("BatchGetItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *SearchInput) (*ListOutput, error) {
		found, count, err := s.list(ctx, in)
		if err != nil {
			return nil, err
		}
		out := &ListOutput{}
		out.Body.Value = make([]View, len(found))
		for i, f := range found {
			out.Body.Value[i] = f.service.view()
			out.Body.Value[i].Visibility = f.visibleAs()
		}
		out.Body.Pagination = services.Pagination{Offset: in.Offset, Limit: in.Limit, Count: count}
		return out, nil
	},
}

// Topics lists the topics of services.
var Topics = api.Operation[Store, NoInput, TopicsOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/topics", OperationID: "getServiceTopics", Method: http.MethodGet, Path: servicesPath + "/topics",
			Summary: "List topics", Tag: tagServices, Product: services.Product, Status: http.StatusOK,
			Description: "The topics that a service can have. Every valid key may call.",
			Settings:    []string{RetiredTopicsSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, _ context.Context, _ *NoInput) (*TopicsOutput, error) {
		out := &TopicsOutput{}
		out.Body.Topics = s.topics()
		return out, nil
	},
}

// Get reads a service.
var Get = api.Operation[Store, ServiceInput, ServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/get", OperationID: "getService", Method: http.MethodGet, Path: servicePath,
			Summary: "Get a service", Tag: tagServices, Product: services.Product, Scopes: services.OwnersOrReviewers, Status: http.StatusOK,
			Description: "The owner's copy of a service with its state, also when it is deleted.",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound},
			Access:      tableAccess(),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ServiceInput) (*ServiceOutput, error) {
		found, err := s.get(ctx, in.ServiceID, access{reviewers: true})
		if err != nil {
			return nil, err
		}
		return found.output(), nil
	},
}

// Update replaces the data of a service.
var Update = api.Operation[Store, UpdateInput, ServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/update", OperationID: "updateService", Method: http.MethodPut, Path: servicePath,
			Summary: "Update a service", Tag: tagServices, Product: services.Product, Scopes: services.Owners, Status: http.StatusOK,
			Description: "Replaces all data of a service and makes it a draft. Members that are left out are reset. " +
				"The published copy stays as it is until the next approval.",
			Input: "ServicePayload", MaxBody: maxBody,
			Problems: append([]problem.Code{services.TopicUnknown}, changeProblems...),
			Access:   tableAccess("BatchGetItem", "DeleteItem", "PutItem"),
			Settings: []string{RetiredTopicsSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *UpdateInput) (*ServiceOutput, error) {
		r := request{id: in.ServiceID, record: kindLifecycle, match: &in.Matched, invalid: s.checkTopic(&in.Body)}
		after, err := s.change(ctx, r, edit(in.Body.data()))
		if err != nil {
			return nil, err
		}
		return after.service.output(), nil
	},
}

// Delete deletes a service.
var Delete = api.Operation[Store, ChangeInput, services.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/delete", OperationID: "deleteService", Method: http.MethodDelete, Path: servicePath,
			Summary: "Delete a service", Tag: tagServices, Product: services.Product, Scopes: services.Owners, Status: http.StatusNoContent,
			Description: "Deletes a service for good, with its publication and its keys. " +
				"The record stays readable as deleted, and its name is free again.",
			Problems: changeProblems,
			Access:   tableAccess("BatchGetItem", "ConditionCheckItem", "DeleteItem", "PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ChangeInput) (*services.Empty, error) {
		_, err := s.change(ctx, in.request(kindLifecycle), remove)
		return &services.Empty{}, err
	},
}

// History lists the changes of a service.
var History = api.Operation[Store, HistoryInput, HistoryOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/history", OperationID: "getServiceHistory", Method: http.MethodGet, Path: servicePath + "/history",
			Summary: "List the changes of a service", Tag: tagServices,
			Product: services.Product, Scopes: services.OwnersOrReviewers, Status: http.StatusOK,
			Description: "Every accepted change of the service and of its publication, with the data after it.",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound},
			Access:      tableAccess("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *HistoryInput) (*HistoryOutput, error) {
		out := &HistoryOutput{}
		var err error
		out.Body.Items, out.Body.ContinuationToken, err = s.history(ctx, in)
		return out, err
	},
}
