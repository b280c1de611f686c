package voucher

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/api"
)

// IssueInput is a request for a voucher (PDND, token endpoint; RFC 7523). The schema requires
// no parameter: examine refuses missing parameters together with wrong ones.
type IssueInput struct {
	api.Correlated
	DPoP string `header:"DPoP" doc:"A proof (RFC 9449) that binds the voucher to its key"`
	Body struct {
		ClientID            string `json:"client_id,omitempty" doc:"Id of the client; that of the assertion when left out"`
		ClientAssertion     string `json:"client_assertion,omitempty" doc:"The assertion, a JWT signed with a key of the client"`
		ClientAssertionType string `json:"client_assertion_type,omitempty" doc:"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"`
		GrantType           string `json:"grant_type,omitempty" doc:"client_credentials"`
	}
	proofs []string
}

// Resolve implements [huma.Resolver]. It collects all DPoP headers, as a request with more
// than one must be refused.
func (in *IssueInput) Resolve(ctx huma.Context) []error {
	ctx.EachHeader(func(name, value string) {
		if strings.EqualFold(name, "DPoP") {
			in.proofs = append(in.proofs, value)
		}
	})
	return nil
}

func (in *IssueInput) request() request {
	b := &in.Body
	return request{proofs: in.proofs, Request: assertion.Request{
		ClientID: b.ClientID, ClientAssertion: b.ClientAssertion, ClientAssertionType: b.ClientAssertionType, GrantType: b.GrantType,
	}}
}

// ValidateInput is a request for a voucher that is examined and not carried out (PDND,
// client-assertion debug tool).
type ValidateInput struct {
	api.Correlated
	Body struct {
		ClientID            string `json:"client_id,omitempty" doc:"Id of the client; that of the assertion when left out"`
		ClientAssertion     string `json:"client_assertion,omitempty" doc:"The assertion, a JWT signed with a key of the client"`
		ClientAssertionType string `json:"client_assertion_type,omitempty" doc:"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"`
		GrantType           string `json:"grant_type,omitempty" doc:"client_credentials"`
		Async               string `json:"is_async,omitempty" enum:"false" doc:"Asynchronous exchange is not offered"`
		Proof               string `json:"dpop_proof,omitempty" doc:"The DPoP proof that would be sent along"`
	}
}

func (in *ValidateInput) request() request {
	b := &in.Body
	r := request{Request: assertion.Request{
		ClientID: b.ClientID, ClientAssertion: b.ClientAssertion, ClientAssertionType: b.ClientAssertionType, GrantType: b.GrantType,
	}}
	if b.Proof != "" {
		r.proofs = []string{b.Proof}
	}
	return r
}

// EventsInput selects a page of a client's events.
type EventsInput struct {
	client.ClientPath
	interop.Paged
}

// PublicInput is a request without parameters.
type PublicInput struct{ api.Correlated }
