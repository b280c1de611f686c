package service

import (
	"context"

	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// keys returns the keys of a service.
func (s *Store) keys(ctx context.Context, id string) (subscription.Keys, error) {
	sub, err := s.subscription(ctx, id)
	if err != nil {
		return subscription.Keys{}, err
	}
	return s.vault.Reveal(ctx, sub)
}

// rotation is a subscription before and after one of its keys was replaced.
type rotation struct {
	before, after *subscription.Subscription
	keys          subscription.Keys
}

// regenerate replaces one key of a service and returns both; the other one stays valid. It
// returns VersionConflict when a key was regenerated at the same time, and does not try
// again: that would invalidate a key that another caller has just got.
func (s *Store) regenerate(ctx context.Context, id string, which subscription.KeyType) (subscription.Keys, error) {
	rotated, err := change.Do(ctx, s.db, change.Change[rotation, rotation]{
		Read: func(ctx context.Context, _ change.Round) (r rotation, err error) {
			if r.before, err = s.subscription(ctx, id); err != nil {
				return r, err
			}
			r.after, r.keys, err = s.vault.Rotate(ctx, r.before, which)
			return r, err
		},
		Decide: func(r rotation) (rotation, error) { return r, nil },
		Steps: func(_, r rotation) ([]table.Step, error) {
			return []table.Step{table.Put("keys", subscription.Key(id), r.after, table.Equals("version", r.before.Version))}, nil
		},
		Lost: func(rotation, rotation, *table.Refused) error {
			return problem.New(services.VersionConflict,
				"Another call regenerated a key or deleted the service first. Read the keys, then repeat the call.")
		},
	})
	if err != nil {
		return subscription.Keys{}, err
	}
	return rotated.keys, nil
}

// subscription reads the subscription of a service that is the caller's and not deleted.
func (s *Store) subscription(ctx context.Context, id string) (*subscription.Subscription, error) {
	if !isID(id) {
		return nil, notFound(id)
	}
	items, err := s.db.BatchGet(ctx, []table.Key{lifecycleKey(id), subscription.Key(id)})
	if err != nil {
		return nil, err
	}
	record, err := table.As[service](items[0])
	if err != nil {
		return nil, err
	}
	if err := (access{hideDeleted: true}).check(ctx, id, record); err != nil {
		return nil, err
	}
	sub, err := table.As[subscription.Subscription](items[1])
	if err == nil && sub == nil {
		err = notFound(id) // the service was deleted between the reads of the two items
	}
	return sub, err
}
