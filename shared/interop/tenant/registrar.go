package tenant

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

const (
	maxRounds = 8
	// maxKnown bounds the memory of a Registrar.
	maxKnown = 1024
	// originID is the origin of the external id of who has no other.
	originID = "UUID"
)

// Registering is what a [Registrar] does to the table.
var Registering = interop.Access("DeleteItem", "PutItem")

// Registrar records the organizations that call: a tenant is there from its first
// call on. It is safe for concurrent use.
type Registrar struct {
	db  table.DB
	now func() time.Time

	mu    sync.Mutex
	known map[string]interop.Organization // as recorded by this process, by id
}

// NewRegistrar makes a Registrar.
func NewRegistrar(deps api.Deps) *Registrar {
	return &Registrar{db: deps.DB, now: deps.Now, known: map[string]interop.Organization{}}
}

// Register makes the tenant of an organization where there is none, and brings its
// name and external id up to date where the token says others. What no token has
// said yet is made of the organization's id.
func (r *Registrar) Register(ctx context.Context, o interop.Organization) error {
	if r.knows(o) {
		return nil
	}
	var refused *table.Refused
	for range maxRounds {
		before, err := find(ctx, r.db, o.ID)
		if err != nil {
			return err
		}
		err = r.record(ctx, before, said(before, o))
		if refused = table.AsRefused(err); refused != nil {
			continue // another call of the organization came first
		}
		if err == nil {
			r.remember(o)
		}
		return err
	}
	return &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// said is the tenant as the token has it.
func said(before *Tenant, o interop.Organization) Tenant {
	after := Tenant{ID: o.ID, Name: o.ID, ExternalID: External{Origin: originID, Value: o.ID}}
	if before != nil {
		after = *before
	}
	after.Name = cmp.Or(o.Name, after.Name)
	if o.Origin != "" {
		after.ExternalID = External{Origin: o.Origin, Value: o.Value}
	}
	return after
}

// record stores a tenant with its entries in lists, where that changes anything.
func (r *Registrar) record(ctx context.Context, before *Tenant, after Tenant) error {
	if before != nil && *before == after {
		return nil
	}
	after.Version++
	unchanged, at := table.NotExists(), table.Stamp(r.now())
	var gone []table.Key
	if before == nil {
		after.CreatedAt = at
	} else {
		after.UpdatedAt = at
		unchanged, gone = table.Equals("version", before.Version), before.entries()
	}
	steps := []table.Step{table.Put("tenant", tenantKey(after.ID), after, unchanged)}
	listed := after.entries()
	for i, key := range listed {
		steps = append(steps, table.Put(fmt.Sprint("entry ", i), key, after)) // labels say no names
	}
	for i, key := range gone {
		if !slices.Contains(listed, key) {
			steps = append(steps, table.Delete(fmt.Sprint("former entry ", i), key))
		}
	}
	return r.db.Write(ctx, steps...)
}

func (r *Registrar) knows(o interop.Organization) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[o.ID] == o
}

func (r *Registrar) remember(o interop.Organization) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= maxKnown {
		clear(r.known)
	}
	r.known[o.ID] = o
}

// find reads a tenant, nil when there is none.
func find(ctx context.Context, db table.DB, id string) (*Tenant, error) {
	item, err := db.Get(ctx, tenantKey(id))
	if err != nil {
		return nil, err
	}
	return table.As[Tenant](item)
}
