// Package pdnd holds what every operation of the interop product shares: the
// product's errors, roles, paging and table, as PDND Interoperabilità publishes
// them (M2M gateway v3).
package pdnd

import (
	"context"
	"log/slog"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/api"
	"ciclo/shared/problem"
	"ciclo/shared/table"
)

// Interop is the table of the interop product.
var Interop = table.Schema{Name: "interop"}

// Product is the interop product.
var Product = &api.Product{Product: problem.Interop, Scheme: api.Bearer, Pass: pass, Lists: true, NoNulls: true}

// KindOrganization is the kind of callers that act for an organization.
const KindOrganization = "organization"

// Roles of an organization's token.
const (
	RoleReader = "m2m"
	RoleAdmin  = "m2m-admin"
)

var (
	// Writers are the roles that may change something.
	Writers = []string{RoleAdmin}
	// Readers are the roles that may read.
	Readers = []string{RoleReader, RoleAdmin}
)

func pass(ctx context.Context, s api.Spec, id api.Identity, _ any) *problem.Problem {
	api.Annotate(ctx, slog.String("tenant", id.Subject))
	if id.Kind != KindOrganization || !id.HasScope(s.Scopes...) {
		return problem.New(problem.OperationForbidden, "This takes the access token of an organization with the role %s.", strings.Join(s.Scopes, " or "))
	}
	return nil
}

// Caller returns the organization that calls.
func Caller(ctx context.Context) string {
	id, _ := api.IdentityFrom(ctx)
	return id.Subject
}

// Paged is embedded by the inputs of lists. PDND asks for both, ours default to
// the first page of the greatest length.
type Paged struct {
	Offset int `query:"offset" minimum:"0" default:"0" doc:"Index of the first entry returned"`
	Limit  int `query:"limit" minimum:"1" maximum:"50" default:"50" doc:"Most entries returned"`
}

// Resolve implements [huma.Resolver].
func (Paged) Resolve(ctx huma.Context) []error { return api.WholeNumbers(ctx, "offset", "limit") }

// Pagination says which part of a list was returned.
type Pagination struct {
	Offset     int `json:"offset" doc:"Index of the first entry returned"`
	Limit      int `json:"limit" doc:"Most entries returned"`
	TotalCount int `json:"totalCount" doc:"How many entries match in all, also past the end"`
}

// Page returns the part of all that p asks for, and the Pagination of the answer.
func Page[T any](p Paged, all []T) ([]T, Pagination) {
	first := min(p.Offset, len(all))
	return all[first:min(first+p.Limit, len(all))], Pagination{Offset: p.Offset, Limit: p.Limit, TotalCount: len(all)}
}

// Void is the output of an operation that answers {}.
type Void struct{ Body struct{} }
