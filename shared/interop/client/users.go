package client

import (
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// maxMembers bounds the item of a client. PDND has no bound.
const maxMembers = 1000

// membersUnchanged returns the condition that no member was added or removed since the client
// was read.
func (c *Client) membersUnchanged() table.Cond {
	if c.MembersVersion == 0 {
		return table.Lacks("membersVersion")
	}
	return table.Equals("membersVersion", c.MembersVersion)
}

// memberStep returns the step that stores the members of a client, unless they have changed
// since the client was read.
func (c *Client) memberStep(members []string) table.Step {
	return table.Update(LabelClient, ClientKey(c.ID),
		table.Changes{Set: map[string]any{"members": members}, Add: map[string]int64{"membersVersion": 1}},
		table.Equals("consumerId", c.ConsumerID), c.membersUnchanged())
}

// memberSnapshot is what a change by or of a member is decided on.
type memberSnapshot struct {
	client *Client        // nil when there is none
	user   *user.User     // of the caller; nil when there is none
	tenant *tenant.Tenant // the caller; nil when there is none
}

// readMember reads a client, and the user and the tenant of the caller.
func (s *Store) readMember(ctx context.Context, id, userID string) (memberSnapshot, error) {
	var m memberSnapshot
	caller := interop.Caller(ctx)
	keys := []table.Key{ClientKey(id), tenant.Key(caller)}
	if userID != "" {
		keys = append(keys, user.Key(caller, userID))
	}
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return m, err
	}
	if m.client, err = table.As[Client](items[0]); err != nil {
		return m, err
	}
	if m.tenant, err = tenant.As(items[1]); err != nil || userID == "" {
		return m, err
	}
	m.user, err = user.As(items[2])
	return m, err
}

// requireManager returns UserWithoutRole unless the user may manage keys.
func (m memberSnapshot) requireManager(caller, userID string) error {
	if m.user != nil && m.user.MayManageKeys() {
		return nil
	}
	return problem.New(interop.UserWithoutRole, "User %s is no user of tenant %s with the role %s or %s.",
		userID, caller, user.RoleAdmin, user.RoleSecurity)
}

// requireOnboarded returns MissingSelfcareID unless the users of the caller are known.
func (m memberSnapshot) requireOnboarded(caller string) error {
	if m.tenant != nil && m.tenant.OnboardedAt != "" {
		return nil
	}
	return problem.New(interop.MissingSelfcareID,
		"The users of organization %s are not known. Register the first one with PUT /users/{userId}.", caller)
}

// addUser makes a user of the caller a member of one of its clients. Refusals come in the
// order of PDND's addClientUsers.
func (s *Store) addUser(ctx context.Context, id, userID string) error {
	caller := interop.Caller(ctx)
	_, err := change.Do(ctx, s.db, change.Change[memberSnapshot, []string]{
		Read: func(ctx context.Context, _ change.Round) (memberSnapshot, error) {
			return s.readMember(ctx, id, userID)
		},
		Decide: func(m memberSnapshot) ([]string, error) {
			if err := RequireOwner(m.client, id, caller); err != nil {
				return nil, err
			}
			if err := m.requireOnboarded(caller); err != nil {
				return nil, err
			}
			if err := m.requireManager(caller, userID); err != nil {
				return nil, err
			}
			members := m.client.Members
			switch {
			case slices.Contains(members, userID):
				return nil, problem.New(interop.AlreadyAMember, "User %s is a user of client %s already.", userID, id)
			case !m.client.hasRoomForMember():
				return nil, problem.New(interop.BadRequest, "Client %s has %d users, the most it may have.", id, len(members))
			}
			return append(slices.Clip(members), userID), nil
		},
		Steps: func(m memberSnapshot, members []string) ([]table.Step, error) {
			return []table.Step{m.client.memberStep(members), user.MemberCheck(caller, userID)}, nil
		},
	})
	return err
}

