package main

import (
	"context"
	"log/slog"
	"testing"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/table"
)

// changes is a feed that delivers two changes once.
type changes struct{}

// Run implements [table.Feed].
func (changes) Run(ctx context.Context, _ string, handle func(context.Context, []table.Change) error) error {
	return handle(ctx, make([]table.Change, 2))
}

// TestLetters: the sandbox counts the changes that a worker can never handle, and goes on with
// the next; a change that comes again is not counted.
func TestLetters(t *testing.T) {
	t.Parallel()
	for kind, want := range map[table.Kind]int64{table.Invalid: 2, table.Unavailable: 0} {
		s := &sandbox{store: &storage{feed: changes{}}, letters: newLetters(), log: slog.New(slog.DiscardHandler)}
		s.feed(t.Context(), worker{id: consumer.Cascade.ID, handle: func(context.Context, table.Change) error {
			return &table.Error{Kind: kind, Op: "test"}
		}})
		queues := s.letters.queues()
		if got, err := queues["cascade"].Waiting(t.Context()); got != want || err != nil {
			t.Errorf("%v: %d letters, %v; want %d", kind, got, err, want)
		}
		if got, err := queues["follow"].Waiting(t.Context()); got != 0 || err != nil || queues["purge"] != nil {
			t.Errorf("of another worker: %d, %v; of the purge: %v", got, err, queues["purge"])
		}
	}
}
