package eservice

import (
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// list returns the e-services that match and that the caller may see, by name
// regardless of case, then by id: the caller's own, and those of others that were published.
func (s *Store) list(ctx context.Context, in *ListInput) ([]*row, error) {
	caller := interop.Caller(ctx)
	matches := in.filter()
	var parts []list.Part[row]
	if len(in.ProducerIDs) == 0 || slices.Contains(in.ProducerIDs, caller) {
		parts = append(parts, list.Part[row]{PK: ownPK(caller), Match: matches})
	}
	self := interop.UUID(caller)
	if producers, others := interop.Others(in.ProducerIDs, caller); others {
		parts = append(parts, list.Part[row]{PK: cataloguePK, Match: func(r *row) bool {
			return r.producerID != self && (len(producers) == 0 || slices.Contains(producers, r.producerID)) && matches(r)
		}})
	}
	return s.entries.Rows(ctx, parts...)
}

// filter returns a function that tells whether an e-service is what the query selects,
// whoever produces it.
func (in *ListInput) filter() func(*row) bool {
	hasName := names.Filter(in.Name)
	has := func(value, yes string, flag bool) bool { return value == "" || (value == yes) == flag }
	return func(r *row) bool {
		return len(in.TemplateIDs) == 0 && // there are no templates
			has(in.Technology, technologySOAP, r.isSOAP) &&
			has(in.Mode, modeReceive, r.isReceive) &&
			has(in.SignalHub, "true", r.signalHub) &&
			has(in.ConsumerDelegable, "true", r.consumerDelegable) &&
			has(in.ClientAccessDelegable, "true", r.clientAccessDelegable) &&
			hasName(r.Order)
	}
}

// read returns the e-services of a page, in its order, without those that were deleted since
// the list was read.
func (s *Store) read(ctx context.Context, page []*row) ([]View, error) {
	all, err := table.GetAll[EService](ctx, s.db, interop.RowKeys(page, Key))
	views := make([]View, len(all))
	for i, e := range all {
		views[i] = e.view()
	}
	return views, err
}
