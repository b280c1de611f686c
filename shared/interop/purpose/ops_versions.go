package purpose

import (
	"context"
	"net/http"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// ListVersions lists the versions of a purpose.
var ListVersions = api.Operation[Store, VersionsInput, VersionsOutput]{
	Spec: func() api.Spec {
		return interop.Reading("purpose/list-versions", versionsPath, tag, "List the versions of a purpose",
			"The load estimates of a purpose, oldest first.", []string{"Query"}, interop.PurposeNotFound, interop.PurposeNotAllowed)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VersionsInput) (*VersionsOutput, error) {
		all, err := s.versions(ctx, in.PurposeID, lifecycle.State(in.State))
		if err != nil {
			return nil, err
		}
		out := &VersionsOutput{}
		out.Body.Results, out.Body.Pagination = interop.Page(in.Paged, all)
		return out, nil
	},
}

// GetVersion reads a version of a purpose.
var GetVersion = api.Operation[Store, VersionInput, VersionOutput]{
	Spec: func() api.Spec {
		return interop.Reading("purpose/get-version", versionPath, tag, "Get a version of a purpose", "A load estimate of a purpose.",
			[]string{"BatchGetItem"}, interop.PurposeNotFound, interop.PurposeNotAllowed, interop.PurposeVersionNotFound)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VersionInput) (*VersionOutput, error) {
		items, err := s.db.BatchGet(ctx, []table.Key{Key(in.PurposeID), versionKey(in.PurposeID, in.VersionID)})
		if err != nil {
			return nil, err
		}
		p, err := seen(ctx, in.PurposeID, items[0])
		if err != nil {
			return nil, err
		}
		past, err := table.As[version](items[1])
		if err != nil {
			return nil, err
		}
		v := p.find(in.VersionID)
		if past != nil { // it settled, perhaps since the purpose was read
			v = past
		}
		if v == nil {
			return nil, problem.New(interop.PurposeVersionNotFound, "Version %s of purpose %s not found", in.VersionID, in.PurposeID)
		}
		return &VersionOutput{*v.view()}, nil
	},
}

// CreateVersion asks for another load estimate.
var CreateVersion = api.Operation[Store, CreateVersionInput, VersionOutput]{
	Spec: func() api.Spec {
		return interop.Creating("purpose/create-version", versionsPath, tag, "Create a version of a purpose",
			"Plans other calls a day: at once within the thresholds or below what was planned, otherwise the version waits for the producer. What was rejected is submitted again this way. A suspension goes on.",
			[]string{"BatchGetItem", "ConditionCheckItem", "PutItem", "Query", "UpdateItem"}, interop.PurposeNotFound, interop.PurposeNotUpdatable, interop.NotThePurposeConsumer, interop.UnchangedDailyCalls,
			interop.PurposeVersionStateConflict, interop.PurposeWithoutAgreement)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateVersionInput) (*VersionOutput, error) {
		p, err := s.apply(ctx, target{purposeID: in.PurposeID, notParty: interop.NotThePurposeConsumer}, createVersion(in.Body.DailyCalls))
		if err != nil {
			return nil, err
		}
		return &VersionOutput{*p.Versions[len(p.Versions)-1].view()}, nil
	},
}

// DeleteVersion takes a request for another load estimate back.
var DeleteVersion = api.Operation[Store, VersionInput, interop.Void]{
	Spec: func() api.Spec {
		return interop.Writing("purpose/delete-version", http.MethodDelete, versionPath, tag, "Delete a version of a purpose",
			"Takes a version back that waits for the producer, unless it is the only one.", append([]string{"BatchGetItem"}, changing...),
			interop.PurposeNotFound, interop.NotThePurposeConsumer, interop.PurposeVersionUnknown, interop.PurposeVersionNotDeletable)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VersionInput) (*interop.Void, error) {
		on := target{purposeID: in.PurposeID, besides: versionKey(in.PurposeID, in.VersionID), notParty: interop.NotThePurposeConsumer}
		_, err := s.apply(ctx, on, deleteVersion(in.VersionID))
		return &interop.Void{}, err
	},
}

// Activate submits a draft.
var Activate = api.Operation[Store, ActionInput, PurposeOutput]{
	Spec: func() api.Spec {
		return acting("activate", "/activate", "Activate a purpose",
			"Submits a draft: it is active at once within the thresholds of the consumer and of all consumers, otherwise it waits for the producer, and says why.",
			deciding, interop.PurposeNotAllowed, interop.NoPurposeVersionInState, interop.MissingRiskAnalysis, interop.NotThePurposeConsumer,
			interop.NotThePurposeDelegate, interop.PurposeWithoutAgreement)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*PurposeOutput, error) {
		return output(s.apply(ctx, target{purposeID: in.PurposeID}, activate(in.Body.ID())))
	},
}

// Approve puts a version into use that waited.
var Approve = api.Operation[Store, ActionInput, PurposeOutput]{
	Spec: func() api.Spec {
		return acting("approve", "/approve", "Approve a purpose",
			"Puts the version into use that waits for the producer, whatever the thresholds, in place of the one that was. A suspension goes on.",
			counting, interop.PurposeNotAllowed, interop.NoPurposeVersionInState, interop.NotThePurposeProducer, interop.NotThePurposeDelegate)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*PurposeOutput, error) {
		return output(s.apply(ctx, target{purposeID: in.PurposeID}, approve(in.Body.ID())))
	},
}

// Reject refuses a version that waited.
var Reject = api.Operation[Store, RejectInput, PurposeOutput]{
	Spec: func() api.Spec {
		return acting("reject", "/reject", "Reject a purpose",
			"Refuses the version that waits for the producer, for a reason that the consumer reads. What was in use goes on.",
			changing, interop.NotThePurposeProducer, interop.PurposeVersionNotInState)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RejectInput) (*PurposeOutput, error) {
		return output(s.apply(ctx, target{purposeID: in.PurposeID, notParty: interop.NotThePurposeProducer}, reject(in.Body.Reason)))
	},
}

// ExpectActivation says by when the producer means to activate a version.
var ExpectActivation = api.Operation[Store, ExpectInput, PurposeOutput]{
	Spec: func() api.Spec {
		return interop.Writing("purpose/expect-activation", http.MethodPut, purposePath+"/expectedActivationDate", tag, "Set the expected activation date",
			"Tells the consumer by when the producer means to activate the version that waits.", []string{"PutItem"},
			interop.PurposeNotFound, interop.NotThePurposeProducer, interop.PurposeVersionNotInState)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ExpectInput) (*PurposeOutput, error) {
		if in.Body.Date < s.now().UTC().Format(time.DateOnly) {
			p := problem.New(interop.BadRequest, "The date is past.")
			p.Fields = []problem.Field{{Name: "body.date", Code: interop.BadRequest.Name, Detail: "expected today or a later day"}}
			return nil, p
		}
		return output(s.apply(ctx, target{purposeID: in.PurposeID, notParty: interop.NotThePurposeProducer}, expect(in.Body.Date)))
	},
}

// Suspend holds a purpose for the caller's side.
var Suspend = api.Operation[Store, ActionInput, PurposeOutput]{
	Spec: func() api.Spec {
		return acting("suspend", "/suspend", "Suspend a purpose",
			"Holds a purpose for the caller's side; its load is free for others. Asked again it changes nothing.",
			counting, interop.PurposeNotAllowed, interop.NoCurrentPurposeVersion, interop.PurposeVersionNotInState, interop.NotThePurposeDelegate)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*PurposeOutput, error) {
		return output(s.apply(ctx, target{purposeID: in.PurposeID}, suspend(in.Body.ID())))
	},
}

// Unsuspend takes the suspension of the caller's side back.
var Unsuspend = api.Operation[Store, ActionInput, PurposeOutput]{
	Spec: func() api.Spec {
		return acting("unsuspend", "/unsuspend", "Unsuspend a purpose",
			"Takes the suspension of the caller's side back. The purpose stays suspended while the other side holds it, and where the consumer's load no longer fits: then a version waits for the producer.",
			deciding, interop.PurposeNotAllowed, interop.NoPurposeVersionInState, interop.NotThePurposeDelegate, interop.PurposeWithoutAgreement)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ActionInput) (*PurposeOutput, error) {
		return output(s.apply(ctx, target{purposeID: in.PurposeID}, unsuspend(in.Body.ID())))
	},
}

// Archive ends a purpose.
var Archive = api.Operation[Store, PurposeInput, PurposeOutput]{
	Spec: func() api.Spec {
		return acting("archive", "/archive", "Archive a purpose",
			"Ends a purpose for good; its load is free again and what waited is withdrawn.", counting,
			interop.PurposeNotAllowed, interop.NoCurrentPurposeVersion, interop.NotThePurposeConsumer, interop.PurposeVersionNotInState)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*PurposeOutput, error) {
		return output(s.apply(ctx, target{purposeID: in.PurposeID}, archive))
	},
}
