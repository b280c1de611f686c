package agreement

import (
	"context"
	"io"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Store reads and changes agreements.
type Store struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	entries *list.Lists[entry, row]
}

// NewStore makes the store.
func NewStore(deps api.Deps) (*Store, error) {
	return &Store{db: deps.DB, now: deps.Now, entropy: deps.Entropy, entries: entries.New(deps.DB)}, nil
}

func notFound(id string) error {
	return problem.New(interop.AgreementNotFound, "Agreement %s not found", id)
}

func notAllowed(ctx context.Context, id string) error {
	return problem.New(interop.AgreementNotAllowed, "Tenant %s has no part in agreement %s.", interop.Caller(ctx), id)
}

// get reads an agreement. It returns AgreementNotFound when there is none of that id.
func (s *Store) get(ctx context.Context, id string) (*agreement, error) {
	item, err := s.db.Get(ctx, agreementKey(id))
	if err != nil {
		return nil, err
	}
	return decode(id, item)
}

// decode returns the agreement of an item, or AgreementNotFound when the item is nil.
func decode(id string, item table.Item) (*agreement, error) {
	if item == nil {
		return nil, notFound(id)
	}
	return table.As[agreement](item)
}

// getVisible reads an agreement that the caller may see. It returns AgreementNotAllowed
// for agreements of others.
func (s *Store) getVisible(ctx context.Context, id string) (*agreement, error) {
	a, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !isVisibleTo(interop.Caller(ctx), a.ConsumerID, a.ProducerID, a.State) {
		return nil, notAllowed(ctx, id)
	}
	return a, nil
}

// apply makes a decision about an agreement.
func (s *Store) apply(ctx context.Context, id string, n needs, d decide) (*agreement, error) {
	return s.do(ctx, &reader{store: s, agreementID: id, needs: n}, d)
}

// do reads a snapshot, decides on it and writes the outcome in one transaction. It
// returns the agreement that answers the call, or the refusal of the outcome.
func (s *Store) do(ctx context.Context, r *reader, d decide) (*agreement, error) {
	o, err := change.Do(ctx, s.db, change.Change[snapshot, outcome]{
		Read:   r.read,
		Decide: d,
		Steps:  func(_ snapshot, o outcome) ([]table.Step, error) { return o.steps(), nil },
	})
	if err != nil {
		return nil, err
	}
	return o.answer, o.refusal
}
