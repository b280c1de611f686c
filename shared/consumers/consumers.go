// Package consumers holds what every operation of the consumers product shares: the
// product's errors, scopes and path parameters, as Thales D1 v1 publishes them.
package consumers

import (
	"context"
	"log/slog"
	"slices"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"

	"github.com/danielgtaylor/huma/v2"
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
	Product = &api.Product{Product: problems, Base: "/issuers", Scheme: api.Bearer, Enter: enter, Pass: pass, StrictCorrelation: true}
	// Writers are the scopes of which a write asks for one.
	Writers = []string{ScopeFull}
	// Readers are the scopes of which a read asks for one.
	Readers = []string{ScopeRead, ScopeFull}
	// Operators are the scopes of what the platform's operator alone may do.
	Operators = []string{RoleOperator}
)

// enter refuses everybody but the operator at an operation that is the operator's
// alone, before the request is looked at.
func enter(s api.Spec, id api.Identity) *problem.Problem {
	if isOperators(s) && (id.Kind != KindOperator || !id.HasScope(RoleOperator)) {
		return problem.New(s.Product.Forbidden, "Only the platform's operator may do this.")
	}
	return nil
}

// pass lets a caller use its own tenant's paths with a scope of theirs, and the
// operator those of all tenants where the operation is the operator's.
func pass(ctx context.Context, s api.Spec, id api.Identity, in any) *problem.Problem {
	if !isOperators(s) {
		return api.ByTenant(ctx, s, id, in)
	}
	if t, ok := in.(api.Tenanted); ok {
		api.Annotate(ctx, slog.String("tenant", t.Tenant()))
	}
	return nil
}

// isOperators tells whether the platform's operator alone may call the operation.
func isOperators(s api.Spec) bool { return slices.Contains(s.Scopes, RoleOperator) }

// Issued is embedded by every input: the issuer whose token alone may send it.
type Issued struct {
	IssuerID string `path:"issuerId" minLength:"10" maxLength:"10" pattern:"^[A-Za-z0-9_-]{10}$" example:"ISSUER-001" doc:"The id of the issuer"`
}

// Tenant returns the issuer.
func (i Issued) Tenant() string { return i.IssuerID }

// OfConsumer is embedded by the inputs that name a consumer in their path.
type OfConsumer struct {
	Issued
	ConsumerID string `path:"consumerId" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]{1,64}$" example:"consumer-1" doc:"Unique identifier of the end user"`
}

// Paged is embedded by the inputs of lists. Offset 0 is the most recent entry.
type Paged struct {
	Offset int `query:"offset" minimum:"0" default:"0" doc:"Index of the first entry returned"`
	Limit  int `query:"limit" minimum:"1" maximum:"50" default:"10" doc:"Most entries returned"`
}

// Resolve implements [huma.Resolver].
func (Paged) Resolve(ctx huma.Context) []error { return api.WholeNumbers(ctx, "offset", "limit") }

// Empty is the output of an operation that answers 204.
type Empty struct{}
