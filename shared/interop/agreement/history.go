package agreement

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// history returns the changes of an agreement that the caller may see, oldest first. An
// agreement that was deleted has a history, too.
func (s *Store) history(ctx context.Context, id string) ([]EventView, error) {
	var events []EventView
	var latest *event
	q := table.Query{Table: interop.Table.Name, PK: agreementPK(id), From: historyPrefix, To: historyPrefix + last, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		e, err := table.As[event](item)
		if err == nil {
			events, latest = append(events, e.view()), e
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if latest == nil {
		return nil, notFound(id)
	}
	state := latest.To
	if state == lifecycle.None {
		state = latest.From
	}
	if !isVisibleTo(interop.Caller(ctx), latest.ConsumerID, latest.ProducerID, state) {
		return nil, notAllowed(ctx, id)
	}
	return events, nil
}
