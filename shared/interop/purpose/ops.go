package purpose

import (
	"context"
	"net/http"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Operations lists all operations of the package.
func Operations() []api.Op { return slices.Concat(PurposeOperations(), LoadOperations()) }

// PurposeOperations lists the operations on purposes, and those that show purposes of
// agreements and e-services.
func PurposeOperations() []api.Op {
	return []api.Op{
		List, Create, Get, Update, Delete, ListVersions, CreateVersion, GetVersion, DeleteVersion, Activate, Approve, Reject,
		ExpectActivation, Suspend, Unsuspend, Archive, Clone, History, GetAgreement, OfAgreement, AllowedActions,
	}
}

// LoadOperations lists the operations on planned calls and thresholds. They have an artifact of their
// own, because one with all operations would be too large.
func LoadOperations() []api.Op {
	return []api.Op{RemainingDailyCalls, Load, GetThresholdCheck, AgreementLoad}
}

const (
	purposesPath = "/purposes"
	purposePath  = purposesPath + "/{purposeId}"
	versionsPath = purposePath + "/versions"
	versionPath  = versionsPath + "/{versionId}"
	tag          = "Purposes"

	// maxBody is the greatest body of a purpose with its risk analysis, which is one item.
	maxBody = 256 << 10
)

// What functions do to the table.
var (
	accessChange  = interop.Access("DeleteItem", "PutItem")
	accessLedger  = interop.Access("UpdateItem", "PutItem")
	accessArchive = interop.Access("UpdateItem", "PutItem", "DeleteItem")
	accessDecide  = interop.Access("BatchGetItem", "ConditionCheckItem", "Query", "UpdateItem", "PutItem")
	accessList    = interop.Access("BatchGetItem", "Query")
)

func output(p *purpose, err error) (*PurposeOutput, error) {
	if err != nil {
		return nil, err
	}
	return &PurposeOutput{Body: p.view()}, nil
}

// List lists purposes.
var List = api.Operation[Store, ListInput, PurposesOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/list", OperationID: "getPurposes", Method: http.MethodGet, Path: purposesPath, Tag: tag,
			Summary: "List purposes",
			Description: "The purposes that match, with the caller as consumer or producer, by title. " +
				"Drafts are listed for the consumer only. For the producer fitsNow tells whether a version that waits would fit the thresholds now.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: accessList,
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*PurposesOutput, error) {
		all, err := s.list(ctx, in)
		if err != nil {
			return nil, err
		}
		return s.pageOutput(ctx, in.Paged, all)
	},
}

// pageOutput reads a page of a list.
func (s *Store) pageOutput(ctx context.Context, paged interop.Paged, all []*row) (*PurposesOutput, error) {
	part, pagination := interop.Page(paged, all)
	purposes, err := s.page(ctx, part)
	if err != nil {
		return nil, err
	}
	out := &PurposesOutput{}
	out.Body.Pagination = pagination
	out.Body.Results, err = s.views(ctx, purposes)
	return out, err
}

// OfAgreement lists the purposes of the consumer of an agreement on its e-service.
var OfAgreement = api.Operation[Store, AgreementPageInput, PurposesOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/list-purposes", OperationID: "getAgreementPurposes",
			Method: http.MethodGet, Path: "/agreements/{agreementId}/purposes", Tag: "Agreements",
			Summary: "List the purposes of an agreement",
			Description: "The purposes of the agreement's consumer on its e-service, in any state, by title. " +
				"Drafts are listed for the consumer only.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: accessList,
			Problems: []problem.Code{interop.AgreementNotFound, interop.AgreementNotAllowed},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementPageInput) (*PurposesOutput, error) {
		a, err := agreement.GetVisible(ctx, s.db, in.AgreementID)
		if err != nil {
			return nil, err
		}
		all, err := s.related(ctx, a)
		if err != nil {
			return nil, err
		}
		return s.pageOutput(ctx, in.Paged, all)
	},
}

