package user

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and changes the users of organizations.
type Store struct {
	db  table.DB
	now func() time.Time
}

// NewStore makes a Store.
func NewStore(deps api.Deps) (*Store, error) { return &Store{db: deps.DB, now: deps.Now}, nil }

// List returns the users of an organization that have one of the roles, all for no role, by
// their names regardless of case, then by id.
func (s *Store) List(ctx context.Context, tenantID string, roles []string) ([]*User, error) {
	var all []*User
	q := table.Query{Table: interop.Table.Name, PK: usersPK(tenantID), Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		u, err := As(item)
		all = append(all, u)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 { // an organization that has users is onboarded
		if err := s.requireOnboarded(ctx, tenantID); err != nil {
			return nil, err
		}
	}
	if len(roles) > 0 {
		all = slices.DeleteFunc(all, func(u *User) bool {
			return !slices.ContainsFunc(u.Roles, func(role string) bool { return slices.Contains(roles, role) })
		})
	}
	slices.SortFunc(all, func(a, b *User) int {
		return cmp.Or(strings.Compare(names.Fold(a.FamilyName), names.Fold(b.FamilyName)),
			interop.CompareNames(a.Name, a.ID, b.Name, b.ID))
	})
	return all, nil
}

// get reads a user of an organization. It returns MissingSelfcareID when the organization
// is not onboarded, and UserNotFound when it has no such user.
func (s *Store) get(ctx context.Context, tenantID, userID string) (*User, error) {
	item, err := s.db.Get(ctx, Key(tenantID, userID))
	if err != nil {
		return nil, err
	}
	u, err := As(item)
	if err != nil || u != nil {
		return u, err
	}
	if err := s.requireOnboarded(ctx, tenantID); err != nil {
		return nil, err
	}
	return nil, notFound(userID)
}

func notFound(userID string) error {
	return problem.New(interop.UserNotFound, "User %s not found", userID)
}

// requireOnboarded returns MissingSelfcareID unless users of the organization have been
// registered.
func (s *Store) requireOnboarded(ctx context.Context, tenantID string) error {
	item, err := s.db.Get(ctx, tenant.Key(tenantID))
	if err != nil {
		return err
	}
	t, err := tenant.As(item)
	if err != nil {
		return err
	}
	return requireOnboarded(t, tenantID)
}

func requireOnboarded(t *tenant.Tenant, tenantID string) error {
	if t == nil || t.OnboardedAt == "" {
		return problem.New(interop.MissingSelfcareID,
			"The users of organization %s are not known. Register the first one with PUT /users/{userId}.", tenantID)
	}
	return nil
}
