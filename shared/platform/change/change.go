// Package change makes one change of stored items: it reads a snapshot, lets a pure
// function decide on it, and writes the difference as one conditional transaction.
// When another writer came first the conditions refuse the transaction, nothing is
// written, and the change starts over from a new snapshot.
//
// Every operation that changes something goes through [Do], so the rules of the loop
// are here and nowhere else: how often it runs, how long it waits between rounds, which
// error ends it, and what a caller gets when the rounds are used up.
package change

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"ciclo/shared/platform/table"
)

// DefaultRounds is how often a change is tried when it does not say otherwise.
const DefaultRounds = 8

// Bounds of the random wait before a round. The first retry of a change that lost once
// starts at once: most races have two participants.
const (
	firstWait   = 2 * time.Millisecond
	longestWait = 32 * time.Millisecond
)

// Change is a change from snapshots of type S to outcomes of type O.
type Change[S, O any] struct {
	// Read reads the records that the change is about and all facts that it is decided
	// on. It may start from the items that refused the round before, see [Round.Item].
	// An error ends the change, except a table error of kind Conflict: then the items
	// could not be read at one moment, and the round counts as lost.
	Read func(ctx context.Context, r Round) (S, error)
	// Decide returns what becomes of a snapshot, or the problem that refuses the
	// action. It is pure: it reads and writes nothing, and takes time and ids from the
	// snapshot. Its error ends the change.
	Decide func(S) (O, error)
	// Steps returns the transaction that leads from the snapshot to the outcome, under
	// the conditions that the decision relies on. Without steps nothing is written.
	Steps func(S, O) ([]table.Step, error)
	// Lost says what a refused transaction means: nil to decide again, an error to end
	// the change with it. A Change without Lost always decides again.
	Lost func(S, O, *table.Refused) error
	// Rounds is how often the change is tried; 0 for DefaultRounds.
	Rounds int
}

// Round is one attempt at a change.
type Round struct {
	Number int // 0 for the first
	// Refused is the refusal of the round before, nil when there is none: in the first
	// round, and after a snapshot that could not be read.
	Refused *table.Refused
}

// Item returns the current item of the step with that label, if that step refused the
// round before. The item is nil when there is none stored. A change that starts from it
// saves a read.
func (r Round) Item(label string) (item table.Item, refused bool) {
	if r.Refused == nil {
		return nil, false
	}
	return r.Refused.By(label)
}

// Do makes the change and returns its outcome.
//
// Errors are those of Read, Decide, Steps and Lost, errors of the table, and, when other
// writers came first in every round, a *table.Error of kind Conflict: nothing was
// written then, and the caller may repeat the call.
func Do[S, O any](ctx context.Context, db table.DB, c Change[S, O]) (O, error) {
	var (
		outcome O
		last    error
		round   Round
	)
	rounds := cmp.Or(c.Rounds, DefaultRounds)
	for round.Number = range rounds {
		if err := wait(ctx, round.Number); err != nil {
			return outcome, err
		}
		snapshot, err := c.Read(ctx, round)
		if table.IsKind(err, table.Conflict) {
			last = err
			round.Refused = nil
			continue
		}
		if err != nil {
			return outcome, err
		}
		if outcome, err = c.Decide(snapshot); err != nil {
			return outcome, err
		}
		err = c.write(ctx, db, snapshot, outcome)
		if round.Refused = table.AsRefused(err); round.Refused == nil {
			return outcome, err
		}
		last = err
		if c.Lost != nil {
			if err := c.Lost(snapshot, outcome, round.Refused); err != nil {
				return outcome, err
			}
		}
	}
	return outcome, &table.Error{Kind: table.Conflict, Op: "change", Err: last}
}

// write writes the difference between the snapshot and the outcome, if there is any.
func (c Change[S, O]) write(ctx context.Context, db table.DB, snapshot S, outcome O) error {
	steps, err := c.Steps(snapshot, outcome)
	if err != nil || len(steps) == 0 {
		return err
	}
	return db.Write(ctx, steps...)
}

// wait waits before a round for a random time that grows with the number of rounds lost,
// so that writers who keep refusing each other fall out of step. It returns the error of
// ctx when that ends first.
func wait(ctx context.Context, round int) error {
	if round < 2 {
		return ctx.Err()
	}
	longest := min(firstWait<<(round-2), longestWait)
	timer := time.NewTimer(rand.N(longest)) //nolint:gosec // guessing a wait is of no use
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
