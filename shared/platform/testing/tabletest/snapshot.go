package tabletest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/table"
)

// testSnapshot checks that items come in the order of the keys, nil for an absent one, and
// that the limits are those of BatchGet.
func testSnapshot(s suite) {
	s.put(s.key("a"), attrs{"name": "x"})
	s.put(s.noteKey("a"), attrs{"name": "y"})
	got, err := s.db.Snapshot(s.Context(), []table.Key{s.noteKey("a"), s.key("b"), s.key("a")})
	want := []table.Item{itemOf(s, s.noteKey("a"), attrs{"name": "y"}), nil, itemOf(s, s.key("a"), attrs{"name": "x"})}
	if d := diff(want, got); err != nil || d != "" {
		s.Errorf("error %v; items (-want +got):\n%s", err, d)
	}
	if got, err := s.db.Snapshot(s.Context(), nil); len(got) != 0 || err != nil {
		s.Errorf("no keys: %v, %v, want no items", got, err)
	}
	for name, keys := range map[string][]table.Key{
		"twice": {s.key("a"), s.key("a")}, "unknown": {{Table: "nowhere", PK: "p", SK: "s"}}, "empty": {{Table: things, PK: s.pk}},
	} {
		s.sub(name, func(s suite) {
			_, err := s.db.Snapshot(s.Context(), keys)
			s.invalid(err)
		})
	}
	var many []table.Key
	for _, sk := range numbered("k", table.MaxBatch+1) {
		many = append(many, s.key(sk))
	}
	_, err = s.db.Snapshot(s.Context(), many)
	s.invalid(err)
}

// testSnapshotIsOne checks that every snapshot of two items has the same sum while
// transactions move amounts between them.
func testSnapshotIsOne(s suite) {
	const movers, each, sum = 2, 20, 100
	keys := []table.Key{s.key("a"), s.noteKey("a")}
	s.put(keys[0], attrs{"count": sum})
	s.put(keys[1], attrs{"count": 0})
	var moving atomic.Int64
	moving.Store(movers)
	group, ctx := errgroup.WithContext(s.Context())
	for range movers {
		group.Go(func() error {
			defer moving.Add(-1)
			for range each {
				err := attempt(ctx, s.db,
					table.Update("from", keys[0], table.Changes{Add: map[string]int64{"count": -1}}),
					table.Update("to", keys[1], table.Changes{Add: map[string]int64{"count": 1}}))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		for moving.Load() > 0 {
			items, err := s.db.Snapshot(ctx, keys)
			if table.IsKind(err, table.Conflict) {
				continue
			}
			total, decoded := 0, error(nil)
			for _, item := range items {
				var account struct {
					Count int `dynamodbav:"count"`
				}
				decoded = errors.Join(decoded, table.Decode(item, &account))
				total += account.Count
			}
			if err := errors.Join(err, decoded); err != nil || total != sum {
				return fmt.Errorf("a snapshot has %d in all, want %d: %w", total, sum, err)
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		s.Error(err)
	}
}
