package eservice

import (
	"cmp"
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// entry is an e-service in a list.
type entry struct {
	EService
	Public bool `dynamodbav:"public"`
}

// list returns the e-services that match and that the caller may see, by name
// regardless of case, then by id. It reads the entries of the producers in the query, or
// else the caller's own and those of all producers with the technology and mode.
func (s *Store) list(ctx context.Context, in *ListInput) ([]entry, error) {
	caller := interop.Caller(ctx)
	var partitions []string
	for _, producer := range slices.Compact(slices.Sorted(slices.Values(in.ProducerIDs))) {
		partitions = append(partitions, ownPK(producer))
	}
	if len(partitions) == 0 {
		partitions = append(partitions, ownPK(caller))
		for _, technology := range oneOrAll(in.Technology, technologies) {
			for _, mode := range oneOrAll(in.Mode, modes) {
				partitions = append(partitions, publicPK(technology, mode))
			}
		}
	}
	queries := make([]table.Query, len(partitions))
	for i, pk := range partitions {
		queries[i] = table.Query{Table: interop.Table.Name, PK: pk, Consistent: true}
	}
	found := map[string]entry{}
	hasName := names.Filter(in.Name)
	err := table.AllOf(ctx, s.db, queries, func(item table.Item) error {
		e, err := table.As[entry](item)
		if err == nil && hasName(e.Name) && in.matches(e) && (e.Public || e.ProducerID == caller) {
			found[e.ID] = *e
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	all := make([]entry, 0, len(found))
	for _, e := range found {
		all = append(all, e)
	}
	// Sort keys are not in the order of names: "#" sorts after a space, the end of a name before it.
	slices.SortFunc(all, func(a, b entry) int {
		return interop.CompareNames(a.Name, a.ID, b.Name, b.ID)
	})
	return all, nil
}

// addDescriptors adds to the e-services of a page the descriptors that agreements may be on,
// which entries lack so that they do not change with every descriptor. Closed editions do not
// show them.
func (s *Store) addDescriptors(ctx context.Context, page []entry) error {
	if api.EditionFrom(ctx).Closed {
		return nil
	}
	ids := make([]string, len(page))
	for i, e := range page {
		ids[i] = e.ID
	}
	roots, err := ListByIDs(ctx, s.db, ids)
	for i, e := range page {
		if root := roots[e.ID]; root != nil { // it may have been deleted since
			page[i].Descriptors = root.Descriptors
		}
	}
	return err
}

var (
	technologies = []string{"REST", "SOAP"}
	modes        = []string{"DELIVER", "RECEIVE"}
)

// oneOrAll returns the value that the query has, all values when it has none.
func oneOrAll(value string, all []string) []string {
	if value != "" {
		return []string{value}
	}
	return all
}

// matches tells whether an entry is what the query selects.
func (in *ListInput) matches(e *entry) bool {
	hasFlag := func(value string, flag *bool) bool { return value == "" || (value == "true") == isTrue(flag) }
	return len(in.TemplateIDs) == 0 && // there are no templates
		cmp.Or(in.Technology, e.Technology) == e.Technology &&
		cmp.Or(in.Mode, e.Mode) == e.Mode &&
		hasFlag(in.SignalHub, e.SignalHub) &&
		hasFlag(in.ConsumerDelegable, e.ConsumerDelegable) &&
		hasFlag(in.ClientAccessDelegable, e.ClientAccessDelegable)
}
