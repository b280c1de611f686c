package purpose

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// AllowedActions reads what a purpose allows the caller.
var AllowedActions = api.Operation[Store, PurposeInput, interop.AllowedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/allowed-actions", OperationID: "getPurposeAllowedActions",
			Method: http.MethodGet, Path: purposePath + "/allowedActions", Tag: tag,
			Summary:     "Get the actions that a purpose allows",
			Description: "The state of a purpose and what the caller's organization may do in it. Thresholds and agreement are not looked at.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: interop.Access(),
			Problems: []problem.Code{interop.PurposeNotFound, interop.PurposeNotAllowed},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*interop.AllowedOutput, error) {
		p, err := s.getVisible(ctx, in.PurposeID)
		if err != nil {
			return nil, err
		}
		caller := interop.Caller(ctx)
		return interop.Allowing(p.state(), p.allowed(caller), p.turns(caller)...), nil
	},
}

// GetThresholdCheck reads how a version that is not yet approved relates to the thresholds.
var GetThresholdCheck = api.Operation[Store, PurposeInput, CheckOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/threshold-check", OperationID: "getPurposeThresholdCheck",
			Method: http.MethodGet, Path: purposePath + "/thresholdCheck", Tag: tag,
			Summary: "Check a purpose against the thresholds",
			Description: "The version that is drafted or waits: whether its planned calls fit the thresholds now, and why it had to wait. " +
				"For the consumer and the producer; of a draft for the consumer alone.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: accessList,
			Problems: []problem.Code{
				interop.PurposeNotFound, interop.PurposeNotAllowed, interop.NoPurposeVersionInState, interop.PurposeWithoutAgreement,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposeInput) (*CheckOutput, error) {
		return s.check(ctx, in.PurposeID)
	},
}

// CheckOutput is how a version relates to the thresholds.
type CheckOutput struct {
	Body struct {
		VersionID  string          `json:"versionId" format:"uuid" doc:"The version that is drafted or waits"`
		State      string          `json:"state" enum:"DRAFT,WAITING_FOR_APPROVAL" doc:"Its state"`
		ExpectedOn string          `json:"expectedActivationDate,omitempty" format:"date" doc:"When the producer expects to approve it"`
		Waited     *ThresholdCheck `json:"thresholdCheck,omitempty" nullable:"false" doc:"Why it had to wait, when it began to"`
		FitsNow    bool            `json:"fitsNow" doc:"Whether it exceeds no threshold now"`
		Now        ThresholdCheck  `json:"now" doc:"The loads and thresholds now"`
	}
}

// check compares the version of a purpose that is drafted or waits with the thresholds.
func (s *Store) check(ctx context.Context, id string) (*CheckOutput, error) {
	p, err := s.getVisible(ctx, id)
	if err != nil {
		return nil, err
	}
	v := p.newestIn(Draft, Waiting)
	if v == nil {
		return nil, snapshot{purpose: p, caller: interop.Caller(ctx)}.wrongState(interop.NoPurposeVersionInState,
			"Purpose %s has no version that is %s or %s.", p.ID, Draft, Waiting)
	}
	r := p.relation()
	f, err := s.facts(ctx, r, quotaFacts, 0)
	if err != nil {
		return nil, err
	}
	t, _, err := f.limits(r, table.Stamp(s.now()))
	if err != nil {
		return nil, err
	}
	out := &CheckOutput{}
	out.Body.VersionID = v.ID
	out.Body.State = string(v.State)
	out.Body.ExpectedOn = v.ExpectedOn
	out.Body.Waited = v.Check
	out.Body.Now = t.check(v.DailyCalls, v.DailyCalls-p.load())
	out.Body.FitsNow = len(out.Body.Now.Exceeded) == 0
	return out, nil
}
