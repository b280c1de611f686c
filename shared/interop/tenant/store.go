package tenant

import (
	"context"
	"maps"
	"slices"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads tenants, and changes what they own.
type Store struct {
	db  table.DB
	now func() time.Time
}

// NewStore makes the store.
func NewStore(deps api.Deps) (*Store, error) { return &Store{db: deps.DB, now: deps.Now}, nil }

// get reads a tenant.
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

// list returns the tenants that match, by name whatever its case, then by id.
func (s *Store) list(ctx context.Context, in *ListInput) ([]*Tenant, error) {
	partitions := []string{tenantsPK}
	switch {
	case in.IPACode != "" && in.TaxCode != "":
		return nil, problem.New(interop.TaxCodeAndIPACodeConflict, "Ask for IPACode or for taxCode, not for both.")
	case in.IPACode != "":
		partitions = []string{codePK(true, in.IPACode)}
	case in.TaxCode != "":
		partitions = []string{codePK(false, in.TaxCode), codePK(true, in.TaxCode)}
	}
	byID := map[string]*Tenant{} // one that moves while we read may be in both partitions
	for _, pk := range partitions {
		found, err := query[Tenant](ctx, s.db, table.Query{PK: pk})
		if err != nil {
			return nil, err
		}
		for _, t := range found {
			byID[t.ID] = t
		}
	}
	return slices.SortedFunc(maps.Values(byID), func(a, b *Tenant) int { return interop.ByName(a.Name, a.ID, b.Name, b.ID) }), nil
}

// query reads everything that q selects.
func query[T any](ctx context.Context, db table.DB, q table.Query) (all []*T, err error) {
	q.Table, q.Consistent = interop.Table.Name, true
	err = table.All(ctx, db, q, func(item table.Item) error {
		one, err := table.As[T](item)
		all = append(all, one)
		return err
	})
	return all, err
}

// holdings returns what was said about a tenant by the beginning of its keys, by
// date, then by id. Who owns something is there; else the tenant is looked for.
func (s *Store) holdings(ctx context.Context, tenantID, prefix string) ([]*Holding, error) {
	// "$" comes right after "#", with which the prefix ends.
	q := table.Query{PK: tenantPK(tenantID), From: prefix, To: prefix[:len(prefix)-1] + "$"}
	all, err := query[Holding](ctx, s.db, q)
	if err == nil && len(all) == 0 {
		_, err = s.get(ctx, tenantID)
	}
	slices.SortFunc(all, byAssignment)
	return all, err
}

// verified returns the verified attributes of a tenant, each once.
func (s *Store) verified(ctx context.Context, tenantID string) (all []VerifiedView, err error) {
	holdings, err := s.holdings(ctx, tenantID, holdingPrefix(attribute.Verified))
	seen := map[string]bool{}
	for _, h := range holdings { // of an attribute the earliest comes first
		if !seen[h.AttributeID] {
			seen[h.AttributeID] = true
			all = append(all, VerifiedView{ID: h.AttributeID, AssignedAt: h.AssignedAt})
		}
	}
	return all, err
}

// verifications returns what verifiers say about an attribute of a tenant, or what
// they have revoked.
func (s *Store) verifications(ctx context.Context, in *VerificationsInput, revoked bool) ([]*Holding, error) {
	all, err := s.holdings(ctx, in.TenantID, holdingPrefix(attribute.Verified)+in.AttributeID+"#")
	if err == nil && len(all) == 0 {
		err = verifiedNotFound(in.TenantID, in.AttributeID)
	}
	return slices.DeleteFunc(all, func(h *Holding) bool { return (h.RevokedAt != "") != revoked }), err
}

// facts is what decides about an attribute of a tenant; nil is what there is not.
type facts struct {
	attribute *attribute.Attribute
	tenant    *Tenant
	holding   *Holding
}

// A decision is what an action makes of a holding at an instant, or the problem that
// refuses it; the same holding when there is nothing to do.
type decision func(f facts, at string) (*Holding, error)

// change carries a decision out; it is made again while others change the holding.
func (s *Store) change(ctx context.Context, tenantID, attributeID string, kind attribute.Kind, decide decision) (*Holding, error) {
	var refused *table.Refused
	for range maxRounds {
		f, err := s.facts(ctx, tenantID, attributeID, kind)
		if err != nil {
			return nil, err
		}
		after, err := decide(f, table.Stamp(s.now()))
		if err != nil || after == f.holding {
			return after, err
		}
		err = s.db.Write(ctx, replace(tenantID, f.holding, after)...)
		if refused = table.AsRefused(err); refused == nil {
			return after, err
		}
	}
	return nil, &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// facts reads the facts about an attribute of a kind in one call.
func (s *Store) facts(ctx context.Context, tenantID, attributeID string, kind attribute.Kind) (f facts, err error) {
	items, err := s.db.BatchGet(ctx, []table.Key{
		attribute.Key(attributeID), tenantKey(tenantID), holdingKey(tenantID, &Holding{Kind: kind, AttributeID: attributeID}),
	})
	if err != nil {
		return f, err
	}
	if f.attribute, err = table.As[attribute.Attribute](items[0]); err == nil {
		if f.tenant, err = table.As[Tenant](items[1]); err == nil {
			f.holding, err = table.As[Holding](items[2])
		}
	}
	if f.attribute != nil && f.attribute.Kind != kind {
		f.attribute = nil
	}
	return f, err
}
