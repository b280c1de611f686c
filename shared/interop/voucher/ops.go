package voucher

import (
	"context"
	"net/http"
	"strconv"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/retention"
)

// Operations lists the operations on vouchers.
func Operations() []api.Op { return []api.Op{Issue, Validate, Events, Metadata, Discovery, Keys} }

// Authorization is the product of the authorization server's operations, which refuse in
// the way of OAuth.
var Authorization = &api.Product{Product: interop.Authorization, Scheme: api.Bearer}

const (
	tag      = "Vouchers"
	jwksPath = "/.well-known/jwks.json"

	// maxForm bounds the body of a request for a voucher, in bytes.
	maxForm = 64 << 10

	// Metadata and keys may be cached for five minutes, vouchers not at all.
	cached   = "public, max-age=300"
	uncached = "no-cache, no-store"
)

// public returns the Spec of an operation of the authorization server that takes no token
// and reads no table.
func public(id, operationID, path, summary, description string) api.Spec {
	return api.Spec{
		ID: "voucher/" + id, OperationID: operationID, Method: http.MethodGet, Path: path,
		Summary: summary, Description: description, Tag: tag,
		Product: Authorization, Public: true, Status: http.StatusOK, Needs: []api.Need{api.NeedPublicKeys},
		Settings: []string{settingIssuer},
	}
}

// access returns what a function does to the table of the product and to the table of
// operations.
func access(product, operations []string) []api.Access {
	return append(interop.Access(product...), api.Access{Table: retention.Operations, Actions: operations})
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// Issue is the token endpoint.
var Issue = api.Operation[Store, IssueInput, TokenOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID:          "voucher/issue",
			OperationID: "createToken",
			Method:      http.MethodPost,
			Path:        issuePath,
			Summary:     "Get a voucher",
			Description: "Gives a client a voucher for a purpose that it is linked to, while purpose, agreement and e-service are active, for an " +
				"assertion signed with one of its keys. The voucher is for the audience of the agreement's descriptor and has its lifespan. " +
				"A client of the kind API names no purpose and gets an access token for this API. With a DPoP proof the token is bound to " +
				"the key of the proof.",
			Tag:      tag,
			Product:  Authorization,
			Public:   true,
			Status:   http.StatusOK,
			Problems: []problem.Code{interop.TokensTooMany},
			Access:   access([]string{"BatchGetItem", "PutItem", "UpdateItem"}, []string{"PutItem"}),
			Form:     api.FormOnly,
			MaxBody:  maxForm,
			Token:    true,
			Needs:    []api.Need{api.NeedSign, api.NeedTokenKey},
			Settings: append([]string{
				settingAudience, settingOnce, settingSeconds, retention.Setting, settingIssuer, settingErrors, settingAPIAudience, settingAPISeconds,
				interop.SettingVoucherKey,
			}, rate.Settings(ratePrefix)...),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *IssueInput) (*TokenOutput, error) {
		v, err := s.issue(ctx, in.request())
		if err != nil {
			return nil, err
		}
		return &TokenOutput{CacheControl: uncached, Body: TokenView{AccessToken: v.token, TokenType: v.kind, ExpiresIn: v.lifespan}}, nil
	},
}

// Validate is the debug tool.
var Validate = api.Operation[Store, ValidateInput, ValidationOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID:          "voucher/validate",
			OperationID: "validateTokenGeneration",
			Method:      http.MethodPost,
			Path:        "/tools/validateTokenGeneration",
			Summary:     "Examine a request for a voucher",
			Description: "Says step by step whether a request for a voucher would be granted, by the same examination as the token endpoint, " +
				"and issues nothing. For the owner of the client.",
			Tag:      tag,
			Product:  interop.Product,
			Scopes:   interop.Readers,
			Status:   http.StatusOK,
			Problems: []problem.Code{interop.NotTheClientOwner, interop.VouchersNotAvailable},
			Access:   interop.Access("BatchGetItem"),
			Needs:    []api.Need{api.NeedPublicKeys},
			Form:     api.FormOnly,
			MaxBody:  maxForm,
			Settings: []string{settingAudience, settingOnce, settingSeconds, settingIssuer},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ValidateInput) (*ValidationOutput, error) {
		if s.keys == nil {
			return nil, notConfigured()
		}
		r := in.request()
		x, err := s.examine(ctx, r, nil)
		if err != nil {
			return nil, err
		}
		if x.client != nil && x.client.ConsumerID != interop.Caller(ctx) {
			return nil, client.RequireOwner(x.client, x.client.ID, interop.Caller(ctx))
		}
		return &ValidationOutput{Body: x.view(r.proofs != nil)}, nil
	},
}

