package purpose

import (
	"context"
	"io"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and changes purposes.
type Store struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	entries *lists
}

// NewStore makes the store.
func NewStore(deps api.Deps) (*Store, error) {
	return &Store{db: deps.DB, now: deps.Now, entropy: deps.Entropy, entries: entries.New(deps.DB)}, nil
}

func notFound(id string) error {
	return problem.New(interop.PurposeNotFound, "Purpose %s not found", id)
}

func notAllowed(ctx context.Context, id string) error {
	return problem.New(interop.PurposeNotAllowed, "Tenant %s is neither the consumer nor the producer of purpose %s.", interop.Caller(ctx), id)
}

// getVisible reads a purpose and returns PurposeNotFound or PurposeNotAllowed when the
// caller may not see it.
func (s *Store) getVisible(ctx context.Context, id string) (*purpose, error) {
	item, err := s.db.Get(ctx, Key(id))
	if err != nil {
		return nil, err
	}
	return decodeVisible(ctx, id, item)
}

// decodeVisible is getVisible of an item that was read.
func decodeVisible(ctx context.Context, id string, item table.Item) (*purpose, error) {
	p, err := table.As[purpose](item)
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return nil, notFound(id)
	case !p.isVisibleTo(interop.Caller(ctx)):
		return nil, notAllowed(ctx, id)
	}
	return p, nil
}
