package tabletest

import (
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/table"
)

// testUpdateOnce checks that an update that is sent once changes what an update in a
// transaction changes, and returns the item as it is then.
func testUpdateOnce(s suite) {
	add := table.Changes{Add: map[string]int64{"n": 5}, SetIfAbsent: map[string]any{"first": "x"}}
	for _, want := range []int{5, 10} {
		item, err := s.db.UpdateOnce(s.Context(), table.Update("u", s.key("a"), add))
		if err != nil {
			s.Fatal(err)
		}
		s.same(itemOf(s, s.key("a"), attrs{"n": want, "first": "x"}), item)
		s.holds(s.key("a"), attrs{"n": want, "first": "x"})
	}
	item, err := s.db.UpdateOnce(s.Context(), table.Update("u", s.key("a"), add, table.AtMost("n", 9)))
	refused := table.AsRefused(err)
	if refused == nil || item != nil {
		s.Fatalf("beyond the bound: %v, %v, want a refusal", item, err)
	}
	current, named := refused.By("u")
	if !named {
		s.Errorf("the refusal does not name the step: %v", refused)
	}
	s.same(itemOf(s, s.key("a"), attrs{"n": 10, "first": "x"}), current)
	s.holds(s.key("a"), attrs{"n": 10, "first": "x"})
	for name, step := range map[string]table.Step{
		"a put":          table.Put("p", s.key("a"), attrs{"n": 1}),
		"a check":        table.Check("c", s.key("a"), table.Exists()),
		"no label":       table.Update("", s.key("a"), add),
		"no change":      table.Update("u", s.key("a"), table.Changes{}),
		"no number":      table.Update("u", s.key("a"), table.Changes{Add: map[string]int64{"first": 1}}),
		"no such table":  table.Update("u", table.Key{Table: "nowhere", PK: "a", SK: "b"}, add),
		"part of a key":  table.Update("u", s.key("a"), table.Changes{Set: map[string]any{"pk": "b"}}),
		"no sort key":    table.Update("u", table.Key{Table: things, PK: "a"}, add),
		"no index key":   table.Update("u", s.key("a"), table.Changes{Set: map[string]any{"owner": 1, "rank": "r"}}),
		"changed twice":  table.Update("u", s.key("a"), table.Changes{Add: map[string]int64{"n": 1}, Remove: []string{"n"}}),
		"no such verb":   {Label: "u", Key: s.key("a")},
		"empty key name": table.Update("u", s.key("a"), table.Changes{Add: map[string]int64{"": 1}}),
	} {
		s.sub(name, func(s suite) {
			_, err := s.db.UpdateOnce(s.Context(), step)
			s.invalid(err)
		})
	}
	s.holds(s.key("a"), attrs{"n": 10, "first": "x"})
}

// testBoundedCounter checks that simultaneous updates with a bound reach it exactly, and
// that none fails with a conflict.
func testBoundedCounter(s suite) {
	const writers, each, bound = 16, 8, 100
	var added atomic.Int64
	group, ctx := errgroup.WithContext(s.Context())
	for range writers {
		group.Go(func() error {
			for range each {
				_, err := s.db.UpdateOnce(ctx, table.Update("u", s.key("counter"), table.Changes{Add: map[string]int64{"n": 1}},
					table.Any(table.NotExists(), table.AtMost("n", bound-1))))
				switch {
				case err == nil:
					added.Add(1)
				case table.AsRefused(err) == nil:
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		s.Fatal(err)
	}
	if added.Load() != bound {
		s.Errorf("%d updates were applied, want %d", added.Load(), bound)
	}
	s.holds(s.key("counter"), attrs{"n": bound})
}
