package change_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"ciclo/shared/platform/change"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
)

var accounts = table.Schema{Name: "accounts"}

// account is what the changes of these tests are about.
type account struct {
	Balance int64 `dynamodbav:"balance"`
	Version int64 `dynamodbav:"version"`
}

var (
	key      = table.Key{Table: accounts.Name, PK: "A", SK: "A"}
	errEmpty = errors.New("the account is empty")
)

const label = "account"

// reads counts what the changes read.
type reads struct{ rounds []int }

// add is the change that adds n to the account, which it never overdraws.
func add(db table.DB, n int64, seen *reads) change.Change[*account, *account] {
	return change.Change[*account, *account]{
		Read: func(ctx context.Context, r change.Round) (*account, error) {
			if seen != nil {
				seen.rounds = append(seen.rounds, r.Number)
			}
			item, refused := r.Item(label)
			if !refused {
				var err error
				if item, err = db.Get(ctx, key); err != nil {
					return nil, err
				}
			}
			return table.As[account](item)
		},
		Decide: func(before *account) (*account, error) {
			after := account{Balance: n}
			if before != nil {
				after = account{Balance: before.Balance + n, Version: before.Version}
			}
			if after.Balance < 0 {
				return nil, errEmpty
			}
			after.Version++
			return &after, nil
		},
		Steps: func(before, after *account) ([]table.Step, error) {
			unchanged := table.NotExists()
			if before != nil {
				unchanged = table.Equals("version", before.Version)
			}
			if n == 0 {
				return nil, nil
			}
			return []table.Step{table.Put(label, key, after, unchanged)}, nil
		},
	}
}

func each(t *testing.T, test func(t *testing.T, db *hooked.DB)) {
	t.Helper()
	engine.Each(t, []table.Schema{accounts}, func(t *testing.T, db table.DB) { test(t, &hooked.DB{DB: db}) })
}

func stored(t *testing.T, db table.DB) account {
	t.Helper()
	item, err := db.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	a, err := table.As[account](item)
	if err != nil {
		t.Fatal(err)
	}
	if a == nil {
		return account{}
	}
	return *a
}

// TestNothingIsLost: many writers change one item at once, and every accepted change is in
// it exactly once.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *hooked.DB) {
		const writers = 8
		var all sync.WaitGroup
		accepted := make([]int64, writers)
		for i := range writers {
			all.Go(func() {
				c := add(db, 1, nil)
				c.Rounds = 100
				if _, err := change.Do(t.Context(), db, c); err == nil {
					accepted[i] = 1
				} else if !table.IsKind(err, table.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var sum int64
		for _, n := range accepted {
			sum += n
		}
		if got := stored(t, db.DB); got.Balance != sum || sum == 0 {
			t.Errorf("the balance is %d after %d accepted changes", got.Balance, sum)
		}
	})
}

// TestLostRoundsDecideAgain: the decision is made on what came first, which the refusal
// brought along.
func TestLostRoundsDecideAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *hooked.DB) {
		isWrite := func(c *hooked.Call) bool { return c.Writes() }
		db.During(0, isWrite, func() {
			if _, err := change.Do(t.Context(), db.DB, add(db.DB, 5, nil)); err != nil {
				t.Error(err)
			}
		})
		var seen reads
		got, err := change.Do(t.Context(), db, add(db, 1, &seen))
		if err != nil || got.Balance != 6 {
			t.Fatalf("the change answers %v, %v, want 6", got, err)
		}
		if fmt.Sprint(seen.rounds) != "[0 1]" || db.Seen() != 3 {
			t.Errorf("rounds %v and %d calls, want two rounds of one read and two writes", seen.rounds, db.Seen())
		}
	})
}

// TestRoundsEnd: a change that always loses ends with a conflict that names what refused
// it, and has written nothing.
func TestRoundsEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *hooked.DB) {
		others := 0
		db.Set(func(c *hooked.Call) error {
			if c.Writes() {
				others++
				if _, err := change.Do(t.Context(), db.DB, add(db.DB, 10, nil)); err != nil {
					t.Error(err)
				}
			}
			return c.Run()
		})
		_, err := change.Do(t.Context(), db, add(db, 1, nil))
		refused := table.AsRefused(err)
		if !table.IsKind(err, table.Conflict) || refused == nil {
			t.Fatalf("the change answers %v, want a conflict with its refusal", err)
		}
		if _, named := refused.By(label); !named || others != change.DefaultRounds {
			t.Errorf("%d rounds, refused by %v; want %d", others, refused, change.DefaultRounds)
		}
		if got := stored(t, db.DB); got.Balance != int64(10*others) {
			t.Errorf("the balance is %d, want what the others wrote", got.Balance)
		}
	})
}

