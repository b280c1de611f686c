package subscription

import (
	"context"
	"net/http"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// Operations lists the operations on subscriptions. They are called subscriptions/…, because
// the API may call all functions of subscription/…, and must not call Issue.
func Operations() []api.Op { return []api.Op{List} }

// ListInput is a request for a page of manage subscriptions.
type ListInput struct {
	services.Paged
	api.Correlated
}

// ListOutput is a page of manage subscriptions.
type ListOutput struct {
	Body struct {
		Value      []View              `json:"value" nullable:"false" doc:"Manage subscriptions by id"`
		Pagination services.Pagination `json:"pagination"`
	}
}

// View is a manage subscription, without its keys.
type View struct {
	ID        string   `json:"id" example:"MANAGE-comune" doc:"The id, with which its keys begin"`
	Owner     string   `json:"owner" doc:"The owner of the services that it is for"`
	Group     string   `json:"group,omitempty" doc:"The only group with services that it is for; left out for all"`
	Role      string   `json:"role" enum:"owner,reviewer,operator" doc:"What its keys are for"`
	Scopes    []string `json:"scopes" nullable:"false" doc:"Permission groups"`
	Networks  []string `json:"networks,omitempty" nullable:"false" doc:"Where its keys may be used from; left out for anywhere"`
	State     string   `json:"state" example:"active" doc:"active, or why its keys are refused"`
	CreatedAt string   `json:"created_at,omitempty" format:"date-time" doc:"When it was made; left out when that was not kept"`
}

// List lists manage subscriptions.
var List = api.Operation[Lister, ListInput, ListOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "subscriptions/list", OperationID: "getManageSubscriptions", Method: http.MethodGet, Path: services.Base + "/subscriptions",
			Summary: "List manage subscriptions", Tag: "Subscriptions",
			Description: "Who has manage keys, for which services and since when; never a key. For keys of the role operator. " +
				"A subscription of an earlier release is listed once it was issued again.",
			Product: services.Product, Scopes: services.Operators, Status: http.StatusOK,
			Problems: []problem.Code{services.NoValidScopes},
			Access:   []api.Access{{Table: services.Table, Actions: []string{"BatchGetItem", "GetItem", "Query"}}},
		}
	},
	Open: func(deps api.Deps) (*Lister, error) { return &Lister{deps.DB}, nil },
	Run:  func(l *Lister, ctx context.Context, in *ListInput) (*ListOutput, error) { return l.list(ctx, in) },
}

// Lister lists subscriptions.
type Lister struct{ db table.DB }

// listed is the entry of a manage subscription in the list.
type listed struct {
	ID string `dynamodbav:"id"`
}

// list returns a page of the manage subscriptions. It reads all entries to count them, which
// are small, and the subscriptions of the page. One whose item was deleted by hand is counted
// and left out.
func (l *Lister) list(ctx context.Context, in *ListInput) (*ListOutput, error) {
	var keys []table.Key
	q := table.Query{Table: services.Table.Name, PK: listPK, Consistent: true}
	err := table.All(ctx, l.db, q, func(item table.Item) error {
		var entry listed
		err := table.Decode(item, &entry)
		keys = append(keys, Key(entry.ID))
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &ListOutput{}
	out.Body.Value = []View{}
	out.Body.Pagination = services.Pagination{Offset: in.Offset, Limit: in.Limit, Count: len(keys)}
	keys = keys[min(in.Offset, len(keys)):]
	if keys = keys[:min(in.Limit, len(keys))]; len(keys) == 0 {
		return out, nil
	}
	items, err := l.db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		s, err := table.As[Subscription](item)
		if err != nil {
			return nil, err
		}
		if s != nil {
			out.Body.Value = append(out.Body.Value, s.view())
		}
	}
	return out, nil
}

func (s *Subscription) view() View {
	v := View{
		ID: s.ID, Owner: s.Owner, Group: s.Group, Role: "owner", Scopes: s.Scopes, Networks: s.Networks, State: s.State, CreatedAt: s.CreatedAt,
	}
	holder := api.Identity{Scopes: s.Scopes}
	for _, of := range groupsOfRoles {
		if holder.HasScope(of.group) {
			v.Role = of.role
		}
	}
	return v
}
