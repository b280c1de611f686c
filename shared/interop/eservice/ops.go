package eservice

import (
	"context"
	"net/http"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Operations lists all operations of the package.
func Operations() []api.Op { return slices.Concat(EServiceOperations(), RequirementOperations()) }

// EServiceOperations lists the operations on e-services and their descriptors.
func EServiceOperations() []api.Op {
	return []api.Op{
		List, Create, Get, EServiceAllowedActions, Update, Delete, UpdateDelegation, UpdateDescription, UpdateName, UpdateSignalHub,
		SetPersonalData,
		ListDescriptors, CreateDescriptor, GetDescriptor, AllowedActions, UpdateDescriptor, DeleteDescriptor, UpdateQuotas,
		Suspend, Unsuspend, Publish,
	}
}

// RequirementOperations lists the operations on the attributes that descriptors require. They have an
// artifact of their own, because one with all operations would be too large.
func RequirementOperations() []api.Op {
	return []api.Op{
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

// List lists e-services.
var List = api.Operation[Store, ListInput, ListOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/list", OperationID: "getEServices", Method: http.MethodGet, Path: eservicesPath, Tag: tagEServices,
			Summary:     "List e-services",
			Description: "The e-services that match, by name: those that were published, and the caller's own.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Access: interop.Access("BatchGetItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*ListOutput, error) {
		all, err := s.list(ctx, in)
		if err != nil {
			return nil, err
		}
		page, pagination := interop.Page(in.Paged, all)
		out := &ListOutput{}
		out.Body.Pagination = pagination
		out.Body.Results, err = s.read(ctx, page)
		return out, err
	},
}

// Create makes an e-service with its first descriptor.
var Create = api.Operation[Store, CreateInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/create", OperationID: "createEService", Method: http.MethodPost, Path: eservicesPath, Tag: tagEServices,
			Summary:     "Create an e-service",
			Description: "Makes an e-service of the caller with a first descriptor, both drafts.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusCreated,
			Problems: []problem.Code{interop.EServiceNameDuplicate, interop.InconsistentDailyCalls, interop.InvalidEServiceFlags},
			Access:   interop.Access("PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateInput) (*EServiceOutput, error) {
		id, err := interop.NewID(s.entropy)
		if err != nil {
			return nil, err
		}
		descriptorID, err := interop.NewID(s.entropy)
		if err != nil {
			return nil, err
		}
		e := EService{ID: id, ProducerID: interop.Caller(ctx), Data: in.data()}
		read := func(context.Context) (Catalogue, error) { return Catalogue{}, nil }
		return eserviceOutput(s.change(ctx, read, create(e, descriptorID, in.Body.Descriptor.terms())))
	},
}

// Get reads an e-service.
var Get = api.Operation[Store, EServiceInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/get", OperationID: "getEService", Method: http.MethodGet, Path: eservicePath, Tag: tagEServices,
			Summary:     "Get an e-service",
			Description: "An e-service of the caller, or one that was published.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.EServiceNotFound},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *EServiceInput) (*EServiceOutput, error) {
		c, err := s.getVisible(ctx, in.EServiceID)
		return eserviceOutput(outcome{Catalogue: c}, err)
	},
}

// eserviceOutput answers the e-service of an outcome.
func eserviceOutput(after outcome, err error) (*EServiceOutput, error) {
	if err != nil {
		return nil, err
	}
	return &EServiceOutput{Body: after.EService.view()}, nil
}

// Update changes an e-service that is a draft.
var Update = api.Operation[Store, UpdateInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/update", OperationID: "updateDraftEService", Method: http.MethodPatch, Path: eservicePath, Tag: tagEServices,
			Summary:     "Update a draft e-service",
			Description: "Changes an e-service that has drafts only; a merge patch.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.EServiceNotInDraftState, interop.EServiceNameDuplicate, interop.InvalidEServiceFlags,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access: interop.Access("DeleteItem", "PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *UpdateInput) (*EServiceOutput, error) {
		return eserviceOutput(s.update(ctx, in.EServiceID, editDraft(in.apply)))
	},
}

