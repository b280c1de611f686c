package agreement

import (
	"context"
	"maps"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// partition is a partition of list entries. Those with the other side are read, or all
// where others is empty.
type partition struct {
	pk     string
	others []string
}

// list returns the agreements that match and that the caller may see, by the name of the
// e-service in any case, then by id.
func (s *Store) list(ctx context.Context, in *ListInput) ([]entry, error) {
	partitions, err := s.partitions(ctx, in)
	if err != nil {
		return nil, err
	}
	caller := interop.Caller(ctx)
	found := map[string]entry{}
	err = table.AllOf(ctx, s.db, in.ranges(partitions), func(item table.Item) error {
		e, err := table.As[entry](item)
		if err == nil && in.matches(e) && isVisibleTo(caller, e.ConsumerID, e.ProducerID, e.State) {
			found[e.ID] = *e
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(found), func(a, b entry) int {
		return interop.CompareNames(a.EServiceName, a.ID, b.EServiceName, b.ID)
	}), nil
}

// partitions returns the partitions that have everything that matches and that the caller
// may see: those of the e-services, where the input names some or their descriptors,
// otherwise the caller's own as a consumer and as a producer.
func (s *Store) partitions(ctx context.Context, in *ListInput) ([]partition, error) {
	if len(in.EServiceIDs)+len(in.DescriptorIDs) == 0 {
		return in.ownPartitions(interop.Caller(ctx)), nil
	}
	ids := in.EServiceIDs
	if len(in.DescriptorIDs) > 0 {
		of, err := eservice.IDsByDescriptor(ctx, s.db, in.DescriptorIDs...)
		if err != nil {
			return nil, err
		}
		ids = slices.DeleteFunc(slices.Collect(maps.Values(of)), func(id string) bool { return !isAllowed(in.EServiceIDs, id) })
	}
	slices.Sort(ids)
	roots, err := eservice.ListByIDs(ctx, s.db, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	caller := interop.Caller(ctx)
	var all []partition
	for id, e := range roots {
		switch {
		case e.ProducerID == caller && isAllowed(in.ProducerIDs, caller):
			all = append(all, partition{eservicePK(id), in.ConsumerIDs})
		case isAllowed(in.ConsumerIDs, caller) && isAllowed(in.ProducerIDs, e.ProducerID):
			all = append(all, partition{eservicePK(id), []string{caller}})
		}
	}
	return all, nil
}

// ownPartitions returns the caller's partitions, as a consumer and as a producer.
func (in *ListInput) ownPartitions(caller string) []partition {
	var all []partition
	if isAllowed(in.ConsumerIDs, caller) {
		all = append(all, partition{consumerPK(caller), in.ProducerIDs})
	}
	// The caller's agreements with itself are among those that it consumes.
	others := slices.DeleteFunc(slices.Clone(in.ConsumerIDs), func(id string) bool { return id == caller })
	if isAllowed(in.ProducerIDs, caller) && (len(in.ConsumerIDs) == 0 || len(others) > 0) {
		all = append(all, partition{producerPK(caller), others})
	}
	return all
}

// isAllowed reports whether a filter allows an id. An empty filter allows all.
func isAllowed(filter []string, id string) bool {
	return len(filter) == 0 || slices.Contains(filter, id)
}

// ranges returns the queries that find everything that matches: by states and the other
// side; by states alone, where that takes too many queries; or whole partitions.
func (in *ListInput) ranges(partitions []partition) []table.Query {
	bySide := map[string][]string{}
	byState := map[string][]string{}
	whole := map[string][]string{}
	for _, p := range partitions {
		whole[p.pk] = []string{""}
		byState[p.pk] = whole[p.pk]
		bySide[p.pk] = whole[p.pk]
		if len(in.States)+len(p.others) == 0 {
			continue
		}
		var states, sides []string
		for _, state := range Machine.States {
			if state == lifecycle.None || !isAllowed(in.States, string(state)) {
				continue
			}
			states = append(states, string(state)+"#")
			for _, other := range distinct(p.others) {
				sides = append(sides, entryPrefix(state, other))
			}
		}
		byState[p.pk] = states
		bySide[p.pk] = states
		if len(sides) > 0 {
			bySide[p.pk] = sides
		}
	}
	return table.Prefixes(interop.Table.Name, bySide, byState, whole)
}

func distinct(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}

func (in *ListInput) matches(e *entry) bool {
	return isAllowed(in.States, string(e.State)) && isAllowed(in.ProducerIDs, e.ProducerID) && isAllowed(in.ConsumerIDs, e.ConsumerID) &&
		isAllowed(in.EServiceIDs, e.EServiceID) && isAllowed(in.DescriptorIDs, e.DescriptorID)
}

// read returns the agreements of a page, in its order, without those that were deleted
// since the list was read.
func (s *Store) read(ctx context.Context, page []entry) ([]View, error) {
	views := make([]View, 0, len(page))
	if len(page) == 0 {
		return views, nil
	}
	keys := make([]table.Key, len(page))
	for i, e := range page {
		keys[i] = agreementKey(e.ID)
	}
	all, err := readAll[agreement](ctx, s.db, keys)
	for _, a := range all {
		views = append(views, a.view())
	}
	return views, err
}
