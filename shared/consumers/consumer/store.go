package consumer

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strconv"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// ReuseSetting names the environment variable that allows a deleted consumer's
// id to be registered again ("true"); D1 v1 refuses it, and so do we by default.
const ReuseSetting = "ALLOW_CONSUMER_REUSE"

// Store reads and changes consumers.
type Store struct {
	db    table.DB
	now   func() time.Time
	ops   *operation.Log
	log   *slog.Logger
	reuse bool
}

// NewStore makes the store. It refuses settings that are not valid.
func NewStore(deps api.Deps) (*Store, error) {
	ops, err := operation.NewLog(deps)
	if err != nil {
		return nil, err
	}
	s := &Store{db: deps.DB, now: deps.Now, ops: ops, log: deps.Log}
	if text := deps.Setting(ReuseSetting); text != "" {
		if s.reuse, err = strconv.ParseBool(text); err != nil {
			return nil, errors.New(ReuseSetting + " must be true or false")
		}
	}
	return s, nil
}

// maxRounds bounds how often a change that lost a race is planned again.
const maxRounds = 8

// The label of the step on the consumer itself, in every transaction.
const labelConsumer = "consumer"

func (s *Store) facts(more lifecycle.Facts) lifecycle.Facts {
	facts := lifecycle.Facts{ReuseAllowed: s.reuse}
	maps.Copy(facts, more)
	return facts
}

// get reads the consumer; nil when it was never registered.
func (s *Store) get(ctx context.Context, id ID) (*consumer, error) {
	item, err := s.db.Get(ctx, consumerKey(id))
	if err != nil {
		return nil, err
	}
	return decodeConsumer(item)
}

// getLive reads the consumer, or answers that there is none.
func (s *Store) getLive(ctx context.Context, id ID) (*consumer, error) {
	c, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if c == nil || c.State == Deleted {
		return nil, problem.New(consumers.ConsumerNotFound, "The issuer has no consumer with this id.")
	}
	return c, nil
}

// replan runs attempt on the consumer as last seen, until it is neither refused
// by a condition nor out of rounds. The item that a refusal brought back is
// where the next round starts, so that it costs no read.
func (s *Store) replan(ctx context.Context, id ID, seen *consumer, attempt func(round int, seen *consumer) error) error {
	var refused *table.Refused
	for round := range maxRounds {
		err := attempt(round, seen)
		if refused = table.AsRefused(err); refused == nil {
			return err
		}
		if item, ok := refused.By(labelConsumer); ok {
			seen, err = decodeConsumer(item)
		} else {
			seen, err = s.get(ctx, id)
		}
		if err != nil {
			return err
		}
	}
	return &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// addChildren is the step that counts n more children of each kind, as long as
// the consumer may have them. It reads nothing: the rule is the condition.
func (s *Store) addChildren(id ID, counts map[string]int64) table.Step {
	add := map[string]int64{"version": 1}
	for counter, n := range counts {
		if n > 0 {
			add[counter] = n
		}
	}
	return table.Update(labelConsumer, consumerKey(id), table.Changes{Add: add}, s.mayAddChild())
}

func (s *Store) mayAddChild() table.Cond {
	return table.In("state", Machine.Sources(actionAddChild, Issuer, s.facts(nil))...)
}

// refusal answers an action that the consumer's state does not allow.
func (s *Store) refusal(c *consumer, action lifecycle.Action, facts lifecycle.Facts) error {
	_, err := Machine.Plan(c.state(), action, Issuer, s.facts(facts))
	var r *lifecycle.Refusal
	if !errors.As(err, &r) {
		return err
	}
	if r.State == lifecycle.None || r.State == Deleted && action != actionRegister {
		return problem.New(consumers.ConsumerNotFound, "The issuer has no consumer with this id.")
	}
	p := problem.New(consumers.OperationInProgress, "The consumer is being deleted; nothing can be registered under its id.")
	if r.State == Deleted {
		p = problem.New(consumers.ConsumerDeleted, "The consumer was deleted; register the end user with a new consumerId.")
	}
	return problem.Allowing(p, r.State, r.Allowed, lifecycle.WhoseTurn(Machine.Turns(r.State, Issuer)...))
}
