// Package client is the clients of organizations, with which their software gets
// vouchers, and the public keys that the software signs with (PDND M2M v3).
package client

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Kind says what the vouchers of a client are for.
type Kind string

const (
	// Consumer is the kind of clients whose vouchers are for the e-services of others. Items
	// that were stored before there was another kind have none.
	Consumer Kind = "CONSUMER"
	// API is the kind of clients whose vouchers are access tokens for this API.
	API Kind = "API"
)

// Client is a client of an organization. Keys, Members, AdminID and Version change.
type Client struct {
	ID          string   `dynamodbav:"id"`
	Kind        Kind     `dynamodbav:"kind,omitempty"`
	ConsumerID  string   `dynamodbav:"consumerId"` // the organization that owns it
	Name        string   `dynamodbav:"name"`
	Description string   `dynamodbav:"description,omitempty"`
	Members     []string `dynamodbav:"members"` // users of the organization, in the order of their addition
	CreatedAt   string   `dynamodbav:"createdAt"`
	AdminID     string   `dynamodbav:"adminId,omitempty"` // user.AdminAttribute; of an API client, "" for none
	Keys        int64    `dynamodbav:"keys"`              // how many it has
	Version     int64    `dynamodbav:"version"`           // counts the changes of its keys, links and admin

	// Listed is the stamp of its entries in lists.
	Listed list.Stamp `dynamodbav:"listed,omitempty"`

	// MembersVersion counts the changes of Members, so that these do not compete with the
	// changes of keys and links.
	MembersVersion int64 `dynamodbav:"membersVersion,omitempty"`
}

// IsAPI reports whether the client is of the kind API.
func (c *Client) IsAPI() bool { return c.Kind == API }

// What a client takes, as the operations and the allowed actions ask for it
// (TestAllowedActionsAreAccepted).

// hasRoomForKey reports whether the client may get another key. In a transaction this is
// roomForKey.
func (c *Client) hasRoomForKey() bool { return c.Keys < maxKeys }

// roomForKey returns the condition that the client may get another key.
func roomForKey() table.Cond { return table.Below("keys", maxKeys) }

// hasRoomForMember reports whether the client may get another member.
func (c *Client) hasRoomForMember() bool { return len(c.Members) < maxMembers }

// takesPurposes reports whether the client may be linked to purposes.
func (c *Client) takesPurposes() bool { return !c.IsAPI() }

// takesAdmin reports whether the client may have an admin.
func (c *Client) takesAdmin() bool { return c.IsAPI() }

// client           CLIENT#<id>             CLIENT
// being deleted    CLIENT#<id>             DELETED             while there is more of it than the client
// its key          CLIENT#<id>             KEY#<kid>
// linked purpose   CLIENT#<id>             PURPOSE#<purpose>
// holder of a key  KEY#<kid>               KEY
// list entry       CLIENTS#<consumer>      see package list
// list entry       CLIENTS                 all clients, without what only the owner may see
// list entry       CLIENTS_API#<consumer>  API clients, which are in no other list
const (
	clientSK  = "CLIENT" // sorts before all the others, as listKeys and delete need it
	deletedSK = "DELETED"
	keyPrefix = "KEY#"
	keySK     = "KEY"
	clientsPK = "CLIENTS"
)

func clientPK(id string) string { return "CLIENT#" + id }

// ClientKey returns the key of a client.
func ClientKey(id string) table.Key { return interop.Key(clientPK(id), clientSK) }

// CredentialKey returns the key of a [Credential] of a client by its kid. Readers must also
// load the client: credentials of a deleted client may still be stored and are not valid.
func CredentialKey(id, kid string) table.Key { return interop.Key(clientPK(id), keyPrefix+kid) }

func deletedKey(id string) table.Key { return interop.Key(clientPK(id), deletedSK) }

// holderKey returns the key of the [holder] of a key. There is one item per key, so a key
// belongs to one client.
func holderKey(kid string) table.Key { return interop.Key("KEY#"+kid, keySK) }

func ownPK(consumerID string) string { return clientsPK + "#" + consumerID }
func apiPK(consumerID string) string { return "CLIENTS_API#" + consumerID }

// LabelClient is the label of [ChangeStep].
const LabelClient = "client"

// ChangeStep returns the step that every transaction of the owner has which gives the
// client a key or a link, or takes one away. It adds keys, which may be negative, to the
// number of keys, and refuses when the client does not exist, belongs to another
// organization or does not meet conds.
//
// It also counts the version, which a deletion checks. Without that a key that is added
// while the client is deleted would stay stored after the client (TestDeletionOvertaken).
func ChangeStep(id, consumerID string, keys int64, conds ...table.Cond) table.Step {
	return table.Update(LabelClient, ClientKey(id), table.Changes{Add: map[string]int64{"keys": keys, "version": 1}},
		append(conds, table.Equals("consumerId", consumerID))...)
}

// RequireOwner returns ClientNotFound when c, the client of that id, is nil, and
// NotTheClientOwner when it belongs to another organization.
func RequireOwner(c *Client, id, organization string) error {
	if c == nil {
		return notFound(id)
	}
	if c.ConsumerID != organization {
		return problem.New(interop.NotTheClientOwner, "Client %s belongs to another organization.", id)
	}
	return nil
}

// requireTakesAdmin returns ClientKindNotAllowed for a client that may not have an admin.
func requireTakesAdmin(c *Client) error {
	if c.takesAdmin() {
		return nil
	}
	return problem.New(interop.ClientKindNotAllowed, "Client %s is of the kind CONSUMER. Only clients of the kind API have an admin.", c.ID)
}

func notFound(id string) error { return problem.New(interop.ClientNotFound, "Client %s not found", id) }
