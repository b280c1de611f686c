package service

import (
	"context"

	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// keys shows the keys of a service.
func (s *Store) keys(ctx context.Context, id string) (subscription.Keys, error) {
	sub, err := s.subscription(ctx, id)
	if err != nil {
		return subscription.Keys{}, err
	}
	return s.vault.Reveal(ctx, sub)
}

// regenerate replaces one key of a service; the other one stays valid.
func (s *Store) regenerate(ctx context.Context, id string, which subscription.Which) (subscription.Keys, error) {
	sub, err := s.subscription(ctx, id)
	if err != nil {
		return subscription.Keys{}, err
	}
	seen := sub.Version
	keys, err := s.vault.Rotate(ctx, sub, which)
	if err != nil {
		return subscription.Keys{}, err
	}
	err = s.db.Write(ctx, table.Put("keys", subscription.Key(id), sub, table.Equals("version", seen)))
	if table.AsRefused(err) != nil {
		err = problem.New(services.VersionConflict, "Somebody else regenerated a key meanwhile, or deleted the service. Read the keys, and repeat the call.")
	}
	return keys, err
}

// subscription reads the subscription of a service that is the caller's and not deleted.
func (s *Store) subscription(ctx context.Context, id string) (*subscription.Subscription, error) {
	items, err := s.together(ctx, id, lifecycleKey(id), subscription.Key(id))
	if err != nil {
		return nil, err
	}
	record, err := table.As[service](items[0])
	if err != nil {
		return nil, err
	}
	if err := (access{alive: true}).permits(ctx, id, record); err != nil {
		return nil, err
	}
	sub, err := subscription.Decode(items[1])
	if err == nil && sub == nil {
		err = notFound(id) // deleted between the two reads
	}
	return sub, err
}