// removeUser removes a member of a client of the caller. The keys that the user has uploaded
// stay valid.
func (s *Store) removeUser(ctx context.Context, id, userID string) error {
	_, err := change.Do(ctx, s.db, change.Change[*Client, []string]{
		Read: func(ctx context.Context, r change.Round) (*Client, error) {
			if item, refused := r.Item(LabelClient); refused {
				return table.As[Client](item)
			}
			return s.find(ctx, id)
		},
		Decide: func(c *Client) ([]string, error) {
			if err := RequireOwner(c, id, interop.Caller(ctx)); err != nil {
				return nil, err
			}
			if !slices.Contains(c.Members, userID) {
				return nil, problem.New(interop.NotAMember, "User %s is no user of client %s.", userID, id)
			}
			return slices.DeleteFunc(slices.Clone(c.Members), func(member string) bool { return member == userID }), nil
		},
		Steps: func(c *Client, members []string) ([]table.Step, error) {
			return []table.Step{c.memberStep(members)}, nil
		},
	})
	return err
}

// listUsers returns a page of the members of a client of the caller, in the order of their
// addition. A member that is no user of the caller has neither names nor roles: members that
// are named at the creation of a client are not looked up.
func (s *Store) listUsers(ctx context.Context, in *UsersInput) ([]user.View, interop.Pagination, error) {
	caller := interop.Caller(ctx)
	m, err := s.readMember(ctx, in.ClientID, "")
	if err == nil {
		err = m.requireOnboarded(caller)
	}
	if err == nil {
		err = RequireOwner(m.client, in.ClientID, caller)
	}
	if err != nil {
		return nil, interop.Pagination{}, err
	}
	page, pagination := interop.Page(in.Paged, m.client.Members)
	if len(page) == 0 {
		return []user.View{}, pagination, nil
	}
	keys := make([]table.Key, len(page))
	for i, id := range page {
		keys[i] = user.Key(caller, id)
	}
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return nil, pagination, err
	}
	views := make([]user.View, len(page))
	for i, item := range items {
		u, err := user.As(item)
		if err != nil {
			return nil, pagination, err
		}
		if u == nil {
			u = &user.User{ID: page[i]}
		}
		views[i] = u.View()
	}
	return views, pagination, nil
}

// addKeyAsMember is addKey where the caller's user must be a member of the client who may
// manage keys, and where keys are for RS256 alone (PDND). Refusals come in PDND's order.
func (s *Store) addKeyAsMember(ctx context.Context, in *AddKeyInput) (*holder, error) {
	id := in.ClientID
	caller, _ := api.IdentityFrom(ctx)
	return change.Do(ctx, s.db, change.Change[memberSnapshot, *holder]{
		Read: func(ctx context.Context, _ change.Round) (memberSnapshot, error) {
			return s.readMember(ctx, id, caller.User)
		},
		Decide: func(m memberSnapshot) (*holder, error) {
			if err := requireRoom(m.client, id, caller.Subject); err != nil {
				return nil, err
			}
			if !slices.Contains(m.client.Members, caller.User) {
				return nil, notAMember(id, caller.User)
			}
			if err := m.requireManager(caller.Subject, caller.User); err != nil {
				return nil, err
			}
			key, err := in.jwk(jose.RS256)
			if err != nil {
				return nil, err
			}
			return &holder{ClientID: id, JWK: *key}, nil
		},
		Steps: func(m memberSnapshot, h *holder) ([]table.Step, error) {
			return append(s.keySteps(h, in.Body.Name),
				ChangeStep(id, caller.Subject, 1, roomForKey(), m.client.membersUnchanged()),
				user.MemberCheck(caller.Subject, caller.User)), nil
		},
		Lost: func(_ memberSnapshot, h *holder, refused *table.Refused) error {
			if _, exists := refused.By(labelHolder); exists && len(refused.Steps) == 1 {
				return alreadyExists(h)
			}
			return nil
		},
	})
}

func notAMember(id, userID string) error {
	if userID == "" {
		return problem.New(interop.CallerNotAMember,
			"The access token names no user, and only users of client %s may add keys to it. Use a token of an API client with an admin.", id)
	}
	return problem.New(interop.CallerNotAMember, "User %s is no user of client %s. Add the user first.", userID, id)
}
