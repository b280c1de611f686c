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

// scan is a partition of list entries, of which those are read that are in the
// states with the other side. Without others, with any.
type scan struct {
	pk     string
	others []string
}

// list returns the agreements that match and that the caller may see, by the name
// of the e-service whatever its case, then by id.
func (s *Store) list(ctx context.Context, in *ListInput) ([]entry, error) {
	scans, err := s.scans(ctx, in)
	if err != nil {
		return nil, err
	}
	caller, found := interop.Caller(ctx), map[string]entry{}
	err = table.AllOf(ctx, s.db, in.ranges(scans), func(item table.Item) error {
		e, err := table.As[entry](item)
		if err == nil && in.matches(e) && visibleTo(caller, e.ConsumerID, e.ProducerID, e.State) {
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

// scans picks the partitions that have everything the caller may see of what it
// asks for: the e-services', when it names some or their descriptors, otherwise
// its own as a consumer and as a producer.
func (s *Store) scans(ctx context.Context, in *ListInput) ([]scan, error) {
	caller := interop.Caller(ctx)
	consumes, produces := asked(in.ConsumerIDs, caller), asked(in.ProducerIDs, caller)
	if len(in.EServiceIDs)+len(in.DescriptorIDs) == 0 {
		var all []scan
		if consumes {
			all = append(all, scan{ofConsumer(caller), in.ProducerIDs})
		}
		// Agreements with itself are among those it consumes.
		others := slices.DeleteFunc(slices.Clone(in.ConsumerIDs), func(id string) bool { return id == caller })
		if produces && (len(in.ConsumerIDs) == 0 || len(others) > 0) {
			all = append(all, scan{ofProducer(caller), others})
		}
		return all, nil
	}
	ids := in.EServiceIDs
	if len(in.DescriptorIDs) > 0 {
		of, err := eservice.IDsByDescriptor(ctx, s.db, in.DescriptorIDs...)
		if err != nil {
			return nil, err
		}
		ids = slices.DeleteFunc(slices.Collect(maps.Values(of)), func(id string) bool { return !asked(in.EServiceIDs, id) })
	}
	slices.Sort(ids)
	roots, err := eservice.ListByIDs(ctx, s.db, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	var all []scan
	for id, e := range roots {
		switch {
		case e.ProducerID == caller && produces:
			all = append(all, scan{ofEService(id), in.ConsumerIDs})
		case consumes && asked(in.ProducerIDs, e.ProducerID):
			all = append(all, scan{ofEService(id), []string{caller}})
		}
	}
	return all, nil
}

// asked tells whether a filter, which may be empty, lets an id through.
func asked(filter []string, id string) bool { return len(filter) == 0 || slices.Contains(filter, id) }

// ranges are the queries that find everything the caller asks for: of states and the
// other side; where that takes too many, of states; or of whole partitions.
func (in *ListInput) ranges(scans []scan) []table.Query {
	bySide, byState, whole := map[string][]string{}, map[string][]string{}, map[string][]string{}
	for _, scan := range scans {
		whole[scan.pk] = []string{""}
		byState[scan.pk], bySide[scan.pk] = whole[scan.pk], whole[scan.pk]
		if len(in.States)+len(scan.others) == 0 {
			continue
		}
		var states, sides []string
		for _, state := range Machine.States {
			if state == lifecycle.None || !asked(in.States, string(state)) { // nothing is listed in the former
				continue
			}
			states = append(states, string(state)+"#")
			for _, other := range distinct(scan.others) {
				sides = append(sides, entryPrefix(state, other))
			}
		}
		byState[scan.pk], bySide[scan.pk] = states, states
		if len(sides) > 0 {
			bySide[scan.pk] = sides
		}
	}
	return table.Prefixes(interop.Table.Name, bySide, byState, whole)
}

func distinct(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}

func (in *ListInput) matches(e *entry) bool {
	return asked(in.States, string(e.State)) && asked(in.ProducerIDs, e.ProducerID) && asked(in.ConsumerIDs, e.ConsumerID) &&
		asked(in.EServiceIDs, e.EServiceID) && asked(in.DescriptorIDs, e.DescriptorID)
}

// read returns the agreements of a page, in its order. One that was deleted since
// the list was read is left out.
func (s *Store) read(ctx context.Context, page []entry) ([]View, error) {
	views := make([]View, 0, len(page))
	if len(page) == 0 {
		return views, nil
	}
	keys := make([]table.Key, len(page))
	for i, e := range page {
		keys[i] = agreementKey(e.ID)
	}
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		a, err := table.As[agreement](item)
		if err != nil {
			return nil, err
		}
		if a != nil {
			views = append(views, a.view())
		}
	}
	return views, nil
}
