package table_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// slow answers queries when it is told to: each with two pages of one item.
type slow struct {
	table.DB
	underWay atomic.Int64
	answer   chan struct{}
	fails    string // the partition whose query fails
}

func (s *slow) Query(ctx context.Context, q table.Query) (table.Page, error) {
	s.underWay.Add(1)
	defer s.underWay.Add(-1)
	select {
	case <-s.answer:
	case <-ctx.Done():
		return table.Page{}, ctx.Err()
	}
	if q.PK == s.fails {
		return table.Page{}, errors.New("boom")
	}
	page := table.Page{Items: []table.Item{{table.SK: &types.AttributeValueMemberS{Value: q.PK + q.Cursor}}}}
	if q.Cursor == "" {
		page.Next = "+"
	}
	return page, nil
}

func queries(n int) []table.Query {
	all := make([]table.Query, n)
	for i := range all {
		all[i].PK = fmt.Sprint(i)
	}
	return all
}

// TestAllOf has eight queries under way at a time, and reads every page of each.
func TestAllOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &slow{answer: make(chan struct{})}
		var got []string
		done := make(chan error)
		go func() {
			done <- table.AllOf(t.Context(), db, queries(20), func(item table.Item) error {
				sk, _ := item[table.SK].(*types.AttributeValueMemberS)
				got = append(got, sk.Value)
				return nil
			})
		}()
		synctest.Wait()
		if n := db.underWay.Load(); n != 8 {
			t.Errorf("%d queries are under way, want 8", n)
		}
		close(db.answer)
		if err := <-done; err != nil {
			t.Error(err)
		}
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprint(i), fmt.Sprint(i, "+"))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("read %v, want %v", got, want)
		}
	})
}

// TestAllOfEnds with the first failure, of a query or of the reader.
func TestAllOfEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := &slow{answer: make(chan struct{}), fails: "3"}
		close(db.answer)
		if err := table.AllOf(t.Context(), db, queries(20), func(table.Item) error { return nil }); err == nil || err.Error() != "boom" {
			t.Errorf("error %v, want that of the query", err)
		}
		db.fails = ""
		enough := errors.New("enough")
		if err := table.AllOf(t.Context(), db, queries(20), func(table.Item) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("error %v, want that of the reader", err)
		}
		if err := table.AllOf(t.Context(), db, nil, nil); err != nil {
			t.Error(err)
		}
	})
}

// TestPrefixes takes the first way that is narrow enough, or the last one.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	way := func(partitions, each int) map[string][]string {
		all := map[string][]string{}
		for i := range partitions {
			all[fmt.Sprint(i)] = make([]string, each)
		}
		return all
	}
	for name, test := range map[string]struct {
		ways []map[string][]string
		want int
	}{
		"narrow":      {[]map[string][]string{way(2, 32), way(2, 1)}, 64},
		"too narrow":  {[]map[string][]string{way(5, 13), way(5, 3), way(5, 1)}, 15},
		"none":        {[]map[string][]string{way(70, 13), way(70, 1)}, 70},
		"nothing":     {[]map[string][]string{way(0, 0), way(0, 0)}, 0},
		"no way left": {nil, 0},
	} {
		if got := len(table.Prefixes("things", test.ways...)); got != test.want {
			t.Errorf("%s: %d queries, want %d", name, got, test.want)
		}
	}
}
