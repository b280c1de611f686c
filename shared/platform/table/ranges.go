package table

import (
	"context"
	"sync"
)

const (
	// MaxRanges is the maximum of queries that one call makes to read a list. A list that
	// needs more ranges reads broader ones and filters the items in memory.
	MaxRanges = 64
	// rangesAtOnce is how many of them run at the same time, and so how many pages are in
	// memory.
	rangesAtOnce = 8
)

// AllOf is [All] for several queries. Eight of them run at the same time. It calls yield
// with one item at a time; items of different queries come in any order.
func AllOf(ctx context.Context, db DB, queries []Query, yield func(Item) error) error {
	if len(queries) == 1 {
		return All(ctx, db, queries[0], yield)
	}
	var yielding sync.Mutex
	return atOnce(ctx, len(queries), rangesAtOnce, func(ctx context.Context, i int) error {
		return All(ctx, db, queries[i], func(item Item) error {
			yielding.Lock()
			defer yielding.Unlock()
			return yield(item)
		})
	})
}

// Prefixes returns the queries for all items of partitions with a sort key that begins with
// one of the prefixes. Each way maps partition keys to prefixes, and later ways are broader.
// Prefixes takes the first way of at most MaxRanges queries, or the last one.
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
