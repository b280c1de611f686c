package tenant

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

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

	// LabelTenant is the label of the step that stores a tenant.
	LabelTenant = "tenant"
)

// Registrar records organizations: those that call, from their first call on, and those of
// which a [Profile] says more. It is safe for concurrent use.
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

// Register makes the tenant of an organization, or updates the name and external id of
// the one that exists. Values that no token has had so far are made of the id.
func (r *Registrar) Register(ctx context.Context, o interop.Organization) error {
	if r.isKnown(o) {
		return nil
	}
	_, err := r.store(ctx, Profile{Organization: o})
	if err == nil {
		r.remember(o)
	}
	return err
}

// Profile is what an import says about an organization. What it leaves out is empty or nil,
// and stays as it is.
type Profile struct {
	interop.Organization
	Kind                    string
	OnboardedAt             string // UTC, as [table.Stamp] writes it
	SubUnitType             string
	SelfcareInstitutionType string
	Certifier               *bool
}

// Describe makes the tenant that a profile describes, or updates the one that exists, and
// returns it. A profile without an id is of the tenant that has its external id. If none
// has it, the id is made of the external id, so that repeating the call finds it again.
//
// The next token of the organization that has another name or external id changes these
// back.
func (r *Registrar) Describe(ctx context.Context, p Profile) (*Tenant, error) {
	if p.ID == "" {
		var err error
		if p.ID, err = r.idOf(ctx, External{Origin: p.Origin, Value: p.Value}); err != nil {
			return nil, err
		}
	}
	t, err := r.store(ctx, p)
	if err == nil {
		r.forget(p.ID)
	}
	return t, err
}

// ErrAmbiguous is the error of a profile without an id whose external id several tenants
// have.
var ErrAmbiguous = errors.New("several tenants have this external id")

// profiled is the name space of the ids that are made of external ids (RFC 9562 §5.5).
var profiled = uuid.MustParse("0a4b5f9e-3f0c-4d0e-9a51-6c2d0c1f7e35")

// idOf returns the id of the tenant with an external id, or the one that it will have.
func (r *Registrar) idOf(ctx context.Context, external External) (string, error) {
	found, err := query[Tenant](ctx, r.db, table.Query{PK: codePK(external.Origin == originIPA, external.Value)})
	if err != nil {
		return "", err
	}
	found = slices.DeleteFunc(found, func(t *Tenant) bool { return t.ExternalID != external })
	switch len(found) {
	case 0:
		return uuid.NewSHA1(profiled, []byte(external.Origin+"/"+external.Value)).String(), nil
	case 1:
		return found[0].ID, nil
	default:
		return "", ErrAmbiguous
	}
}

// registration is what a registration is decided on.
type registration struct {
	tenant *Tenant // nil when there is none
	at     string
}

// store makes or updates a tenant and returns it.
func (r *Registrar) store(ctx context.Context, p Profile) (*Tenant, error) {
	return change.Do(ctx, r.db, change.Change[registration, *Tenant]{
		Read: func(ctx context.Context, round change.Round) (registration, error) {
			before := registration{at: table.Stamp(r.now())}
			var err error
			if item, refused := round.Item(LabelTenant); refused {
				before.tenant, err = As(item)
			} else {
				before.tenant, err = find(ctx, r.db, p.ID)
			}
			return before, err
		},
		Decide: func(before registration) (*Tenant, error) { return before.decide(p), nil },
		Steps: func(before registration, after *Tenant) ([]table.Step, error) {
			return tenantSteps(before.tenant, after), nil
		},
	})
}

// OnboardSteps returns the steps of the transaction that registers the first user of an
// organization, whose tenant is t, nil when there is none. They refuse, by LabelTenant, when
// the tenant has changed since it was read. A tenant that is onboarded has no such steps: it
// stays onboarded.
func OnboardSteps(t *Tenant, id, at string) []table.Step {
	if t != nil && t.OnboardedAt != "" {
		return nil
	}
	before := registration{tenant: t, at: at}
	return tenantSteps(t, before.decide(Profile{Organization: interop.Organization{ID: id}, OnboardedAt: at}))
}

// decide returns the tenant with what the profile says. The same tenant means that nothing
// changes.
func (before registration) decide(p Profile) *Tenant {
	after := Tenant{ID: p.ID, Name: p.ID, ExternalID: External{Origin: originID, Value: p.ID}, CreatedAt: before.at}
	if before.tenant != nil {
		after = *before.tenant
	}
	after.Name = cmp.Or(p.Name, after.Name)
	if p.Origin != "" {
		after.ExternalID = External{Origin: p.Origin, Value: p.Value}
	}
	after.Kind = cmp.Or(p.Kind, after.Kind)
	after.OnboardedAt = cmp.Or(p.OnboardedAt, after.OnboardedAt)
	after.SubUnitType = cmp.Or(p.SubUnitType, after.SubUnitType)
	after.SelfcareInstitutionType = cmp.Or(p.SelfcareInstitutionType, after.SelfcareInstitutionType)
	if p.Certifier != nil {
		after.Certifier = *p.Certifier
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
	steps, listed := listSteps(before, after)
	stored := *after
	stored.Listed = listed
	unchanged := table.NotExists()
	if before != nil {
		unchanged = table.Equals("version", before.Version)
		if before.codeKey() != after.codeKey() {
			steps = append(steps, table.Delete("former entry by code", before.codeKey()))
		}
	}
	return append(steps,
		table.Put(LabelTenant, Key(after.ID), stored, unchanged),
		table.Put("entry by code", after.codeKey(), stored))
}

func (r *Registrar) isKnown(o interop.Organization) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[o.ID] == o
}

// forget lets the next call of an organization be recorded again.
func (r *Registrar) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, id)
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
	item, err := db.Get(ctx, Key(id))
	if err != nil {
		return nil, err
	}
	return As(item)
}