// Create makes a purpose.
var Create = api.Operation[Store, CreateInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/create", OperationID: "createPurpose", Method: http.MethodPost, Path: purposesPath, Tag: tag,
			Summary: "Create a purpose",
			Description: "Creates a purpose of the caller with a version in state DRAFT. The caller needs an active agreement for the " +
				"e-service. The planned calls count once the version is active.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusCreated, MaxBody: maxBody,
			Access: interop.Access("ConditionCheckItem", "BatchGetItem", "PutItem"),
			Problems: []problem.Code{
				interop.PurposeEServiceNotFound, interop.EServiceModeNotAllowed, interop.MissingFreeOfChargeReason, interop.InvalidFreeOfChargeReason,
				interop.DelegationNotFound, interop.PurposeWithoutAgreement, interop.PurposeTitleDuplicate,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateInput) (*PurposeOutput, error) {
		b := &in.Body
		if err := interop.NoDelegation(b.DelegationID); err != nil {
			return nil, err
		}
		data := Data{Title: b.Title, Description: b.Description, FreeOfCharge: b.FreeOfCharge}
		if b.FreeOfChargeReason != nil {
			if data.FreeOfChargeReason = *b.FreeOfChargeReason; !data.FreeOfCharge {
				return nil, reasonNotAllowed()
			}
		}
		return output(s.change(ctx, target{eserviceID: b.EServiceID}, create(b.EServiceID, data, b.DailyCalls, b.RiskAnalysis)))
	},
}

// Get reads a purpose.
var Get = api.Operation[Store, PurposeInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/get", OperationID: "getPurpose", Method: http.MethodGet, Path: purposePath, Tag: tag,
			Summary:     "Get a purpose",
			Description: "A purpose, for its consumer and its producer. A draft is shown to the consumer only.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: interop.Access(),
			Problems: []problem.Code{interop.PurposeNotFound, interop.PurposeNotAllowed},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*PurposeOutput, error) {
		return output(s.getVisible(ctx, in.PurposeID))
	},
}

// Update changes a draft.
var Update = api.Operation[Store, UpdateInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/update", OperationID: "updateDraftPurpose", Method: http.MethodPatch, Path: purposePath, Tag: tag,
			Summary:     "Update a draft of a purpose",
			Description: "Changes the members that are sent. A freeOfChargeReason of null removes the reason.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK, MaxBody: maxBody, Access: accessChange,
			Problems: []problem.Code{
				interop.PurposeNotFound, interop.PurposeNotAllowed, interop.NotThePurposeConsumer, interop.PurposeNotInDraftState,
				interop.MissingFreeOfChargeReason, interop.InvalidFreeOfChargeReason, interop.PurposeTitleDuplicate,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *UpdateInput) (*PurposeOutput, error) {
		return output(s.change(ctx, target{purposeID: in.PurposeID}, update(in.patch())))
	},
}

// Delete deletes a purpose that never was in use.
var Delete = api.Operation[Store, PurposeInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/delete", OperationID: "deletePurpose", Method: http.MethodDelete, Path: purposePath, Tag: tag,
			Summary:     "Delete a purpose",
			Description: "Deletes a purpose that was never in use and never rejected. Its history stays.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: accessChange,
			Problems: []problem.Code{interop.PurposeNotFound, interop.PurposeNotDeletable, interop.NotThePurposeConsumer},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*interop.Void, error) {
		_, err := s.change(ctx, target{purposeID: in.PurposeID, notParty: interop.NotThePurposeConsumer}, remove())
		return &interop.Void{}, err
	},
}

// Clone makes a draft like another purpose.
var Clone = api.Operation[Store, CloneInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/clone", OperationID: "clonePurpose", Method: http.MethodPost, Path: purposePath + "/clone", Tag: tag,
			Summary: "Clone a purpose",
			Description: "Creates a draft like a purpose that was submitted, including its risk analysis, for the same e-service or " +
				"another. The title of the draft contains the time.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: interop.Access("BatchGetItem", "PutItem"),
			Problems: []problem.Code{
				interop.PurposeNotAllowed, interop.NotThePurposeConsumer, interop.PurposeNotClonable, interop.PurposeEServiceNotFound,
				interop.EServiceModeNotAllowed, interop.PurposeTitleDuplicate, interop.PurposeNotFound,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CloneInput) (*PurposeOutput, error) {
		on := target{purposeID: in.PurposeID, eserviceID: in.Body.EServiceID, extra: formKey(in.PurposeID)}
		return output(s.change(ctx, on, clone(in.Body.EServiceID)))
	},
}
