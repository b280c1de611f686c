package user

import (
	"context"
	"fmt"
	"slices"

	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/table"
)

// maxReleased is how many API clients one transaction takes away from their admin. Each
// takes two steps; the user takes one, and the tenant at most five.
const maxReleased = 45

// labelUser is the label of the step that changes a user.
const labelUser = "user"

// Register creates or replaces a user of an organization and returns what is stored. The
// first user of an organization onboards it. A user who loses the role admin stops being
// the admin of API clients.
func (s *Store) Register(ctx context.Context, tenantID, userID string, seed Seed) (*User, error) {
	after := &User{ID: userID, Name: seed.Name, FamilyName: seed.FamilyName, Roles: seed.Roles}
	after.Admin = after.IsAdmin()
	after.ManagesKeys = after.MayManageKeys()
	return s.become(ctx, tenantID, userID, func(*snapshot) (*User, error) { return after, nil })
}

// delete removes a user of an organization, who stops being the admin of API clients.
func (s *Store) delete(ctx context.Context, tenantID, userID string) error {
	_, err := s.become(ctx, tenantID, userID, func(before *snapshot) (*User, error) {
		switch err := requireOnboarded(before.tenant, tenantID); {
		case err != nil:
			return nil, err
		case before.user == nil:
			return nil, notFound(userID)
		}
		return nil, nil //nolint:nilnil // what is left of the user
	})
	return err
}

// snapshot is what a change of a user is decided on.
type snapshot struct {
	tenantID string
	userID   string
	at       string
	user     *User // nil when there is none
	tenant   *tenant.Tenant
	clients  []administered // those of an admin, as many as one transaction can release
	hasMore  bool           // there are more
}

// administered is an API client of a user.
type administered struct {
	Administered
	isAdmin bool // the client names the user
}

// outcome is what becomes of a user.
type outcome struct {
	user *User // nil when it is deleted
	more bool  // API clients are released first, and there are more of them
}

// become changes a user to what decide returns, nil to delete it. It takes one transaction,
// unless the user is the admin of more API clients than that can release. Then the clients
// come first, in parts: the user exists, with the role, until the last part. So a call that
// was interrupted can be repeated, and finds the rest of the clients
// (TestBrokenCalls).
func (s *Store) become(ctx context.Context, tenantID, userID string, decide func(*snapshot) (*User, error)) (*User, error) {
	for {
		next, err := change.Do(ctx, s.db, change.Change[*snapshot, outcome]{
			Read: func(ctx context.Context, _ change.Round) (*snapshot, error) { return s.read(ctx, tenantID, userID) },
			Decide: func(before *snapshot) (outcome, error) {
				after, err := decide(before)
				return outcome{user: after, more: before.hasMore && !keepsClients(after)}, err
			},
			Steps: func(before *snapshot, next outcome) ([]table.Step, error) { return before.steps(next), nil },
		})
		if err != nil || !next.more {
			return next.user, err
		}
	}
}

// keepsClients reports whether a user, nil for a deleted one, stays the admin of API clients.
func keepsClients(u *User) bool { return u != nil && u.Admin }

// read reads a user with its tenant and, of an admin, the API clients.
func (s *Store) read(ctx context.Context, tenantID, userID string) (*snapshot, error) {
	before := &snapshot{tenantID: tenantID, userID: userID, at: table.Stamp(s.now())}
	items, err := s.db.BatchGet(ctx, []table.Key{Key(tenantID, userID), tenant.Key(tenantID)})
	if err != nil {
		return nil, err
	}
	if before.user, err = As(items[0]); err != nil {
		return nil, err
	}
	if before.tenant, err = tenant.As(items[1]); err != nil {
		return nil, err
	}
	if before.user != nil && before.user.Admin {
		err = s.readClients(ctx, before)
	}
	return before, err
}

// readClients reads the API clients that the user is the admin of. The version of the user,
// which was read before, refuses the change if there are others by then.
func (s *Store) readClients(ctx context.Context, before *snapshot) error {
	q := table.Query{
		Table: before.key().Table, PK: clientsPK(before.tenantID, before.userID), Limit: maxReleased, Consistent: true,
	}
	page, err := s.db.Query(ctx, q)
	if err != nil || len(page.Items) == 0 {
		return err
	}
	before.hasMore = page.Next != ""
	keys := make([]table.Key, len(page.Items))
	before.clients = make([]administered, len(page.Items))
	for i, item := range page.Items {
		if err := table.Decode(item, &before.clients[i].Administered); err != nil {
			return err
		}
		keys[i] = before.clients[i].key()
	}
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return err
	}
	for i, item := range items {
		var c struct {
			AdminID string `dynamodbav:"adminId"`
		}
		if item == nil { // it was deleted
			continue
		}
		if err := table.Decode(item, &c); err != nil {
			return err
		}
		before.clients[i].isAdmin = c.AdminID == before.userID
	}
	return nil
}

func (a Administered) key() table.Key { return table.Key{Table: Key("", "").Table, PK: a.PK, SK: a.SK} }

func (before *snapshot) key() table.Key { return Key(before.tenantID, before.userID) }

// steps returns the transaction that leads to an outcome, none when nothing changes.
func (before *snapshot) steps(next outcome) []table.Step {
	unchanged := table.NotExists()
	if before.user != nil {
		unchanged = table.Equals("version", before.user.Version)
	}
	var steps []table.Step
	switch {
	case next.more:
		steps = append(steps, table.Update(labelUser, before.key(), table.Changes{Add: map[string]int64{"version": 1}}, unchanged))
	case next.user == nil:
		steps = append(steps, table.Delete(labelUser, before.key(), unchanged))
	case before.user == nil || !before.user.equals(next.user):
		stored := *next.user
		stored.Version = 1
		if before.user != nil {
			stored.Version += before.user.Version
		}
		steps = append(steps, table.Put(labelUser, before.key(), stored, unchanged))
	}
	if next.user != nil && !next.more {
		steps = append(steps, tenant.OnboardSteps(before.tenant, before.tenantID, before.at)...)
	}
	if !keepsClients(next.user) {
		steps = append(steps, before.releaseSteps()...)
	}
	return steps
}

// equals reports whether two users are the same, but for their versions.
func (u *User) equals(other *User) bool {
	return u.Name == other.Name && u.FamilyName == other.FamilyName && slices.Equal(u.Roles, other.Roles)
}

// releaseSteps returns the steps that take the API clients away from their admin.
func (before *snapshot) releaseSteps() []table.Step {
	var steps []table.Step
	for i, c := range before.clients {
		release := ReleaseStep(before.tenantID, before.userID, c.ClientID)
		release.Label = fmt.Sprint("administered ", i)
		steps = append(steps, release)
		if c.isAdmin {
			without := table.Changes{Remove: []string{AdminAttribute}, Add: map[string]int64{"version": 1}}
			steps = append(steps, table.Update(fmt.Sprint("client ", i), c.key(), without, table.Equals(AdminAttribute, before.userID)))
		}
	}
	return steps
}
