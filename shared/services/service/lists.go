package service

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// list returns a page of the caller's services, including deleted ones, and the number of all
// that were selected. It takes one query of what has changed in the list and one batch of reads
// for the page, unless the input asks for what entries do not say: see search.
func (s *Store) list(ctx context.Context, in *SearchInput) ([]snapshot, int, error) {
	caller, _ := api.IdentityFrom(ctx)
	hasName := names.Filter(in.Name)
	rows, err := s.entries.Rows(ctx, list.Part[listRow]{
		PK: listPK(caller.Subject, caller.Group), Match: func(r *listRow) bool { return hasName(r.name) },
	})
	if err != nil {
		return nil, 0, err
	}
	in.arrange(rows)
	if in.isSearch() {
		return s.search(ctx, in, rows)
	}
	found, err := s.listed(ctx, pageOf(rows, in.Paged))
	return found, len(rows), err
}

// listed reads the services of rows.
func (s *Store) listed(ctx context.Context, rows []*listRow) ([]snapshot, error) {
	found, err := s.snapshots(ctx, idsOf(rows), true)
	return slices.DeleteFunc(found, func(f snapshot) bool { return f.service == nil }), err
}

// orderUpdate is the order of the last change.
const orderUpdate = "last_update"

// isSearch reports whether the input asks for what entries do not say.
func (in *SearchInput) isSearch() bool {
	return in.State+in.Visibility != "" || strings.HasSuffix(in.Order, orderUpdate)
}

// search reads the services of all rows and returns a page of those that the input selects, in
// its order, and their number.
func (s *Store) search(ctx context.Context, in *SearchInput, rows []*listRow) ([]snapshot, int, error) {
	found, err := s.listed(ctx, rows)
	if err != nil {
		return nil, 0, err
	}
	found = slices.DeleteFunc(found, func(f snapshot) bool { return !in.selects(f) })
	if strings.HasSuffix(in.Order, orderUpdate) {
		slices.SortStableFunc(found, func(a, b snapshot) int {
			return in.directed(strings.Compare(a.service.ModifiedAt, b.service.ModifiedAt))
		})
	}
	return pageOf(found, in.Paged), len(found), nil
}

// selects reports whether a service has the state and the visibility that the input asks for.
func (in *SearchInput) selects(f snapshot) bool {
	return (in.State == "" || in.State == string(f.state())) &&
		(in.Visibility == "" || in.Visibility == cmp.Or(f.visibleAs(), "none"))
}

// arrange sorts rows, which are in the order of their creation, as far as the input asks for an
// order that they know.
func (in *SearchInput) arrange(rows []*listRow) {
	switch strings.TrimPrefix(in.Order, "-") {
	case "name":
		slices.SortStableFunc(rows, func(a, b *listRow) int { return in.directed(strings.Compare(a.name, b.name)) })
	case "created":
		if in.directed(1) < 0 {
			slices.Reverse(rows)
		}
	}
}

// directed returns the result n of a comparison, reversed where the input asks for that.
func (in *SearchInput) directed(n int) int {
	if strings.HasPrefix(in.Order, "-") {
		return -n
	}
	return n
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
