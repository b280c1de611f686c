package voucher

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/table"
)

// What became of a request for a voucher.
const (
	decisionIssued  = "ISSUED"
	decisionRefused = "REFUSED"
)

// event is a row of a client's log: a voucher that was issued or refused. It has
// neither the token nor the assertion.
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

// record are the steps that keep an event.
func (s *Store) record(ctx context.Context, clientID string, e event) ([]table.Step, error) {
	id, at, err := s.events.Next("")
	if err != nil {
		return nil, err
	}
	e.ID, e.At, e.CorrelationID = id, table.Stamp(at), api.CorrelationID(ctx)
	return s.events.RowSteps(partition(clientID), id, at, func(expiry journal.Expiry) journal.Row {
		e.Expiry = expiry
		return e
	}), nil
}

// maxRounds is how often an event is tried to be kept.
const maxRounds = 3

// keep records an event of a client, with what else must be written at once. Where others
// who record at the same time are in the way, it tries again under another id, which puts
// the event among other neighbours (see [journal.NewShared]). Nothing was written then.
func (s *Store) keep(ctx context.Context, clientID string, e event, others ...table.Step) error {
	for round := 1; ; round++ {
		steps, err := s.record(ctx, clientID, e)
		if err != nil {
			return err
		}
		err = s.db.Write(ctx, append(steps, others...)...)
		if !table.IsKind(err, table.Conflict) || round == maxRounds {
			return err
		}
	}
}

// maxAssertionID is how much of a jti is kept, which may be of any length.
const maxAssertionID = 128

func clipped(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), maxAssertionID)])
}

// list returns the events of a client of the caller, newest first, and how many there
// are in all.
func (s *Store) list(ctx context.Context, clientID string, page interop.Paged) ([]event, int, error) {
	item, err := s.db.Get(ctx, client.ClientKey(clientID))
	if err != nil {
		return nil, 0, err
	}
	c, err := table.As[client.Client](item)
	if err == nil {
		err = client.Refusal(c, clientID, interop.Caller(ctx))
	}
	if err != nil {
		return nil, 0, err
	}
	return journal.List[event](ctx, s.events, partition(clientID), page.Offset, page.Limit)
}
