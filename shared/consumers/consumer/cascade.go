package consumer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

const (
	// cascadeTime is how long a cascade may take, retries included, before its
	// operation is FAILED and the issuer is asked to delete again.
	cascadeTime = time.Hour
	// cascadeBatch is how many children one of its transactions removes.
	cascadeBatch = table.MaxSteps - 1
)

// errIndexLag says that the index does not show yet what the counters say is
// there; the change that is being handled will come again.
var errIndexLag = errors.New("the index lags behind the consumer's counters")

// Cascade is the worker that finishes large deletions. It is fed by the changes
// of the consumers table and acts when a consumer becomes DELETING.
var Cascade = api.Worker[Store]{
	ID:    "consumer/cascade",
	Table: &Consumers,
	Open:  NewStore,
	Handle: func(s *Store, ctx context.Context, change table.Change) error {
		before, err := decodeConsumerChange(change, change.Old)
		if err != nil {
			return err
		}
		after, err := decodeConsumerChange(change, change.New)
		if err != nil || after.state() != Deleting || before.state() == Deleting {
			return err
		}
		api.Annotate(ctx, slog.String("correlationId", after.CorrelationID), slog.String("operationId", after.LastOperation))
		return s.cascade(ctx, after.id())
	},
	Access: func() []api.Access {
		return []api.Access{
			{Table: Consumers, Actions: []string{"DeleteItem", "GetItem", "PutItem", "UpdateItem"}},
			{Table: Consumers, Index: byConsumer, Actions: []string{"Query"}},
			{Table: retention.Operations, Actions: []string{"UpdateItem"}},
		}
	},
}

func decodeConsumerChange(change table.Change, image table.Item) (*consumer, error) {
	if change.Key.SK != consumerSK {
		return nil, nil //nolint:nilnil // a child is not what the worker looks for
	}
	return decodeConsumer(image)
}

// cascade removes what is under a consumer that is DELETING, leaves first, and
// finishes it. It keeps no state of its own: the counters move in the same
// transactions as the children, so that it can stop anywhere and go on later,
// also twice at the same time.
func (s *Store) cascade(ctx context.Context, id ID) error {
	for refusals := 0; ; {
		c, err := s.get(ctx, id)
		if err != nil || c.state() != Deleting {
			return err
		}
		k, left := nextKind(c)
		if left {
			err = s.removeKind(ctx, c, k)
		} else {
			err = s.finish(ctx, c)
		}
		switch {
		case err == nil && !left:
			return nil
		case err == nil:
			refusals = 0
		case table.AsRefused(err) != nil && refusals < maxRounds:
			refusals++ // somebody else got there first; look again
		case s.overdue(c):
			return s.fail(ctx, c, "TIMEOUT", "The deletion could not be finished in time; delete again to resume it.")
		case table.IsKind(err, table.Invalid):
			return errors.Join(err, s.fail(ctx, c, k.failure, "A part of the consumer could not be removed; delete again to resume."))
		default:
			return err
		}
	}
}

// nextKind is the first kind, leaves first, of which the consumer has any.
func nextKind(c *consumer) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.count(c) > 0 })
	if i < 0 {
		return kind{failure: "CASCADE_FAILED"}, false
	}
	return kinds[i], true
}

func (s *Store) overdue(c *consumer) bool {
	since, err := table.ParseStamp(c.DeletingSince)
	return err == nil && s.now().Sub(since) > cascadeTime
}

// removeKind removes the children of one kind that the index shows. It walks
// through the index, whose beginning may go on showing what was just removed.
func (s *Store) removeKind(ctx context.Context, c *consumer, k kind) error {
	q := under(c.id(), k, cascadeBatch)
	for removed := 0; ; {
		children, next, err := s.page(ctx, q)
		if err != nil {
			return err
		}
		n, err := s.removeBatch(ctx, c, k, children)
		if err != nil {
			return err
		}
		removed += n
		switch {
		case next != "":
			q.Cursor = next
		case removed == 0:
			return errIndexLag
		default:
			return nil
		}
	}
}

