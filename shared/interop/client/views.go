package client

import (
	"ciclo/shared/interop"
	"ciclo/shared/interop/purpose"
)

// View is a client as others read it (PDND, PartialClient) or, with the members that are for
// the owner alone, as its owner does (PDND, FullClient).
type View struct {
	ID          string `json:"id" format:"uuid" doc:"Id of the client"`
	ConsumerID  string `json:"consumerId" format:"uuid" doc:"The organization that owns it"`
	Name        string `json:"name,omitempty" doc:"Name; for the owner alone"`
	Description string `json:"description,omitempty" doc:"What it is for; for the owner alone"`
	CreatedAt   string `json:"createdAt,omitempty" format:"date-time" doc:"When it was made; for the owner alone"`

	AllowedActions []string `json:"allowedActions,omitempty" edition:"ciclo" nullable:"false" doc:"What the caller may do with it; where one client is read, for its owner with the role to write"`
}

// view returns the client as an organization may see it.
func (c *Client) view(organization string) View {
	v := View{ID: c.ID, ConsumerID: c.ConsumerID}
	if c.ConsumerID == organization {
		v.Name = c.Name
		v.Description = c.Description
		v.CreatedAt = c.CreatedAt
	}
	return v
}

// APIView is a client of the kind API, as its owner reads it.
type APIView struct {
	ID          string   `json:"id" format:"uuid" doc:"Id of the client"`
	ConsumerID  string   `json:"consumerId" format:"uuid" doc:"The organization that owns it"`
	Name        string   `json:"name" doc:"Name"`
	Description string   `json:"description,omitempty" doc:"What it is for"`
	CreatedAt   string   `json:"createdAt" format:"date-time" doc:"When it was made"`
	Kind        Kind     `json:"kind" enum:"API" doc:"API"`
	AdminID     string   `json:"adminId,omitempty" format:"uuid" doc:"The user in whose name it may write; without one it may only read"`
	Members     []string `json:"members" format:"uuid" nullable:"false" doc:"Ids of its users, in the order of their addition"`

	AllowedActions []string `json:"allowedActions,omitempty" nullable:"false" doc:"What the caller may do with it; where one client is read, for its owner with the role to write"`
}

// apiView returns the client, which is of the kind API, as its owner may see it.
func (c *Client) apiView() APIView {
	return APIView{
		ID: c.ID, ConsumerID: c.ConsumerID, Name: c.Name, Description: c.Description, CreatedAt: c.CreatedAt, Kind: c.Kind,
		AdminID: c.AdminID, Members: append([]string{}, c.Members...),
	}
}

// APIOutput is a client of the kind API.
type APIOutput struct{ Body APIView }

// CreatedView is the id of a client that was made.
type CreatedView struct {
	ID string `json:"id" format:"uuid" doc:"Id of the client"`
}

// CreatedOutput is the answer to the creation of an API client.
type CreatedOutput struct{ Body CreatedView }

// ListedKey is a key in the list of its client (PDND, JWK), with what its owner says of it.
type ListedKey struct {
	JWK
	Name      string `json:"name,omitempty" edition:"ciclo" doc:"What its owner calls it"`
	CreatedAt string `json:"createdAt,omitempty" edition:"ciclo" format:"date-time" doc:"When it was added"`
}

// listed returns the key as the list of its client shows it.
func (c *Credential) listed() ListedKey {
	return ListedKey{JWK: c.JWK, Name: c.Name, CreatedAt: c.CreatedAt}
}

// KeyView is a key with its client (PDND, Key).
type KeyView struct {
	ClientID string `json:"clientId" format:"uuid" doc:"Id of the client"`
	JWK      JWK    `json:"jwk"`
}

// Output is a client.
type Output struct{ Body View }

// KeyOutput is a key with its client.
type KeyOutput struct{ Body KeyView }

// ListOutput is a page of clients, or of keys.
type ListOutput[V any] struct {
	Body struct {
		Results    []V                `json:"results" nullable:"false"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// LinkedOutput is a page of the purposes of a client.
type LinkedOutput struct {
	Body struct {
		Results    []purpose.View     `json:"results" nullable:"false" doc:"Purposes by title"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// paged returns a page of a list, each entry as show returns it.
func paged[T, V any](p interop.Paged, all []T, show func(T) V) *ListOutput[V] {
	page, pagination := interop.Page(p, all)
	out := &ListOutput[V]{}
	out.Body.Pagination = pagination
	out.Body.Results = make([]V, len(page))
	for i, one := range page {
		out.Body.Results[i] = show(one)
	}
	return out
}
