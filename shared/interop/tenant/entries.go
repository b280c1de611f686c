package tenant

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// listSteps returns the steps that change how a tenant is listed, and the stamp of its entry
// after that. before is nil for a new one.
func listSteps(before, after *Tenant) ([]table.Step, list.Stamp) {
	if before == nil {
		return interop.NamedLists.Steps(after.ID, "", nil, after.listed())
	}
	return interop.NamedLists.Steps(after.ID, before.Listed, before.listed(), after.listed())
}

// listed returns how the tenant is listed.
func (t *Tenant) listed() list.Listed[interop.Named] {
	return list.Listed[interop.Named]{tenantsPK: {Name: t.Name}}
}
