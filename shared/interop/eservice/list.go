package eservice

import (
	"cmp"
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// entry is an e-service in a list.
type entry struct {
	EService
	Public bool `dynamodbav:"public"`
}

// list returns the e-services that match and that the caller may see, by name
// whatever its case, then by id. It reads the entries of the producers asked for,
// or those of all producers with that technology and mode, and the caller's own.
func (s *Store) list(ctx context.Context, in *ListInput) ([]entry, error) {
	caller := interop.Caller(ctx)
	var partitions []string
	for _, producer := range slices.Compact(slices.Sorted(slices.Values(in.ProducerIDs))) {
		partitions = append(partitions, ownPK(producer))
	}
	if len(partitions) == 0 {
		partitions = append(partitions, ownPK(caller))
		for _, technology := range either(in.Technology, technologies) {
			for _, mode := range either(in.Mode, modes) {
				partitions = append(partitions, publicPK(technology, mode))
			}
		}
	}
	queries := make([]table.Query, len(partitions))
	for i, pk := range partitions {
		queries[i] = table.Query{Table: interop.Table.Name, PK: pk, Consistent: true}
	}
	found := map[string]entry{}
	named := names.Filter(in.Name)
	err := table.AllOf(ctx, s.db, queries, func(item table.Item) error {
		e, err := table.As[entry](item)
		if err == nil && named(e.Name) && in.matches(e) && (e.Public || e.ProducerID == caller) {
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
	slices.SortFunc(all, func(a, b entry) int { // by the whole name: "#" sorts after a space, unlike the end of a name
		return interop.CompareNames(a.Name, a.ID, b.Name, b.ID)
	})
	return all, nil
}

var (
	technologies = []string{"REST", "SOAP"}
	modes        = []string{"DELIVER", "RECEIVE"}
)

func either(asked string, all []string) []string {
	if asked != "" {
		return []string{asked}
	}
	return all
}

func (in *ListInput) matches(e *entry) bool {
	flag := func(asked string, has *bool) bool { return asked == "" || (asked == "true") == holds(has) }
	return len(in.TemplateIDs) == 0 && // there are no templates
		cmp.Or(in.Technology, e.Technology) == e.Technology && cmp.Or(in.Mode, e.Mode) == e.Mode &&
		flag(in.SignalHub, e.SignalHub) && flag(in.ConsumerDelegable, e.ConsumerDelegable) && flag(in.ClientAccessDelegable, e.ClientAccessDelegable)
}
