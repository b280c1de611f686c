package consumer

import (
	"context"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/table"
)

// register makes the consumer active and records it; an active one stays as it
// is. It tries without reading first: nearly every registration is a new one.
func (s *Store) register(ctx context.Context, id ID) error {
	return s.replan(ctx, id, nil, func(_ int, seen *consumer) error {
		rule, err := Machine.Plan(seen.state(), actionRegister, Issuer, s.facts(nil))
		if err != nil {
			return s.refusal(seen, actionRegister, nil)
		}
		if seen.state() == rule.To {
			return nil
		}
		steps, err := s.registration(ctx, id, seen, nil)
		if err != nil {
			return err
		}
		return s.db.Write(ctx, steps...)
	})
}

// registration returns the steps that put an active consumer with these counts
// of children where seen is, and record it.
func (s *Store) registration(ctx context.Context, id ID, seen *consumer, counts map[string]int64) ([]table.Step, error) {
	fresh := consumer{
		IssuerID: id.IssuerID, ConsumerID: id.ConsumerID, State: Active, Version: 1, Incarnation: 1,
		Accounts: counts["accounts"], Cards: counts["cards"], DigitalCards: counts["digitalCards"],
	}
	unchanged := table.NotExists()
	previous := ""
	if seen != nil {
		fresh.Version, fresh.Incarnation = seen.Version+1, seen.Incarnation+1
		previous = seen.LastOperation
		unchanged = table.Equals("version", seen.Version)
	}
	opID, at, err := s.ops.Next(previous)
	if err != nil {
		return nil, err
	}
	fresh.LastOperation, fresh.CreatedAt = opID, table.Stamp(at)
	steps, err := s.ops.Append(ctx, operation.Entry{
		Owner: operation.Owner(id), ID: opID, At: at, Kind: operation.Register, Action: operation.Record,
	})
	if err != nil {
		return nil, err
	}
	return append(steps, table.Put(labelConsumer, consumerKey(id), fresh, unchanged)), nil
}
