package eservice

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Operations lists the operations on e-services and their descriptors.
func Operations() []api.Op {
	return []api.Op{
		List, Create, Get, Update, Delete, UpdateDelegation, UpdateDescription, UpdateName, UpdateSignalHub, SetPersonalData,
		ListDescriptors, CreateDescriptor, GetDescriptor, UpdateDescriptor, DeleteDescriptor, UpdateQuotas,
		Suspend, Unsuspend, Publish,
		ListCertifiedAttributes, CreateCertifiedGroup, AddCertifiedAttributes, RemoveCertifiedAttribute, UpdateCertifiedAttribute,
		ListDeclaredAttributes, CreateDeclaredGroup, AddDeclaredAttributes, RemoveDeclaredAttribute,
		ListVerifiedAttributes, CreateVerifiedGroup, AddVerifiedAttributes, RemoveVerifiedAttribute,
	}
}

const (
	eservicesPath   = "/eservices"
	eservicePath    = eservicesPath + "/{eserviceId}"
	descriptorsPath = eservicePath + "/descriptors"
	descriptorPath  = descriptorsPath + "/{descriptorId}"

	tagEServices   = "E-services"
	tagDescriptors = "Descriptors"
)

// reading is the Spec of an operation that reads.
func reading(id, path, tag, summary, description string, problems ...problem.Code) api.Spec {
	return interop.Reading(id, path, tag, summary, description, []string{"Query"}, problems...)
}

// writing is the Spec of an operation that changes something and answers 200.
func writing(id, method, path, tag, summary, description string, actions []string, problems ...problem.Code) api.Spec {
	return interop.Writing(id, method, path, tag, summary, description, actions, append(problems, interop.EServiceNotFound, interop.NotTheEServiceProducer)...)
}

// List lists e-services.
var List = api.Operation[Store, ListInput, ListOutput]{
	Spec: func() api.Spec {
		return reading("eservice/list", eservicesPath, tagEServices, "List e-services",
			"The e-services that match, by name: those that were published, and the caller's own.")
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*ListOutput, error) {
		all, err := s.list(ctx, in)
		if err != nil {
			return nil, err
		}
		page, pagination := interop.Page(in.Paged, all)
		out := &ListOutput{}
		out.Body.Pagination, out.Body.Results = pagination, make([]View, len(page))
		for i, e := range page {
			out.Body.Results[i] = e.view()
		}
		return out, nil
	},
}

// Create makes an e-service with its first descriptor.
var Create = api.Operation[Store, CreateInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/create", Method: http.MethodPost, Path: eservicesPath, Summary: "Create an e-service", Tag: tagEServices,
			Description: "Makes an e-service of the caller with a first descriptor, both drafts.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusCreated,
			Problems: []problem.Code{interop.EServiceNameDuplicate, interop.InconsistentDailyCalls, interop.InvalidEServiceFlags},
			Access:   interop.Access("PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateInput) (*EServiceOutput, error) {
		e, err := s.create(ctx, in)
		if err != nil {
			return nil, err
		}
		return &EServiceOutput{Body: e.view()}, nil
	},
}

func (s *Store) create(ctx context.Context, in *CreateInput) (*EService, error) {
	id, err := interop.NewID(s.entropy)
	if err != nil {
		return nil, err
	}
	descriptorID, err := interop.NewID(s.entropy)
	if err != nil {
		return nil, err
	}
	at := table.Stamp(s.now())
	e := &EService{ID: id, ProducerID: interop.Caller(ctx), CreatedAt: at, Data: Data{
		Name: in.Body.Name, Description: in.Body.Description, Technology: in.Body.Technology, Mode: in.Body.Mode,
		SignalHub: in.Body.SignalHub, ConsumerDelegable: in.Body.ConsumerDelegable, ClientAccessDelegable: in.Body.ClientAccessDelegable,
		PersonalData: in.Body.PersonalData, AsyncExchange: in.Body.AsyncExchange,
	}}
	if err := e.settleFlags(); err != nil {
		return nil, err
	}
	after, err := draft(descriptorID, in.Body.Descriptor.terms())(Catalogue{EService: e}, at)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, Catalogue{}, after)
	if table.AsRefused(err) != nil {
		err = duplicateName(e.Name)
	}
	return after.EService, err
}

// Get reads an e-service.
var Get = api.Operation[Store, EServiceInput, EServiceOutput]{
	Spec: func() api.Spec {
		return reading("eservice/get", eservicePath, tagEServices, "Get an e-service",
			"An e-service of the caller, or one that was published.", interop.EServiceNotFound)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *EServiceInput) (*EServiceOutput, error) {
		c, err := s.see(ctx, in.EServiceID)
		if err != nil {
			return nil, err
		}
		return &EServiceOutput{Body: c.EService.view()}, nil
	},
}

