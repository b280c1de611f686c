package client

import (
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// ClientPath is embedded by inputs whose path names a client.
type ClientPath struct {
	ClientID string `path:"clientId" format:"uuid" doc:"Id of the client"`
	api.Correlated
}

// ClientInput is the input of operations that take a client and nothing else.
type ClientInput struct{ ClientPath }

// CreateInput is a new client.
type CreateInput struct {
	api.Correlated
	Body struct {
		_           struct{} `json:"-" additionalProperties:"false"`
		Name        string   `json:"name" minLength:"5" maxLength:"60" doc:"Name; only the owner sees it"`
		Description string   `json:"description,omitempty" minLength:"10" maxLength:"250" doc:"What it is for; only the owner sees it"`
		Members     []string `json:"members" format:"uuid" maxItems:"1000" nullable:"false" doc:"Ids of the users of the client, each once"`
	}
}

// ListAPIInput selects a page of the API clients that match. A filter that is left out matches
// all.
type ListAPIInput struct {
	Name string `query:"name" doc:"With this in the name, in upper or lower case"`
	interop.Paged
	api.Correlated
}

// SetAdminInput names a user to make the admin of an API client.
type SetAdminInput struct {
	ClientPath
	Body struct {
		_       struct{} `json:"-" additionalProperties:"false"`
		AdminID string   `json:"adminId" format:"uuid" doc:"A user of the caller with the role admin"`
	}
}

// AdminInput names the admin of an API client.
type AdminInput struct {
	ClientPath
	AdminID string `path:"adminId" format:"uuid" doc:"Id of the user"`
}

// UsersInput selects a page of the users of a client.
type UsersInput struct {
	ClientPath
	interop.Paged
}

// AddUserInput names a user to add to a client (PDND, LinkUser).
type AddUserInput struct {
	ClientPath
	Body struct {
		_      struct{} `json:"-" additionalProperties:"false"`
		UserID string   `json:"userId" format:"uuid" doc:"A user of the caller with the role admin or security"`
	}
}

// ClientUserInput names a user of a client.
type ClientUserInput struct {
	ClientPath
	UserID string `path:"userId" format:"uuid" doc:"Id of the user"`
}

// repeated returns the first id that is twice in a list, "" for none.
func repeated(ids []string) string {
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			return id
		}
		seen[id] = true
	}
	return ""
}

// ListInput selects a page of the clients that match. A filter that is left out matches all.
type ListInput struct {
	Name       string `query:"name" doc:"The caller's own with this in the name, in upper or lower case"`
	ConsumerID string `query:"consumerId" format:"uuid" doc:"Of this organization"`
	interop.Paged
	api.Correlated
}

// PurposesInput selects a page of the purposes of a client that match. A filter that is
// left out matches all.
type PurposesInput struct {
	ClientPath
	EServiceIDs []string `query:"eserviceIds" format:"uuid" maxItems:"50" doc:"On these e-services"`
	States      []string `query:"states" enum:"ACTIVE,DRAFT,SUSPENDED,WAITING_FOR_APPROVAL,ARCHIVED,REJECTED" maxItems:"50" doc:"With a version in one of these states"`
	interop.Paged
}

// LinkInput names a purpose to link to a client.
type LinkInput struct {
	ClientPath
	Body struct {
		_         struct{} `json:"-" additionalProperties:"false"`
		PurposeID string   `json:"purposeId" format:"uuid" doc:"A purpose of the caller that is active or suspended"`
	}
}

// ClientPurposeInput names a purpose of a client.
type ClientPurposeInput struct {
	ClientPath
	PurposeID string `path:"purposeId" format:"uuid" doc:"Id of the purpose"`
}

// KeysInput selects a page of a client's keys.
type KeysInput struct {
	ClientPath
	interop.Paged
}

// AddKeyInput has a key for a client.
type AddKeyInput struct {
	ClientPath
	Body struct {
		_    struct{} `json:"-" additionalProperties:"false"`
		Key  string   `json:"key" doc:"Base64 of the PEM of the public key (PUBLIC KEY or RSA PUBLIC KEY): RSA of 2048 to 8192 bits or EC on P-256"`
		Use  string   `json:"use" enum:"SIG,ENC" doc:"What it is for: signing or encrypting"`
		Alg  string   `json:"alg" doc:"RS256 for an RSA key, ES256 for an EC key"`
		Name string   `json:"name" minLength:"5" maxLength:"60" doc:"What its owner calls it"`
	}
}

// jwk returns the key of the input, or the problem that refuses it, as one that is for
// another algorithm than those that are allowed.
func (in *AddKeyInput) jwk(allowed ...string) (*JWK, error) {
	k, err := parseKey(in.Body.Key)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(allowed, k.Algorithm) {
		return nil, problem.New(interop.KeyTypeNotAllowed, "body.key: It is a key for %s. Expected a key for %s, as PDND does.",
			k.Algorithm, strings.Join(allowed, " or "))
	}
	if in.Body.Alg != k.Algorithm {
		p := problem.New(interop.BadRequest, "The algorithm does not suit the key.")
		detail := "expected " + k.Algorithm + " for a key of type " + k.Type
		p.Fields = []problem.Field{{Name: "body.alg", Code: interop.BadRequest.Name, Detail: detail}}
		return nil, p
	}
	k.Use = strings.ToLower(in.Body.Use)
	return k, nil
}

// ClientKeyInput names a key of a client.
type ClientKeyInput struct {
	ClientPath
	KeyID string `path:"keyId" doc:"The kid of the key"`
}

// KeyInput names a key.
type KeyInput struct {
	KID string `path:"kid" doc:"The kid of the key"`
	api.Correlated
}
