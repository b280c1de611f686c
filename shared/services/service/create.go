package service

import (
	"context"
	"fmt"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// draft is what the creation of a service is decided on.
type draft struct {
	id   string
	at   string
	keys *subscription.Subscription
}

// create stores a new service as a draft, with its keys, in one transaction. A caller with
// the key of a group creates in that group.
func (s *Store) create(ctx context.Context, p *Payload) (*service, error) {
	if err := s.checkTopic(p); err != nil {
		return nil, err
	}
	caller, _ := api.IdentityFrom(ctx)
	return change.Do(ctx, s.db, change.Change[draft, *service]{
		Read: func(ctx context.Context, _ change.Round) (draft, error) { return s.newDraft(ctx, caller) },
		Decide: func(d draft) (*service, error) {
			rule, err := plan(snapshot{}, actionCreate, Owner, nil)
			if err != nil {
				return nil, err
			}
			return &service{
				ID: d.id, Owner: caller.Subject, Group: caller.Group, State: rule.To,
				Version: 1, ModifiedAt: d.at, Data: p.data(),
			}, nil
		},
		Steps: func(d draft, created *service) ([]table.Step, error) {
			keys := table.Put("keys", subscription.Key(d.id), d.keys, table.NotExists())
			return append(steps(snapshot{}, snapshot{service: created}), keys), nil
		},
	})
}

// newDraft makes the id and the keys of a new service of the caller.
func (s *Store) newDraft(ctx context.Context, caller api.Identity) (draft, error) {
	now := s.now()
	id, err := ulid.New(ulid.Timestamp(now), s.entropy)
	if err != nil {
		return draft{}, fmt.Errorf("service id: %w", err)
	}
	keys, _, err := s.vault.New(ctx, subscription.Subscription{
		ID: id.String(), Owner: caller.Subject, Kind: services.KindService, Group: caller.Group, Scopes: caller.Scopes,
	})
	return draft{id: id.String(), at: table.Stamp(now), keys: keys}, err
}

// checkTopic returns TopicUnknown unless services may choose the topic of the payload.
func (s *Store) checkTopic(p *Payload) error {
	if id := p.Metadata.TopicID; id != nil && !s.mayChooseTopic(*id) {
		return problem.New(services.TopicUnknown, "Provided topic_id does not exists")
	}
	return nil
}
