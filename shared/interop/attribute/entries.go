package attribute

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// entry is an attribute in a list.
type entry struct {
	Name string `dynamodbav:"name"`
}

// row is an entry in memory.
type row struct {
	id    uuid.UUID
	order string // of the name
}

// entries are the lists of attributes, by name in any case, then by id.
var entries = list.Kind[entry, row]{
	Table: interop.Table.Name,
	Row: func(id string, item table.Item) row {
		return row{id: interop.UUID(id), order: interop.OrderOf(table.Text(item, "name"))}
	},
	Compare:    func(a, b *row) int { return cmp.Or(strings.Compare(a.order, b.order), bytes.Compare(a.id[:], b.id[:])) },
	CompareIDs: func(a, b *row) int { return bytes.Compare(a.id[:], b.id[:]) },
}

// listSteps returns the steps that list a new attribute. Its entry never changes.
func (a *Attribute) listSteps() []table.Step {
	steps, _ := entries.Steps(a.ID, "", nil, list.Listed[entry]{listPK(a.Kind): {Name: a.Name}})
	return steps
}
