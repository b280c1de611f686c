package eservice

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// ListDescriptors lists the descriptors of an e-service.
var ListDescriptors = api.Operation[Store, DescriptorsInput, DescriptorsOutput]{
	Spec: func() api.Spec {
		return reading("eservice/list-descriptors", descriptorsPath, tagDescriptors, "List descriptors",
			"The descriptors of an e-service, oldest first; drafts for the producer alone.", interop.EServiceNotFound)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorsInput) (*DescriptorsOutput, error) {
		c, err := s.see(ctx, in.EServiceID)
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
		return reading("eservice/get-descriptor", descriptorPath, tagDescriptors, "Get a descriptor",
			"A descriptor; a draft for the producer alone.", interop.EServiceNotFound, interop.DescriptorUnknown)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*DescriptorOutput, error) {
		c, err := s.see(ctx, in.EServiceID)
		if err != nil {
			return nil, err
		}
		return c.output(in.DescriptorID)
	},
}

func (c Catalogue) output(descriptorID string) (*DescriptorOutput, error) {
	d := c.Find(descriptorID)
	if d == nil {
		return nil, descriptorNotFound(interop.DescriptorUnknown, c.EService.ID, descriptorID)
	}
	return &DescriptorOutput{Body: d.view()}, nil
}

// CreateDescriptor makes a new version of an e-service.
var CreateDescriptor = api.Operation[Store, NewDescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/create-descriptor", Method: http.MethodPost, Path: descriptorsPath, Summary: "Create a descriptor", Tag: tagDescriptors,
			Description: "Makes the next version of an e-service, as a draft. There is one draft at a time.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusCreated,
			Problems: []problem.Code{interop.EServiceNotFound, interop.NotTheEServiceProducer, interop.DraftDescriptorExists, interop.InconsistentDailyCalls},
			Access:   interop.Access("PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *NewDescriptorInput) (*DescriptorOutput, error) {
		id, err := interop.NewID(s.entropy)
		if err != nil {
			return nil, err
		}
		after, err := s.apply(ctx, in.EServiceID, draft(id, in.Body.terms()))
		if err != nil {
			return nil, err
		}
		return after.output(id)
	},
}

// moving is the Spec of an action on a descriptor.
func moving(action lifecycle.Action, path, summary, description string, more ...string) api.Spec {
	spec := writing("eservice/"+string(action), http.MethodPost, descriptorPath+path, tagDescriptors, summary, description,
		append(more, "PutItem", "Query", "UpdateItem"), interop.DescriptorNotFound, interop.DescriptorNotValid)
	spec.Settings = []string{SharedAudiencesSetting}
	return spec
}

// changingDescriptor makes a change and answers the descriptor.
func (s *Store) changingDescriptor(ctx context.Context, in OfDescriptor, c change) (*DescriptorOutput, error) {
	after, err := s.apply(ctx, in.EServiceID, c)
	if err != nil {
		return nil, err
	}
	return after.output(in.DescriptorID)
}

// UpdateDescriptor changes a draft.
var UpdateDescriptor = api.Operation[Store, DescriptorUpdateInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return writing("eservice/update-descriptor", http.MethodPatch, descriptorPath, tagDescriptors, "Update a draft descriptor",
			"Changes a descriptor that is a draft; a merge patch.", []string{"PutItem", "Query"},
			interop.DescriptorNotFound, interop.DescriptorNotValid, interop.InconsistentDailyCalls)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorUpdateInput) (*DescriptorOutput, error) {
		return s.changingDescriptor(ctx, in.OfDescriptor, edit(in.DescriptorID, actionUpdate, in.apply))
	},
}

// DeleteDescriptor deletes a draft.
var DeleteDescriptor = api.Operation[Store, DescriptorInput, interop.Void]{
	Spec: func() api.Spec {
		return writing("eservice/delete-descriptor", http.MethodDelete, descriptorPath, tagDescriptors, "Delete a draft descriptor",
			"Deletes a descriptor that is a draft and not the only one.", []string{"DeleteItem", "PutItem", "Query"},
			interop.DescriptorNotFound, interop.DescriptorNotValid, interop.LastDescriptor)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*interop.Void, error) {
		_, err := s.apply(ctx, in.EServiceID, discard(in.DescriptorID))
		return &interop.Void{}, err
	},
}

// UpdateQuotas changes the limits of a descriptor that is published.
var UpdateQuotas = api.Operation[Store, QuotasInput, DescriptorOutput]{
	Spec: func() api.Spec {
		spec := writing("eservice/update-quotas", http.MethodPatch, descriptorPath+"/quotas", tagDescriptors, "Update the quotas",
			"Changes limits and voucher lifespan of a descriptor that is published, suspended or deprecated. Nothing that is active or waiting is judged again.",
			[]string{"PutItem", "Query", "UpdateItem"}, interop.DescriptorUnknown, interop.DescriptorNotValid, interop.InconsistentDailyCalls)
		spec.Settings = []string{SharedAudiencesSetting}
		return spec
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *QuotasInput) (*DescriptorOutput, error) {
		return s.changingDescriptor(ctx, in.OfDescriptor, edit(in.DescriptorID, actionQuotas, in.apply))
	},
}

// Suspend suspends a descriptor.
var Suspend = api.Operation[Store, DescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return moving(actionSuspend, "/suspend", "Suspend a descriptor", "Suspends a descriptor that is published or deprecated.")
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*DescriptorOutput, error) {
		return s.changingDescriptor(ctx, in.OfDescriptor, move(in.DescriptorID, actionSuspend))
	},
}

// Unsuspend takes a suspension back.
var Unsuspend = api.Operation[Store, DescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		return moving(actionUnsuspend, "/unsuspend", "Unsuspend a descriptor", "Makes a suspended descriptor published again, or deprecated where a newer one was published.")
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*DescriptorOutput, error) {
		return s.changingDescriptor(ctx, in.OfDescriptor, move(in.DescriptorID, actionUnsuspend))
	},
}

// Publish publishes a draft.
var Publish = api.Operation[Store, DescriptorInput, DescriptorOutput]{
	Spec: func() api.Spec {
		spec := moving(actionPublish, "/publish", "Publish a descriptor", "Publishes a draft of an e-service that says whether it deals with personal data. "+
			"Its audience must be no other producer's, unless all descriptors that have it are archived. Older descriptors are deprecated where agreements use them, otherwise archived, in the same transaction.", "ConditionCheckItem")
		spec.Problems = append(spec.Problems, interop.RiskAnalysisRequired, interop.AudienceEmpty, interop.PersonalDataMissing,
			interop.AudienceReserved, interop.AudienceTaken)
		spec.Settings = []string{settingAudience, settingIssuer, SharedAudiencesSetting}
		return spec
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptorInput) (*DescriptorOutput, error) {
		return s.changingDescriptor(ctx, in.OfDescriptor, publish(in.DescriptorID))
	},
}
