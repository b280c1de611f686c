package purpose

import (
	"context"
	"maps"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// list returns the purposes that match and that the caller takes part in, by title
// whatever its case, then by id.
func (s *Store) list(ctx context.Context, in *ListInput) ([]entry, error) {
	found := map[string]entry{}
	titled := names.Filter(in.Title)
	err := table.AllOf(ctx, s.db, in.ranges(interop.Caller(ctx)), func(item table.Item) error {
		e, err := table.As[entry](item)
		if err == nil && titled(e.Title) && in.asks(e) {
			found[e.ID] = *e
		}
		return err
	})
	return slices.SortedFunc(maps.Values(found), byTitle), err
}

func byTitle(a, b entry) int { return interop.CompareNames(a.Title, a.ID, b.Title, b.ID) }

// partitions are those that have everything the caller may see of what it asks for:
// its own as a consumer, and as a producer those of all its consumers or of each it
// names.
func (in *ListInput) partitions(caller string) []string {
	if len(in.ConsumerIDs) == 0 {
		return []string{ofConsumer(caller), ofProducer(caller)}
	}
	var all []string
	for _, id := range distinct(in.ConsumerIDs) {
		if id == caller {
			all = append(all, ofConsumer(caller))
		} else {
			all = append(all, ofBoth(caller, id))
		}
	}
	return all
}

// ranges are the queries that find everything the caller asks for: of states and
// e-services; where that takes too many, of states; or of whole partitions.
func (in *ListInput) ranges(caller string) []table.Query {
	var byEService, byState []string
	for _, state := range Machine.States {
		if state == lifecycle.None || !named(in.States, string(state)) { // nothing is listed in the former
			continue
		}
		byState = append(byState, string(state)+"#")
		for _, id := range distinct(in.EServiceIDs) {
			byEService = append(byEService, listedPrefix(state, id))
		}
	}
	ways := [][]string{byEService, byState, {""}}
	switch {
	case len(in.States)+len(in.EServiceIDs) == 0:
		ways = ways[2:]
	case len(in.EServiceIDs) == 0:
		ways = ways[1:]
	}
	all := make([]map[string][]string, len(ways))
	for i, prefixes := range ways {
		all[i] = map[string][]string{}
		for _, pk := range in.partitions(caller) {
			all[i][pk] = prefixes
		}
	}
	return table.Prefixes(interop.Table.Name, all...)
}

// named tells whether a filter, which may be empty, lets a word through.
func named(filter []string, word string) bool {
	return len(filter) == 0 || slices.Contains(filter, word)
}

func distinct(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}

// asks tells whether an entry of a range is in one of the states and for one of the
// e-services.
func (in *ListInput) asks(e *entry) bool {
	return named(in.States, string(e.State)) && named(in.EServiceIDs, e.EServiceID)
}

// related returns the purposes of a consumer on an e-service that the caller may see,
// in any state, by title.
func (s *Store) related(ctx context.Context, consumerID, eserviceID string) ([]entry, error) {
	var all []entry
	q := table.Query{Table: interop.Table.Name, PK: relationPK(consumerID, eserviceID), From: entryPrefix, To: entryPrefix + last, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		e, err := table.As[entry](item)
		if err == nil && (e.State != Draft || e.ConsumerID == interop.Caller(ctx)) {
			all = append(all, *e)
		}
		return err
	})
	slices.SortFunc(all, byTitle)
	return all, err
}

// page returns the purposes of a page that the caller may see, in its order. One that
// was deleted since the list was read is left out.
func (s *Store) page(ctx context.Context, entries []entry) ([]*purpose, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, len(entries))
	for i, e := range entries {
		keys[i] = Key(e.ID)
	}
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	var all []*purpose
	for _, item := range items {
		p, err := table.As[purpose](item)
		if err != nil {
			return nil, err
		}
		if p != nil {
			all = append(all, p)
		}
	}
	return all, nil
}

// views shows purposes; to the producer also whether what waits would fit now.
func (s *Store) views(ctx context.Context, all []*purpose) ([]View, error) {
	views := make([]View, len(all))
	var waits []relation
	for i, p := range all {
		views[i] = p.view()
		if views[i].Waiting != nil && p.ProducerID == interop.Caller(ctx) {
			waits = append(waits, relation{p.ConsumerID, p.EServiceID})
		}
	}
	known, err := s.factsOf(ctx, waits, s.db.BatchGet)
	if err == nil {
		err = s.owning(ctx, known)
	}
	if err != nil {
		return nil, err
	}
	at := table.Stamp(s.now())
	for i, p := range all {
		if f := known[relation{p.ConsumerID, p.EServiceID}]; f != nil && views[i].Waiting != nil {
			fits := f.fits(p, at)
			views[i].Waiting.FitsNow = &fits
		}
	}
	return views, nil
}

// fits tells whether the thresholds would let through what waits of a purpose.
func (f *facts) fits(p *purpose, at string) bool {
	live := f.live()
	return live != nil && len(f.thresholds(p.ConsumerID, live, at).exceeded(p.newest(Waiting).DailyCalls-p.load())) == 0
}

// history returns what became of the versions of a purpose that the caller may see,
// oldest first; also of one that was deleted.
func (s *Store) history(ctx context.Context, id string) ([]EventView, error) {
	var events []EventView
	var latest *event
	q := table.Query{Table: interop.Table.Name, PK: purposePK(id), From: historyPrefix, To: historyPrefix + last, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		e, err := table.As[event](item)
		if err == nil {
			events, latest = append(events, e.view()), e
		}
		return err
	})
	switch caller := interop.Caller(ctx); {
	case err != nil:
		return nil, err
	case latest == nil:
		return nil, notFound(id)
	case caller != latest.ConsumerID && (caller != latest.ProducerID || latest.Private):
		return nil, notYours(ctx, id)
	}
	return events, nil
}

// versions returns the versions of a purpose that the caller may see, oldest first.
func (s *Store) versions(ctx context.Context, id string, state lifecycle.State) ([]VersionView, error) {
	var root table.Item
	var all []version
	q := table.Query{Table: interop.Table.Name, PK: purposePK(id), From: purposeSK, To: versionPrefix + last, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		if root == nil {
			root = item // sorts first
			return nil
		}
		v, err := table.As[version](item)
		if err == nil {
			all = append(all, *v)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := seen(ctx, id, root)
	if err != nil {
		return nil, err
	}
	// A query is no snapshot: what settled since the purpose was read is in both.
	settled := func(v version) bool { return slices.ContainsFunc(all, func(o version) bool { return o.ID == v.ID }) }
	all = append(all, slices.DeleteFunc(slices.Clone(p.Versions), settled)...)
	slices.SortFunc(all, func(a, b version) int { return int(a.Number - b.Number) })
	views := []VersionView{}
	for i := range all {
		if state == "" || all[i].State == state {
			views = append(views, *all[i].view())
		}
	}
	return views, nil
}
