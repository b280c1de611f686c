package client

import (
	"context"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// list returns the clients that match: first the caller's own, by name in any case, then by
// id; then those of others by id alone, as their order must not reveal their names.
func (s *Store) list(ctx context.Context, in *ListInput) ([]*Client, error) {
	caller := interop.Caller(ctx)
	named := names.Filter(in.Name)
	var all []*Client
	for _, pk := range in.partitions(caller) {
		found, err := s.partition(ctx, pk)
		if err != nil {
			return nil, err
		}
		found = slices.DeleteFunc(found, func(c *Client) bool {
			return pk == clientsPK && c.ConsumerID == caller || // read from the caller's own partition
				!named(c.Name)
		})
		slices.SortFunc(found, func(a, b *Client) int {
			if pk == ownPK(caller) {
				return interop.CompareNames(a.Name, a.ID, b.Name, b.ID)
			}
			return strings.Compare(a.ID, b.ID)
		})
		all = append(all, found...)
	}
	return all, nil
}

// partitions returns the partitions of the clients that may match. Names of others' clients
// are not searched.
func (in *ListInput) partitions(caller string) []string {
	switch {
	case in.Name != "" && in.ConsumerID != "" && in.ConsumerID != caller:
		return nil
	case in.Name != "":
		return []string{ownPK(caller)}
	case in.ConsumerID != "":
		return []string{ownPK(in.ConsumerID)}
	}
	return []string{ownPK(caller), clientsPK}
}

func (s *Store) partition(ctx context.Context, pk string) (all []*Client, err error) {
	q := table.Query{Table: interop.Table.Name, PK: pk, Consistent: true}
	err = table.All(ctx, s.db, q, func(item table.Item) error {
		c, err := table.As[Client](item)
		all = append(all, c)
		return err
	})
	return all, err
}

// listAPI returns a page of the API clients of the caller that match, by name in any case, then
// by id. The entries of the list have no admin, because the operations on users take users
// away from clients without knowing their lists; so the clients of the page are read.
func (s *Store) listAPI(ctx context.Context, in *ListAPIInput) ([]APIView, interop.Pagination, error) {
	all, err := s.partition(ctx, apiPrefix+interop.Caller(ctx))
	if err != nil {
		return nil, interop.Pagination{}, err
	}
	named := names.Filter(in.Name)
	all = slices.DeleteFunc(all, func(c *Client) bool { return !named(c.Name) })
	slices.SortFunc(all, func(a, b *Client) int { return interop.CompareNames(a.Name, a.ID, b.Name, b.ID) })
	page, pagination := interop.Page(in.Paged, all)
	views := make([]APIView, 0, len(page))
	if len(page) == 0 {
		return views, pagination, nil
	}
	keys := make([]table.Key, len(page))
	for i, c := range page {
		keys[i] = ClientKey(c.ID)
	}
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return nil, pagination, err
	}
	for _, item := range items {
		c, err := table.As[Client](item)
		if err != nil {
			return nil, pagination, err
		}
		if c != nil { // deleted since the list was read
			views = append(views, c.apiView())
		}
	}
	return views, pagination, nil
}
