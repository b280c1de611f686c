package voucher

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/table"
)

// The outcomes of a request for a voucher.
const (
	decisionIssued  = "ISSUED"
	decisionRefused = "REFUSED"
)

// event is a row of the log of a client: a voucher that was issued or refused. It contains
// neither the voucher nor the assertion.
type event struct {
	journal.Expiry
	ID            string   `dynamodbav:"eventId"`
	At            string   `dynamodbav:"at"`
	Decision      string   `dynamodbav:"decision"`
	Reasons       []string `dynamodbav:"reasons,omitempty"`
	PurposeID     string   `dynamodbav:"purposeId,omitempty"`
	Kid           string   `dynamodbav:"kid,omitempty"`
	AssertionID   string   `dynamodbav:"assertionId,omitempty"`
	VoucherID     string   `dynamodbav:"voucherId,omitempty"`
	Type          string   `dynamodbav:"type,omitempty"`
	CorrelationID string   `dynamodbav:"correlationId,omitempty"`
}

func partition(clientID string) string { return "CLIENT#" + clientID }

// eventSteps returns the steps that append an event to the log of a client.
func (s *Store) eventSteps(ctx context.Context, clientID string, e event) ([]table.Step, error) {
	id, at, err := s.events.Next("")
	if err != nil {
		return nil, err
	}
	e.ID = id
	e.At = table.Stamp(at)
	e.CorrelationID = api.CorrelationID(ctx)
	return s.events.RowSteps(partition(clientID), id, at, func(expiry journal.Expiry) journal.Row {
		e.Expiry = expiry
		return e
	}), nil
}

// maxAppends is how often append tries to write an event.
const maxAppends = 3

// append writes an event of a client, and others in the same transaction. Requests of the
// same client that are recorded at the same time add to the same counters, and DynamoDB
// may refuse one of them with a conflict; nothing is written then. The next attempt has
// another id, which adds to another counter (see [journal.NewShared]).
//
// This is no change in the sense of package change: nothing is read, and a condition of
// others that does not hold ends it.
func (s *Store) append(ctx context.Context, clientID string, e event, others ...table.Step) error {
	for attempt := 1; ; attempt++ {
		steps, err := s.eventSteps(ctx, clientID, e)
		if err != nil {
			return err
		}
		err = s.db.Write(ctx, append(steps, others...)...)
		if !table.IsKind(err, table.Conflict) || attempt == maxAppends {
			return err
		}
	}
}

// maxAssertionID is how many characters of the jti of an assertion are kept. A client may
// send a longer one.
const maxAssertionID = 128

func truncate(id string) string {
	runes := []rune(id)
	return string(runes[:min(len(runes), maxAssertionID)])
}

// list returns a page of the events of a client of the caller, newest first, and the number
// of all of them.
func (s *Store) list(ctx context.Context, clientID string, page interop.Paged) ([]event, int, error) {
	item, err := s.db.Get(ctx, client.ClientKey(clientID))
	if err != nil {
		return nil, 0, err
	}
	c, err := table.As[client.Client](item)
	if err == nil {
		err = client.RequireOwner(c, clientID, interop.Caller(ctx))
	}
	if err != nil {
		return nil, 0, err
	}
	return journal.List[event](ctx, s.events, partition(clientID), page.Offset, page.Limit)
}
