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
