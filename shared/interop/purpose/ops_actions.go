package purpose

import (
	"context"
	"net/http"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Activate submits a draft.
var Activate = api.Operation[Store, ActionInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/activate", OperationID: "activateDraftPurpose",
			Method: http.MethodPost, Path: purposePath + "/activate", Tag: tag,
			Summary: "Activate a purpose",
			Description: "Submits a draft. It becomes ACTIVE within the thresholds for the consumer and for all consumers. Above them it " +
				"is WAITING_FOR_APPROVAL by the producer, and thresholdCheck says why.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: accessDecide,
			Problems: []problem.Code{
				interop.PurposeNotAllowed, interop.NoPurposeVersionInState, interop.MissingRiskAnalysis, interop.NotThePurposeConsumer,
				interop.NotThePurposeDelegate, interop.PurposeWithoutAgreement, interop.PurposeNotFound,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*PurposeOutput, error) {
		return output(s.change(ctx, target{purposeID: in.PurposeID}, activate(in.Body.ID())))
	},
}

// Approve puts the version that waits into use.
var Approve = api.Operation[Store, ActionInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/approve", OperationID: "approvePurpose", Method: http.MethodPost, Path: purposePath + "/approve", Tag: tag,
			Summary: "Approve a purpose",
			Description: "Puts the version that waits for the producer into use, also above the thresholds. It replaces the version that " +
				"was in use. A purpose that is suspended stays suspended.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: accessLedger,
			Problems: []problem.Code{
				interop.PurposeNotAllowed, interop.NoPurposeVersionInState, interop.NotThePurposeProducer, interop.NotThePurposeDelegate,
				interop.PurposeNotFound,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*PurposeOutput, error) {
		return output(s.change(ctx, target{purposeID: in.PurposeID}, approve(in.Body.ID())))
	},
}

// Reject rejects the version that waits.
var Reject = api.Operation[Store, RejectInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/reject", OperationID: "rejectPurpose", Method: http.MethodPost, Path: purposePath + "/reject", Tag: tag,
			Summary: "Reject a purpose",
			Description: "Rejects the version that waits for the producer, for a reason that the consumer can read. A version that is in " +
				"use stays in use.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: interop.Access("PutItem"),
			Problems: []problem.Code{interop.NotThePurposeProducer, interop.PurposeVersionNotInState, interop.PurposeNotFound},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RejectInput) (*PurposeOutput, error) {
		return output(s.change(ctx, target{purposeID: in.PurposeID, notParty: interop.NotThePurposeProducer}, reject(in.Body.Reason)))
	},
}

// ExpectActivation records when the producer expects to activate a version.
var ExpectActivation = api.Operation[Store, ExpectInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/expect-activation", OperationID: "setPurposeExpectedActivationDate",
			Method: http.MethodPut, Path: purposePath + "/expectedActivationDate", Tag: tag,
			Summary:     "Set the expected activation date",
			Description: "Records the day by which the producer expects to activate the version that waits. The consumer can read it.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: interop.Access("PutItem"),
			Problems: []problem.Code{interop.PurposeNotFound, interop.NotThePurposeProducer, interop.PurposeVersionNotInState},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ExpectInput) (*PurposeOutput, error) {
		if in.Body.Date < s.now().UTC().Format(time.DateOnly) {
			p := problem.New(interop.BadRequest, "The date is past.")
			p.Fields = []problem.Field{{Name: "body.date", Code: interop.BadRequest.Name, Detail: "expected today or a later day"}}
			return nil, p
		}
		return output(s.change(ctx, target{purposeID: in.PurposeID, notParty: interop.NotThePurposeProducer}, expect(in.Body.Date)))
	},
}

// Suspend suspends a purpose for the caller's side.
var Suspend = api.Operation[Store, ActionInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/suspend", OperationID: "suspendPurpose", Method: http.MethodPost, Path: purposePath + "/suspend", Tag: tag,
			Summary: "Suspend a purpose",
			Description: "Suspends a purpose for the caller's side. Its calls no longer count, so that others can plan them. " +
				"Repeated, it changes nothing.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: accessLedger,
			Problems: []problem.Code{
				interop.PurposeNotAllowed, interop.NoCurrentPurposeVersion, interop.PurposeVersionNotInState, interop.NotThePurposeDelegate,
				interop.PurposeNotFound,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*PurposeOutput, error) {
		return output(s.change(ctx, target{purposeID: in.PurposeID}, suspend(in.Body.ID())))
	},
}

// Unsuspend ends the suspension of the caller's side.
var Unsuspend = api.Operation[Store, ActionInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/unsuspend", OperationID: "unsuspendPurpose", Method: http.MethodPost, Path: purposePath + "/unsuspend", Tag: tag,
			Summary: "Unsuspend a purpose",
			Description: "Ends the suspension of the caller's side. The purpose stays SUSPENDED while the other side suspends it, and where " +
				"the consumer's calls no longer fit the thresholds: then a version is WAITING_FOR_APPROVAL by the producer.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: accessDecide,
			Problems: []problem.Code{
				interop.PurposeNotAllowed, interop.NoPurposeVersionInState, interop.NotThePurposeDelegate, interop.PurposeWithoutAgreement,
				interop.PurposeNotFound,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*PurposeOutput, error) {
		return output(s.change(ctx, target{purposeID: in.PurposeID}, unsuspend(in.Body.ID())))
	},
}

// Archive ends a purpose.
var Archive = api.Operation[Store, PurposeInput, PurposeOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/archive", OperationID: "archivePurpose", Method: http.MethodPost, Path: purposePath + "/archive", Tag: tag,
			Summary:     "Archive a purpose",
			Description: "Ends a purpose for good. Its calls no longer count, and a version that waits is withdrawn.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: accessArchive,
			Problems: []problem.Code{
				interop.PurposeNotAllowed, interop.NoCurrentPurposeVersion, interop.NotThePurposeConsumer, interop.PurposeVersionNotInState,
				interop.PurposeNotFound,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*PurposeOutput, error) {
		return output(s.change(ctx, target{purposeID: in.PurposeID}, archive()))
	},
}
