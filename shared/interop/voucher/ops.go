package voucher

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/assertion"
	"ciclo/shared/platform/retention"
)

// Operations lists the operations on vouchers.
func Operations() []api.Op { return []api.Op{Issue, Validate, Events, Metadata, Discovery, Keys} }

// Authorization is the authorization server, in whose way its operations refuse.
var Authorization = &api.Product{Product: interop.Authorization, Scheme: api.Bearer}

const (
	tag      = "Vouchers"
	jwksPath = "/.well-known/jwks.json"

	// Vouchers and keys are public for this long, and old for as long at most.
	cached   = "public, max-age=300"
	uncached = "no-cache, no-store"
)

// public is the Spec of an operation of the authorization server, which takes no
// token.
func public(id, method, path, summary, description string, access []api.Access) api.Spec {
	return api.Spec{
		ID: "voucher/" + id, Method: method, Path: path, Summary: summary, Description: description, Tag: tag,
		Product: Authorization, Public: true, Status: http.StatusOK, Access: access, Needs: []api.Need{api.NeedPublicKeys}, Settings: []string{settingIssuer},
	}
}

func reading(ours, operations []string) []api.Access {
	access := interop.Access(ours...)
	if operations != nil {
		access = append(access, api.Access{Table: retention.Operations, Actions: operations})
	}
	return access
}

func formed(s api.Spec) api.Spec {
	s.Form, s.MaxBody = api.FormOnly, 64<<10
	return s
}

// looking makes a Spec of one that changes nothing.
func looking(s api.Spec) api.Spec {
	s.Scopes = interop.Readers
	s.Needs = []api.Need{api.NeedPublicKeys}
	s.Settings = []string{settingAudience, settingOnce, settingSeconds, settingIssuer}
	return formed(s)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// Issue is the token endpoint.
var Issue = api.Operation[Store, IssueInput, TokenOutput]{
	Spec: func() api.Spec {
		s := formed(public("issue", http.MethodPost, issuePath, "Get a voucher",
			"Gives a client a voucher for a purpose that it is linked to, while purpose, agreement and e-service are active, for an assertion signed with one of its keys. The voucher is for the audience of the agreement's descriptor, as long as that says; with a DPoP proof it is bound to the proof's key.",
			reading([]string{"BatchGetItem", "PutItem"}, []string{"PutItem", "UpdateItem"})))
		s.Token = true
		s.Needs = []api.Need{api.NeedSign}
		s.Settings = []string{settingAudience, settingOnce, settingSeconds, retention.Setting, settingIssuer, settingErrors}
		return s
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *IssueInput) (*TokenOutput, error) {
		v, err := s.issue(ctx, in.request())
		if err != nil {
			return nil, err
		}
		return &TokenOutput{uncached, TokenView{v.token, v.kind, v.lifespan}}, nil
	},
}

// Validate is the debug tool.
var Validate = api.Operation[Store, ValidateInput, ValidationOutput]{
	Spec: func() api.Spec {
		return looking(interop.Writing("voucher/validate", http.MethodPost, "/tools/validateTokenGeneration", tag, "Examine a request for a voucher",
			"Says step by step whether a request for a voucher would be granted, by the very examination of the token endpoint, and carries nothing out. For the owner of the client.",
			[]string{"BatchGetItem"}, interop.NotTheClientOwner, interop.VouchersNotAvailable))
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ValidateInput) (*ValidationOutput, error) {
		if s.keys == nil {
			return nil, notConfigured()
		}
		r := in.request()
		x, err := s.examine(ctx, r)
		if err != nil {
			return nil, err
		}
		if x.client != nil && x.client.ConsumerID != interop.Caller(ctx) {
			return nil, client.Refusal(x.client, x.client.ID, interop.Caller(ctx))
		}
		return &ValidationOutput{x.view(r.proofs != nil)}, nil
	},
}

// Events lists the vouchers of a client that were issued or refused.
var Events = api.Operation[Store, EventsInput, EventsOutput]{
	Spec: func() api.Spec {
		return eventsSpec(interop.Reading("client/token-events", "/clients/{clientId}/tokenEvents", "Clients", "List the token events of a client",
			"The vouchers that one of the caller's clients was given or refused, and why, newest first. They are kept for three calendar months.",
			nil, interop.ClientNotFound, interop.NotTheClientOwner))
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

func eventsSpec(s api.Spec) api.Spec {
	s.Access = reading(nil, []string{"Query"})
	return s
}

// Metadata says how vouchers are had.
var Metadata = api.Operation[Store, PublicInput, MetadataOutput]{
	Spec: func() api.Spec {
		return public("metadata", http.MethodGet, "/.well-known/oauth-authorization-server", "Get the metadata of the authorization server",
			"Where vouchers are asked for, how, and where the keys are that verify them (RFC 8414).", nil)
	},
	Open: NewStore,
	Run:  func(s *Store, _ context.Context, _ *PublicInput) (*MetadataOutput, error) { return s.metadata() },
}

// Discovery says the same where clients of OpenID Connect look for it.
var Discovery = api.Operation[Store, PublicInput, MetadataOutput]{
	Spec: func() api.Spec {
		return public("discovery", http.MethodGet, "/.well-known/openid-configuration", "Get the metadata where OpenID clients look for it",
			"The metadata of the authorization server (RFC 8414 §5), for clients that know no other place. No user signs in here, so what OpenID Connect has besides is left out.", nil)
	},
	Open: NewStore,
	Run:  func(s *Store, _ context.Context, _ *PublicInput) (*MetadataOutput, error) { return s.metadata() },
}

func (s *Store) metadata() (*MetadataOutput, error) {
	if s.keys == nil {
		return nil, notConfigured()
	}
	return &MetadataOutput{cached, MetadataView{
		Issuer: s.issuer, TokenEndpoint: s.endpoint(), JWKSURI: s.issuer + jwksPath,
		ResponseTypes: []string{"none"}, GrantTypes: []string{assertion.Grant}, AuthMethods: []string{"private_key_jwt"},
		AuthAlgorithms: algorithms, DPoPAlgorithms: algorithms,
	}}, nil
}

// Keys publishes the keys that verify vouchers.
var Keys = api.Operation[Store, PublicInput, JWKSOutput]{
	Spec: func() api.Spec {
		return public("jwks", http.MethodGet, jwksPath, "Get the keys that verify vouchers",
			"The key that signs vouchers, and the next or the previous one (RFC 7517).", nil)
	},
	Open: NewStore,
	Run: func(s *Store, _ context.Context, _ *PublicInput) (*JWKSOutput, error) {
		if s.keys == nil {
			return nil, notConfigured()
		}
		out := &JWKSOutput{CacheControl: cached}
		return out, json.Unmarshal(s.keys.JWKS(), &out.Body)
	},
}
