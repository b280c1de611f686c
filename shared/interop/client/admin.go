package client

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// adminIs returns the condition that the client has that admin, "" for none.
func adminIs(userID string) table.Cond {
	if userID == "" {
		return table.Lacks(user.AdminAttribute)
	}
	return table.Equals(user.AdminAttribute, userID)
}

// adminSnapshot is what a new admin is decided on.
type adminSnapshot struct {
	user   *user.User // of the caller; nil when there is none
	client *Client    // nil when there is none
}

// setAdmin makes a user of the caller the admin of an API client; a former admin is replaced.
// Refusals come in the order of PDND's setAdminToClient.
//
// Of two callers that set different admins at the same time both succeed, one after the
// other, and the last one stays. Of two that set the same user one gets AlreadyTheAdmin
// (TestAdminRaces).
func (s *Store) setAdmin(ctx context.Context, id, userID string) (*Client, error) {
	caller := interop.Caller(ctx)
	return change.Do(ctx, s.db, change.Change[adminSnapshot, *Client]{
		Read: func(ctx context.Context, _ change.Round) (adminSnapshot, error) {
			return s.readAdmin(ctx, id, caller, userID)
		},
		Decide: func(a adminSnapshot) (*Client, error) {
			if err := a.requireSettable(id, caller, userID); err != nil {
				return nil, err
			}
			after := *a.client
			after.AdminID = userID
			return &after, nil
		},
		Steps: func(a adminSnapshot, _ *Client) ([]table.Step, error) {
			steps := append(user.AdminSteps(caller, userID, id, ClientKey(id)), table.Update(LabelClient, ClientKey(id),
				table.Changes{Set: map[string]any{user.AdminAttribute: userID}, Add: map[string]int64{"version": 1}},
				table.Equals("consumerId", caller), adminIs(a.client.AdminID)))
			if former := a.client.AdminID; former != "" {
				steps = append(steps, user.ReleaseStep(caller, former, id))
			}
			return steps, nil
		},
	})
}

func (s *Store) readAdmin(ctx context.Context, id, tenantID, userID string) (adminSnapshot, error) {
	var a adminSnapshot
	items, err := s.db.BatchGet(ctx, []table.Key{user.Key(tenantID, userID), ClientKey(id)})
	if err != nil {
		return a, err
	}
	if a.user, err = user.As(items[0]); err != nil {
		return a, err
	}
	a.client, err = table.As[Client](items[1])
	return a, err
}

// requireSettable refuses a user who may not become the admin of the client.
func (a adminSnapshot) requireSettable(id, caller, userID string) error {
	switch {
	case a.user == nil || !a.user.IsAdmin():
		return problem.New(interop.UserWithoutRole, "User %s is no user of tenant %s with the role %s.", userID, caller, user.RoleAdmin)
	case a.client == nil:
		return notFound(id)
	}
	if err := requireTakesAdmin(a.client); err != nil {
		return err
	}
	if err := RequireOwner(a.client, id, caller); err != nil {
		return err
	}
	if a.client.AdminID == userID {
		return problem.New(interop.AlreadyTheAdmin, "User %s is the admin of client %s already.", userID, id)
	}
	return nil
}

// removeAdmin leaves an API client of the caller without an admin. The access tokens that it
// got with this admin are refused from then on, because the door compares their admin with
// the stored one.
func (s *Store) removeAdmin(ctx context.Context, id, userID string) error {
	caller := interop.Caller(ctx)
	err := s.db.Write(ctx,
		table.Update(LabelClient, ClientKey(id),
			table.Changes{Remove: []string{user.AdminAttribute}, Add: map[string]int64{"version": 1}},
			table.Equals("consumerId", caller), adminIs(userID)),
		user.ReleaseStep(caller, userID, id),
	)
	refused := table.AsRefused(err)
	if refused == nil {
		return err
	}
	return clientRefusal(refused, func(c *Client) error {
		if err := RequireOwner(c, id, caller); err != nil {
			return err
		}
		if err := requireTakesAdmin(c); err != nil {
			return err
		}
		return problem.New(interop.NotTheClientAdmin, "User %s is not the admin of client %s.", userID, id)
	})
}
