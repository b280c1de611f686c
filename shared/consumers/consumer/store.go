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
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// ReuseSetting names the environment variable that allows a deleted consumer's
// id to be registered again ("true"). D1 v1 refuses it, which is the default here.
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

// The label of the step on the consumer itself, in every transaction.
const labelConsumer = "consumer"

// get reads the consumer; nil when it was never registered.
func (s *Store) get(ctx context.Context, id ID) (*consumer, error) {
	item, err := s.db.Get(ctx, consumerKey(id))
	if err != nil {
		return nil, err
	}
	return table.As[consumer](item)
}

// getVisible reads the consumer, or returns ConsumerNotFound when it was never
// registered or was deleted.
func (s *Store) getVisible(ctx context.Context, id ID) (*consumer, error) {
	c, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if c == nil || c.State == Deleted {
		return nil, notFound()
	}
	return c, nil
}

// snapshot is what an action on a consumer is decided on.
type snapshot struct {
	id       ID
	consumer *consumer       // nil when there is none
	facts    lifecycle.Facts // the guards of Machine that hold
	// The id and time of the operation that the action would record.
	operationID string
	at          time.Time
}

// snapshot returns the snapshot of a consumer as it was read; facts are those beyond the
// store's settings.
func (s *Store) snapshot(id ID, c *consumer, facts lifecycle.Facts) (snapshot, error) {
	last := ""
	if c != nil {
		last = c.LastOperation
	}
	operationID, at, err := s.ops.Next(last)
	if err != nil {
		return snapshot{}, err
	}
	all := lifecycle.Facts{ReuseAllowed: s.reuse}
	maps.Copy(all, facts)
	return snapshot{id: id, consumer: c, facts: all, operationID: operationID, at: at}, nil
}

// plan returns the rule by which the issuer may take the action on the consumer, or the
// problem that refuses it.
func plan(c *consumer, action lifecycle.Action, facts lifecycle.Facts) (lifecycle.Rule, error) {
	state := c.state()
	rule, err := Machine.Plan(state, action, Issuer, facts)
	if err == nil {
		return rule, nil
	}
	switch {
	case state == Deleted && action == actionRegister:
		p := problem.New(consumers.ConsumerDeleted, "The consumer was deleted; register the end user with a new consumerId.")
		err = change.Explain(err, Machine, p, Issuer)
	case state == Deleted || state == lifecycle.None:
		err = notFound()
	default:
		p := problem.New(consumers.OperationInProgress, "The consumer is being deleted; nothing can be registered under its id.")
		err = change.Explain(err, Machine, p, Issuer)
	}
	return lifecycle.Rule{}, err
}

func notFound() *problem.Problem {
	return problem.New(consumers.ConsumerNotFound, "The issuer has no consumer with this id.")
}

func cardNotFound() *problem.Problem {
	return problem.New(consumers.CardNotFound, "The issuer has no card with this id.")
}