// Delete deletes an e-service that is a draft.
var Delete = api.Operation[Store, EServiceInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/delete", OperationID: "deleteEService", Method: http.MethodDelete, Path: eservicePath, Tag: tagEServices,
			Summary:     "Delete a draft e-service",
			Description: "Deletes an e-service that has drafts only, and the drafts.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.EServiceNotDeletable, interop.EServiceNotFound, interop.NotTheEServiceProducer},
			Access:   interop.Access("DeleteItem", "PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *EServiceInput) (*interop.Void, error) {
		_, err := s.update(ctx, in.EServiceID, remove)
		return &interop.Void{}, err
	},
}

// UpdateDelegation changes what consumers may delegate.
var UpdateDelegation = api.Operation[Store, DelegationInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/update-delegation", OperationID: "updatePublishedEServiceDelegation",
			Method: http.MethodPatch, Path: eservicePath + "/delegation", Tag: tagEServices,
			Summary:     "Update the delegation flags",
			Description: "Changes what consumers of a published e-service may delegate.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.EServiceWithoutDescriptor, interop.InvalidEServiceFlags,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access: interop.Access("PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DelegationInput) (*EServiceOutput, error) {
		return eserviceOutput(s.update(ctx, in.EServiceID, editPublished(func(d *Data) {
			setFlag(&d.ConsumerDelegable, in.Body.ConsumerDelegable)
			setFlag(&d.ClientAccessDelegable, in.Body.ClientAccessDelegable)
		})))
	},
}

// UpdateDescription changes the description of a published e-service.
var UpdateDescription = api.Operation[Store, DescriptionInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/update-description", OperationID: "updatePublishedEServiceDescription",
			Method: http.MethodPatch, Path: eservicePath + "/description", Tag: tagEServices,
			Summary:     "Update the description",
			Description: "Changes the description of a published e-service. It has to differ from the current one.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.EServiceWithoutDescriptor, interop.UnchangedDescription,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access: interop.Access("PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DescriptionInput) (*EServiceOutput, error) {
		return eserviceOutput(s.update(ctx, in.EServiceID, setDescription(in.Body.Description)))
	},
}

// UpdateName changes the name of a published e-service.
var UpdateName = api.Operation[Store, NameInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/update-name", OperationID: "updatePublishedEServiceName",
			Method: http.MethodPatch, Path: eservicePath + "/name", Tag: tagEServices,
			Summary:     "Update the name",
			Description: "Changes the name of a published e-service. It has to differ from the current one.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.EServiceWithoutDescriptor, interop.EServiceNameDuplicate, interop.UnchangedName,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access: interop.Access("DeleteItem", "PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *NameInput) (*EServiceOutput, error) {
		return eserviceOutput(s.updateVisible(ctx, in.EServiceID, rename(in.Body.Name)))
	},
}

// UpdateSignalHub sets whether a published e-service signals changes.
var UpdateSignalHub = api.Operation[Store, SignalHubInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/update-signal-hub", OperationID: "updatePublishedEServiceSignalHub",
			Method: http.MethodPatch, Path: eservicePath + "/signalHub", Tag: tagEServices,
			Summary:     "Update the signal hub flag",
			Description: "Sets whether a published e-service signals changes.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.EServiceWithoutDescriptor, interop.EServiceNotFound, interop.NotTheEServiceProducer},
			Access:   interop.Access("PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *SignalHubInput) (*EServiceOutput, error) {
		return eserviceOutput(s.update(ctx, in.EServiceID, editPublished(func(d *Data) { d.SignalHub = &in.Body.SignalHub })))
	},
}

// SetPersonalData sets whether a published e-service deals with personal data.
var SetPersonalData = api.Operation[Store, PersonalDataInput, EServiceOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/set-personal-data", OperationID: "updateEServicePersonalDataFlag",
			Method: http.MethodPost, Path: eservicePath + "/personalDataFlag", Tag: tagEServices,
			Summary:     "Set the personal data flag",
			Description: "Sets whether a published e-service deals with personal data. It can be set once.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.EServiceWithoutDescriptor, interop.PersonalDataSet,
				interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access: interop.Access("PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PersonalDataInput) (*EServiceOutput, error) {
		return eserviceOutput(s.update(ctx, in.EServiceID, setPersonalData(in.Body.PersonalData)))
	},
}
