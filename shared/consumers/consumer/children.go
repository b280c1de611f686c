package consumer

import (
	"context"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// The labels of the steps that register one account or digital card.
const (
	labelChild = "child"
	labelCard  = "card"
)

// counts is how many children there are of each kind, by the name of the consumer's counter.
type counts map[string]int64

// countStep returns the step that adds new children to the consumer's counters, on the
// condition that the consumer may have children. It needs no read: the rule is the
// condition.
func countStep(id ID, added counts) table.Step {
	add := map[string]int64{"version": 1}
	for counter, n := range added {
		if n > 0 {
			add[counter] = n
		}
	}
	return table.Update(labelConsumer, consumerKey(id), table.Changes{Add: add},
		table.In("state", Machine.Sources(actionAddChild, Issuer, nil)...))
}

// childSnapshot is what the registration of one account or digital card is decided on.
type childSnapshot struct {
	owner  ID
	wanted child // as it shall be stored
	stored *child

	consumer        *consumer // the owner, as it refused the round before
	consumerRefused bool
	cardMissing     bool              // the digital card is one of a card that the issuer does not have
	requires        change.Conditions // of the registration, beyond those on owner and child
}

// registerAccount registers an account under its consumer.
func (s *Store) registerAccount(ctx context.Context, owner ID, a attributes) error {
	account := newAccount(owner, a)
	return s.registerChild(ctx, func(context.Context, change.Round) (childSnapshot, error) {
		return childSnapshot{owner: owner, wanted: account}, nil
	})
}

// registerDigitalCard registers a digital card of a card, under the card's consumer. The
// card is read once. If it refuses the write afterwards, it was deleted, or deleted and
// registered under another consumer, and the answer is CardNotFound.
func (s *Store) registerDigitalCard(ctx context.Context, issuerID string, a attributes) error {
	var card *child
	return s.registerChild(ctx, func(ctx context.Context, r change.Round) (childSnapshot, error) {
		if r.Number == 0 {
			item, err := s.db.Get(ctx, cardKey(issuerID, a.CardID))
			if err != nil {
				return childSnapshot{}, err
			}
			if card, err = table.As[child](item); err != nil {
				return childSnapshot{}, err
			}
		}
		if _, refused := r.Item(labelCard); refused || card == nil {
			return childSnapshot{cardMissing: true}, nil
		}
		owner := ID{IssuerID: issuerID, ConsumerID: card.ConsumerID}
		before := childSnapshot{owner: owner, wanted: newDigitalCard(owner, a)}
		before.requires.Require(table.Check(labelCard, card.key(), table.Equals("consumerId", card.ConsumerID)))
		return before, nil
	})
}

// registerChild registers one account or digital card under its consumer, which must be
// active in the same transaction. A stored child is left alone when it is the same,
// changed when it is the consumer's, and refused when it is another consumer's.
//
// read returns what is wanted; owner and child are not read. The first round expects a
// new child of an active consumer, and a refusal brings along what there is instead.
func (s *Store) registerChild(ctx context.Context, read func(context.Context, change.Round) (childSnapshot, error)) error {
	_, err := change.Do(ctx, s.db, change.Change[childSnapshot, childOutcome]{
		Read: func(ctx context.Context, r change.Round) (childSnapshot, error) {
			before, err := read(ctx, r)
			if err != nil {
				return before, err
			}
			item, refused := r.Item(labelConsumer)
			before.consumerRefused = refused
			if before.consumer, err = table.As[consumer](item); err != nil {
				return before, err
			}
			item, _ = r.Item(labelChild)
			before.stored, err = table.As[child](item)
			return before, err
		},
		Decide: decideChild,
		Steps: func(before childSnapshot, after childOutcome) ([]table.Step, error) {
			return childSteps(before, after), nil
		},
	})
	return err
}

// childOutcome is what becomes of a child that is registered.
type childOutcome int

const (
	childUnchanged childOutcome = iota
	childChanged
	childAdded
)

// decideChild decides on the registration of one account or digital card.
func decideChild(s childSnapshot) (childOutcome, error) {
	if s.cardMissing {
		return childUnchanged, cardNotFound()
	}
	if s.consumerRefused {
		if _, err := plan(s.consumer, actionAddChild, nil); err != nil {
			return childUnchanged, err
		}
	}
	switch {
	case s.stored == nil:
		return childAdded, nil
	case s.stored.ConsumerID != s.owner.ConsumerID:
		return childUnchanged, idInUse("The id belongs to another consumer of the issuer.")
	case s.stored.attributes == s.wanted.attributes:
		return childUnchanged, nil
	}
	return childChanged, nil
}

// childSteps returns the steps that store the child; none when it is stored already.
func childSteps(before childSnapshot, after childOutcome) []table.Step {
	if after == childUnchanged {
		return nil
	}
	var added counts
	unchanged := table.Equals("consumerId", before.owner.ConsumerID)
	if after == childAdded {
		added = counts{before.wanted.kind().counter: 1}
		unchanged = table.NotExists()
	}
	return before.requires.With(
		countStep(before.owner, added),
		table.Put(labelChild, before.wanted.key(), before.wanted, unchanged),
	)
}

func idInUse(format string, args ...any) *problem.Problem {
	return problem.New(consumers.IDInUse, format, args...)
}
