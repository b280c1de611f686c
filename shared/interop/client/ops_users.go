package client

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

const clientUsersPath = clientPath + "/users"

// ListUsers lists the users of a client.
var ListUsers = api.Operation[Store, UsersInput, user.ListOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/list-users", OperationID: "getClientUsers", Method: http.MethodGet, Path: clientUsersPath, Tag: tag,
			Summary:     "List the users of a client",
			Description: "The users of one of the caller's clients, in the order of their addition.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.MissingSelfcareID, interop.ClientNotFound, interop.NotTheClientOwner},
			Without:  interop.NotInV2,
			Access:   interop.Access("BatchGetItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *UsersInput) (*user.ListOutput, error) {
		page, pagination, err := s.listUsers(ctx, in)
		if err != nil {
			return nil, err
		}
		out := &user.ListOutput{}
		out.Body.Results = page
		out.Body.Pagination = pagination
		return out, nil
	},
}

// AddUser adds a user to a client.
var AddUser = api.Operation[Store, AddUserInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/add-user", OperationID: "addClientUser", Method: http.MethodPost, Path: clientUsersPath, Tag: tag,
			Summary: "Add a user to a client",
			Description: "Makes a user of the caller with the role admin or security a user of one of the caller's clients. Only users of a " +
				"client may add keys to it, in strict editions.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.ClientNotFound, interop.NotTheClientOwner, interop.MissingSelfcareID, interop.UserWithoutRole, interop.AlreadyAMember,
			},
			Without: interop.NotInV2,
			Access:  interop.Access("BatchGetItem", "ConditionCheckItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AddUserInput) (*interop.Void, error) {
		return &interop.Void{}, s.addUser(ctx, in.ClientID, in.Body.UserID)
	},
}

// RemoveUser removes a user of a client.
var RemoveUser = api.Operation[Store, ClientUserInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/remove-user", OperationID: "removeClientUser",
			Method: http.MethodDelete, Path: clientUsersPath + "/{userId}", Tag: tag,
			Summary:     "Remove a user from a client",
			Description: "Removes a user from one of the caller's clients. The keys that the user has added stay.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.NotTheClientOwner, interop.NotAMember},
			Without:  interop.NotInV2,
			Access:   interop.Access("UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ClientUserInput) (*interop.Void, error) {
		return &interop.Void{}, s.removeUser(ctx, in.ClientID, in.UserID)
	},
}
