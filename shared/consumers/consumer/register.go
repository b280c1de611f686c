package consumer

import (
	"context"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/table"
)

// register makes the consumer active and records a REGISTER operation. An active
// consumer stays as it is and nothing is recorded.
//
// Nothing is read. The first round expects that there is no consumer, because nearly
// every registration is a new one. A consumer that is there refuses the write, and the
// refusal brings it along.
func (s *Store) register(ctx context.Context, id ID) error {
	var c *consumer
	_, err := change.Do(ctx, s.db, change.Change[snapshot, *consumer]{
		Read: func(_ context.Context, r change.Round) (snapshot, error) {
			if item, refused := r.Item(labelConsumer); refused {
				var err error
				if c, err = table.As[consumer](item); err != nil {
					return snapshot{}, err
				}
			}
			return s.snapshot(id, c, nil)
		},
		Decide: decideRegistration,
		Steps: func(before snapshot, after *consumer) ([]table.Step, error) {
			if after == before.consumer {
				return nil, nil
			}
			return s.registrationSteps(ctx, before, after)
		},
	})
	return err
}

// decideRegistration returns the consumer as its registration leaves it. An active
// consumer is returned as it is.
func decideRegistration(s snapshot) (*consumer, error) {
	rule, err := plan(s.consumer, actionRegister, s.facts)
	if err != nil {
		return nil, err
	}
	if s.consumer.state() == rule.To {
		return s.consumer, nil
	}
	return s.registered(nil), nil
}

// registered returns a new incarnation of the consumer with these counts of children.
func (s snapshot) registered(counts counts) *consumer {
	c := &consumer{
		IssuerID: s.id.IssuerID, ConsumerID: s.id.ConsumerID,
		State: Active, Version: 1, Incarnation: 1,
		CreatedAt: table.Stamp(s.at), LastOperation: s.operationID,
		Accounts: counts["accounts"], Cards: counts["cards"], DigitalCards: counts["digitalCards"],
	}
	if s.consumer != nil {
		c.Version = s.consumer.Version + 1
		c.Incarnation = s.consumer.Incarnation + 1
	}
	return c
}

// registrationSteps returns the steps that put the registered consumer in the place of
// what was read, and record the operation.
func (s *Store) registrationSteps(ctx context.Context, before snapshot, registered *consumer) ([]table.Step, error) {
	unchanged := table.NotExists()
	if before.consumer != nil {
		unchanged = table.Equals("version", before.consumer.Version)
	}
	steps, err := s.ops.EntrySteps(ctx, operation.Entry{
		Owner: operation.Owner(before.id), ID: before.operationID, At: before.at,
		Kind: operation.Register, Action: operation.Record,
	})
	if err != nil {
		return nil, err
	}
	return append(steps, table.Put(labelConsumer, consumerKey(before.id), registered, unchanged)), nil
}
