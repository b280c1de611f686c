package issuer

import (
	"context"
	"net/http"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/retention"
)

// Operations lists the operations on issuers' keys and tokens.
func Operations() []api.Op {
	return []api.Op{RegisterKey, ListKeys, DeleteKey, Token, Metadata, PublicKeys}
}

const (
	keysPath = "/issuers/{issuerId}/keys"
	keyPath  = keysPath + "/{kid}"

	tag = "Access tokens"

	// maxTokenBody is the longest body in bytes. The longest assertion fits in it.
	maxTokenBody = 16 << 10
)

// keysAccess returns the access to issuers' keys with these actions and GetItem, with which
// every function is warmed up.
func keysAccess(actions ...string) []api.Access {
	return []api.Access{{Table: consumer.Consumers, Actions: append([]string{"GetItem"}, actions...)}}
}

// RegisterKey registers a key of an issuer.
var RegisterKey = api.Operation[Store, RegisterKeyInput, consumers.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "issuer/register-key", OperationID: "registerIssuerKey", Method: http.MethodPut, Path: keyPath,
			Summary: "Register an issuer's key", Tag: tag,
			Product: consumers.Product, Scopes: consumers.Operators, Status: http.StatusNoContent,
			Description: "Registers the public key of an issuer's back end with the scopes of its tokens. " +
				"A key that is registered under the kid is replaced. Repeating the call changes nothing. " +
				"Tokens that were issued remain valid until they expire.",
			Access: keysAccess("PutItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegisterKeyInput) (*consumers.Empty, error) {
		return &consumers.Empty{}, s.register(ctx, in)
	},
}

// ListKeys lists the keys of an issuer.
var ListKeys = api.Operation[Store, ListKeysInput, ListKeysOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "issuer/list-keys", OperationID: "getIssuerKeys", Method: http.MethodGet, Path: keysPath,
			Summary: "List an issuer's keys", Tag: tag,
			Product: consumers.Product, Scopes: consumers.Operators, Status: http.StatusOK,
			Description: "The issuer's public keys with their scopes, by kid. The list of an unknown issuer is empty.",
			Access:      keysAccess("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListKeysInput) (*ListKeysOutput, error) {
		out := &ListKeysOutput{}
		var err error
		out.Body.Keys, out.Body.RemainingKeys, err = s.list(ctx, in)
		return out, err
	},
}

// DeleteKey removes a key of an issuer.
var DeleteKey = api.Operation[Store, DeleteKeyInput, consumers.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "issuer/delete-key", OperationID: "deleteIssuerKey", Method: http.MethodDelete, Path: keyPath,
			Summary: "Delete an issuer's key", Tag: tag,
			Product: consumers.Product, Scopes: consumers.Operators, Status: http.StatusNoContent,
			Description: "Removes a key. No further token is issued for it. Tokens that were issued remain valid until they expire.",
			Problems:    []problem.Code{consumers.IssuerKeyNotFound},
			Access:      keysAccess("DeleteItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DeleteKeyInput) (*consumers.Empty, error) {
		return &consumers.Empty{}, s.delete(ctx, in.IssuerID, in.KID)
	},
}

// Token issues an access token.
var Token = api.Operation[Store, TokenInput, TokenOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "issuer/token", OperationID: "createAccessToken", Method: http.MethodPost, Path: "/oauth2/token",
			Summary: "Get an access token", Tag: tag,
			Product: consumers.Product, Public: true, Token: true, Form: api.FormToo, MaxBody: maxTokenBody, Status: http.StatusOK,
			Description: "Issues an access token that is valid for 15 minutes, for an assertion (RFC 7523) that the issuer's back end " +
				"signed with a registered key. An assertion may be sent again until it expires, unless the deployment accepts each one only once.",
			Problems: []problem.Code{consumers.UnsupportedGrantType, consumers.InvalidGrant},
			Access:   append(keysAccess(), api.Access{Table: retention.Operations, Actions: []string{"PutItem"}}),
			Needs:    []api.Need{api.NeedSign},
			Settings: []string{settingAudience, settingOnce, settingSeconds, envAudience, envIssuer},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *TokenInput) (*TokenOutput, error) {
		return s.token(ctx, in)
	},
}
