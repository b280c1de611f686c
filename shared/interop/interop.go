// Package interop is what the operations of the interop product share: its error codes,
// roles, paging and table, as PDND Interoperabilità publishes them (M2M gateway v3).
package interop

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Table is the table of the interop product.
var Table = table.Schema{Name: "interop", Stream: true, Expires: true}

// scheme is how organizations authenticate.
var scheme = api.Bearer.Hinting("Send a valid access token as Authorization: DPoP <token> with a proof in the header DPoP, " +
	"or as Authorization: Bearer <token> if it is bound to no key.")

// Product is the interop product.
var Product = &api.Product{
	Product: problems, Scheme: scheme, Enter: enter, Pass: pass, Lists: true, Integrity: signer,
	Editions: []api.Edition{v3, v2, {Signed: true}},
	Refusals: []problem.Code{
		MissingHeader, BadScheme, ProofNotValid, ProofSignature, ProofUsed, ProofOfAnotherKey, OperationForbidden, ClientWithoutAdmin,
		ClientNotFound, TooManyRequests,
	},
}

// KindOrganization is the kind of callers that act for an organization.
const KindOrganization = "organization"

// KindOperator is the kind of the platform's operator, who acts for no organization.
const KindOperator = "operator"

// RoleOperator is the role of the platform's operator.
const RoleOperator = "operator"

// Roles of the token of an organization. A certifier defines and assigns certified
// attributes: its token says so, or its tenant is marked as a certifier and package door adds
// the role to those of its API client.
const (
	RoleReader    = "m2m"
	RoleAdmin     = "m2m-admin"
	RoleCertifier = "certifier"
)

var (
	// Writers are the roles that may change something.
	Writers = []string{RoleAdmin}
	// Readers are the roles that may read.
	Readers = []string{RoleReader, RoleAdmin, RoleCertifier}
	// Operators are the roles of operations that only the platform's operator may call.
	Operators = []string{RoleOperator}
	// Certifiers are the roles that may define and assign certified attributes.
	Certifiers = []string{RoleCertifier}
)

// Access returns the actions on the table that a function needs: those given, and
// GetItem, which every function is warmed up with.
func Access(actions ...string) []api.Access {
	return []api.Access{{Table: Table, Actions: append([]string{"GetItem"}, actions...)}}
}

// Key returns the key of an item of the product's table.
func Key(pk, sk string) table.Key { return table.Key{Table: Table.Name, PK: pk, SK: sk} }

// NewID makes a random UUID.
func NewID(entropy io.Reader) (string, error) {
	id, err := uuid.NewRandomFromReader(entropy)
	if err != nil {
		return "", fmt.Errorf("id: %w", err)
	}
	return id.String(), nil
}

// isForOperator reports whether only the platform's operator may call an operation.
func isForOperator(s api.Spec) bool { return slices.Contains(s.Scopes, RoleOperator) }

// enter refuses all callers but the operator at an operation of the operator, before the
// request is decoded.
func enter(s api.Spec, id api.Identity) *problem.Problem {
	if isForOperator(s) && (id.Kind != KindOperator || !id.HasScope(RoleOperator)) {
		return problem.New(OperationForbidden, "Only the platform's operator may do this.")
	}
	return nil
}

// pass refuses callers that are not organizations with one of the roles of an operation.
func pass(ctx context.Context, s api.Spec, id api.Identity, _ any) *problem.Problem {
	if isForOperator(s) {
		return nil
	}
	api.Annotate(ctx, slog.String("tenant", id.Subject))
	if id.Kind == KindOrganization && id.HasScope(s.Scopes...) {
		return nil
	}
	return problem.New(forbidden(s, id),
		"This operation needs the access token of an organization with the role %s.", strings.Join(s.Scopes, " or "))
}

// forbidden returns the code that refuses a caller. Operations for certifiers have codes
// of their own for organizations that are none.
func forbidden(s api.Spec, id api.Identity) problem.Code {
	if id.Kind == KindOrganization {
		for _, code := range []problem.Code{NotACertifier, TenantNotACertifier} {
			if slices.Contains(s.Problems, code) {
				return code
			}
		}
	}
	return OperationForbidden
}

// Caller returns the organization that calls.
func Caller(ctx context.Context) string {
	id, _ := api.IdentityFrom(ctx)
	return id.Subject
}

// Paged is embedded by the inputs of lists. PDND requires both parameters, as strict
// editions do; elsewhere they default to the first page of the greatest length.
type Paged struct {
	Offset int `query:"offset" minimum:"0" default:"0" doc:"Index of the first entry returned"`
	Limit  int `query:"limit" minimum:"1" maximum:"50" default:"50" doc:"Most entries returned"`
}

// Resolve implements [huma.Resolver].
func (p Paged) Resolve(ctx huma.Context) []error {
	errs := api.WholeNumbers(ctx, "offset", "limit")
	if !api.IsStrict(ctx.Context()) {
		return errs
	}
	u := ctx.URL()
	query := u.Query()
	for _, name := range []string{"offset", "limit"} {
		if !query.Has(name) {
			errs = append(errs, &huma.ErrorDetail{Location: "query." + name, Message: "required query parameter is missing"})
		}
	}
	if p.Offset > math.MaxInt32 {
		errs = append(errs, &huma.ErrorDetail{Location: "query.offset", Message: "expected number <= 2147483647"})
	}
	return errs
}

// Pagination describes the page of a list that was returned.
type Pagination struct {
	Offset     int `json:"offset" doc:"Index of the first entry returned"`
	Limit      int `json:"limit" doc:"Most entries returned"`
	TotalCount int `json:"totalCount" doc:"How many entries match in all, also past the end"`
}

// Page returns the page of all entries that p selects, and its Pagination.
func Page[T any](p Paged, all []T) ([]T, Pagination) {
	first := min(p.Offset, len(all))
	return all[first:min(first+p.Limit, len(all))], Pagination{Offset: p.Offset, Limit: p.Limit, TotalCount: len(all)}
}

// Void is the output of an operation that answers {}, or nothing in v2.
type Void struct {
	Status int
	Body   struct{}
}

// SetStatus implements [api.Empty].
func (v *Void) SetStatus(status int) { v.Status = status }
