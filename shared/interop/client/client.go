// Package client is the clients of organizations, by which their software asks for
// vouchers, and the public keys that the software signs with (PDND M2M v3).
package client

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Client is a client, of the kind that PDND calls CONSUMER. Besides Keys and Version
// it never changes.
type Client struct {
	ID          string   `dynamodbav:"id"`
	ConsumerID  string   `dynamodbav:"consumerId"` // the organization whose it is
	Name        string   `dynamodbav:"name"`
	Description string   `dynamodbav:"description,omitempty"`
	Members     []string `dynamodbav:"members"` // the users who look after it
	CreatedAt   string   `dynamodbav:"createdAt"`
	Keys        int64    `dynamodbav:"keys"`    // how many it has
	Version     int64    `dynamodbav:"version"` // counts the changes of its keys and links
}

// client           CLIENT#<id>             CLIENT
// being deleted    CLIENT#<id>             DELETED             while there is more of it than the client
// its key          CLIENT#<id>             KEY#<kid>
// linked purpose   CLIENT#<id>             PURPOSE#<purpose>
// whose a key is   KEY#<kid>               KEY
// list entry       CLIENTS#<consumer>      <name>#<id>
// list entry       CLIENTS                 <id>                of all, without what only the owner may see
const (
	clientSK  = "CLIENT" // sorts before all the others, which listKeys and delete rely on
	deletedSK = "DELETED"
	keyPrefix = "KEY#"
	keySK     = "KEY"
	clientsPK = "CLIENTS"
)

func clientPK(id string) string { return "CLIENT#" + id }

// ClientKey names the client of that id.
func ClientKey(id string) table.Key { return interop.Key(clientPK(id), clientSK) }

// CredentialKey names the key of a client by its kid. Whoever trusts a key reads its
// client, too: a key whose client is gone is none.
func CredentialKey(id, kid string) table.Key { return interop.Key(clientPK(id), keyPrefix+kid) }

func deletedKey(id string) table.Key { return interop.Key(clientPK(id), deletedSK) }

// holderKey names who has a key, which makes it unique.
func holderKey(kid string) table.Key { return interop.Key("KEY#"+kid, keySK) }

func ownPK(consumerID string) string { return clientsPK + "#" + consumerID }

// entries are where lists have the client, with what they show.
func (c *Client) entries() map[table.Key]Client {
	return map[table.Key]Client{
		interop.Key(ownPK(c.ConsumerID), interop.NameSortKey(c.Name, c.ID)): {
			ID: c.ID, ConsumerID: c.ConsumerID, Name: c.Name, Description: c.Description, CreatedAt: c.CreatedAt,
		},
		interop.Key(clientsPK, c.ID): {ID: c.ID, ConsumerID: c.ConsumerID},
	}
}

// LabelClient is the step of [Changed].
const LabelClient = "client"

// Changed is the step of every transaction that gives something to a client or takes
// it away, by its owner: it refuses when the client is gone or another's, and makes
// a deletion that has read the client before see what was given. keys is how many
// keys more the client has, conds are more conditions on it.
func Changed(id, consumerID string, keys int64, conds ...table.Cond) table.Step {
	return table.Update(LabelClient, ClientKey(id), table.Changes{Add: map[string]int64{"keys": keys, "version": 1}},
		append(conds, table.Equals("consumerId", consumerID))...)
}

// Refusal is why an organization may not change a client, nil for none, as the step
// of [Changed] found it.
func Refusal(c *Client, id, organization string) error {
	if c == nil {
		return notFound(id)
	}
	if c.ConsumerID != organization {
		return problem.New(interop.NotTheClientOwner, "Client %s belongs to another organization.", id)
	}
	return nil
}

func notFound(id string) error { return problem.New(interop.ClientNotFound, "Client %s not found", id) }
