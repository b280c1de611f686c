package service

import (
	"context"
	"net/http"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
)

// AllowedActions reads what a service allows the caller.
var AllowedActions = api.Operation[Store, ServiceInput, AllowedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/allowed-actions", OperationID: "getServiceAllowedActions", Method: http.MethodGet, Path: servicePath + "/allowedActions",
			Summary: "Get the actions that a service allows", Tag: tagServices,
			Product: services.Product, Scopes: services.OwnersOrReviewers, Status: http.StatusOK,
			Description: "The states of a service and of its publication, and what the caller may do in them. " +
				"Actions that would change nothing are left out, such as publish for a copy that is visible.",
			Problems: []problem.Code{services.NoValidScopes, services.ServiceNotFound},
			Access:   tableAccess("BatchGetItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ServiceInput) (*AllowedOutput, error) {
		now, err := s.load(ctx, in.ServiceID, access{reviewers: true})
		if err != nil {
			return nil, err
		}
		return &AllowedOutput{Body: now.allowed(rolesIn(ctx, now.service))}, nil
	},
}

// AllowedOutput is what a service allows the caller.
type AllowedOutput struct{ Body Allowed }

// Allowed is what the states of a service and its publication allow the caller.
type Allowed struct {
	State          string   `json:"state" enum:"draft,submitted,approved,rejected,deleted" doc:"Where the service is in its lifecycle"`
	Visibility     string   `json:"visibility,omitempty" enum:"published,unpublished" doc:"Whether citizens see it; absent before the first approval"`
	Waiting        bool     `json:"waiting" doc:"Whether an approved copy waits to be published while an earlier one stays visible"`
	AllowedActions []string `json:"allowedActions" nullable:"false" doc:"What the caller may do in these states"`
	Detail         string   `json:"detail,omitempty" doc:"Who may act, where the caller may not"`
}

// rolesIn returns the roles that the caller has for a service.
func rolesIn(ctx context.Context, s *service) []lifecycle.Role {
	caller, _ := api.IdentityFrom(ctx)
	var all []lifecycle.Role
	if caller.HasScope(services.GroupWrite) && caller.Subject == s.Owner && (caller.Group == "" || caller.Group == s.Group) {
		all = append(all, Owner)
	}
	if caller.HasScope(services.GroupReview) {
		all = append(all, Reviewer)
	}
	return all
}

// allowed returns what the states of both records allow callers with the roles.
func (s snapshot) allowed(roles []lifecycle.Role) Allowed {
	out := Allowed{
		State: string(s.state()), Visibility: s.visibleAs(),
		Waiting: s.publication != nil && s.publication.Next != nil, AllowedActions: lifecycle.Words(s.possible(roles)),
	}
	if len(out.AllowedActions) == 0 {
		out.Detail = lifecycle.WhoseTurn(Machine.Turns(s.state(), roles...)...)
	}
	return out
}

// possible returns what the roles may do in the states of both records.
func (s snapshot) possible(roles []lifecycle.Role) []lifecycle.Action {
	all := Machine.Possible(s.state(), roles...)
	for _, action := range Publication.Possible(s.visibility(), roles...) {
		if s.publicationChanges(action) {
			all = append(all, action)
		}
	}
	return all
}

// publicationActions are the decisions of the owner on a publication.
var publicationActions = map[lifecycle.Action]decision{actionPublish: publish, actionUnpublish: unpublish}

// publicationChanges reports whether an action would change the publication.
func (s snapshot) publicationChanges(action lifecycle.Action) bool {
	decide, ofOwner := publicationActions[action]
	if !ofOwner {
		return false
	}
	after, err := decide(facts{snapshot: s})
	return err == nil && after.publication != s.publication
}
