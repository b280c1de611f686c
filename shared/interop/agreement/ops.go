package agreement

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Operations lists the operations on agreements.
func Operations() []api.Op {
	return []api.Op{
		List, Create, Get, Delete, History, Submit, Approve, Reject, Suspend, Unsuspend, Archive, Upgrade, Clone,
		VerifyAttribute, RevokeVerification, AllowedActions,
	}
}

const (
	agreementsPath = "/agreements"
	agreementPath  = agreementsPath + "/{agreementId}"
	tag            = "Agreements"
)

// What the functions of operations do to the table. Those that decide on facts check
// these again; those that put an agreement into use or out of it count that by an update.
var (
	accessRequest  = []string{"BatchGetItem", "ConditionCheckItem", "PutItem", "Query"}
	accessDecide   = []string{"ConditionCheckItem", "PutItem", "Query"}
	accessUpgrade  = append([]string{"BatchGetItem", "UpdateItem"}, accessDecide...)
	accessActivate = append([]string{"DeleteItem", "UpdateItem"}, accessDecide...)
	accessFree     = []string{"DeleteItem", "PutItem"} // what the agreement claims
	accessEnd      = append([]string{"UpdateItem"}, accessFree...)
)

func output(a *agreement, err error) (*AgreementOutput, error) {
	if err != nil {
		return nil, err
	}
	return &AgreementOutput{Body: a.view()}, nil
}

// action returns the Spec of an action on an agreement.
func action(id, path, summary, description string, actions []string, problems ...problem.Code) api.Spec {
	return api.Spec{
		ID: "agreement/" + id, OperationID: id + "Agreement", Method: http.MethodPost, Path: agreementPath + path, Tag: tag,
		Summary:     summary,
		Description: description,
		Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
		Problems: append(problems, interop.AgreementNotFound),
		Access:   interop.Access(actions...),
	}
}

// List lists agreements.
var List = api.Operation[Store, ListInput, ListOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/list", OperationID: "getAgreements", Method: http.MethodGet, Path: agreementsPath, Tag: tag,
			Summary: "List agreements",
			Description: "The agreements that match and that the caller is a side of, by the name of the e-service. Drafts are shown to the " +
				"consumer alone.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
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

// Create makes a draft of an agreement.
var Create = api.Operation[Store, CreateInput, AgreementOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/create", OperationID: "createAgreement", Method: http.MethodPost, Path: agreementsPath, Tag: tag,
			Summary: "Create an agreement",
			Description: "Makes a draft of an agreement of the caller with the producer of an e-service. A consumer has one agreement at a time " +
				"for an e-service.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusCreated,
			Problems: []problem.Code{
				interop.AgreementEServiceNotFound, interop.NotLatestDescriptor, interop.AgreementDescriptorState,
				interop.AgreementNoDelegation, interop.AgreementExists, interop.CertifiedAttributesMissing,
			},
			Access: interop.Access(accessRequest...),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateInput) (*AgreementOutput, error) {
		r := &reader{
			store:      s,
			needs:      needs{facts: true, existing: true, newID: true},
			eserviceID: in.Body.EServiceID,
			consumerID: interop.Caller(ctx),
		}
		return output(s.do(ctx, r, create(in.Body.EServiceID, in.Body.DescriptorID, in.Body.DelegationID)))
	},
}

// Get reads an agreement.
var Get = api.Operation[Store, AgreementInput, AgreementOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/get", OperationID: "getAgreement", Method: http.MethodGet, Path: agreementPath, Tag: tag,
			Summary:     "Get an agreement",
			Description: "An agreement, for its consumer and its producer. A draft is shown to the consumer alone.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.AgreementNotFound, interop.AgreementNotAllowed},
			Access:   interop.Access(),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementInput) (*AgreementOutput, error) {
		return output(s.getVisible(ctx, in.AgreementID))
	},
}

// AllowedActions reads what an agreement allows the caller.
var AllowedActions = api.Operation[Store, AgreementInput, interop.AllowedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/allowed-actions", OperationID: "getAgreementAllowedActions",
			Method: http.MethodGet, Path: agreementPath + "/allowedActions", Tag: tag,
			Summary:     "Get the actions that an agreement allows",
			Description: "The state of an agreement and what the caller's organization may do in it. Attributes are not looked at.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.AgreementNotFound, interop.AgreementNotAllowed},
			Access:   interop.Access(),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementInput) (*interop.AllowedOutput, error) {
		a, err := s.getVisible(ctx, in.AgreementID)
		if err != nil {
			return nil, err
		}
		sides := a.sides(interop.Caller(ctx))
		return interop.Allowing(a.State, Machine.Possible(a.State, sides...), Machine.Turns(a.State, sides...)...), nil
	},
}

// Delete deletes an agreement that was never in use.
var Delete = api.Operation[Store, AgreementInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/delete", OperationID: "deleteAgreement", Method: http.MethodDelete, Path: agreementPath, Tag: tag,
			Summary:     "Delete an agreement",
			Description: "Deletes an agreement that was never in use. Its history stays.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.AgreementNotFound, interop.AgreementNotInState, interop.NotTheConsumer},
			Access:   interop.Access(accessFree...),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementInput) (*interop.Void, error) {
		_, err := s.apply(ctx, in.AgreementID, needs{}, remove)
		return &interop.Void{}, err
	},
}

