package issuer

import (
	"context"
	"encoding/json"
	"net/http"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/sign"
)

// metadataPath is the path of the metadata. For an issuer with a path RFC 8414 §3 puts that path
// behind the well-known name.
const metadataPath = "/.well-known/oauth-authorization-server/oauth2"

// jwksName is the name of the key set below the issuer's URL.
const jwksName = "/jwks.json"

// cached is the Cache-Control of public answers.
const cached = "public, max-age=300"

// MetadataInput is a request without parameters.
type MetadataInput struct{ api.Correlated }

// MetadataOutput is the metadata of the issuer of access tokens (RFC 8414).
type MetadataOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         MetadataView
}

// MetadataView is the metadata of the issuer of card issuers' tokens. The names are those
// of RFC 8414 §2.
type MetadataView struct {
	Issuer        string   `json:"issuer" format:"uri" doc:"The iss of access tokens"`
	TokenEndpoint string   `json:"token_endpoint" format:"uri" doc:"Where access tokens are requested"`
	JWKSURI       string   `json:"jwks_uri" format:"uri" doc:"The keys that verify access tokens"`
	Scopes        []string `json:"scopes_supported" nullable:"false" doc:"The scopes that tokens may have"`
	ResponseTypes []string `json:"response_types_supported" nullable:"false" doc:"none: there is no authorization endpoint; RFC 8414 requires a value"`
	GrantTypes    []string `json:"grant_types_supported" nullable:"false"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported" nullable:"false" doc:"none: the assertion identifies the issuer"`
}

// Metadata publishes where and how access tokens are requested.
var Metadata = api.Operation[Store, MetadataInput, MetadataOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "issuer/metadata", OperationID: "getAccessTokenMetadata", Method: http.MethodGet, Path: metadataPath,
			Summary: "Get the metadata of the issuer of access tokens", Tag: tag,
			Product: consumers.Product, Public: true, Status: http.StatusOK,
			Description: "Where and how access tokens are requested, and where the keys that verify them are published (RFC 8414).",
			Needs:       []api.Need{api.NeedPublicKeys},
			Settings:    []string{envIssuer},
		}
	},
	Open: NewStore,
	Run: func(s *Store, _ context.Context, _ *MetadataInput) (*MetadataOutput, error) {
		if s.keys == nil || s.url == "" {
			return nil, notConfigured()
		}
		tokens := consumers.TokenIssuer(s.url)
		return &MetadataOutput{CacheControl: cached, Body: MetadataView{
			Issuer: tokens, TokenEndpoint: tokens + "/token", JWKSURI: tokens + jwksName, Scopes: append([]string{}, consumers.Readers...),
			ResponseTypes: []string{"none"}, GrantTypes: []string{grantType}, AuthMethods: []string{"none"},
		}}, nil
	},
}

// JWKSOutput is the keys that verify access tokens (RFC 7517).
type JWKSOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         sign.KeySetView
}

// PublicKeys publishes the keys that verify access tokens.
var PublicKeys = api.Operation[Store, MetadataInput, JWKSOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "issuer/jwks", OperationID: "getAccessTokenKeys", Method: http.MethodGet, Path: "/oauth2" + jwksName,
			Summary: "Get the keys that verify access tokens", Tag: tag,
			Product: consumers.Product, Public: true, Status: http.StatusOK,
			Description: "The key that signs access tokens, and the next or the previous one (RFC 7517).",
			Needs:       []api.Need{api.NeedPublicKeys},
			Settings:    []string{envIssuer},
		}
	},
	Open: NewStore,
	Run: func(s *Store, _ context.Context, _ *MetadataInput) (*JWKSOutput, error) {
		if s.keys == nil {
			return nil, notConfigured()
		}
		out := &JWKSOutput{CacheControl: cached}
		return out, json.Unmarshal(s.keys.JWKS(), &out.Body)
	},
}

func notConfigured() error {
	return problem.New(consumers.ServiceUnavailable, "Access tokens are not issued here at the moment.").Because(errNotConfigured)
}
