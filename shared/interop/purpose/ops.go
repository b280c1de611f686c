package purpose

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Operations lists the operations on purposes, and those that show purposes of
// agreements and e-services.
func Operations() []api.Op {
	return []api.Op{
		List, Create, Get, Update, Delete, ListVersions, CreateVersion, GetVersion, DeleteVersion, Activate, Approve, Reject,
		ExpectActivation, Suspend, Unsuspend, Archive, Clone, History, GetAgreement, RemainingDailyCalls, OfAgreement, Load,
	}
}

const (
	purposesPath = "/purposes"
	purposePath  = purposesPath + "/{purposeId}"
	versionsPath = purposePath + "/versions"
	versionPath  = versionsPath + "/{versionId}"
	tag          = "Purposes"

	// maxBody bounds a purpose with its risk analysis, which is one item.
	maxBody = 256 << 10
)

// What functions do to the table: changing a purpose, counting its load besides, and
// deciding by the thresholds.
var (
	changing = []string{"DeleteItem", "PutItem"}
	counting = append([]string{"UpdateItem"}, changing...)
	deciding = append([]string{"BatchGetItem", "ConditionCheckItem", "Query"}, counting...)
	making   = []string{"BatchGetItem", "PutItem"}
)

func output(p *purpose, err error) (*PurposeOutput, error) {
	if err != nil {
		return nil, err
	}
	return &PurposeOutput{Body: p.view()}, nil
}

func bounded(s api.Spec) api.Spec {
	s.MaxBody = maxBody
	return s
}

// acting is the Spec of an action on a purpose.
func acting(id, path, summary, description string, actions []string, problems ...problem.Code) api.Spec {
	return interop.Writing("purpose/"+id, http.MethodPost, purposePath+path, tag, summary, description, actions,
		append(problems, interop.PurposeNotFound)...)
}

// List lists purposes.
var List = api.Operation[Store, ListInput, PurposesOutput]{
	Spec: func() api.Spec {
		return interop.Reading("purpose/list", purposesPath, tag, "List purposes",
			"The purposes that match and that the caller takes part in, by title; drafts for the consumer alone. Of a version that waits the producer reads whether it would fit now.",
			[]string{"BatchGetItem", "Query"})
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*PurposesOutput, error) {
		all, err := s.list(ctx, in)
		if err != nil {
			return nil, err
		}
		return s.shown(ctx, in.Paged, all)
	},
}

// shown is the page of a list.
func (s *Store) shown(ctx context.Context, paged interop.Paged, all []entry) (*PurposesOutput, error) {
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

// OfAgreement lists what the consumer of an agreement uses the e-service for.
var OfAgreement = api.Operation[Store, AgreementPageInput, PurposesOutput]{
	Spec: func() api.Spec {
		return interop.Reading("agreement/list-purposes", "/agreements/{agreementId}/purposes", "Agreements", "List the purposes of an agreement",
			"The purposes of the agreement's consumer on its e-service, in any state, by title; drafts for the consumer alone.", []string{"BatchGetItem", "Query"},
			interop.AgreementNotFound, interop.AgreementNotAllowed)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementPageInput) (*PurposesOutput, error) {
		a, err := agreement.See(ctx, s.db, in.AgreementID)
		if err != nil {
			return nil, err
		}
		all, err := s.related(ctx, a.ConsumerID, a.EServiceID)
		if err != nil {
			return nil, err
		}
		return s.shown(ctx, in.Paged, all)
	},
}

// Create makes a purpose.
var Create = api.Operation[Store, CreateInput, PurposeOutput]{
	Spec: func() api.Spec {
		return bounded(interop.Creating("purpose/create", purposesPath, tag, "Create a purpose",
			"Makes a purpose of the caller with a draft of a version. It takes an active agreement for the e-service; its load counts from when it is active.",
			append([]string{"ConditionCheckItem"}, making...), interop.PurposeEServiceNotFound, interop.EServiceModeNotAllowed, interop.MissingFreeOfChargeReason, interop.InvalidFreeOfChargeReason,
			interop.DelegationNotFound, interop.PurposeWithoutAgreement, interop.PurposeTitleDuplicate))
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
				return nil, problem.New(interop.InvalidFreeOfChargeReason, "A purpose that is not free of charge takes no freeOfChargeReason.")
			}
		}
		return output(s.apply(ctx, target{eserviceID: b.EServiceID}, create(b.EServiceID, data, b.DailyCalls, b.RiskAnalysis)))
	},
}

// Get reads a purpose.
var Get = api.Operation[Store, PurposeInput, PurposeOutput]{
	Spec: func() api.Spec {
		return interop.Reading("purpose/get", purposePath, tag, "Get a purpose",
			"A purpose for its consumer and its producer; a draft for the consumer alone.", nil,
			interop.PurposeNotFound, interop.PurposeNotAllowed)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*PurposeOutput, error) {
		return output(s.see(ctx, in.PurposeID))
	},
}

// Update changes a draft.
var Update = api.Operation[Store, UpdateInput, PurposeOutput]{
	Spec: func() api.Spec {
		return bounded(interop.Writing("purpose/update", http.MethodPatch, purposePath, tag, "Update a draft of a purpose",
			"Changes what is sent; null takes the reason away.", changing,
			interop.PurposeNotFound, interop.PurposeNotAllowed, interop.NotThePurposeConsumer, interop.PurposeNotInDraftState,
			interop.MissingFreeOfChargeReason, interop.InvalidFreeOfChargeReason, interop.PurposeTitleDuplicate))
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *UpdateInput) (*PurposeOutput, error) {
		return output(s.apply(ctx, target{purposeID: in.PurposeID}, update(in.patch())))
	},
}

