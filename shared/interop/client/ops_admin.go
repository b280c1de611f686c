package client

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

const (
	apiClientsPath = "/clientsApi"
	apiClientPath  = apiClientsPath + "/{clientId}"
	adminPath      = clientPath + "/admin"
)

// CreateAPI makes a client of the kind API.
var CreateAPI = api.Operation[Store, CreateInput, CreatedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/create-api", OperationID: "createAPIClient", Method: http.MethodPost, Path: apiClientsPath, Tag: tag,
			Summary: "Create an API client",
			Description: "Makes a client of the caller, of the kind API, without keys and admin. Its vouchers are access tokens for this " +
				"API: they may read and, while the client has an admin, write. PDND offers this in its web pages alone.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.MemberTwice},
			Without:  interop.NotInV2,
			Access:   interop.Access("PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateInput) (*CreatedOutput, error) {
		c, err := s.create(ctx, in, API)
		if err != nil {
			return nil, err
		}
		return &CreatedOutput{Body: CreatedView{ID: c.ID}}, nil
	},
}

// ListAPI lists the API clients of the caller.
var ListAPI = api.Operation[Store, ListAPIInput, ListOutput[APIView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/list-api", OperationID: "getApiClients", Method: http.MethodGet, Path: apiClientsPath, Tag: tag,
			Summary: "List API clients",
			Description: "The caller's clients of the kind API by name, with their admins. Others' are not shown. PDND offers this in its web " +
				"pages alone.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Without: interop.NotInV2,
			Access:  interop.Access("BatchGetItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListAPIInput) (*ListOutput[APIView], error) {
		rows, err := s.listAPI(ctx, in)
		return listOutput(ctx, s, in.Paged, rows, err, (*Client).apiView)
	},
}

// GetAPI reads an API client of the caller.
var GetAPI = api.Operation[Store, ClientInput, APIOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/get-api", OperationID: "getApiClient", Method: http.MethodGet, Path: apiClientPath, Tag: tag,
			Summary: "Get an API client",
			Description: "One of the caller's clients of the kind API, with its admin and what the caller may do with it. PDND offers this in " +
				"its web pages alone.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.ClientKindNotAllowed, interop.NotTheClientOwner},
			Without:  interop.NotInV2,
			Access:   interop.Access(),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ClientInput) (*APIOutput, error) {
		c, err := s.getAPI(ctx, in.ClientID)
		if err != nil {
			return nil, err
		}
		v := c.apiView()
		v.AllowedActions = c.allowedActions(ctx)
		return &APIOutput{Body: v}, nil
	},
}

// SetAdmin sets the admin of an API client.
var SetAdmin = api.Operation[Store, SetAdminInput, APIOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/set-admin", OperationID: "setClientAdmin", Method: http.MethodPost, Path: adminPath, Tag: tag,
			Summary: "Set the admin of an API client",
			Description: "Makes a user with the role admin the admin of one of the caller's API clients, in place of a former one. The next " +
				"access tokens of the client have the role m2m-admin. PDND offers this in its web pages alone.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.UserWithoutRole, interop.ClientNotFound, interop.ClientKindNotAllowed, interop.NotTheClientOwner, interop.AlreadyTheAdmin,
			},
			Without: interop.NotInV2,
			Access:  interop.Access("BatchGetItem", "DeleteItem", "PutItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *SetAdminInput) (*APIOutput, error) {
		c, err := s.setAdmin(ctx, in.ClientID, in.Body.AdminID)
		if err != nil {
			return nil, err
		}
		return &APIOutput{Body: c.apiView()}, nil
	},
}

// RemoveAdmin removes the admin of an API client.
var RemoveAdmin = api.Operation[Store, AdminInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/remove-admin", OperationID: "removeClientAdmin",
			Method: http.MethodDelete, Path: adminPath + "/{adminId}", Tag: tag,
			Summary: "Remove the admin of an API client",
			Description: "Leaves one of the caller's API clients without an admin. Its access tokens that may write are refused from then " +
				"on, and the next ones may only read. PDND offers this in its web pages alone.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.ClientNotFound, interop.NotTheClientOwner, interop.ClientKindNotAllowed, interop.NotTheClientAdmin,
			},
			Without: interop.NotInV2,
			Access:  interop.Access("DeleteItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AdminInput) (*interop.Void, error) {
		return &interop.Void{}, s.removeAdmin(ctx, in.ClientID, in.AdminID)
	},
}