// removeBatch removes children of one kind in one transaction, counts them off
// and returns how many they were.
func (s *Store) removeBatch(ctx context.Context, c *consumer, k kind, children []child) (int, error) {
	for len(children) > 0 {
		n := int64(len(children))
		err := s.db.Write(ctx, append(removals(children), s.while(c, table.Changes{
			Add: map[string]int64{k.counter: -n, k.deleted: n, "version": 1},
		}))...)
		refused := table.AsRefused(err)
		if refused == nil {
			return len(children), err
		}
		if _, ok := refused.By(labelConsumer); ok {
			return 0, refused
		}
		// What is gone already but still in the index is not counted again.
		gone := map[string]bool{}
		for _, step := range refused.Steps {
			gone[step.Label] = true
		}
		kept := children[:0]
		for i, child := range children {
			if !gone[removalLabel(i)] {
				kept = append(kept, child)
			}
		}
		children = kept
	}
	return 0, nil
}

// while is the step that changes the consumer as long as this deletion is the
// one under way.
func (s *Store) while(c *consumer, do table.Changes) table.Step {
	return table.Update(labelConsumer, consumerKey(c.id()), do, s.underWay(c)...)
}

func (s *Store) underWay(c *consumer) []table.Cond {
	return []table.Cond{
		table.In("state", Machine.Sources(actionRemove, Worker, nil)...),
		table.Equals("lastOperation", c.LastOperation),
	}
}

// finish turns the consumer into a tombstone and its operation SUCCESSFUL. It
// replaces the whole item, hence on the version that was read.
func (s *Store) finish(ctx context.Context, c *consumer) error {
	at := s.now()
	done, err := s.ops.Finish(operation.Owner(c.id()), c.LastOperation, operation.Succeed, at, c.details(nil), "", "")
	if err != nil {
		return err
	}
	rule, err := Machine.Plan(c.State, actionFinish, Worker, nil)
	if err != nil {
		return err
	}
	gone := c.tombstone(table.Stamp(at))
	gone.State = rule.To
	unchanged := append(s.underWay(c), table.Equals("version", c.Version))
	return s.end(ctx, done, table.Put(labelConsumer, consumerKey(c.id()), gone, unchanged...))
}

// end writes how the operation ended together with the consumer. An operation
// that was purged meanwhile, three months on, does not hold the consumer back.
func (s *Store) end(ctx context.Context, op, root table.Step) error {
	err := s.db.Write(ctx, op, root)
	if refused := table.AsRefused(err); refused != nil {
		if item, ok := refused.By(operation.LabelRow); ok && item == nil {
			return s.db.Write(ctx, root)
		}
	}
	return err
}

// fail makes the operation FAILED and the consumer ready for another delete.
func (s *Store) fail(ctx context.Context, c *consumer, code, text string) error {
	failed, err := s.ops.Finish(operation.Owner(c.id()), c.LastOperation, operation.Fail, s.now(), nil, code, text)
	if err != nil {
		return err
	}
	rule, err := Machine.Plan(c.State, actionFail, Worker, nil)
	if err != nil {
		return err
	}
	err = s.end(ctx, failed, s.while(c, table.Changes{Set: map[string]any{"state": rule.To}, Add: map[string]int64{"version": 1}}))
	if table.AsRefused(err) != nil {
		return nil // finished, or failed, by another run
	}
	if err != nil {
		return fmt.Errorf("cascade could not be ended: %w", err)
	}
	// The alarm on failed deletions watches this metric.
	s.log.LogAttrs(ctx, slog.LevelError, "cascade failed", append(
		api.Metrics(s.now(), api.Metric{Name: "CascadeFailed", Unit: "Count", Value: 1}),
		slog.String("correlationId", c.CorrelationID), slog.String("operationId", c.LastOperation), slog.String("errorCode", code))...)
	return nil
}
