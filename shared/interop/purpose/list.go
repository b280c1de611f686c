package purpose

import (
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// list returns the purposes that match and that the caller may see, by title, ignoring
// case, then by id.
func (s *Store) list(ctx context.Context, in *ListInput) ([]*row, error) {
	caller := interop.Caller(ctx)
	eservices, states, isTitled := interop.UUIDs(in.EServiceIDs), bits(in.States), names.Filter(in.Title)
	matching := func(r *row) bool {
		return r.states&states != 0 && matches(eservices, r.eserviceID) && isTitled(r.Order)
	}
	var parts []list.Part[row]
	if matches(in.ConsumerIDs, caller) {
		parts = append(parts, list.Part[row]{PK: consumerPK(caller), Match: matching})
	}
	// The caller's purposes on its own e-services are among those that it consumes.
	if consumers, others := interop.Others(in.ConsumerIDs, caller); others {
		parts = append(parts, list.Part[row]{PK: producerPK(caller), Match: func(r *row) bool {
			return matches(consumers, r.otherID) && matching(r)
		}})
	}
	return s.entries.Rows(ctx, parts...)
}

// matches reports whether a filter contains a value; an empty filter matches everything.
func matches[T comparable](filter []T, value T) bool {
	return len(filter) == 0 || slices.Contains(filter, value)
}

// related returns the purposes of a consumer on an e-service that the caller, one of the
// sides, may see, in any state, by title.
func (s *Store) related(ctx context.Context, a *agreement.View) ([]*row, error) {
	part := list.Part[row]{PK: consumerPK(a.ConsumerID)}
	other := interop.UUID(a.ProducerID)
	if interop.Caller(ctx) != a.ConsumerID {
		part.PK = producerPK(a.ProducerID)
		other = interop.UUID(a.ConsumerID)
	}
	eserviceID := interop.UUID(a.EServiceID)
	part.Match = func(r *row) bool { return r.eserviceID == eserviceID && r.otherID == other }
	return s.entries.Rows(ctx, part)
}

// active returns the purposes on an e-service that have an active version, by the entries of
// its producer.
func active(ctx context.Context, l *lists, e *eservice.EService) ([]*row, error) {
	eserviceID := interop.UUID(e.ID)
	isActive := func(r *row) bool { return r.states&bit(Active) != 0 && r.eserviceID == eserviceID }
	return l.Rows(ctx, list.Part[row]{PK: producerPK(e.ProducerID), Match: isActive},
		list.Part[row]{PK: consumerPK(e.ProducerID), Match: isActive})
}

// page reads the purposes of a page, in its order. One that was deleted since the list was
// read is left out.
func (s *Store) page(ctx context.Context, rows []*row) ([]*purpose, error) {
	keys := interop.RowKeys(rows, Key)
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
