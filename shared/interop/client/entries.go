package client

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// entry is a client in a list. It has a name in the lists of its owner alone.
type entry struct {
	ConsumerID string `dynamodbav:"consumerId"`
	Name       string `dynamodbav:"name,omitempty"`
}

// row is an entry in memory.
type row struct {
	id, consumerID uuid.UUID

	name interop.RowName
}

// entries are the lists of clients, by name in any case, then by id. Those without a name come
// last, so by id alone: the order of others' clients must not reveal their names.
var entries = list.Kind[entry, row]{
	Table: interop.Table.Name,
	Row: func(id string, item table.Item) row {
		return row{
			id:         interop.UUID(id),
			consumerID: interop.UUID(table.Text(item, "consumerId")),
			name:       interop.RowNameOf(table.Text(item, "name")),
		}
	},
	Compare: func(a, b *row) int {
		if isNamed := a.name.Order != ""; isNamed != (b.name.Order != "") {
			if isNamed {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.name.Order, b.name.Order), compareIDs(a, b))
	},
	CompareIDs: compareIDs,
}

func compareIDs(a, b *row) int { return bytes.Compare(a.id[:], b.id[:]) }

// listed returns how the client is listed.
func (c *Client) listed() list.Listed[entry] {
	own := entry{ConsumerID: c.ConsumerID, Name: c.Name}
	if c.IsAPI() {
		return list.Listed[entry]{apiPK(c.ConsumerID): own}
	}
	return list.Listed[entry]{ownPK(c.ConsumerID): own, clientsPK: {ConsumerID: c.ConsumerID}}
}
