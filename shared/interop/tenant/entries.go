package tenant

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// entry is a tenant in a list.
type entry struct {
	Name string `dynamodbav:"name"`
}

// row is an entry in memory.
type row struct {
	id    uuid.UUID
	order string // of the name
}

// entries are the lists of tenants, by name in any case, then by id.
var entries = list.Kind[entry, row]{
	Table: interop.Table.Name,
	Row: func(id string, item table.Item) row {
		return row{id: interop.UUID(id), order: interop.OrderOf(table.Text(item, "name"))}
	},
	Compare:    func(a, b *row) int { return cmp.Or(strings.Compare(a.order, b.order), bytes.Compare(a.id[:], b.id[:])) },
	CompareIDs: func(a, b *row) int { return bytes.Compare(a.id[:], b.id[:]) },
}

// listSteps returns the steps that change how a tenant is listed, and the stamp of its entry
// after that. before is nil for a new one.
func listSteps(before, after *Tenant) ([]table.Step, list.Stamp) {
	if before == nil {
		return entries.Steps(after.ID, "", nil, after.listed())
	}
	return entries.Steps(after.ID, before.Listed, before.listed(), after.listed())
}

// listed returns how the tenant is listed.
func (t *Tenant) listed() list.Listed[entry] { return list.Listed[entry]{tenantsPK: {Name: t.Name}} }
