// Package entry removes the entries of lists that were replaced.
package entry

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// Sweeper removes entries.
type Sweeper struct{ db table.DB }

// NewSweeper makes the sweeper.
func NewSweeper(deps api.Deps) (*Sweeper, error) { return &Sweeper{db: deps.DB}, nil }

// Sweep is the worker that is fed by the new entries of lists in the table. It removes the
// entry that each of them has replaced, which readers ignore from the moment in which it was
// replaced. So a late or repeated run shows nobody anything else; until it has run, the first
// read of a list costs more.
var Sweep = api.Worker[Sweeper]{
	ID:    "entry/sweep",
	Table: &interop.Table,
	Open:  NewSweeper,
	Handle: func(s *Sweeper, ctx context.Context, change table.Change) error {
		replaced, ok := list.Replaced(change)
		if !ok {
			return nil
		}
		return s.db.DeleteAll(ctx, []table.Key{replaced})
	},
	Access: func() []api.Access { return interop.Access("BatchWriteItem") },
}
