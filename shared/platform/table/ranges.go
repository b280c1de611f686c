package table

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

const (
	// MaxRanges bounds how many queries one call makes to read a list. A list that takes
	// more ranges reads broader ones, and leaves out in memory what was not asked for.
	MaxRanges = 64
	// rangesAtOnce is how many of them are under way at the same time, and how many pages
	// are in memory.
	rangesAtOnce = 8
)

// AllOf is [All] of several queries, of which eight run at the same time. It hands over
// one item at a time; those of different queries come in any order.
func AllOf(ctx context.Context, db DB, queries []Query, yield func(Item) error) error {
	if len(queries) == 1 {
		return All(ctx, db, queries[0], yield)
	}
	var yielding sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(rangesAtOnce)
	for _, q := range queries {
		group.Go(func() error {
			return All(ctx, db, q, func(item Item) error {
				yielding.Lock()
				defer yielding.Unlock()
				return yield(item)
			})
		})
	}
	return group.Wait()
}

// Prefixes returns the queries for all items of partitions whose sort keys begin with one
// of the prefixes. Each way is prefixes for each partition, and the last one is broad
// enough: it is the first way that takes at most MaxRanges queries, or else the last.
func Prefixes(tableName string, ways ...map[string][]string) []Query {
	var queries []Query
	for _, way := range ways {
		queries = nil
		for pk, prefixes := range way {
			for _, prefix := range prefixes {
				queries = append(queries, Query{Table: tableName, PK: pk, From: prefix, To: prefix + "\uffff", Consistent: true})
			}
		}
		if len(queries) <= MaxRanges {
			break
		}
	}
	return queries
}
