package consumer

import (
	"context"
	"fmt"
	"maps"

	"ciclo/shared/platform/change"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// cardsSnapshot is what the registration of cards is decided on: the consumer and what
// is stored of the cards and accounts of the call.
type cardsSnapshot struct {
	snapshot
	stored map[table.Key]*child // nil where there is none
}

// cardsOutcome is what the registration of cards leads to. Its zero value changes nothing.
type cardsOutcome struct {
	registered *consumer // nil when the consumer was registered before
	added      counts
	puts       []table.Step // of cards and accounts
}

// registerCards registers cards, the accounts they name and, when it is not there yet,
// the consumer, in one transaction. A call may bring as many cards (48) as fit: with an
// account each they fill a transaction next to the consumer and its operation.
//
// Every round reads all of it again, in one batch: a refusal brings along what refused
// only, and a decision relies on items without a step, too.
func (s *Store) registerCards(ctx context.Context, owner ID, cards []attributes) error {
	_, err := change.Do(ctx, s.db, change.Change[cardsSnapshot, cardsOutcome]{
		Read: func(ctx context.Context, _ change.Round) (cardsSnapshot, error) {
			return s.readCards(ctx, owner, cards)
		},
		Decide: func(before cardsSnapshot) (cardsOutcome, error) { return decideCards(before, cards) },
		Steps: func(before cardsSnapshot, after cardsOutcome) ([]table.Step, error) {
			if after.registered != nil {
				steps, err := s.registrationSteps(ctx, before.snapshot, after.registered)
				return append(steps, after.puts...), err
			}
			if len(after.puts) == 0 {
				return nil, nil
			}
			return append(after.puts, countStep(owner, after.added)), nil
		},
	})
	return err
}

// readCards reads the consumer and what is stored of the cards and accounts.
func (s *Store) readCards(ctx context.Context, owner ID, cards []attributes) (cardsSnapshot, error) {
	keys := []table.Key{consumerKey(owner)}
	stored := map[table.Key]*child{}
	for _, a := range cards {
		for _, k := range []table.Key{cardKey(owner.IssuerID, a.CardID), accountKey(owner.IssuerID, a.AccountID)} {
			if _, ok := stored[k]; !ok {
				stored[k] = nil
				keys = append(keys, k)
			}
		}
	}
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return cardsSnapshot{}, err
	}
	c, err := table.As[consumer](items[0])
	if err != nil {
		return cardsSnapshot{}, err
	}
	for i, item := range items[1:] {
		if stored[keys[i+1]], err = table.As[child](item); err != nil {
			return cardsSnapshot{}, err
		}
	}
	before, err := s.snapshot(owner, c, nil)
	return cardsSnapshot{snapshot: before, stored: stored}, err
}

// decideCards decides on the registration of cards: all of them or none.
func decideCards(before cardsSnapshot, cards []attributes) (cardsOutcome, error) {
	action := actionAddChild
	if state := before.consumer.state(); state == lifecycle.None || state == Deleted {
		action = actionRegister
	}
	if _, err := plan(before.consumer, action, before.facts); err != nil {
		return cardsOutcome{}, err
	}
	w := childWriter{stored: maps.Clone(before.stored), added: counts{}}
	for i, a := range cards {
		account := newAccount(before.id, attributes{AccountID: a.AccountID, State: string(Active)})
		// A card only names its account: one that is stored keeps its attributes.
		if err := w.put(fmt.Sprintf("cards[%d].accountId", i), account, false); err != nil {
			return cardsOutcome{}, err
		}
		if err := w.put(fmt.Sprintf("cards[%d].cardId", i), newCard(before.id, a), true); err != nil {
			return cardsOutcome{}, err
		}
	}
	outcome := cardsOutcome{added: w.added, puts: w.puts}
	if action == actionRegister {
		outcome.registered = before.registered(w.added)
	}
	return outcome, nil
}

// childWriter collects the steps that store the children of one call.
type childWriter struct {
	stored map[table.Key]*child // before the call, and what it has put so far
	added  counts
	puts   []table.Step
}

// put adds the step that stores c, if any is needed; a stored child is changed only with
// replace. field is where c is in the call: the label of the step, and part of the
// refusal when c is another consumer's.
func (w *childWriter) put(field string, c child, replace bool) error {
	old := w.stored[c.key()]
	switch {
	case old == nil:
		w.stored[c.key()] = &c
		w.added[c.kind().counter]++
		w.puts = append(w.puts, table.Put(field, c.key(), c, table.NotExists()))
	case old.ConsumerID != c.ConsumerID:
		return idInUse("%s belongs to another consumer of the issuer.", field)
	case replace && old.attributes != c.attributes:
		w.puts = append(w.puts, table.Put(field, c.key(), c, table.Equals("consumerId", c.ConsumerID)))
	}
	return nil
}
