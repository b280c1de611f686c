package service

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// errPageFull ends a query when the page is complete.
var errPageFull = errors.New("the page is full")

// list returns a page of the caller's services, including deleted ones, and the number of all
// that were selected. In the order of their creation it takes one query of entries, which are
// small, and one batch of reads for the page.
func (s *Store) list(ctx context.Context, in *SearchInput) ([]snapshot, int, error) {
	if in.isSearch() {
		return s.search(ctx, in)
	}
	ids, count, err := s.entries(ctx, in.Offset, in.Limit)
	if err != nil {
		return nil, 0, err
	}
	listed, err := s.listed(ctx, ids)
	return listed, count, err
}

// entries returns the ids of a page of the caller's services in the order of their creation,
// and the number of all of them.
func (s *Store) entries(ctx context.Context, offset, limit int) (ids []string, total int, err error) {
	caller, _ := api.IdentityFrom(ctx)
	q := table.Query{
		Table: services.Table.Name, PK: listPK(caller.Subject, caller.Group), Consistent: true,
		Limit: 1 + min(offset, math.MaxInt32) + min(limit, math.MaxInt32), // an offset may be the largest int
	}
	var count struct {
		Services int `dynamodbav:"services"`
	}
	n := -1 // the number of the entry; the count before them is not one
	err = table.All(ctx, s.db, q, func(item table.Item) error {
		n++
		switch {
		case n == 0: // the count, which comes first
			return table.Decode(item, &count)
		case n <= offset:
			return nil
		}
		id, err := entryID(item, serviceEntries)
		if ids = append(ids, id); err == nil && len(ids) == limit {
			return errPageFull // without it All would read the next page
		}
		return err
	})
	if errors.Is(err, errPageFull) {
		err = nil
	}
	return ids, count.Services, err
}

// listed reads the services with those ids.
func (s *Store) listed(ctx context.Context, ids []string) ([]snapshot, error) {
	found, err := s.snapshots(ctx, ids, true)
	return slices.DeleteFunc(found, func(f snapshot) bool { return f.service == nil }), err
}

// isSearch reports whether the input asks for more than a page of all services in the order
// of their creation.
func (in *SearchInput) isSearch() bool {
	return in.Name+in.State+in.Visibility != "" || in.Order != orderCreated
}

// search reads all of the caller's services and returns a page of those that the input selects,
// in its order, and their number.
func (s *Store) search(ctx context.Context, in *SearchInput) ([]snapshot, int, error) {
	ids, _, err := s.entries(ctx, 0, math.MaxInt32)
	if err != nil {
		return nil, 0, err
	}
	found, err := s.listed(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	hasName := names.Filter(in.Name)
	found = slices.DeleteFunc(found, func(f snapshot) bool { return !in.selects(f) || !hasName(f.service.Data.Name) })
	in.arrange(found)
	count := len(found)
	found = found[min(in.Offset, count):]
	return found[:min(in.Limit, len(found))], count, nil
}

// selects reports whether a service has the state and the visibility that the input asks for.
func (in *SearchInput) selects(f snapshot) bool {
	return (in.State == "" || in.State == string(f.state())) &&
		(in.Visibility == "" || in.Visibility == cmp.Or(f.visibleAs(), "none"))
}

// orderCreated is the order of the creation, which ids have.
const orderCreated = "created"

// arrange sorts services as the input asks for; they are in the order of their creation.
func (in *SearchInput) arrange(found []snapshot) {
	by, descending := strings.CutPrefix(in.Order, "-")
	text := map[string]func(*service) string{
		orderCreated:  func(r *service) string { return r.ID },
		"name":        func(r *service) string { return names.Fold(r.Data.Name) },
		"last_update": func(r *service) string { return r.ModifiedAt },
	}[by]
	slices.SortStableFunc(found, func(a, b snapshot) int {
		n := strings.Compare(text(a.service), text(b.service))
		if descending {
			return -n
		}
		return n
	})
}

// entryID returns the id of the service that an entry of a list stands for: the part of its
// sort key after separator.
func entryID(item table.Item, separator string) (string, error) {
	var entry struct {
		SK string `dynamodbav:"sk"`
	}
	err := table.Decode(item, &entry)
	_, id, _ := strings.Cut(entry.SK, separator)
	return id, err
}

// queue returns a page of the services that wait for a reviewer, the longest waiting first,
// and the number of all of them.
func (s *Store) queue(ctx context.Context, page services.Paged) ([]snapshot, int, error) {
	var ids []string
	q := table.Query{Table: services.Table.Name, PK: queuePK, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		id, err := entryID(item, "#")
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	count := len(ids)
	ids = ids[min(page.Offset, count):]
	found, err := s.snapshots(ctx, ids[:min(page.Limit, len(ids))], true)
	// A service that was decided between the two reads no longer waits.
	return slices.DeleteFunc(found, func(f snapshot) bool { return f.state() != Submitted }), count, err
}

// snapshots reads the services with those ids, with their publications or without.
func (s *Store) snapshots(ctx context.Context, ids []string, publications bool) ([]snapshot, error) {
	found := make([]snapshot, 0, len(ids))
	perService := 1
	if publications {
		perService = 2
	}
	for some := range slices.Chunk(ids, table.MaxBatch/perService) {
		keys := make([]table.Key, 0, table.MaxBatch)
		for _, id := range some {
			keys = append(keys, lifecycleKey(id))
			if publications {
				keys = append(keys, publicationKey(id))
			}
		}
		items, err := s.db.BatchGet(ctx, keys)
		if err != nil {
			return nil, err
		}
		for both := range slices.Chunk(items, perService) {
			var f snapshot
			if f.service, err = table.As[service](both[0]); err == nil && publications {
				f.publication, err = table.As[publication](both[1])
			}
			if err != nil {
				return nil, err
			}
			found = append(found, f)
		}
	}
	return found, nil
}