// History lists the changes of an agreement.
var History = api.Operation[Store, PageInput, HistoryOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/history", OperationID: "getAgreementHistory",
			Method: http.MethodGet, Path: agreementPath + "/history", Tag: tag,
			Summary:     "List the changes of an agreement",
			Description: "The changes of an agreement, oldest first: side and organization, time, states before and after, and reason.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.AgreementNotFound, interop.AgreementNotAllowed},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PageInput) (*HistoryOutput, error) {
		all, err := s.history(ctx, in.AgreementID)
		if err != nil {
			return nil, err
		}
		out := &HistoryOutput{}
		out.Body.Results, out.Body.Pagination = interop.Page(in.Paged, all)
		return out, nil
	},
}

// Submit sends a draft to the producer.
var Submit = api.Operation[Store, SubmitInput, AgreementOutput]{
	Spec: func() api.Spec {
		return action("submit", "/submit", "Submit an agreement",
			"Sends a draft to the producer. Where approval is automatic and the consumer owns all required attributes, the "+
				"agreement is in use at once.",
			accessActivate, interop.AgreementNotInState, interop.NotTheConsumer, interop.NotLatestDescriptor, interop.AgreementDescriptorState,
			interop.AgreementSubmissionFailed)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *SubmitInput) (*AgreementOutput, error) {
		return output(s.apply(ctx, in.AgreementID, needs{facts: true}, submit(in.Body.Notes)))
	},
}

// Approve puts a pending agreement into use.
var Approve = api.Operation[Store, ActionInput, AgreementOutput]{
	Spec: func() api.Spec {
		return action("approve", "/approve", "Approve an agreement",
			"Puts a pending agreement into use. Another agreement of the same consumer and e-service that was in use is archived.",
			accessActivate, interop.AgreementNotPending, interop.NotTheProducer, interop.NotTheDelegate, interop.AgreementDescriptorState,
			interop.AgreementActivationFailed)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*AgreementOutput, error) {
		return output(s.apply(ctx, in.AgreementID, needs{facts: true}, approve(in.Body.ID())))
	},
}

// Reject refuses a pending agreement.
var Reject = api.Operation[Store, RejectInput, AgreementOutput]{
	Spec: func() api.Spec {
		return action("reject", "/reject", "Reject an agreement",
			"Refuses a pending agreement, with a reason for the consumer.",
			accessFree, interop.AgreementNotInState, interop.NotTheProducer)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RejectInput) (*AgreementOutput, error) {
		return output(s.apply(ctx, in.AgreementID, needs{}, reject(in.Body.Reason)))
	},
}

// Suspend suspends an agreement for the caller's side.
var Suspend = api.Operation[Store, ActionInput, AgreementOutput]{
	Spec: func() api.Spec {
		return action("suspend", "/suspend", "Suspend an agreement",
			"Suspends an agreement for the caller's side. Repeating the call changes nothing.",
			[]string{"PutItem"}, interop.AgreementNotInState, interop.AgreementNotAllowed, interop.NotTheDelegate)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*AgreementOutput, error) {
		return output(s.apply(ctx, in.AgreementID, needs{}, suspend(in.Body.ID())))
	},
}

// Unsuspend ends the suspension of the caller's side.
var Unsuspend = api.Operation[Store, ActionInput, AgreementOutput]{
	Spec: func() api.Spec {
		return action("unsuspend", "/unsuspend", "Unsuspend an agreement",
			"Ends the suspension of the caller's side. The agreement stays suspended while the other side suspends it or an attribute is "+
				"missing.",
			accessDecide, interop.AgreementNotSuspended, interop.AgreementNotAllowed, interop.NotTheDelegate, interop.AgreementDescriptorState)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*AgreementOutput, error) {
		return output(s.apply(ctx, in.AgreementID, needs{facts: true}, unsuspend(in.Body.ID())))
	},
}

// Archive ends an agreement.
var Archive = api.Operation[Store, AgreementInput, AgreementOutput]{
	Spec: func() api.Spec {
		spec := action("archive", "/archive", "Archive an agreement", "Ends an agreement for good.",
			accessEnd, interop.AgreementNotInState, interop.NotTheConsumer)
		spec.Without = interop.NotInV2
		return spec
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementInput) (*AgreementOutput, error) {
		return output(s.apply(ctx, in.AgreementID, needs{}, archive))
	},
}

// Upgrade moves an agreement to the published descriptor.
var Upgrade = api.Operation[Store, AgreementInput, AgreementOutput]{
	Spec: func() api.Spec {
		return action("upgrade", "/upgrade", "Upgrade an agreement",
			"Moves an agreement to the published descriptor and answers the new one: in use at once, or a draft where declared or verified "+
				"attributes are missing.",
			accessUpgrade, interop.AgreementNotInState, interop.NotTheConsumer,
			interop.NoPublishedDescriptor, interop.NoNewerDescriptor, interop.CertifiedAttributesMissing, interop.AgreementExists)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementInput) (*AgreementOutput, error) {
		return output(s.apply(ctx, in.AgreementID, needs{facts: true, newID: true}, upgrade))
	},
}

// Clone makes a draft like one that was rejected.
var Clone = api.Operation[Store, AgreementInput, AgreementOutput]{
	Spec: func() api.Spec {
		return action("clone", "/clone", "Clone an agreement", "Makes a draft like an agreement that was rejected.",
			accessRequest, interop.AgreementNotInState, interop.NotTheConsumer, interop.AgreementExists,
			interop.CertifiedAttributesMissing)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementInput) (*AgreementOutput, error) {
		return output(s.apply(ctx, in.AgreementID, needs{facts: true, existing: true, newID: true}, clone))
	},
}
