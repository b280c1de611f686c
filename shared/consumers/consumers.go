// Package consumers holds what all operations of the consumers product share: the
// product's error codes, scopes and path parameters, as Thales D1 v1 publishes them.
package consumers

import (
	"context"
	"log/slog"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Scopes of a back end's token (D1 v1, OAuth 2.0).
const (
	ScopeFull = "d1-api:consumer:full"
	ScopeRead = "d1-api:consumer:read"
)

// RoleOperator is the role of the platform's operator.
const RoleOperator = "operator"

var (
	// Product is the consumers product.
	Product = &api.Product{
		Product: problems, Base: "/issuers", Scheme: api.Bearer,
		Enter: checkOperator, Pass: checkTenant, StrictCorrelation: true,
	}
	// Writers lists the scopes that allow a write; a token needs one of them.
	Writers = []string{ScopeFull}
	// Readers lists the scopes that allow a read; a token needs one of them.
	Readers = []string{ScopeRead, ScopeFull}
	// Operators marks the operations that only the platform's operator may call.
	Operators = []string{RoleOperator}
)

// checkOperator refuses callers other than the operator at an operation of the operator,
// before the request is decoded.
func checkOperator(s api.Spec, id api.Identity) *problem.Problem {
	if isForOperator(s) && (id.Kind != KindOperator || !id.HasScope(RoleOperator)) {
		return problem.New(s.Product.Forbidden, "Only the platform's operator may do this.")
	}
	return nil
}

// checkTenant refuses a caller at the paths of another issuer, and without a scope of the
// operation. At its own operations the operator may use the paths of all issuers.
func checkTenant(ctx context.Context, s api.Spec, id api.Identity, in any) *problem.Problem {
	if !isForOperator(s) {
		return api.ByTenant(ctx, s, id, in)
	}
	if t, ok := in.(api.Tenanted); ok {
		api.Annotate(ctx, slog.String("tenant", t.Tenant()))
	}
	return nil
}

// isForOperator tells whether only the platform's operator may call the operation.
func isForOperator(s api.Spec) bool { return slices.Contains(s.Scopes, RoleOperator) }

// IssuerPath is embedded by every input: the issuer in its path. Only tokens of that
// issuer are accepted, except at operations of the operator.
type IssuerPath struct {
	IssuerID string `path:"issuerId" minLength:"10" maxLength:"10" pattern:"^[A-Za-z0-9_-]{10}$" example:"ISSUER-001" doc:"The id of the issuer"`
}

// Tenant returns the issuer.
func (i IssuerPath) Tenant() string { return i.IssuerID }

// ConsumerPath is embedded by the inputs that name a consumer in their path.
type ConsumerPath struct {
	IssuerPath
	ConsumerID string `path:"consumerId" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" example:"consumer-1" doc:"Unique identifier of the end user"`
}

// Paged is embedded by the inputs of lists. Offset 0 is the first entry.
type Paged struct {
	Offset int `query:"offset" minimum:"0" default:"0" doc:"Index of the first entry returned"`
	Limit  int `query:"limit" minimum:"1" maximum:"50" default:"10" doc:"Most entries returned"`
}

// Resolve implements [huma.Resolver].
func (Paged) Resolve(ctx huma.Context) []error { return api.WholeNumbers(ctx, "offset", "limit") }

// Empty is the output of an operation that answers 204.
type Empty struct{}
