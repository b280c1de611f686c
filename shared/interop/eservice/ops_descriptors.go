package eservice

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// ListDescriptors lists the descriptors of an e-service.
var ListDescriptors = api.Operation[Store, DescriptorsInput, DescriptorsOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/list-descriptors", OperationID: "getEServiceDescriptors",
			Method: http.MethodGet, Path: descriptorsPath, Tag: tagDescriptors,
			Summary:     "List descriptors",
			Description: "The descriptors of an e-service, oldest first; drafts for the producer alone.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.EServiceNotFound},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorsInput) (*DescriptorsOutput, error) {
		c, err := s.getVisible(ctx, in.EServiceID)
		if err != nil {
			return nil, err
		}
		matching := []DescriptorView{}
		for _, d := range c.Descriptors {
			if in.State == "" || in.State == string(d.State) {
				matching = append(matching, d.view())
			}
		}
		out := &DescriptorsOutput{}
		out.Body.Results, out.Body.Pagination = interop.Page(in.Paged, matching)
		return out, nil
	},
}

// GetDescriptor reads a descriptor.
var GetDescriptor = api.Operation[Store, DescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/get-descriptor", OperationID: "getEServiceDescriptor",
			Method: http.MethodGet, Path: descriptorPath, Tag: tagDescriptors,
			Summary:     "Get a descriptor",
			Description: "A descriptor; a draft for the producer alone.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.EServiceNotFound, interop.DescriptorUnknown},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*DescriptorOutput, error) {
		c, err := s.getVisible(ctx, in.EServiceID)
		if err != nil {
			return nil, err
		}
		return c.descriptorOutput(in.DescriptorID)
	},
}

// descriptorOutput answers a descriptor.
func (c Catalogue) descriptorOutput(id string) (*DescriptorOutput, error) {
	d := c.Find(id)
	if d == nil {
		return nil, descriptorNotFound(interop.DescriptorUnknown, c.EService.ID, id)
	}
	return &DescriptorOutput{Body: d.view()}, nil
}

// updateDescriptor changes an e-service of the caller and answers a descriptor of it.
func (s *Store) updateDescriptor(ctx context.Context, at DescriptorPath, decide decision) (*DescriptorOutput, error) {
	after, err := s.update(ctx, at.EServiceID, decide)
	if err != nil {
		return nil, err
	}
	return after.descriptorOutput(at.DescriptorID)
}

// AllowedActions reads what a descriptor allows the caller.
var AllowedActions = api.Operation[Store, DescriptorInput, interop.AllowedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/allowed-actions", OperationID: "getEServiceDescriptorAllowedActions",
			Method: http.MethodGet, Path: descriptorPath + "/allowedActions", Tag: tagDescriptors,
			Summary:     "Get the actions that a descriptor allows",
			Description: "The state of a descriptor and what the caller may do in it: nothing, unless it is the producer.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.EServiceNotFound, interop.DescriptorUnknown},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*interop.AllowedOutput, error) {
		c, err := s.getVisible(ctx, in.EServiceID)
		if err != nil {
			return nil, err
		}
		return c.allowed(in.DescriptorID, interop.Caller(ctx))
	},
}

// CreateDescriptor makes a new version of an e-service.
var CreateDescriptor = api.Operation[Store, NewDescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/create-descriptor", OperationID: "createDescriptor",
			Method: http.MethodPost, Path: descriptorsPath, Tag: tagDescriptors,
			Summary:     "Create a descriptor",
			Description: "Makes the next version of an e-service, as a draft. There is one draft at a time.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusCreated,
			Problems: []problem.Code{
				interop.EServiceNotFound, interop.NotTheEServiceProducer, interop.DraftDescriptorExists, interop.InconsistentDailyCalls,
			},
			Access: interop.Access("PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *NewDescriptorInput) (*DescriptorOutput, error) {
		id, err := interop.NewID(s.entropy)
		if err != nil {
			return nil, err
		}
		at := DescriptorPath{EServicePath: in.EServicePath, DescriptorID: id}
		return s.updateDescriptor(ctx, at, draft(id, in.Body.terms()))
	},
}

// UpdateDescriptor changes a draft.
var UpdateDescriptor = api.Operation[Store, DescriptorUpdateInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/update-descriptor", OperationID: "updateDraftEServiceDescriptor",
			Method: http.MethodPatch, Path: descriptorPath, Tag: tagDescriptors,
			Summary:     "Update a draft descriptor",
			Description: "Changes a descriptor that is a draft; a merge patch.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.DescriptorNotFound, interop.DescriptorNotValid, interop.InconsistentDailyCalls,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access: interop.Access("PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorUpdateInput) (*DescriptorOutput, error) {
		return s.updateDescriptor(ctx, in.DescriptorPath, editTerms(in.DescriptorID, actionUpdate, in.apply))
	},
}

