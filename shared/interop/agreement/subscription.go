package agreement

import (
	"context"
	"errors"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// Subscription is the claim of an agreement that makes it the only one of its consumer and
// e-service. Of an agreement in use it has what purposes and vouchers need to know; of one
// on its way there it has the id alone.
type Subscription struct {
	AgreementID  string          `dynamodbav:"agreementId"`
	State        lifecycle.State `dynamodbav:"state,omitempty"`
	DescriptorID string          `dynamodbav:"descriptorId,omitempty"`
}

// subscription returns what an agreement claims in its state.
func (a *agreement) subscription() Subscription {
	if !a.isInUse() {
		return Subscription{AgreementID: a.ID}
	}
	return Subscription{AgreementID: a.ID, State: a.State, DescriptorID: a.DescriptorID}
}

// SubscriptionKey returns the key of the [Subscription] that a consumer has for an
// e-service while an agreement of theirs is ACTIVE or SUSPENDED.
func SubscriptionKey(consumerID, eserviceID string) table.Key {
	return claimKeys(consumerID, eserviceID)[0]
}

// LabelSubscription is the label of [Subscription.Active].
const LabelSubscription = "subscription"

// Active returns the condition that the agreement is still ACTIVE and on that descriptor.
func (s *Subscription) Active(consumerID, eserviceID string) table.Step {
	return table.Check(LabelSubscription, SubscriptionKey(consumerID, eserviceID),
		table.Equals("agreementId", s.AgreementID), table.Equals("state", Active), table.Equals("descriptorId", s.DescriptorID))
}

// maxPointerReads is how often InUse follows a claim that moves while it is read.
const maxPointerReads = 8

// InUse returns the agreement of a consumer and an e-service that is ACTIVE or SUSPENDED,
// nil when there is none. The claim says which agreement it is, and may have moved to
// another one when that is read: then the claim is read again. Nothing is written.
func InUse(ctx context.Context, db table.DB, consumerID, eserviceID string) (*View, error) {
	s := &Store{db: db}
	for range maxPointerReads {
		item, err := db.Get(ctx, SubscriptionKey(consumerID, eserviceID))
		if err != nil || item == nil {
			return nil, err
		}
		subscription, err := table.As[Subscription](item)
		if err != nil {
			return nil, err
		}
		a, err := s.get(ctx, subscription.AgreementID)
		if err != nil {
			return nil, err
		}
		if a.isInUse() {
			v := a.view()
			return &v, nil
		}
	}
	return nil, &table.Error{Kind: table.Conflict, Op: "read", Err: errors.New("the agreement in use keeps being replaced")}
}

// Consumers calls yield with the consumer of every agreement that an e-service has or had.
// A consumer comes once for each of its agreements.
func Consumers(ctx context.Context, db table.DB, eserviceID string, yield func(consumerID string)) error {
	q := table.Query{Table: interop.Table.Name, PK: eservicePK(eserviceID), Consistent: true}
	return table.All(ctx, db, q, func(item table.Item) error {
		m, err := table.As[member](item)
		if err == nil {
			yield(m.ConsumerID)
		}
		return err
	})
}

// GetVisible returns an agreement that the caller may see. It returns AgreementNotFound or
// AgreementNotAllowed otherwise.
func GetVisible(ctx context.Context, db table.DB, id string) (*View, error) {
	a, err := (&Store{db: db}).getVisible(ctx, id)
	if err != nil {
		return nil, err
	}
	v := a.view()
	return &v, nil
}