// Events lists the vouchers of a client that were issued or refused.
var Events = api.Operation[Store, EventsInput, EventsOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID:          "client/token-events",
			OperationID: "getClientTokenEvents",
			Method:      http.MethodGet,
			Path:        "/clients/{clientId}/tokenEvents",
			Summary:     "List the token events of a client",
			Description: "The vouchers that were issued to one of the caller's clients or refused, and why, " +
				"newest first. They are kept for three calendar months.",
			Tag:      "Clients",
			Product:  interop.Product,
			Scopes:   interop.Readers,
			Status:   http.StatusOK,
			Problems: []problem.Code{interop.ClientNotFound, interop.NotTheClientOwner},
			Access:   access([]string{"BatchGetItem"}, []string{"BatchGetItem", "GetItem", "PutItem", "Query"}),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *EventsInput) (*EventsOutput, error) {
		all, total, err := s.list(ctx, in.ClientID, in.Paged)
		if err != nil {
			return nil, err
		}
		out := &EventsOutput{}
		out.Body.Pagination = interop.Pagination{Offset: in.Offset, Limit: in.Limit, TotalCount: total}
		out.Body.Results = make([]EventView, len(all))
		for i, e := range all {
			out.Body.Results[i] = e.view()
		}
		return out, nil
	},
}

// Metadata describes the authorization server.
var Metadata = api.Operation[Store, PublicInput, MetadataOutput]{
	Spec: func() api.Spec {
		return public("metadata", "getAuthorizationServerMetadata", "/.well-known/oauth-authorization-server",
			"Get the metadata of the authorization server",
			"The token endpoint, what it accepts, and where the keys are that verify vouchers (RFC 8414).")
	},
	Open: NewStore,
	Run:  func(s *Store, _ context.Context, _ *PublicInput) (*MetadataOutput, error) { return s.metadata() },
}

// Discovery is Metadata at the path where clients of OpenID Connect look for it.
var Discovery = api.Operation[Store, PublicInput, MetadataOutput]{
	Spec: func() api.Spec {
		return public("discovery", "getOpenIDConfiguration", "/.well-known/openid-configuration",
			"Get the metadata where OpenID clients look for it",
			"The metadata of the authorization server (RFC 8414 §5), for clients that know no other place. No user signs in here, so the "+
				"members that OpenID Connect adds are left out.")
	},
	Open: NewStore,
	Run:  func(s *Store, _ context.Context, _ *PublicInput) (*MetadataOutput, error) { return s.metadata() },
}

func (s *Store) metadata() (*MetadataOutput, error) {
	if s.keys == nil {
		return nil, notConfigured()
	}
	return &MetadataOutput{CacheControl: cached, Body: MetadataView{
		Issuer:         s.issuer,
		TokenEndpoint:  s.endpoint(),
		JWKSURI:        s.issuer + jwksPath,
		ResponseTypes:  []string{"none"},
		GrantTypes:     []string{assertion.Grant},
		AuthMethods:    []string{"private_key_jwt"},
		AuthAlgorithms: algorithms,
		DPoPAlgorithms: algorithms,
	}}, nil
}

// Keys publishes the keys that verify vouchers and signed answers.
var Keys = api.Operation[Store, PublicInput, JWKSOutput]{
	Spec: func() api.Spec {
		spec := public("jwks", "getJWKS", jwksPath, "Get the keys that verify vouchers and answers",
			"The keys that sign vouchers (RFC 7517): that in memory, the next or the previous one, and that of KMS. The key that signs "+
				"answers (Agid-JWT-Signature), and the next or the previous one, follow where there is one.")
		spec.Access = interop.Access()
		spec.Settings = append(spec.Settings, interop.SettingVoucherKey)
		return spec
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, _ *PublicInput) (*JWKSOutput, error) {
		if s.keys == nil {
			return nil, notConfigured()
		}
		return s.publish(ctx)
	},
}
