package purpose

import (
	"context"
	"maps"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// list returns the purposes that match and that the caller may see, by title, ignoring
// case, then by id.
func (s *Store) list(ctx context.Context, in *ListInput) ([]entry, error) {
	found := map[string]entry{}
	isTitled := names.Filter(in.Title)
	err := table.AllOf(ctx, s.db, in.ranges(interop.Caller(ctx)), func(item table.Item) error {
		e, err := table.As[entry](item)
		if err == nil && isTitled(e.Title) && in.matches(e) {
			found[e.ID] = *e
		}
		return err
	})
	return slices.SortedFunc(maps.Values(found), byTitle), err
}

func byTitle(a, b entry) int { return interop.CompareNames(a.Title, a.ID, b.Title, b.ID) }

// partitions returns the partitions in which the caller may see purposes: as a consumer
// its own, as a producer those of all its consumers, or of each that the input names.
func (in *ListInput) partitions(caller string) []string {
	if len(in.ConsumerIDs) == 0 {
		return []string{consumerPK(caller), producerPK(caller)}
	}
	var all []string
	for _, id := range distinct(in.ConsumerIDs) {
		if id == caller {
			all = append(all, consumerPK(caller))
		} else {
			all = append(all, betweenPK(caller, id))
		}
	}
	return all
}

// ranges returns the queries that find everything the input matches: a range for each state
// and e-service; where these are too many, for each state; at last whole partitions.
func (in *ListInput) ranges(caller string) []table.Query {
	var byEService, byState []string
	for _, state := range Machine.States {
		if state == lifecycle.None || !matches(in.States, string(state)) {
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

// matches reports whether a filter contains a word; an empty filter matches everything.
func matches(filter []string, word string) bool {
	return len(filter) == 0 || slices.Contains(filter, word)
}

func distinct(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}

// matches reports whether an entry has one of the states and e-services of the input.
func (in *ListInput) matches(e *entry) bool {
	return matches(in.States, string(e.State)) && matches(in.EServiceIDs, e.EServiceID)
}

// related returns the purposes of a consumer on an e-service that the caller may see, in
// any state, by title.
func (s *Store) related(ctx context.Context, consumerID, eserviceID string) ([]entry, error) {
	var all []entry
	q := table.Query{
		Table: interop.Table.Name, PK: relationPK(consumerID, eserviceID), From: entryPrefix, To: entryPrefix + last, Consistent: true,
	}
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

// page reads the purposes of a page, in its order. One that was deleted since the list was
// read is left out.
func (s *Store) page(ctx context.Context, entries []entry) ([]*purpose, error) {
	keys := make([]table.Key, len(entries))
	for i, e := range entries {
		keys[i] = Key(e.ID)
	}
	var all []*purpose
	err := eachPurpose(ctx, s.db, keys, func(p *purpose) { all = append(all, p) })
	return all, err
}

// views returns the views of purposes. For the producer they say whether a version that
// waits would fit now.
func (s *Store) views(ctx context.Context, all []*purpose) ([]View, error) {
	views := make([]View, len(all))
	var waiting []relation
	for i, p := range all {
		views[i] = p.view()
		if views[i].Waiting != nil && p.ProducerID == interop.Caller(ctx) {
			waiting = append(waiting, p.relation())
		}
	}
	known, err := s.factsOf(ctx, waiting, quotaFacts, s.db.BatchGet)
	if err == nil {
		err = s.readOwned(ctx, known)
	}
	if err != nil {
		return nil, err
	}
	at := table.Stamp(s.now())
	for i, p := range all {
		if f := known[p.relation()]; f != nil && views[i].Waiting != nil {
			fits := f.fits(p, at)
			views[i].Waiting.FitsNow = &fits
		}
	}
	return views, nil
}

// fits reports whether the version of a purpose that waits would keep to the thresholds.
func (f *facts) fits(p *purpose, at string) bool {
	d := f.descriptor()
	return d != nil && len(f.thresholds(p.ConsumerID, d, at).exceeded(p.newestIn(Waiting).DailyCalls-p.load())) == 0
}

// history returns the changes of a purpose that the caller may see, oldest first; also of
// a purpose that was deleted.
func (s *Store) history(ctx context.Context, id string) ([]EventView, error) {
	var events []EventView
	var latest *event
	q := table.Query{Table: interop.Table.Name, PK: purposePK(id), From: historyPrefix, To: historyPrefix + last, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		e, err := table.As[event](item)
		if err == nil {
			events = append(events, e.view())
			latest = e
		}
		return err
	})
	switch caller := interop.Caller(ctx); {
	case err != nil:
		return nil, err
	case latest == nil:
		return nil, notFound(id)
	case caller != latest.ConsumerID && (caller != latest.ProducerID || latest.Private):
		return nil, notAllowed(ctx, id)
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
	p, err := decodeVisible(ctx, id, root)
	if err != nil {
		return nil, err
	}
	// A query is no snapshot: a version that left the purpose since that was read is in both.
	all = append(all, slices.DeleteFunc(slices.Clone(p.Versions), func(v version) bool {
		return slices.ContainsFunc(all, func(past version) bool { return past.ID == v.ID })
	})...)
	slices.SortFunc(all, func(a, b version) int { return int(a.Number - b.Number) })
	views := []VersionView{}
	for i := range all {
		if state == "" || all[i].State == state {
			views = append(views, *all[i].view())
		}
	}
	return views, nil
}

// version returns a version of a purpose that the caller may see.
func (s *Store) version(ctx context.Context, id, versionID string) (*version, error) {
	items, err := s.db.BatchGet(ctx, []table.Key{Key(id), versionKey(id, versionID)})
	if err != nil {
		return nil, err
	}
	p, err := decodeVisible(ctx, id, items[0])
	if err != nil {
		return nil, err
	}
	past, err := table.As[version](items[1])
	if err != nil || past != nil { // it may have left the purpose since that was read
		return past, err
	}
	v := p.find(versionID)
	if v == nil {
		return nil, problem.New(interop.PurposeVersionNotFound, "Version %s of purpose %s not found", versionID, id)
	}
	return v, nil
}
