package service

import (
	"slices"
	"strings"

	"ciclo/shared/platform/list"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// entry is a service in the list of its owner or of its group. It says what edits rarely
// change: an entry that said the state would cost each review and each release four write
// units more.
type entry struct {
	Name string `dynamodbav:"name"`
}

// listRow is an entry in memory.
type listRow struct{ id, name string } // the name as orders and filters have it

// entries are the lists of services, in the order of their creation, which ids have.
var entries = list.Kind[entry, listRow]{
	Table: services.Table.Name,
	Row: func(id string, item table.Item) listRow {
		return listRow{strings.Clone(id), strings.Clone(names.Fold(table.Text(item, "name")))}
	},
	Compare:    compareIDs,
	CompareIDs: compareIDs,
	AtOnce:     true,
}

func compareIDs(a, b *listRow) int { return strings.Compare(a.id, b.id) }

// listed returns how a service is listed; nil for none. A deleted one stays in its lists.
func (s *service) listed() list.Listed[entry] {
	if s == nil {
		return nil
	}
	e := entry{Name: s.Data.Name}
	all := list.Listed[entry]{listPK(s.Owner, ""): e}
	if s.Group != "" {
		all[listPK(s.Owner, s.Group)] = e
	}
	return all
}

// listSteps keeps the lists that a service is in, and its stamp in them.
func listSteps(before, after *service) []table.Step {
	var steps []table.Step
	steps, after.Listed = entries.Steps(after.ID, after.Listed, before.listed(), after.listed())
	return steps
}

// idsOf returns the ids of the services of rows.
func idsOf(rows []*listRow) []string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids
}

// pageOf returns the part of all that a page has.
func pageOf[T any](all []T, page services.Paged) []T {
	all = all[min(page.Offset, len(all)):]
	return slices.Clip(all[:min(page.Limit, len(all))])
}