// DeleteDescriptor deletes a draft.
var DeleteDescriptor = api.Operation[Store, DescriptorInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/delete-descriptor", OperationID: "deleteDraftEServiceDescriptor",
			Method: http.MethodDelete, Path: descriptorPath, Tag: tagDescriptors,
			Summary:     "Delete a draft descriptor",
			Description: "Deletes a descriptor that is a draft and not the only one.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.DescriptorNotFound, interop.DescriptorNotValid, interop.LastDescriptor,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access: interop.Access("DeleteItem", "PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*interop.Void, error) {
		_, err := s.update(ctx, in.EServiceID, discard(in.DescriptorID))
		return &interop.Void{}, err
	},
}

// UpdateQuotas changes the limits of a descriptor that is published.
var UpdateQuotas = api.Operation[Store, QuotasInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/update-quotas", OperationID: "updatePublishedEServiceDescriptorQuotas",
			Method: http.MethodPatch, Path: descriptorPath + "/quotas", Tag: tagDescriptors,
			Summary: "Update the quotas",
			Description: "Changes limits and voucher lifespan of a descriptor that is published, suspended or deprecated. " +
				"Purposes that are active or waiting keep their state.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.DescriptorUnknown, interop.DescriptorNotValid, interop.InconsistentDailyCalls,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access:   interop.Access("PutItem", "Query", "UpdateItem"),
			Settings: []string{SharedAudiencesSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *QuotasInput) (*DescriptorOutput, error) {
		return s.updateDescriptor(ctx, in.DescriptorPath, editTerms(in.DescriptorID, actionQuotas, in.apply))
	},
}

// Suspend suspends a descriptor.
var Suspend = api.Operation[Store, DescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/suspend", OperationID: "suspendDescriptor",
			Method: http.MethodPost, Path: descriptorPath + "/suspend", Tag: tagDescriptors,
			Summary:     "Suspend a descriptor",
			Description: "Suspends a descriptor that is published or deprecated.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.DescriptorNotFound, interop.DescriptorNotValid,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access:   interop.Access("PutItem", "Query", "UpdateItem"),
			Settings: []string{SharedAudiencesSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*DescriptorOutput, error) {
		return s.updateDescriptor(ctx, in.DescriptorPath, transition(in.DescriptorID, actionSuspend))
	},
}

// Unsuspend ends a suspension.
var Unsuspend = api.Operation[Store, DescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/unsuspend", OperationID: "unsuspendDescriptor",
			Method: http.MethodPost, Path: descriptorPath + "/unsuspend", Tag: tagDescriptors,
			Summary:     "Unsuspend a descriptor",
			Description: "Makes a suspended descriptor published again, or deprecated where a newer one was published.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.DescriptorNotFound, interop.DescriptorNotValid,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access:   interop.Access("PutItem", "Query", "UpdateItem"),
			Settings: []string{SharedAudiencesSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*DescriptorOutput, error) {
		return s.updateDescriptor(ctx, in.DescriptorPath, transition(in.DescriptorID, actionUnsuspend))
	},
}

// Publish publishes a draft.
var Publish = api.Operation[Store, DescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/publish", OperationID: "publishDescriptor",
			Method: http.MethodPost, Path: descriptorPath + "/publish", Tag: tagDescriptors,
			Summary: "Publish a descriptor",
			Description: "Publishes a draft of an e-service whose personal data flag is set. " +
				"Its audience must not belong to another producer, until that one has archived all descriptors that have it. " +
				"Older descriptors are deprecated where agreements use them, otherwise archived, in the same transaction.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.DescriptorNotFound, interop.DescriptorNotValid,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
				interop.RiskAnalysisRequired, interop.AudienceEmpty, interop.PersonalDataMissing,
				interop.AudienceReserved, interop.AudienceTaken,
			},
			Access:   interop.Access("ConditionCheckItem", "PutItem", "Query", "UpdateItem"),
			Settings: []string{settingAudience, settingIssuer, SharedAudiencesSetting},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*DescriptorOutput, error) {
		return s.updateDescriptor(ctx, in.DescriptorPath, publish(in.DescriptorID))
	},
}
