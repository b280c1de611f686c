package issuer

import (
	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/problem"
)

// JWK is a public key for ES256 (RFC 7517, RFC 7518 §6.2.1). A private key is refused, because
// it has a member that is not listed here.
type JWK struct {
	_     struct{} `json:"-" additionalProperties:"false"`
	Type  string   `json:"kty" enum:"EC" doc:"EC"`
	Curve string   `json:"crv" enum:"P-256" doc:"P-256"`
	X     string   `json:"x" pattern:"^[A-Za-z0-9_-]{43}$" doc:"First coordinate, base64url"`
	Y     string   `json:"y" pattern:"^[A-Za-z0-9_-]{43}$" doc:"Second coordinate, base64url"`
	Use   string   `json:"use,omitempty" enum:"sig" doc:"sig or left out"`
	Alg   string   `json:"alg,omitempty" enum:"ES256" doc:"ES256 or left out"`
	KID   string   `json:"kid,omitempty" doc:"As in the path or left out"`
}

// KeyPath is embedded by inputs with a key in their path.
type KeyPath struct {
	consumers.IssuerPath
	KID string `path:"kid" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" example:"key-1" doc:"The id that assertions name the key by"`
}

// RegisterKeyInput is the registration of a key.
type RegisterKeyInput struct {
	KeyPath
	api.Correlated
	Body struct {
		_      struct{} `json:"-" additionalProperties:"false"`
		Key    JWK      `json:"key" doc:"The public key as a JWK"`
		Scopes []string `json:"scopes" minItems:"1" uniqueItems:"true" nullable:"false" enum:"d1-api:consumer:read,d1-api:consumer:full" doc:"The scopes of tokens for assertions with this key"`
	}
}

// Check refuses a key that is not a point of the curve, and a kid other than that of the path.
func (in *RegisterKeyInput) Check() []problem.Field {
	var fields []problem.Field
	if jose.NewP256(in.Body.Key.X, in.Body.Key.Y) == nil {
		fields = append(fields, problem.Field{
			Name: "body.key", Code: consumers.FieldInvalidValue.Name, Detail: "expected a point of P-256 in base64url",
		})
	}
	if kid := in.Body.Key.KID; kid != "" && kid != in.KID {
		fields = append(fields, problem.Field{
			Name: "body.key.kid", Code: consumers.FieldInvalidValue.Name, Detail: "expected the kid of the path",
		})
	}
	return fields
}

// DeleteKeyInput is the request to delete a key.
type DeleteKeyInput struct {
	KeyPath
	api.Correlated
}

// ListKeysInput is the request for a page of an issuer's keys.
type ListKeysInput struct {
	consumers.IssuerPath
	consumers.Paged
	api.Correlated
}

// ListKeysOutput is a page of keys.
type ListKeysOutput struct {
	Body struct {
		Keys          []KeyView `json:"keys" nullable:"false" doc:"Keys by kid"`
		RemainingKeys int       `json:"remainingKeys" minimum:"0" doc:"How many keys follow the last one returned"`
	}
}

// KeyView is a key in answers to the operator.
type KeyView struct {
	KID    string   `json:"kid" doc:"The id that assertions name the key by"`
	Key    JWK      `json:"key" doc:"The public key as a JWK"`
	Scopes []string `json:"scopes" nullable:"false" doc:"The scopes of tokens for assertions with this key"`
}

// TokenInput is a request for an access token (D1 v1, OAuth 2.0; RFC 7523 §2.1).
type TokenInput struct {
	api.Correlated
	Body struct {
		GrantType string `json:"grant_type" example:"urn:ietf:params:oauth:grant-type:jwt-bearer" maxLength:"256" doc:"urn:ietf:params:oauth:grant-type:jwt-bearer"`
		Assertion string `json:"assertion" maxLength:"8192" doc:"A JWT signed with ES256 by a registered key of the issuer, named by the kid of the header; iss and sub are the issuer's id, exp is at most 15 minutes ahead"`
	}
}

// TokenOutput is an access token.
type TokenOutput struct {
	CacheControl string `header:"Cache-Control" doc:"no-store"`
	Body         struct {
		AccessToken string `json:"access_token" doc:"To be sent as Authorization: Bearer until it expires"`
		TokenType   string `json:"token_type" enum:"Bearer" doc:"Bearer"`
		ExpiresIn   int    `json:"expires_in" example:"900" doc:"The number of seconds until it expires"`
		Scope       string `json:"scope" example:"d1-api:consumer:full d1-api:consumer:read" doc:"Its scopes, separated by spaces"`
	}
}
