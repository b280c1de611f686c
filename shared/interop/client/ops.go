package client

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Operations lists the operations on clients and keys.
func Operations() []api.Op {
	return []api.Op{
		Create, List, Get, Delete, ListKeys, AddKey, DeleteKey, GetKey, ListPurposes, AddPurpose, RemovePurpose,
		ListUsers, AddUser, RemoveUser, CreateAPI, ListAPI, GetAPI, SetAdmin, RemoveAdmin,
	}
}

const (
	clientsPath = "/clients"
	clientPath  = clientsPath + "/{clientId}"
	keysPath    = clientPath + "/keys"
	linksPath   = clientPath + "/purposes"

	tag = "Clients"
)

// Create makes a client.
var Create = api.Operation[Store, CreateInput, Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/create", OperationID: "createClient", Method: http.MethodPost, Path: clientsPath, Tag: tag,
			Summary:     "Create a client",
			Description: "Makes a client of the caller, of the kind CONSUMER, without keys and purposes.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.MemberTwice},
			Without:  interop.NotInV2,
			Access:   interop.Access("PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateInput) (*Output, error) {
		c, err := s.create(ctx, in, Consumer)
		if err != nil {
			return nil, err
		}
		return &Output{Body: c.view(c.ConsumerID)}, nil
	},
}

// List lists clients.
var List = api.Operation[Store, ListInput, ListOutput[View]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/list", OperationID: "getClients", Method: http.MethodGet, Path: clientsPath, Tag: tag,
			Summary: "List clients",
			Description: "The caller's clients of the kind CONSUMER by name, then those of others by id. Of others' clients only id and owner " +
				"are shown. The filter name searches the caller's clients alone.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Access: interop.Access("BatchGetItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*ListOutput[View], error) {
		rows, err := s.list(ctx, in)
		caller := interop.Caller(ctx)
		return listOutput(ctx, s, in.Paged, rows, err, func(c *Client) View { return c.view(caller) })
	},
}

// Get reads a client.
var Get = api.Operation[Store, ClientInput, Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/get", OperationID: "getClient", Method: http.MethodGet, Path: clientPath, Tag: tag,
			Summary:     "Get a client",
			Description: "A client of the kind CONSUMER. Of others' clients only id and owner are shown.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.ConsumerClientNotFound},
			Access:   interop.Access(),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ClientInput) (*Output, error) {
		c, err := s.getConsumer(ctx, in.ClientID)
		if err != nil {
			return nil, err
		}
		v := c.view(interop.Caller(ctx))
		v.AllowedActions = c.allowedActions(ctx)
		return &Output{Body: v}, nil
	},
}

// Delete removes a client.
var Delete = api.Operation[Store, ClientInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/delete", OperationID: "deleteClient", Method: http.MethodDelete, Path: clientPath, Tag: tag,
			Summary: "Delete a client",
			Description: "Removes one of the caller's clients with its keys and its links to purposes. Repeat the call to go on with a deletion " +
				"that was interrupted.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.NotTheClientOwner},
			Without:  interop.NotInV2,
			Access:   interop.Access("DeleteItem", "PutItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ClientInput) (*interop.Void, error) {
		return &interop.Void{}, s.delete(ctx, in.ClientID)
	},
}

// ListKeys lists the keys of a client.
var ListKeys = api.Operation[Store, KeysInput, ListOutput[ListedKey]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/list-keys", OperationID: "getClientKeys", Method: http.MethodGet, Path: keysPath, Tag: tag,
			Summary:     "List the keys of a client",
			Description: "The public keys of one of the caller's clients, oldest first.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.NotTheClientOwner},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *KeysInput) (*ListOutput[ListedKey], error) {
		all, err := s.listKeys(ctx, in.ClientID)
		if err != nil {
			return nil, err
		}
		return paged(in.Paged, all, (*Credential).listed), nil
	},
}

