package service

import (
	"context"
	"fmt"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// create stores a new service as a draft, with its keys, in one transaction. A
// caller with the key of a group creates in that group.
func (s *Store) create(ctx context.Context, p *Payload) (*service, error) {
	if err := s.checkTopic(p); err != nil {
		return nil, err
	}
	caller, _ := api.IdentityFrom(ctx)
	now := s.now()
	id, err := ulid.New(ulid.Timestamp(now), s.entropy)
	if err != nil {
		return nil, fmt.Errorf("service id: %w", err)
	}
	rule, err := plan(snapshot{}, actionCreate, Owner, nil)
	if err != nil {
		return nil, err
	}
	created := &service{
		ID: id.String(), Owner: caller.Subject, Group: caller.Group, State: rule.To,
		Version: 1, ModifiedAt: table.Stamp(now), Data: p.data(),
	}
	keys := &subscription.Subscription{
		ID: created.ID, Owner: caller.Subject, Kind: services.KindService, Group: caller.Group, Scopes: caller.Scopes,
	}
	if _, err := s.vault.New(ctx, keys); err != nil {
		return nil, err
	}
	all := append(steps(snapshot{}, snapshot{service: created}),
		table.Put("keys", subscription.Key(keys.ID), keys, table.NotExists()))
	return created, s.db.Write(ctx, append(all, listing(created)...)...)
}

// listing enters a new service in the lists of its owner and of its group.
func listing(s *service) []table.Step {
	lists := []string{listPK(s.Owner, "")}
	if s.Group != "" {
		lists = append(lists, listPK(s.Owner, s.Group))
	}
	var all []table.Step
	for i, pk := range lists {
		all = append(all,
			table.Put(fmt.Sprintf("entry %d", i), key(pk, serviceEntries+s.ID), table.Item{}, table.NotExists()),
			table.Update(fmt.Sprintf("count %d", i), key(pk, countSK), table.Changes{Add: map[string]int64{"services": 1}}))
	}
	return all
}

func (s *Store) checkTopic(p *Payload) error {
	if id := p.Metadata.TopicID; id != nil && !s.mayChoose(*id) {
		return problem.New(services.TopicUnknown, "Provided topic_id does not exists")
	}
	return nil
}
