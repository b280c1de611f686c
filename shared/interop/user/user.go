// Package user is the users of organizations, as the identity system of PDND (Self Care)
// has them: who they are and what they may do in their organization (PDND M2M v3, users).
package user

import (
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
)

// User is a user of one organization, its tenant. A person who is a user of two
// organizations has a record in each.
type User struct {
	ID         string   `dynamodbav:"id"`
	Name       string   `dynamodbav:"name"`
	FamilyName string   `dynamodbav:"familyName"`
	Roles      []string `dynamodbav:"roles"`
	Version    int64    `dynamodbav:"version"` // counts its changes, and the clients it was made admin of
	// Of the roles, for conditions:
	Admin       bool `dynamodbav:"admin"`       // [User.IsAdmin]
	ManagesKeys bool `dynamodbav:"managesKeys"` // [User.MayManageKeys]
}

// Roles of users. Others are known by name alone.
const (
	RoleAdmin    = "admin"
	RoleSecurity = "security"
)

// IsAdmin reports whether the user may be the admin of an API client.
func (u *User) IsAdmin() bool { return slices.Contains(u.Roles, RoleAdmin) }

// MayManageKeys reports whether the user may be a member of clients and upload keys.
func (u *User) MayManageKeys() bool {
	return u.IsAdmin() || slices.Contains(u.Roles, RoleSecurity)
}

// user          USERS#<tenant>           <user>
// its client    USERS#<tenant>#<user>    <client>     an API client that the user is the admin of
//
// The users are apart from the tenant's own partition, because every check of the tenant's
// attributes reads that one.

func usersPK(tenantID string) string { return "USERS#" + tenantID }

// Key returns the key of a user.
func Key(tenantID, userID string) table.Key { return interop.Key(usersPK(tenantID), userID) }

// As decodes the item of a user, see [table.As].
func As(item table.Item) (*User, error) { return table.As[User](item) }

func clientsPK(tenantID, userID string) string { return usersPK(tenantID) + "#" + userID }

// Labels of the steps of a transaction.
const (
	// LabelAdmin is the label of the step of [AdminSteps] that refuses.
	LabelAdmin = "admin"
	// LabelMember is the label of [MemberCheck].
	LabelMember = "member"

	labelClient   = "client of the admin"
	labelReleased = "client of the former admin"
)

// Administered is an API client that a user is the admin of.
type Administered struct {
	ClientID string `dynamodbav:"clientId"`
	// The key of the client's item, whose attribute [AdminAttribute] is the id of the user.
	PK string `dynamodbav:"clientPK"`
	SK string `dynamodbav:"clientSK"`
}

// AdminAttribute is the attribute of a client's item that has the id of its admin.
const AdminAttribute = "adminId"

// AdminSteps returns the steps of the transaction that sets the admin of an API client:
// LabelAdmin, which refuses when the user does not exist or does not have the role admin,
// and one that stores the client with the user.
//
// Every transaction that puts a user's id into [AdminAttribute] has these steps, and every
// one that takes it out, or deletes the client, has [ReleaseStep]. They count the version of
// the user, which its deletion checks. Without that a user who is deleted meanwhile would
// stay the admin of the client (TestDeleteAgainstAdmin).
func AdminSteps(tenantID, userID, clientID string, client table.Key) []table.Step {
	count := table.Changes{Add: map[string]int64{"version": 1}}
	return []table.Step{
		table.Update(LabelAdmin, Key(tenantID, userID), count, table.Equals("admin", true)),
		table.Put(labelClient, clientKey(tenantID, userID, clientID), Administered{ClientID: clientID, PK: client.PK, SK: client.SK}),
	}
}

// ReleaseStep returns the step that removes an API client from the clients of its former
// admin.
func ReleaseStep(tenantID, userID, clientID string) table.Step {
	return table.Delete(labelReleased, clientKey(tenantID, userID, clientID))
}

// MemberCheck returns the step LabelMember, which refuses when the user does not exist or
// may not manage keys.
func MemberCheck(tenantID, userID string) table.Step {
	return table.Check(LabelMember, Key(tenantID, userID), table.Equals("managesKeys", true))
}

func clientKey(tenantID, userID, clientID string) table.Key {
	return interop.Key(clientsPK(tenantID, userID), clientID)
}
