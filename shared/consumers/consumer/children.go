package consumer

import (
	"context"
	"fmt"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

const (
	labelChild  = "child"
	labelParent = "card"
)

// putChild registers one account or digital card under its consumer. What is
// there already is left alone when it says the same, changed when it is the
// consumer's, and refused when it is another's. The consumer must be active in
// the same transaction; further conditions may hold in it too. It reads nothing:
// a refusal brings back what was in the way.
func (s *Store) putChild(ctx context.Context, owner ID, c child, further ...table.Step) error {
	var there *child
	var refused *table.Refused
	for range maxRounds {
		steps, err := s.childSteps(owner, c, there)
		if err != nil || steps == nil {
			return err
		}
		err = s.db.Write(ctx, append(steps, further...)...)
		if refused = table.AsRefused(err); refused == nil {
			return err
		}
		if _, ok := refused.By(labelParent); ok {
			return problem.New(consumers.CardNotFound, "The issuer has no card with this id.")
		}
		if item, ok := refused.By(labelConsumer); ok {
			seen, err := decodeConsumer(item)
			if err != nil {
				return err
			}
			return s.refusal(seen, actionAddChild, nil)
		}
		if item, ok := refused.By(labelChild); ok {
			if there, err = decodeChild(item); err != nil {
				return err
			}
		}
	}
	return &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// childSteps returns the steps that make the child be as c says, given what is
// there; none when it already is.
func (s *Store) childSteps(owner ID, c child, there *child) ([]table.Step, error) {
	if there == nil {
		return []table.Step{
			s.addChildren(owner, map[string]int64{c.kind().counter: 1}),
			table.Put(labelChild, c.key(), c, table.NotExists()),
		}, nil
	}
	if there.ConsumerID != c.ConsumerID {
		return nil, inUse("The id belongs to another consumer of the issuer.")
	}
	if there.attributes == c.attributes {
		return nil, nil
	}
	return []table.Step{
		s.addChildren(owner, nil),
		table.Put(labelChild, c.key(), c, table.Equals("consumerId", c.ConsumerID)),
	}, nil
}

func inUse(format string, args ...any) *problem.Problem {
	return problem.New(consumers.IDInUse, format, args...)
}

func decodeChild(item table.Item) (*child, error) {
	if item == nil {
		return nil, nil //nolint:nilnil // no child is a valid answer
	}
	var c child
	if err := table.Decode(item, &c); err != nil {
		return nil, err
	}
	return &c, nil
}

// putCards registers cards, the accounts they name and, when it is not there
// yet, the consumer, in one transaction: 48 cards, as many as one call may
// bring, with an account each fill it next to the consumer and its operation.
func (s *Store) putCards(ctx context.Context, owner ID, cards []attributes) error {
	var lost error
	for range maxRounds {
		seen, there, err := s.readCards(ctx, owner, cards)
		if err != nil {
			return err
		}
		steps, err := s.cardSteps(ctx, owner, seen, there, cards)
		if err != nil || len(steps) == 0 {
			return err
		}
		lost = s.db.Write(ctx, steps...)
		if table.AsRefused(lost) == nil {
			return lost
		}
	}
	return &table.Error{Kind: table.Conflict, Op: "write", Err: lost}
}

// readCards reads the consumer and what is there of the cards and accounts, in
// one batch.
func (s *Store) readCards(ctx context.Context, owner ID, cards []attributes) (*consumer, map[table.Key]*child, error) {
	keys := []table.Key{consumerKey(owner)}
	there := map[table.Key]*child{}
	for _, a := range cards {
		for _, k := range []table.Key{cardKey(owner.IssuerID, a.CardID), accountKey(owner.IssuerID, a.AccountID)} {
			if _, ok := there[k]; !ok {
				there[k] = nil
				keys = append(keys, k)
			}
		}
	}
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	seen, err := decodeConsumer(items[0])
	if err != nil {
		return nil, nil, err
	}
	for i, item := range items[1:] {
		if there[keys[i+1]], err = decodeChild(item); err != nil {
			return nil, nil, err
		}
	}
	return seen, there, nil
}

// cardSteps returns the steps that make the cards be as asked; none when they are.
func (s *Store) cardSteps(ctx context.Context, owner ID, seen *consumer, there map[table.Key]*child, cards []attributes) ([]table.Step, error) {
	action := actionAddChild
	if seen.state() == lifecycle.None || seen.state() == Deleted {
		action = actionRegister
	}
	if _, err := Machine.Plan(seen.state(), action, Issuer, s.facts(nil)); err != nil {
		return nil, s.refusal(seen, action, nil)
	}
	var steps []table.Step
	counts := map[string]int64{}
	for i, a := range cards {
		account := newAccount(owner, attributes{AccountID: a.AccountID, State: string(Active)})
		step, err := put(account, there, counts, false, fmt.Sprintf("cards[%d].accountId", i))
		if err != nil {
			return nil, err
		}
		steps = append(steps, step...)
		if step, err = put(newCard(owner, a), there, counts, true, fmt.Sprintf("cards[%d].cardId", i)); err != nil {
			return nil, err
		}
		steps = append(steps, step...)
	}
	if action == actionRegister {
		first, err := s.registration(ctx, owner, seen, counts)
		return append(first, steps...), err
	}
	if len(steps) == 0 {
		return nil, nil
	}
	return append(steps, s.addChildren(owner, counts)), nil
}

// put returns the step that stores c, if any is needed, and counts it when it is
// new. An account that is there keeps its attributes: a card only names it.
func put(c child, there map[table.Key]*child, counts map[string]int64, replace bool, field string) ([]table.Step, error) {
	old := there[c.key()]
	switch {
	case old == nil:
		there[c.key()] = &c
		counts[c.kind().counter]++
		return []table.Step{table.Put(field, c.key(), c, table.NotExists())}, nil
	case old.ConsumerID != c.ConsumerID:
		return nil, inUse("%s belongs to another consumer of the issuer.", field)
	case !replace || old.attributes == c.attributes:
		return nil, nil
	}
	return []table.Step{table.Put(field, c.key(), c, table.Equals("consumerId", c.ConsumerID))}, nil
}