// AddKey adds a key to a client.
var AddKey = api.Operation[Store, AddKeyInput, KeyOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/add-key", OperationID: "createClientKey", Method: http.MethodPost, Path: keysPath, Tag: tag,
			Summary: "Add a key to a client",
			Description: "Adds a public key that no client has to one of the caller's clients. A client has at most 100 keys. In strict " +
				"editions the key is for RS256, and the user that the access token names is one of the client with the role admin or security.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.ClientNotFound, interop.NotTheClientOwner, interop.TooManyKeys, interop.KeyAlreadyExists,
				interop.KeyNotBase64, interop.MultipleKeysNotAllowed, interop.PrivateKeyNotAllowed, interop.CertificateNotAllowed,
				interop.KeyNotValid, interop.KeyLengthNotAllowed, interop.KeyTypeNotAllowed, interop.CallerNotAMember, interop.UserWithoutRole,
			},
			Without: interop.NotInV2,
			Access:  interop.Access("BatchGetItem", "ConditionCheckItem", "PutItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AddKeyInput) (*KeyOutput, error) {
		h, err := s.addKey(ctx, in)
		if err != nil {
			return nil, err
		}
		return &KeyOutput{Body: KeyView(*h)}, nil
	},
}

// DeleteKey removes a key from a client.
var DeleteKey = api.Operation[Store, ClientKeyInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/delete-key", OperationID: "deleteClientKeyById", Method: http.MethodDelete, Path: keysPath + "/{keyId}", Tag: tag,
			Summary:     "Delete a key of a client",
			Description: "Removes a key from one of the caller's clients. It may be added to a client again.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.NotTheClientOwner, interop.ClientKeyNotFound},
			Without:  interop.NotInV2,
			Access:   interop.Access("DeleteItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ClientKeyInput) (*interop.Void, error) {
		return &interop.Void{}, s.deleteKey(ctx, in)
	},
}

// GetKey reads a key.
var GetKey = api.Operation[Store, KeyInput, KeyOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "key/get", OperationID: "getJWKByKid", Method: http.MethodGet, Path: "/keys/{kid}", Tag: tag,
			Summary:     "Get a key",
			Description: "A public key and the client that has it.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.KeyNotFound},
			Access:   interop.Access(),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *KeyInput) (*KeyOutput, error) {
		h, err := s.getKey(ctx, in.KID)
		if err != nil {
			return nil, err
		}
		return &KeyOutput{Body: KeyView(*h)}, nil
	},
}

// ListPurposes lists the purposes that a client is linked to.
var ListPurposes = api.Operation[Store, PurposesInput, LinkedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/list-purposes", OperationID: "getClientPurposes", Method: http.MethodGet, Path: linksPath, Tag: tag,
			Summary:     "List the purposes of a client",
			Description: "The purposes that one of the caller's clients is linked to, by title, without archived ones.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.NotTheClientOwner},
			Access:   interop.Access("BatchGetItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *PurposesInput) (*LinkedOutput, error) {
		all, err := s.links(ctx, in)
		if err != nil {
			return nil, err
		}
		out := &LinkedOutput{}
		out.Body.Results, out.Body.Pagination = interop.Page(in.Paged, all)
		return out, nil
	},
}

// AddPurpose links a client to a purpose.
var AddPurpose = api.Operation[Store, LinkInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/add-purpose", OperationID: "addClientPurpose", Method: http.MethodPost, Path: linksPath, Tag: tag,
			Summary: "Link a purpose to a client",
			Description: "Links one of the caller's clients to a purpose of the caller, so that it gets vouchers. Purpose and agreement must be " +
				"active or suspended.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.ClientNotFound, interop.NotTheClientOwner, interop.ClientKindNotAllowed, interop.ClientPurposeNotFound, interop.NotYourPurpose,
				interop.PurposeAlreadyLinked, interop.NoLiveAgreement, interop.NoLivePurposeVersion,
			},
			Access: interop.Access("BatchGetItem", "ConditionCheckItem", "PutItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *LinkInput) (*interop.Void, error) {
		return &interop.Void{}, s.link(ctx, in.ClientID, in.Body.PurposeID)
	},
}

// RemovePurpose removes the link of a client to a purpose.
var RemovePurpose = api.Operation[Store, ClientPurposeInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "client/remove-purpose", OperationID: "removeClientPurpose",
			Method: http.MethodDelete, Path: linksPath + "/{purposeId}", Tag: tag,
			Summary: "Unlink a purpose from a client",
			Description: "Removes the link of one of the caller's clients to a purpose: the client gets no vouchers for it any more. It is no " +
				"error when they are not linked.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.NotTheClientOwner},
			Access:   interop.Access("DeleteItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ClientPurposeInput) (*interop.Void, error) {
		return &interop.Void{}, s.unlink(ctx, in.ClientID, in.PurposeID)
	},
}