// TestWhatEndsAChange: errors of each part end it at once, and nothing is written.
func TestWhatEndsAChange(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	type parts = change.Change[*account, *account]
	for name, tc := range map[string]struct {
		breaks func(*parts)
		want   error
		rounds int
	}{
		"reading":  {func(c *parts) { c.Read = func(context.Context, change.Round) (*account, error) { return nil, broken } }, broken, 0},
		"deciding": {func(c *parts) { c.Decide = func(*account) (*account, error) { return nil, errEmpty } }, errEmpty, 1},
		"steps":    {func(c *parts) { c.Steps = func(_, _ *account) ([]table.Step, error) { return nil, broken } }, broken, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db *hooked.DB) {
				var seen reads
				c := add(db, 1, &seen)
				tc.breaks(&c)
				if _, err := change.Do(t.Context(), db, c); !errors.Is(err, tc.want) {
					t.Errorf("the change answers %v, want %v", err, tc.want)
				}
				if got := stored(t, db.DB); got != (account{}) || len(seen.rounds) != tc.rounds {
					t.Errorf("stored %v after %d rounds, want nothing after %d", got, len(seen.rounds), tc.rounds)
				}
			})
		})
	}
}

// TestLostEndsAChange: what refused the transaction can be an answer.
func TestLostEndsAChange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *hooked.DB) {
		db.During(0, func(c *hooked.Call) bool { return c.Writes() }, func() {
			if _, err := change.Do(t.Context(), db.DB, add(db.DB, 5, nil)); err != nil {
				t.Error(err)
			}
		})
		var before, outcome account
		c := add(db, 1, nil)
		c.Lost = func(s, o *account, refused *table.Refused) error {
			outcome = *o
			if s != nil {
				before = *s
			}
			if _, named := refused.By(label); !named {
				t.Errorf("refused by %v", refused)
			}
			return errEmpty
		}
		if _, err := change.Do(t.Context(), db, c); !errors.Is(err, errEmpty) {
			t.Errorf("the change answers %v", err)
		}
		if before != (account{}) || outcome.Balance != 1 {
			t.Errorf("Lost got %v and %v", before, outcome)
		}
	})
}

// TestUnreadableSnapshots: a conflict while reading is a lost round, and in the last
// round the answer.
func TestUnreadableSnapshots(t *testing.T) {
	t.Parallel()
	conflict := &table.Error{Kind: table.Conflict, Op: "snapshot", Err: errors.New("held")}
	for failing, want := range map[int]bool{0: true, 3: true, change.DefaultRounds: false} {
		each(t, func(t *testing.T, db *hooked.DB) {
			c := add(db, 1, nil)
			read := c.Read
			c.Read = func(ctx context.Context, r change.Round) (*account, error) {
				if r.Refused != nil {
					t.Errorf("round %d knows a refusal, but nothing was written", r.Number)
				}
				if r.Number < failing {
					return nil, conflict
				}
				return read(ctx, r)
			}
			_, err := change.Do(t.Context(), db, c)
			if (err == nil) != want || !want && !errors.Is(err, conflict) {
				t.Errorf("%d unreadable snapshots: %v", failing, err)
			}
		})
	}
}

// TestUnchanged: an outcome that needs no steps is no write.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *hooked.DB) {
		db.Set(nil)
		if _, err := change.Do(t.Context(), db, add(db, 0, nil)); err != nil {
			t.Fatal(err)
		}
		if db.Seen() != 1 {
			t.Errorf("%d calls, want one read", db.Seen())
		}
	})
}

// TestDeadline: a change whose caller is gone does not start another round.
func TestDeadline(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *hooked.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		c := add(db, 1, nil)
		rounds := 0
		c.Read = func(context.Context, change.Round) (*account, error) {
			rounds++
			cancel()
			return nil, &table.Error{Kind: table.Conflict, Op: "get", Err: errors.New("held")}
		}
		if _, err := change.Do(ctx, db, c); !errors.Is(err, context.Canceled) || rounds != 1 {
			t.Errorf("%d rounds, %v", rounds, err)
		}
	})
}

// TestRefusalsAreOfTheRoundBefore: after a snapshot that could not be read, a round has no
// refusal to start from. The one of an earlier round is out of date.
func TestRefusalsAreOfTheRoundBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *hooked.DB) {
		db.During(0, func(c *hooked.Call) bool { return c.Writes() }, func() {
			if _, err := change.Do(t.Context(), db.DB, add(db.DB, 5, nil)); err != nil {
				t.Error(err)
			}
		})
		c := add(db, 1, nil)
		read := c.Read
		var refused []bool
		c.Read = func(ctx context.Context, r change.Round) (*account, error) {
			refused = append(refused, r.Refused != nil)
			if r.Number == 1 {
				return nil, &table.Error{Kind: table.Conflict, Op: "snapshot", Err: errors.New("held")}
			}
			return read(ctx, r)
		}
		got, err := change.Do(t.Context(), db, c)
		if err != nil || got.Balance != 6 || fmt.Sprint(refused) != "[false true false]" {
			t.Errorf("%v, %v; rounds with a refusal: %v", got, err, refused)
		}
	})
}
