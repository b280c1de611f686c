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
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/table"
)

const (
	// maxKnown bounds the memory of a Registrar.
	maxKnown = 1024
	// originID is the origin of the external id of organizations without another one.
	originID = "UUID"

	labelTenant = "tenant"
)

// RegisterAccess is what a [Registrar] does to the table.
var RegisterAccess = interop.Access("DeleteItem", "PutItem")

// Registrar records the organizations that call: a tenant exists from its first call on.
// It is safe for concurrent use.
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

// registration is what a registration is decided on.
type registration struct {
	tenant *Tenant // nil when there is none
	at     string
}

// Register makes the tenant of an organization, or updates the name and external id of
// the one that exists. Values that no token has had so far are made of the id.
func (r *Registrar) Register(ctx context.Context, o interop.Organization) error {
	if r.isKnown(o) {
		return nil
	}
	_, err := change.Do(ctx, r.db, change.Change[registration, *Tenant]{
		Read: func(ctx context.Context, round change.Round) (registration, error) {
			before := registration{at: table.Stamp(r.now())}
			var err error
			if item, refused := round.Item(labelTenant); refused {
				before.tenant, err = table.As[Tenant](item)
			} else {
				before.tenant, err = find(ctx, r.db, o.ID)
			}
			return before, err
		},
		Decide: func(before registration) (*Tenant, error) { return before.decide(o), nil },
		Steps: func(before registration, after *Tenant) ([]table.Step, error) {
			return tenantSteps(before.tenant, after), nil
		},
	})
	if err == nil {
		r.remember(o)
	}
	return err
}

// decide returns the tenant with the name and external id of the organization's token,
// where the token has them. The same tenant means that nothing changes.
func (before registration) decide(o interop.Organization) *Tenant {
	after := Tenant{ID: o.ID, Name: o.ID, ExternalID: External{Origin: originID, Value: o.ID}, CreatedAt: before.at}
	if before.tenant != nil {
		after = *before.tenant
	}
	after.Name = cmp.Or(o.Name, after.Name)
	if o.Origin != "" {
		after.ExternalID = External{Origin: o.Origin, Value: o.Value}
	}
	if before.tenant != nil && *before.tenant == after {
		return before.tenant
	}
	if before.tenant != nil {
		after.UpdatedAt = before.at
	}
	after.Version++
	return &after
}

// tenantSteps returns the transaction that stores a tenant with its entries in lists.
func tenantSteps(before, after *Tenant) []table.Step {
	if after == before {
		return nil
	}
	unchanged := table.NotExists()
	var former []table.Key
	if before != nil {
		unchanged = table.Equals("version", before.Version)
		former = before.entryKeys()
	}
	steps := []table.Step{table.Put(labelTenant, tenantKey(after.ID), *after, unchanged)}
	current := after.entryKeys()
	for i, key := range current {
		steps = append(steps, table.Put(fmt.Sprint("entry ", i), key, *after)) // a label must not contain a name
	}
	for i, key := range former {
		if !slices.Contains(current, key) {
			steps = append(steps, table.Delete(fmt.Sprint("former entry ", i), key))
		}
	}
	return steps
}

func (r *Registrar) isKnown(o interop.Organization) bool {
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

// find reads a tenant. It returns nil, and no error, when there is none.
func find(ctx context.Context, db table.DB, id string) (*Tenant, error) {
	item, err := db.Get(ctx, tenantKey(id))
	if err != nil {
		return nil, err
	}
	return table.As[Tenant](item)
}
