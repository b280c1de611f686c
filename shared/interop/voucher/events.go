package voucher

import (
	"context"
	"time"

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

// eventKey is the place of an event in the log of its client.
type eventKey struct {
	id string
	at time.Time
}

func (s *Store) newEvent() (k eventKey, err error) {
	k.id, k.at, err = s.events.Next()
	return k, err
}

// record writes an event of a client. It is one put of an item that no other event shares, so
// simultaneous vouchers of one client never conflict (TestBurst). The same event may be recorded
// again with another outcome.
func (s *Store) record(ctx context.Context, clientID string, k eventKey, e event) error {
	e.ID = k.id
	e.At = table.Stamp(k.at)
	e.CorrelationID = api.CorrelationID(ctx)
	return s.db.Write(ctx, s.events.Row(partition(clientID), k.id, k.at, func(expiry journal.Expiry) journal.Row {
		e.Expiry = expiry
		return e
	}))
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
	items, err := s.db.BatchGet(ctx, []table.Key{client.ClientKey(clientID), journal.TallyKey(partition(clientID))})
	if err != nil {
		return nil, 0, err
	}
	c, err := table.As[client.Client](items[0])
	if err == nil {
		err = client.RequireOwner(c, clientID, interop.Caller(ctx))
	}
	if err != nil {
		return nil, 0, err
	}
	return journal.ListTrail[event](ctx, s.events, partition(clientID), items[1], page.Offset, page.Limit)
}