// changing makes a change and answers the e-service.
func (s *Store) changing(ctx context.Context, id string, c change) (*EServiceOutput, error) {
	after, err := s.apply(ctx, id, c)
	if err != nil {
		return nil, err
	}
	return &EServiceOutput{Body: after.EService.view()}, nil
}

// Update changes an e-service that is a draft.
var Update = api.Operation[Store, UpdateInput, EServiceOutput]{
	Spec: func() api.Spec {
		return writing("eservice/update", http.MethodPatch, eservicePath, tagEServices, "Update a draft e-service",
			"Changes an e-service that has drafts only; a merge patch.", []string{"DeleteItem", "PutItem", "Query"},
			interop.EServiceNotInDraftState, interop.EServiceNameDuplicate, interop.InvalidEServiceFlags)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *UpdateInput) (*EServiceOutput, error) {
		return s.changing(ctx, in.EServiceID, editDraft(in.apply))
	},
}

// Delete deletes an e-service that is a draft.
var Delete = api.Operation[Store, EServiceInput, interop.Void]{
	Spec: func() api.Spec {
		return writing("eservice/delete", http.MethodDelete, eservicePath, tagEServices, "Delete a draft e-service",
			"Deletes an e-service that has drafts only, with them.", []string{"DeleteItem", "Query"}, interop.EServiceNotDeletable)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *EServiceInput) (*interop.Void, error) {
		_, err := s.apply(ctx, in.EServiceID, remove)
		return &interop.Void{}, err
	},
}

// UpdateDelegation changes what consumers may delegate.
var UpdateDelegation = api.Operation[Store, DelegationInput, EServiceOutput]{
	Spec: func() api.Spec {
		return writing("eservice/update-delegation", http.MethodPatch, eservicePath+"/delegation", tagEServices, "Update the delegation flags",
			"Changes what consumers of a published e-service may delegate.", []string{"PutItem", "Query"},
			interop.EServiceWithoutDescriptor, interop.InvalidEServiceFlags)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DelegationInput) (*EServiceOutput, error) {
		return s.changing(ctx, in.EServiceID, editPublished(func(d *Data) {
			setFlag(&d.ConsumerDelegable, in.Body.ConsumerDelegable)
			setFlag(&d.ClientAccessDelegable, in.Body.ClientAccessDelegable)
		}))
	},
}

// UpdateDescription changes the description of a published e-service.
var UpdateDescription = api.Operation[Store, DescriptionInput, EServiceOutput]{
	Spec: func() api.Spec {
		return writing("eservice/update-description", http.MethodPatch, eservicePath+"/description", tagEServices, "Update the description",
			"Changes the description of a published e-service, to another one.", []string{"PutItem", "Query"},
			interop.EServiceWithoutDescriptor, interop.UnchangedDescription)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptionInput) (*EServiceOutput, error) {
		return s.changing(ctx, in.EServiceID, describe(in.Body.Description))
	},
}

// UpdateName changes the name of a published e-service.
var UpdateName = api.Operation[Store, NameInput, EServiceOutput]{
	Spec: func() api.Spec {
		return writing("eservice/update-name", http.MethodPatch, eservicePath+"/name", tagEServices, "Update the name",
			"Changes the name of a published e-service, to another one.", []string{"DeleteItem", "PutItem", "Query"},
			interop.EServiceWithoutDescriptor, interop.EServiceNameDuplicate, interop.UnchangedName)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *NameInput) (*EServiceOutput, error) {
		after, err := s.rename(ctx, in.EServiceID, in.Body.Name)
		if err != nil {
			return nil, err
		}
		return &EServiceOutput{Body: after.EService.view()}, nil
	},
}

// UpdateSignalHub says whether a published e-service signals changes.
var UpdateSignalHub = api.Operation[Store, SignalHubInput, EServiceOutput]{
	Spec: func() api.Spec {
		return writing("eservice/update-signal-hub", http.MethodPatch, eservicePath+"/signalHub", tagEServices, "Update the signal hub flag",
			"Says whether a published e-service signals changes.", []string{"PutItem", "Query"}, interop.EServiceWithoutDescriptor)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *SignalHubInput) (*EServiceOutput, error) {
		return s.changing(ctx, in.EServiceID, editPublished(func(d *Data) { d.SignalHub = &in.Body.SignalHub }))
	},
}

// SetPersonalData says whether a published e-service deals with personal data.
var SetPersonalData = api.Operation[Store, PersonalDataInput, EServiceOutput]{
	Spec: func() api.Spec {
		return writing("eservice/set-personal-data", http.MethodPost, eservicePath+"/personalDataFlag", tagEServices, "Set the personal data flag",
			"Says whether a published e-service deals with personal data, where that was not said before.", []string{"PutItem", "Query"},
			interop.EServiceWithoutDescriptor, interop.PersonalDataSet)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PersonalDataInput) (*EServiceOutput, error) {
		return s.changing(ctx, in.EServiceID, sayPersonalData(in.Body.PersonalData))
	},
}
