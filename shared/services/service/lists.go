package service

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// errPageFull ends a query when the page is complete.
var errPageFull = errors.New("the page is full")

// list returns a page of the caller's services in the order of their creation, including
// deleted ones, and the number of all of them. It takes one query of entries, which are
// small, and one batch of reads for the page.
func (s *Store) list(ctx context.Context, page services.Paged) ([]*service, int, error) {
	caller, _ := api.IdentityFrom(ctx)
	q := table.Query{
		Table: services.Table.Name, PK: listPK(caller.Subject, caller.Group), Consistent: true,
		Limit: 1 + min(page.Offset, math.MaxInt32) + page.Limit, // an offset may be the largest int
	}
	var count struct {
		Services int `dynamodbav:"services"`
	}
	var ids []string
	n := -1 // the number of the entry; the count before them is not one
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		n++
		switch {
		case n == 0: // the count, which comes first
			return table.Decode(item, &count)
		case n <= page.Offset:
			return nil
		}
		id, err := entryID(item, serviceEntries)
		if ids = append(ids, id); err == nil && len(ids) == page.Limit {
			return errPageFull // without it All would read the next page
		}
		return err
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return nil, 0, err
	}
	found, err := s.snapshots(ctx, ids, false)
	if err != nil {
		return nil, 0, err
	}
	listed := make([]*service, 0, len(found))
	for _, f := range found {
		if f.service != nil {
			listed = append(listed, f.service)
		}
	}
	return listed, count.Services, nil
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
