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
	"ciclo/shared/platform/change"
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
	Handle: func(s *Store, ctx context.Context, c table.Change) error {
		if c.Key.SK != consumerSK {
			return nil // a child
		}
		before, err := table.As[consumer](c.Old)
		if err != nil {
			return err
		}
		after, err := table.As[consumer](c.New)
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

// cascade removes everything below a consumer that is DELETING, leaves first, and
// completes the deletion.
//
// It keeps no state of its own: the counters change in the same transactions as the
// children, so it can stop anywhere and continue later, and two workers can run it at the
// same time. Each pass removes something, completes the deletion or returns, so the loop
// ends. A deletion that another worker ended is left alone, even if the consumer is being
// deleted once more: that deletion has a change of its own. TestCrashAtEveryCall,
// TestCascadeByTwoWorkers and TestWorkerThatSlept prove it.
func (s *Store) cascade(ctx context.Context, id ID) error {
	for {
		c, err := s.get(ctx, id)
		if err != nil || c.state() != Deleting {
			return err
		}
		k, left := nextKind(c)
		if !left {
			return s.giveUp(ctx, c, k, s.finish(ctx, c))
		}
		over, err := s.removeKind(ctx, c, k)
		if err != nil || over {
			return s.giveUp(ctx, c, k, err)
		}
	}
}

// giveUp returns err, and fails the operation when the deletion has taken too long or can
// never succeed. A deletion that was failed for its time is done with: giveUp returns nil.
func (s *Store) giveUp(ctx context.Context, c *consumer, k kind, err error) error {
	switch {
	case err == nil:
		return nil
	case s.overdue(c):
		return s.fail(ctx, c, "TIMEOUT", "The deletion could not be finished in time; delete again to resume it.")
	case table.IsKind(err, table.Invalid):
		return errors.Join(err, s.fail(ctx, c, k.failure, "A part of the consumer could not be removed; delete again to resume."))
	}
	return err
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

// isDeletedBy tells whether the deletion by that operation is still in progress. It is not
// when another worker ended it, even if the consumer is being deleted once more.
func (c *consumer) isDeletedBy(operationID string) bool {
	return c.state() == Deleting && c.LastOperation == operationID
}

// ifDeletedBy returns isDeletedBy as the conditions of a step on the consumer.
func ifDeletedBy(operationID string) []table.Cond {
	return []table.Cond{
		table.In("state", Machine.Sources(actionRemove, Worker, nil)...),
		table.Equals("lastOperation", operationID),
	}
}

// updateIfDeleting returns the step that changes the consumer while the deletion that was
// read is in progress.
func updateIfDeleting(c *consumer, do table.Changes) table.Step {
	return table.Update(labelConsumer, consumerKey(c.id()), do, ifDeletedBy(c.LastOperation)...)
}

// removeKind removes the children of one kind that the index shows. It walks through the
// index to its end, because the beginning may go on showing what was just removed. It
// returns errIndexLag when there was nothing to remove, although the consumer counts some,
// and true when another worker ended the deletion.
func (s *Store) removeKind(ctx context.Context, c *consumer, k kind) (over bool, err error) {
	q := childrenQuery(c.id(), k, cascadeBatch)
	for removed := 0; ; {
		children, next, err := s.childrenPage(ctx, q)
		if err != nil {
			return false, err
		}
		batch, err := s.removeBatch(ctx, c, k, children)
		if err != nil || batch.over {
			return batch.over, err
		}
		removed += len(batch.children)
		switch {
		case next != "":
			q.Cursor = next
		case removed == 0:
			return false, errIndexLag
		default:
			return false, nil
		}
	}
}

// removal is a batch of children of one kind: as read, and as removed.
type removal struct {
	children []child
	over     bool // the deletion was ended by another worker; nothing is removed
}

// removeBatch removes children of one kind in one transaction and subtracts them from the
// consumer's counters. Children that are gone, but still in the index, refuse the
// transaction and are left out of the next round, so they are not counted twice.
// TestStaleIndexEntriesAreNotCounted proves it.
func (s *Store) removeBatch(ctx context.Context, c *consumer, k kind, children []child) (removal, error) {
	return change.Do(ctx, s.db, change.Change[removal, removal]{
		Read: func(_ context.Context, r change.Round) (removal, error) {
			var present []child
			for i, child := range children {
				if _, gone := r.Item(removalLabel(i)); !gone {
					present = append(present, child)
				}
			}
			children = present
			over, err := isOver(c, r)
			return removal{children: present, over: over}, err
		},
		Decide: func(batch removal) (removal, error) {
			if batch.over {
				batch.children = nil
			}
			return batch, nil
		},
		Steps: func(_, batch removal) ([]table.Step, error) {
			n := int64(len(batch.children))
			if n == 0 {
				return nil, nil
			}
			counted := updateIfDeleting(c, table.Changes{Add: map[string]int64{k.counter: -n, k.deleted: n, "version": 1}})
			return append(removalSteps(batch.children), counted), nil
		},
	})
}

// isOver tells whether the consumer refused the round before because the deletion that was
// read is no longer in progress.
func isOver(c *consumer, r change.Round) (bool, error) {
	item, refused := r.Item(labelConsumer)
	if !refused {
		return false, nil
	}
	current, err := table.As[consumer](item)
	return !current.isDeletedBy(c.LastOperation), err
}

// finish turns the consumer into a tombstone and its operation SUCCESSFUL. The tombstone
// replaces the whole item, so it is written on the condition that the version is the one read.
func (s *Store) finish(ctx context.Context, c *consumer) error {
	rule, err := Machine.Plan(c.State, actionFinish, Worker, nil)
	if err != nil {
		return err
	}
	at := s.now()
	end := operation.End{Action: operation.Succeed, At: at, Details: c.details(nil)}
	succeeded, err := s.ops.EndStep(operation.Owner(c.id()), c.LastOperation, end)
	if err != nil {
		return err
	}
	gone := c.tombstone(c.LastOperation, at)
	gone.State = rule.To
	unchanged := append(ifDeletedBy(c.LastOperation), table.Equals("version", c.Version))
	_, err = s.complete(ctx, c, succeeded, table.Put(labelConsumer, consumerKey(c.id()), gone, unchanged...))
	return err
}

// fail makes the operation FAILED and the consumer ready for another delete.
func (s *Store) fail(ctx context.Context, c *consumer, code, text string) error {
	rule, err := Machine.Plan(c.State, actionFail, Worker, nil)
	if err != nil {
		return err
	}
	end := operation.End{Action: operation.Fail, At: s.now(), ErrorCode: code, Error: text}
	failed, err := s.ops.EndStep(operation.Owner(c.id()), c.LastOperation, end)
	if err != nil {
		return err
	}
	root := updateIfDeleting(c, table.Changes{Set: map[string]any{"state": rule.To}, Add: map[string]int64{"version": 1}})
	completed, err := s.complete(ctx, c, failed, root)
	if err != nil {
		return fmt.Errorf("cascade could not be ended: %w", err)
	}
	if !completed {
		return nil
	}
	// The alarm on failed deletions watches this metric.
	s.log.LogAttrs(ctx, slog.LevelError, "cascade failed", append(
		api.Metrics(s.now(), api.Metric{Name: "CascadeFailed", Unit: "Count", Value: 1}),
		slog.String("correlationId", c.CorrelationID), slog.String("operationId", c.LastOperation), slog.String("errorCode", code))...)
	return nil
}

// completion is how a deletion may end.
type completion struct {
	over          bool // it was ended by another worker
	operationGone bool // its operation was purged, months later
}

// complete ends a deletion: it writes the end of the operation together with the consumer.
// It returns false when another worker ended the deletion first. An operation that was
// purged in the meantime does not keep the consumer from its end.
func (s *Store) complete(ctx context.Context, c *consumer, end, root table.Step) (bool, error) {
	return change.Do(ctx, s.db, change.Change[completion, bool]{
		Read: func(_ context.Context, r change.Round) (completion, error) {
			item, refused := r.Item(operation.LabelRow)
			over, err := isOver(c, r)
			return completion{over: over, operationGone: refused && item == nil}, err
		},
		Decide: func(read completion) (bool, error) { return !read.over, nil },
		Steps: func(read completion, completed bool) ([]table.Step, error) {
			switch {
			case !completed:
				return nil, nil
			case read.operationGone:
				return []table.Step{root}, nil
			}
			return []table.Step{end, root}, nil
		},
	})
}
