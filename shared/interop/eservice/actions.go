package eservice

import (
	"context"
	"net/http"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// eserviceAction is what a producer may do to an e-service. try decides on a request that
// nothing but the state of the e-service can refuse.
type eserviceAction struct {
	name lifecycle.Action
	try  decision
}

const actionCreateDescriptor lifecycle.Action = "createDescriptor"

// eserviceActions are the actions on an e-service, in the order in which answers list them.
// Tried is what the operations decide about the state of the e-service: a change of the data,
// of a draft or of an e-service that was published, that leaves them as they are, and for
// delete, setPersonalData and createDescriptor the decision of the operation itself. What else
// an operation refuses, such as the name that an e-service has already, is not tried.
// TestEServiceAllowedActions compares the answers with what the operations accept.
var eserviceActions = []eserviceAction{
	{actionUpdate, editDraft(unchanged)},
	{actionDelete, remove},
	{"updateName", editPublished(unchanged)},
	{"updateDescription", editPublished(unchanged)},
	{"updateDelegation", editPublished(unchanged)},
	{"updateSignalHub", editPublished(unchanged)},
	{"setPersonalData", setPersonalData(false)},
	{actionCreateDescriptor, draft("", Terms{})},
}

func unchanged(*Data) {}

// state returns the state of the newest descriptor, without drafts where others exist.
func (c Catalogue) state() lifecycle.State {
	if latest := c.Latest(); latest != nil {
		return latest.State
	}
	return Draft
}

// allowedActions returns the actions that the state of the e-service allows its producer.
func (c Catalogue) allowedActions() []lifecycle.Action {
	var actions []lifecycle.Action
	for _, action := range eserviceActions {
		if _, err := action.try(snapshot{Catalogue: c}); err == nil {
			actions = append(actions, action.name)
		}
	}
	return actions
}

// EServiceAllowedActions reads what an e-service allows the caller.
var EServiceAllowedActions = api.Operation[Store, EServiceInput, interop.AllowedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/eservice-allowed-actions", OperationID: "getEServiceAllowedActions",
			Method: http.MethodGet, Path: eservicePath + "/allowedActions", Tag: tagEServices,
			Summary: "Get the actions that an e-service allows",
			Description: "The state of the newest descriptor of an e-service, and what the caller may do to the e-service: nothing, " +
				"unless it is the producer. A draft counts only where there is no other descriptor.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.EServiceNotFound},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *EServiceInput) (*interop.AllowedOutput, error) {
		c, err := s.getVisible(ctx, in.EServiceID)
		if err != nil {
			return nil, err
		}
		actions := c.allowedActions()
		if c.EService.ProducerID == interop.Caller(ctx) {
			return interop.Allowing(c.state(), actions), nil
		}
		// Others do not see drafts, so it is not known here whether one forbids another.
		actions = slices.DeleteFunc(actions, func(a lifecycle.Action) bool { return a == actionCreateDescriptor })
		return interop.Allowing(c.state(), nil, lifecycle.Turn{Role: Producer, Actions: actions}), nil
	},
}
