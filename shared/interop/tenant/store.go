package tenant

import (
	"context"
	"maps"
	"slices"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads tenants, and reads and changes what they own.
type Store struct {
	db      table.DB
	now     func() time.Time
	entries *list.Lists[interop.Named, interop.Row]
}

// NewStore makes a Store.
func NewStore(deps api.Deps) (*Store, error) {
	return &Store{db: deps.DB, now: deps.Now, entries: interop.NamedLists.New(deps.DB)}, nil
}

// get reads a tenant. It returns TenantNotFound when there is none.
func (s *Store) get(ctx context.Context, id string) (*Tenant, error) {
	t, err := find(ctx, s.db, id)
	if err == nil && t == nil {
		err = notFound(id)
	}
	return t, err
}

func notFound(id string) error {
	return problem.New(interop.TenantNotFound, "Tenant %s not found", id)
}

// list returns a page of the tenants that match, by name regardless of case, then by id.
func (s *Store) list(ctx context.Context, in *ListInput) ([]*Tenant, interop.Pagination, error) {
	var all []*Tenant
	var err error
	switch {
	case in.IPACode != "" && in.TaxCode != "":
		err = problem.New(interop.TaxCodeAndIPACodeConflict, "Use either IPACode or taxCode, not both.")
	case in.IPACode != "":
		all, err = s.byCode(ctx, codePK(true, in.IPACode))
	case in.TaxCode != "":
		all, err = s.byCode(ctx, codePK(false, in.TaxCode), codePK(true, in.TaxCode))
	default:
		return interop.NamedPage[Tenant](ctx, s.db, s.entries, tenantsPK, in.Paged, Key)
	}
	page, pagination := interop.Page(in.Paged, all)
	return page, pagination, err
}

// byCode returns the tenants in partitions of external ids, by name regardless of case, then
// by id.
func (s *Store) byCode(ctx context.Context, partitions ...string) ([]*Tenant, error) {
	byID := map[string]*Tenant{} // a tenant whose registry changes during the reads may be in both partitions
	for _, pk := range partitions {
		found, err := query[Tenant](ctx, s.db, table.Query{PK: pk})
		if err != nil {
			return nil, err
		}
		for _, t := range found {
			byID[t.ID] = t
		}
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b *Tenant) int {
		return interop.CompareNames(a.Name, a.ID, b.Name, b.ID)
	}), nil
}

// query reads all items of a query.
func query[T any](ctx context.Context, db table.DB, q table.Query) ([]*T, error) {
	q.Table = interop.Table.Name
	q.Consistent = true
	var all []*T
	err := table.All(ctx, db, q, func(item table.Item) error {
		one, err := table.As[T](item)
		all = append(all, one)
		return err
	})
	return all, err
}

// holdings returns the holdings of a tenant whose keys begin with a prefix, by date,
// then by id. A tenant that has some exists; only for one without any it is looked up.
func (s *Store) holdings(ctx context.Context, tenantID, prefix string) ([]*Holding, error) {
	// The prefix ends with "#", which "$" follows.
	q := table.Query{PK: tenantPK(tenantID), From: prefix, To: prefix[:len(prefix)-1] + "$"}
	all, err := query[Holding](ctx, s.db, q)
	if err == nil && len(all) == 0 {
		_, err = s.get(ctx, tenantID)
	}
	slices.SortFunc(all, compareHoldings)
	return all, err
}

// verified returns the verified attributes of a tenant, each once.
func (s *Store) verified(ctx context.Context, tenantID string) ([]VerifiedView, error) {
	holdings, err := s.holdings(ctx, tenantID, holdingPrefix(attribute.Verified))
	var all []VerifiedView
	seen := map[string]bool{}
	for _, h := range holdings { // the first verification of an attribute comes first
		if !seen[h.AttributeID] {
			seen[h.AttributeID] = true
			all = append(all, VerifiedView{ID: h.AttributeID, AssignedAt: h.AssignedAt})
		}
	}
	return all, err
}

// verifications returns the verifications of an attribute of a tenant, those that are
// revoked or those that are not.
func (s *Store) verifications(ctx context.Context, in *VerificationsInput, revoked bool) ([]*Holding, error) {
	all, err := s.holdings(ctx, in.TenantID, holdingPrefix(attribute.Verified)+in.AttributeID+"#")
	if err == nil && len(all) == 0 {
		err = verifiedNotFound(in.TenantID, in.AttributeID)
	}
	return slices.DeleteFunc(all, func(h *Holding) bool { return (h.RevokedAt != "") != revoked }), err
}
