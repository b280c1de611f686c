package tabletest

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/table"
)

// attempt runs a transaction until no other one is in its way.
func attempt(ctx context.Context, db table.DB, steps ...table.Step) error {
	for {
		err := db.Write(ctx, steps...)
		if !table.IsKind(err, table.Conflict) && !table.IsKind(err, table.Throttled) {
			return err
		}
	}
}

// testCounter checks that no update is lost between writers that read, add one and write on
// the condition of the version that they read.
func testCounter(s suite) {
	const writers, each = 8, 10
	type counter struct {
		Count, Version int
	}
	key := s.key("counter")
	s.put(key, attrs{"Count": 0, "Version": 0})
	increment := func(ctx context.Context) error {
		for {
			item, err := s.db.Get(ctx, key)
			if err != nil {
				return err
			}
			var c counter
			if err := table.Decode(item, &c); err != nil {
				return err
			}
			err = attempt(ctx, s.db, table.Update("u", key,
				table.Changes{Set: map[string]any{"Count": c.Count + 1}, Add: map[string]int64{"Version": 1}},
				table.Equals("Version", c.Version)))
			if table.AsRefused(err) == nil {
				return err
			}
		}
	}
	group, ctx := errgroup.WithContext(s.Context())
	for range writers {
		group.Go(func() error {
			for range each {
				if err := increment(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		s.Fatal(err)
	}
	s.holds(key, attrs{"Count": writers * each, "Version": writers * each})
}

// testOneWinner checks that one of many simultaneous creates of an item succeeds and that
// the others get that item, alone and as part of a transaction.
func testOneWinner(s suite) {
	const racers = 16
	for _, name := range []string{"alone", "together"} {
		s.sub(name, func(s suite) {
			winners := race(s, name, racers)
			if len(winners) != 1 {
				s.Fatalf("winners %v, want one", winners)
			}
			s.holds(s.key(name), attrs{"winner": winners[0]})
			for i := range racers {
				var want attrs
				if name == "together" && i == winners[0] {
					want = attrs{"winner": i}
				}
				s.holds(s.noteKey(fmt.Sprint(i)), want)
			}
		})
	}
}

// race makes racers create the item called name at the same time, and returns the winners.
// If it is called together, each of them creates a note of its own in the same transaction.
func race(s suite, name string, racers int) []int {
	var mu sync.Mutex
	var winners []int
	var group errgroup.Group
	for i := range racers {
		group.Go(func() error {
			steps := []table.Step{table.Put("create", s.key(name), attrs{"winner": i}, table.NotExists())}
			if name == "together" {
				steps = append(steps, table.Put("own", s.noteKey(fmt.Sprint(i)), attrs{"winner": i}))
			}
			err := attempt(s.Context(), s.db, steps...)
			if refused := table.AsRefused(err); refused != nil {
				if current, _ := refused.By("create"); current == nil {
					return fmt.Errorf("racer %d was refused by an absent item", i)
				}
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			winners = append(winners, i)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		s.Fatal(err)
	}
	return winners
}

// testTransfer checks that transactions between accounts in two tables keep the sum, and
// that no account goes below zero.
func testTransfer(s suite) {
	const accounts, start, movers, each = 3, 5, 6, 10
	var keys []table.Key
	for i := range accounts {
		keys = append(keys, s.key(fmt.Sprint(i)), s.noteKey(fmt.Sprint(i)))
	}
	for _, key := range keys {
		s.put(key, attrs{"count": start})
	}
	group, ctx := errgroup.WithContext(s.Context())
	for mover := range movers {
		group.Go(func() error {
			for i := range each {
				from, to := keys[(mover+i)%len(keys)], keys[(mover+i*i+1+i)%len(keys)]
				if from == to {
					continue
				}
				amount := int64(1 + i%3)
				err := attempt(ctx, s.db,
					table.Update("from", from, table.Changes{Add: map[string]int64{"count": -amount}}, table.AtLeast("count", amount)),
					table.Update("to", to, table.Changes{Add: map[string]int64{"count": amount}}, table.Exists()))
				if err != nil && table.AsRefused(err) == nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		s.Fatal(err)
	}
	items, err := s.db.BatchGet(s.Context(), keys)
	if err != nil {
		s.Fatal(err)
	}
	sum := 0
	for i, item := range items {
		var account struct {
			Count int `dynamodbav:"count"`
		}
		if err := table.Decode(item, &account); err != nil {
			s.Fatal(err)
		}
		if account.Count < 0 {
			s.Errorf("%v holds %d", keys[i], account.Count)
		}
		sum += account.Count
	}
	if sum != len(keys)*start {
		s.Errorf("the accounts hold %d, want %d", sum, len(keys)*start)
	}
}
