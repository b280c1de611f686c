package agreement

import (
	"context"
	"errors"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// Subscription makes an agreement the only one of a consumer and an e-service. Of
// one in use it says what purposes and vouchers need to know of it; of one on its
// way there just which it is.
type Subscription struct {
	AgreementID  string          `dynamodbav:"agreementId"`
	State        lifecycle.State `dynamodbav:"state,omitempty"`
	DescriptorID string          `dynamodbav:"descriptorId,omitempty"`
}

// subscription is what an agreement claims in its state.
func (a *agreement) subscription() Subscription {
	if !a.inUse() {
		return Subscription{AgreementID: a.ID}
	}
	return Subscription{a.ID, a.State, a.DescriptorID}
}

// SubscriptionKey names the [Subscription] of a consumer and an e-service that is in
// use: there is none while no agreement of theirs is ACTIVE or SUSPENDED.
func SubscriptionKey(consumerID, eserviceID string) table.Key {
	return claimKeys(consumerID, eserviceID)[0]
}

// LabelSubscription is the step of Active.
const LabelSubscription = "subscription"

// Active is the step that refuses when the agreement of a consumer and an e-service
// is no longer ACTIVE and on that descriptor.
func (s *Subscription) Active(consumerID, eserviceID string) table.Step {
	return table.Check(LabelSubscription, SubscriptionKey(consumerID, eserviceID),
		table.Equals("agreementId", s.AgreementID), table.Equals("state", Active), table.Equals("descriptorId", s.DescriptorID))
}

// InUse returns the agreement of a consumer and an e-service that is ACTIVE or
// SUSPENDED, nil when there is none.
func InUse(ctx context.Context, db table.DB, consumerID, eserviceID string) (*View, error) {
	s := &Store{db: db}
	for range maxRounds {
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
		if a.inUse() { // otherwise it was replaced since
			v := a.view()
			return &v, nil
		}
	}
	return nil, &table.Error{Kind: table.Conflict, Op: "read", Err: errors.New("the agreement is replaced again and again")}
}

// Consumers hands every consumer that has or had an agreement for an e-service to
// yield, by each of its agreements.
func Consumers(ctx context.Context, db table.DB, eserviceID string, yield func(consumerID string)) error {
	q := table.Query{Table: interop.Table.Name, PK: ofEService(eserviceID), Consistent: true}
	return table.All(ctx, db, q, func(item table.Item) error {
		e, err := table.As[entry](item)
		if err == nil {
			yield(e.ConsumerID)
		}
		return err
	})
}

// See returns an agreement that the caller may see.
func See(ctx context.Context, db table.DB, id string) (*View, error) {
	a, err := (&Store{db: db}).see(ctx, id)
	if err != nil {
		return nil, err
	}
	v := a.view()
	return &v, nil
}