// Delete deletes a purpose that never was in use.
var Delete = api.Operation[Store, PurposeInput, interop.Void]{
	Spec: func() api.Spec {
		return interop.Writing("purpose/delete", http.MethodDelete, purposePath, tag, "Delete a purpose",
			"Deletes a purpose that never was in use, nor rejected; its history stays.", changing,
			interop.PurposeNotFound, interop.PurposeNotDeletable, interop.NotThePurposeConsumer)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*interop.Void, error) {
		_, err := s.apply(ctx, target{purposeID: in.PurposeID, notParty: interop.NotThePurposeConsumer}, remove)
		return &interop.Void{}, err
	},
}

// Clone makes a draft like another purpose.
var Clone = api.Operation[Store, CloneInput, PurposeOutput]{
	Spec: func() api.Spec {
		return acting("clone", "/clone", "Clone a purpose",
			"Makes a draft like a purpose that was submitted, risk analysis included, for its e-service or another. Its title says when.",
			making, interop.PurposeNotAllowed, interop.NotThePurposeConsumer, interop.PurposeNotClonable, interop.PurposeEServiceNotFound,
			interop.EServiceModeNotAllowed, interop.PurposeTitleDuplicate)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CloneInput) (*PurposeOutput, error) {
		on := target{purposeID: in.PurposeID, eserviceID: in.Body.EServiceID, besides: formKey(in.PurposeID)}
		return output(s.apply(ctx, on, clone(in.Body.EServiceID, s.now)))
	},
}

// History lists what became of the versions of a purpose.
var History = api.Operation[Store, PageInput, HistoryOutput]{
	Spec: func() api.Spec {
		return interop.Reading("purpose/history", purposePath+"/history", tag, "List the changes of a purpose",
			"Who changed which version of the purpose, when, from which state to which, and why; oldest first.", []string{"Query"},
			interop.PurposeNotFound, interop.PurposeNotAllowed)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PageInput) (*HistoryOutput, error) {
		all, err := s.history(ctx, in.PurposeID)
		if err != nil {
			return nil, err
		}
		out := &HistoryOutput{}
		out.Body.Results, out.Body.Pagination = interop.Page(in.Paged, all)
		return out, nil
	},
}

// AgreementOutput is an agreement.
type AgreementOutput struct{ Body agreement.View }

// GetAgreement reads the agreement that a purpose stands on.
var GetAgreement = api.Operation[Store, PurposeInput, AgreementOutput]{
	Spec: func() api.Spec {
		return interop.Reading("purpose/get-agreement", purposePath+"/agreement", tag, "Get the agreement of a purpose",
			"The agreement of the purpose's consumer for its e-service that is active or suspended.", nil,
			interop.PurposeNotFound, interop.PurposeNotAllowed, interop.PurposeAgreementNotFound)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*AgreementOutput, error) {
		p, err := s.see(ctx, in.PurposeID)
		if err != nil {
			return nil, err
		}
		a, err := agreement.InUse(ctx, s.db, p.ConsumerID, p.EServiceID)
		if err == nil && a == nil {
			err = problem.New(interop.PurposeAgreementNotFound, "Consumer %s has no agreement for e-service %s that is active or suspended.", p.ConsumerID, p.EServiceID)
		}
		if err != nil {
			return nil, err
		}
		return &AgreementOutput{*a}, nil
	},
}

// RemainingDailyCalls tells how much a consumer may still plan.
var RemainingDailyCalls = api.Operation[Store, PurposeInput, RemainingOutput]{
	Spec: func() api.Spec {
		return remaining(interop.Reading("purpose/remaining-daily-calls", purposePath+"/remainingDailyCalls", tag, "Get the remaining daily calls",
			"How many calls a day the consumer of a purpose may still plan on its e-service before the producer has to approve. Both sides may ask.",
			[]string{"BatchGetItem", "Query"}, interop.PurposeNotFound, interop.PurposeNotAllowed, interop.PurposeWithoutAgreement))
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*RemainingOutput, error) {
		perConsumer, total, err := s.remaining(ctx, in.PurposeID)
		if err != nil {
			return nil, err
		}
		out := &RemainingOutput{}
		out.Body.PerConsumer, out.Body.Total = perConsumer, total
		return out, nil
	},
}

// remaining makes a Spec of one that is for administrators alone, as published.
func remaining(s api.Spec) api.Spec {
	s.Scopes = interop.Writers
	return s
}

// Load shows the load of an e-service.
var Load = api.Operation[Store, LoadInput, LoadOutput]{
	Spec: func() api.Spec {
		return interop.Reading("eservice/load", "/eservices/{eserviceId}/load", "E-services", "Get the load of an e-service",
			"The calls a day that consumers plan with active purposes, in all and each, against the thresholds. For the producer.",
			[]string{"BatchGetItem", "Query"}, interop.EServiceNotFound)
	},
	Open: NewStore,
	Run:  func(s *Store, ctx context.Context, in *LoadInput) (*LoadOutput, error) { return s.load(ctx, in) },
}
