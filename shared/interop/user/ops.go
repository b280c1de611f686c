package user

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Operations lists the operations on users. PDND has List and Get; it takes users from Self
// Care, which Register and Delete stand for.
func Operations() []api.Op { return []api.Op{List, Get, Register, Delete} }

const (
	usersPath = "/users"
	userPath  = usersPath + "/{userId}"

	tag = "Users"
)

// List lists the users of the caller.
var List = api.Operation[Store, ListInput, ListOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "user/list", OperationID: "getUsers", Method: http.MethodGet, Path: usersPath, Tag: tag,
			Summary:     "List users",
			Description: "The users of the caller by last name, all or those with one of the roles.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.MissingSelfcareID},
			Without:  interop.NotInV2,
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*ListOutput, error) {
		all, err := s.List(ctx, interop.Caller(ctx), in.Roles)
		if err != nil {
			return nil, err
		}
		page, pagination := interop.Page(in.Paged, all)
		out := &ListOutput{}
		out.Body.Pagination = pagination
		out.Body.Results = make([]View, len(page))
		for i, u := range page {
			out.Body.Results[i] = u.View()
		}
		return out, nil
	},
}

// Get reads a user of the caller.
var Get = api.Operation[Store, UserInput, Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "user/get", OperationID: "getUser", Method: http.MethodGet, Path: userPath, Tag: tag,
			Summary:     "Get a user",
			Description: "A user of the caller.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.MissingSelfcareID, interop.UserNotFound},
			Without:  interop.NotInV2,
			Access:   interop.Access(),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *UserInput) (*Output, error) {
		return output(s.get(ctx, interop.Caller(ctx), in.UserID))
	},
}

// Register creates or replaces a user of the caller.
var Register = api.Operation[Store, RegisterInput, Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "user/register", OperationID: "registerUser", Method: http.MethodPut, Path: userPath, Tag: tag,
			Summary: "Register a user",
			Description: "Creates or replaces a user of the caller, and answers what is stored. The first user onboards the organization. " +
				"A user who loses the role admin stops being the admin of API clients. PDND has no such operation: its users are in Self Care.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Without: interop.NotInV2,
			Access:  interop.Access("BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterInput) (*Output, error) {
		return output(s.Register(ctx, interop.Caller(ctx), in.UserID, in.Body))
	},
}

// Delete removes a user of the caller.
var Delete = api.Operation[Store, UserInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "user/delete", OperationID: "deleteUser", Method: http.MethodDelete, Path: userPath, Tag: tag,
			Summary: "Delete a user",
			Description: "Removes a user of the caller, who stops being the admin of API clients. Keys that the user has uploaded stay valid. " +
				"PDND has no such operation: its users are in Self Care.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.MissingSelfcareID, interop.UserNotFound},
			Without:  interop.NotInV2,
			Access:   interop.Access("BatchGetItem", "Query", "UpdateItem", "DeleteItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *UserInput) (*interop.Void, error) {
		return &interop.Void{}, s.delete(ctx, interop.Caller(ctx), in.UserID)
	},
}

func output(u *User, err error) (*Output, error) {
	if err != nil {
		return nil, err
	}
	return &Output{Body: u.View()}, nil
}
