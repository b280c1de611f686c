package client

import (
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
	interop.Row

	consumerID uuid.UUID
}

// entries are the lists of clients, by name in any case, then by id. Those without a name come
// last, so by id alone: the order of others' clients must not reveal their names.
var entries = list.Kind[entry, row]{
	Table: interop.Table.Name,
	Row: func(id string, item table.Item) row {
		return row{
			Row:        interop.RowOf(id, table.Text(item, "name")),
			consumerID: interop.UUID(table.Text(item, "consumerId")),
		}
	},
	Compare: func(a, b *row) int {
		if isNamed := a.Order != ""; isNamed != (b.Order != "") {
			if isNamed {
				return -1
			}
			return 1
		}
		return a.Compare(&b.Row)
	},
	CompareIDs: func(a, b *row) int { return a.CompareIDs(&b.Row) },
}

// listed returns how the client is listed.
func (c *Client) listed() list.Listed[entry] {
	own := entry{ConsumerID: c.ConsumerID, Name: c.Name}
	if c.IsAPI() {
		return list.Listed[entry]{apiPK(c.ConsumerID): own}
	}
	return list.Listed[entry]{ownPK(c.ConsumerID): own, clientsPK: {ConsumerID: c.ConsumerID}}
}
