package client

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// list returns the clients that match: first the caller's own, by name in any case, then by
// id; then those of others by id alone. Names of others' clients are not searched.
func (s *Store) list(ctx context.Context, in *ListInput) ([]*row, error) {
	caller := interop.Caller(ctx)
	self, consumer := interop.UUID(caller), interop.UUID(in.ConsumerID)
	hasName := names.Filter(in.Name)
	var parts []list.Part[row]
	if in.ConsumerID == "" || in.ConsumerID == caller {
		parts = append(parts, list.Part[row]{PK: ownPK(caller), Match: func(r *row) bool { return hasName(r.Order) }})
	}
	if in.Name == "" && in.ConsumerID != caller {
		parts = append(parts, list.Part[row]{PK: clientsPK, Match: func(r *row) bool {
			return r.consumerID != self && (in.ConsumerID == "" || r.consumerID == consumer)
		}})
	}
	return s.entries.Rows(ctx, parts...)
}

// listAPI returns the API clients of the caller that match, by name in any case, then by id.
func (s *Store) listAPI(ctx context.Context, in *ListAPIInput) ([]*row, error) {
	hasName := names.Filter(in.Name)
	return s.entries.Rows(ctx, list.Part[row]{
		PK: apiPK(interop.Caller(ctx)), Match: func(r *row) bool { return hasName(r.Order) },
	})
}

// page returns the clients of a page, in its order, without those that were deleted since the
// list was read. It reads the caller's own: of others only id and owner are shown, which rows
// have.
func (s *Store) page(ctx context.Context, rows []*row) ([]*Client, error) {
	self := interop.UUID(interop.Caller(ctx))
	var keys []table.Key
	for _, r := range rows {
		if r.consumerID == self {
			keys = append(keys, ClientKey(r.RowID()))
		}
	}
	var items []table.Item
	var err error
	if len(keys) > 0 {
		if items, err = s.db.BatchGet(ctx, keys); err != nil {
			return nil, err
		}
	}
	var all []*Client
	for _, r := range rows {
		c := &Client{ID: r.RowID(), ConsumerID: r.consumerID.String()}
		if r.consumerID == self {
			c, err = table.As[Client](items[0])
			items = items[1:]
		}
		if err != nil {
			return nil, err
		}
		if c != nil {
			all = append(all, c)
		}
	}
	return all, nil
}

// listOutput returns the page of a list, each client as show returns it.
func listOutput[V any](
	ctx context.Context, s *Store, p interop.Paged, rows []*row, err error, show func(*Client) V,
) (*ListOutput[V], error) {
	if err != nil {
		return nil, err
	}
	page, pagination := interop.Page(p, rows)
	clients, err := s.page(ctx, page)
	out := &ListOutput[V]{}
	out.Body.Pagination = pagination
	out.Body.Results = make([]V, len(clients))
	for i, c := range clients {
		out.Body.Results[i] = show(c)
	}
	return out, err
}
