package purpose

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// History lists the changes of a purpose.
var History = api.Operation[Store, PageInput, HistoryOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/history", OperationID: "getPurposeHistory", Method: http.MethodGet, Path: purposePath + "/history", Tag: tag,
			Summary:     "List the changes of a purpose",
			Description: "The changes of a purpose, oldest first: the version, the organization, the time, the states before and after, the reason.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: interop.Access("Query"),
			Problems: []problem.Code{interop.PurposeNotFound, interop.PurposeNotAllowed},
		}
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

// GetAgreement reads the agreement of a purpose.
var GetAgreement = api.Operation[Store, PurposeInput, AgreementOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/get-agreement", OperationID: "getPurposeAgreement",
			Method: http.MethodGet, Path: purposePath + "/agreement", Tag: tag,
			Summary:     "Get the agreement of a purpose",
			Description: "The agreement of the purpose's consumer for its e-service that is ACTIVE or SUSPENDED.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: interop.Access(),
			Problems: []problem.Code{interop.PurposeNotFound, interop.PurposeNotAllowed, interop.PurposeAgreementNotFound},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*AgreementOutput, error) {
		p, err := s.getVisible(ctx, in.PurposeID)
		if err != nil {
			return nil, err
		}
		a, err := agreement.InUse(ctx, s.db, p.ConsumerID, p.EServiceID)
		if err == nil && a == nil {
			err = problem.New(interop.PurposeAgreementNotFound, "Consumer %s has no agreement for e-service %s that is active or suspended.",
				p.ConsumerID, p.EServiceID)
		}
		if err != nil {
			return nil, err
		}
		return &AgreementOutput{Body: *a}, nil
	},
}

// RemainingDailyCalls reads how many calls a consumer may still plan. Only
// administrators may call it, as published.
var RemainingDailyCalls = api.Operation[Store, PurposeInput, RemainingOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/remaining-daily-calls", OperationID: "getRemainingDailyCalls",
			Method: http.MethodGet, Path: purposePath + "/remainingDailyCalls", Tag: tag,
			Summary: "Get the remaining daily calls",
			Description: "The calls a day that the consumer of a purpose may still plan on its e-service before the producer has to " +
				"approve. For the consumer and the producer.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK, Access: accessList,
			Problems: []problem.Code{interop.PurposeNotFound, interop.PurposeNotAllowed, interop.PurposeWithoutAgreement},
			Without:  interop.NotInV2,
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*RemainingOutput, error) {
		perConsumer, total, err := s.remaining(ctx, in.PurposeID)
		if err != nil {
			return nil, err
		}
		out := &RemainingOutput{}
		out.Body.PerConsumer = perConsumer
		out.Body.Total = total
		return out, nil
	},
}

// Load reads the load of an e-service.
var Load = api.Operation[Store, LoadInput, LoadOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/load", OperationID: "getEServiceLoad",
			Method: http.MethodGet, Path: "/eservices/{eserviceId}/load", Tag: "E-services",
			Summary: "Get the load of an e-service",
			Description: "The calls a day that consumers plan with active purposes, in total and for each consumer, with the thresholds. " +
				"For the producer only.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: accessList,
			Problems: []problem.Code{interop.EServiceNotFound},
		}
	},
	Open: NewStore,
	Run:  func(s *Store, ctx context.Context, in *LoadInput) (*LoadOutput, error) { return s.load(ctx, in) },
}

// AgreementLoad reads the loads that count against the thresholds of an agreement.
var AgreementLoad = api.Operation[Store, AgreementInput, AgreementLoadOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/load", OperationID: "getAgreementLoad",
			Method: http.MethodGet, Path: "/agreements/{agreementId}/load", Tag: "Agreements",
			Summary: "Get the load of an agreement",
			Description: "The calls a day that the agreement's consumer and all consumers plan on its e-service with active purposes, with " +
				"the thresholds: what a purpose is compared with before it is created or changed. For the consumer and the producer of an " +
				"agreement that is ACTIVE or SUSPENDED.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: accessList,
			Problems: []problem.Code{interop.AgreementNotFound, interop.AgreementNotAllowed, interop.AgreementNotInState},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AgreementInput) (*AgreementLoadOutput, error) {
		return s.agreementLoad(ctx, in.AgreementID)
	},
}
