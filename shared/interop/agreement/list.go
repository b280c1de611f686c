package agreement

import (
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// list returns the agreements that match and that the caller may see, by the name of the
// e-service in any case, then by id.
func (s *Store) list(ctx context.Context, in *ListInput) ([]*row, error) {
	caller := interop.Caller(ctx)
	matches := in.filter()
	var parts []list.Part[row]
	if isAllowed(in.ConsumerIDs, caller) {
		producers := interop.UUIDs(in.ProducerIDs)
		parts = append(parts, list.Part[row]{PK: consumerPK(caller), Match: func(r *row) bool {
			return isAllowed(producers, r.otherID) && matches(r)
		}})
	}
	// The caller's agreements with itself are among those that it consumes.
	if consumers, others := interop.Others(in.ConsumerIDs, caller); others && isAllowed(in.ProducerIDs, caller) {
		parts = append(parts, list.Part[row]{PK: producerPK(caller), Match: func(r *row) bool {
			return isAllowed(consumers, r.otherID) && matches(r)
		}})
	}
	return s.entries.Rows(ctx, parts...)
}

// isAllowed reports whether a filter allows a value. An empty filter allows all.
func isAllowed[T comparable](filter []T, value T) bool {
	return len(filter) == 0 || slices.Contains(filter, value)
}

// filter returns a function that tells whether an entry has one of the states, e-services and
// descriptors of the input.
func (in *ListInput) filter() func(*row) bool {
	eservices, descriptors := interop.UUIDs(in.EServiceIDs), interop.UUIDs(in.DescriptorIDs)
	return func(r *row) bool {
		return isAllowed(in.States, string(r.state)) && isAllowed(eservices, r.eserviceID) && isAllowed(descriptors, r.descriptorID)
	}
}

// read returns the agreements of a page, in its order, without those that were deleted
// since the list was read.
func (s *Store) read(ctx context.Context, page []*row) ([]View, error) {
	views := make([]View, 0, len(page))
	if len(page) == 0 {
		return views, nil
	}
	all, err := table.GetAll[agreement](ctx, s.db, interop.RowKeys(page, agreementKey))
	for _, a := range all {
		views = append(views, a.view())
	}
	return views, err
}
