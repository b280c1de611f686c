package client

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// What the owner may do with a client, as answers name it.
const (
	actionAddKey        = "addKey"
	actionDeleteKey     = "deleteKey"
	actionAddPurpose    = "addPurpose"
	actionRemovePurpose = "removePurpose"
	actionAddUser       = "addUser"
	actionRemoveUser    = "removeUser"
	actionSetAdmin      = "setAdmin"
	actionRemoveAdmin   = "removeAdmin"
	actionDelete        = "delete"
)

// allowedActions returns what the caller may do with the client now, none for others than
// its owner and for roles that only read. An action that is listed may still be refused for
// what it is called with, such as a user without the required role.
func (c *Client) allowedActions(ctx context.Context) []string {
	caller, _ := api.IdentityFrom(ctx)
	if c.ConsumerID != caller.Subject || !caller.HasScope(interop.Writers...) {
		return nil
	}
	all := []struct {
		action  string
		allowed bool
	}{
		{actionAddKey, c.hasRoomForKey()},
		{actionDeleteKey, c.Keys > 0},
		{actionAddPurpose, c.takesPurposes()},
		{actionRemovePurpose, c.takesPurposes()},
		{actionAddUser, c.hasRoomForMember()},
		{actionRemoveUser, len(c.Members) > 0},
		{actionSetAdmin, c.takesAdmin()},
		{actionRemoveAdmin, c.AdminID != ""},
		{actionDelete, true},
	}
	var allowed []string
	for _, a := range all {
		if a.allowed {
			allowed = append(allowed, a.action)
		}
	}
	return allowed
}
