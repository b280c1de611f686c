package consumer

import (
	"context"
	"fmt"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// maxChildrenAtOnce is how many children one transaction removes next to the
// consumer and its operation.
const maxChildrenAtOnce = table.MaxSteps - 1 - operation.StepsPerEntry

// deletionSnapshot is what a delete call is decided on.
type deletionSnapshot struct {
	snapshot
	children []child // everything below the consumer, when the guard Fits holds
}

// deletion is what a delete call leads to.
type deletion struct {
	rule        lifecycle.Rule
	operationID string
	status      lifecycle.State // of the operation
	removed     []child         // in the transaction of the call
}

// delete deletes the consumer with everything below it: in one transaction where that
// fits, otherwise by leaving it to the worker (see Cascade). While the worker is at it,
// a repeated call answers with the same operation.
func (s *Store) delete(ctx context.Context, id ID, reason, reasonCode string) (deletion, error) {
	var c *consumer
	return change.Do(ctx, s.db, change.Change[deletionSnapshot, deletion]{
		Read: func(ctx context.Context, r change.Round) (before deletionSnapshot, err error) {
			// Where other steps refused the round before, the consumer met its conditions.
			if item, refused := r.Item(labelConsumer); refused {
				c, err = table.As[consumer](item)
			} else if r.Refused == nil {
				c, err = s.get(ctx, id)
			}
			if err != nil {
				return before, err
			}
			return s.readDeletion(ctx, id, c, r)
		},
		Decide: decideDeletion,
		Steps: func(before deletionSnapshot, d deletion) ([]table.Step, error) {
			if d.operationID != before.operationID {
				return nil, nil // of a call before
			}
			return s.deletionSteps(ctx, before, d, reason, reasonCode)
		},
	})
}

// readDeletion reads the children of the consumer, where they may fit one transaction.
//
// A transaction over all children is refused when any of them changes, and under constant
// changes it might never succeed. The second half of the rounds therefore leaves the
// deletion to the worker: the transaction that begins it does not depend on the children.
func (s *Store) readDeletion(ctx context.Context, id ID, c *consumer, r change.Round) (before deletionSnapshot, err error) {
	fits := false
	if contended := r.Number >= change.DefaultRounds/2; !contended {
		if before.children, fits, err = s.allChildren(ctx, id, c); err != nil {
			return before, err
		}
	}
	before.snapshot, err = s.snapshot(id, c, lifecycle.Facts{Fits: fits})
	return before, err
}

// allChildren lists everything below the consumer. It returns false when that is too much
// for one transaction, or when the index, which may lag behind, does not show as much as
// the consumer's counters say.
func (s *Store) allChildren(ctx context.Context, id ID, c *consumer) ([]child, bool, error) {
	if c == nil || c.children() == 0 {
		return nil, true, nil
	}
	if c.children() > maxChildrenAtOnce || c.State == Deleting {
		return nil, false, nil
	}
	children, _, err := s.childrenPage(ctx, childrenQuery(id, kind{}, maxChildrenAtOnce))
	return children, int64(len(children)) == c.children(), err
}

// childrenQuery returns the query of the index for up to limit children of one kind, of
// all kinds for the zero kind.
func childrenQuery(id ID, k kind, limit int) table.Query {
	q := table.Query{Table: Consumers.Name, Index: byConsumer, PK: id.pk(), Limit: limit}
	if k.prefix != "" {
		q.From = k.prefix
		q.To = k.prefix + last
	}
	return q
}

// childrenPage reads one page of children. next is the cursor of the following page, ""
// when there is none.
func (s *Store) childrenPage(ctx context.Context, q table.Query) (children []child, next string, err error) {
	page, err := s.db.Query(ctx, q)
	if err != nil {
		return nil, "", err
	}
	children = make([]child, len(page.Items))
	for i, item := range page.Items {
		if err := table.Decode(item, &children[i]); err != nil {
			return nil, "", err
		}
	}
	return children, page.Next, nil
}

// decideDeletion decides on a delete call.
func decideDeletion(s deletionSnapshot) (deletion, error) {
	rule, err := plan(s.consumer, actionDelete, s.facts)
	if err != nil {
		return deletion{}, err
	}
	d := deletion{rule: rule, operationID: s.operationID, status: operation.Pending}
	switch rule.To {
	case s.consumer.State:
		d.operationID = s.consumer.LastOperation
	case Deleted:
		d.status = operation.Successful
		d.removed = s.children
	default: // the worker removes the children
	}
	return d, nil
}

// deletionSteps returns the one transaction of a delete call: the consumer becomes what
// the rule says, the operation is recorded, and the children are removed if it fits.
func (s *Store) deletionSteps(ctx context.Context, before deletionSnapshot, d deletion, reason, reasonCode string) ([]table.Step, error) {
	c := before.consumer
	entry := operation.Entry{
		Owner: operation.Owner(before.id), ID: d.operationID, At: before.at, Kind: operation.Delete, Action: operation.Start,
		Reason: reason, ReasonCode: reasonCode,
	}
	root := table.Update(labelConsumer, consumerKey(before.id),
		table.Changes{
			Set: map[string]any{
				"state": d.rule.To, "lastOperation": d.operationID,
				"deletingSince": table.Stamp(before.at), "correlationId": api.CorrelationID(ctx),
			},
			Add: map[string]int64{"version": 1},
		},
		table.In("state", d.rule.From...), table.Equals("lastOperation", c.LastOperation))
	if d.rule.To == Deleted {
		entry.Action = operation.Record
		entry.Details = c.details(d.removed)
		root = table.Put(labelConsumer, consumerKey(before.id), c.tombstone(d.operationID, before.at), table.Equals("version", c.Version))
	}
	steps, err := s.ops.EntrySteps(ctx, entry)
	if err != nil {
		return nil, err
	}
	steps = append(steps, root)
	return append(steps, removalSteps(d.removed)...), nil
}

// details counts what was removed with the consumer: children now, the others before.
func (c *consumer) details(children []child) *operation.Details {
	n := map[string]int64{
		"deletedAccounts":     c.DeletedAccounts,
		"deletedCards":        c.DeletedCards,
		"deletedDigitalCards": c.DeletedDigitalCards,
	}
	for _, child := range children {
		n[child.kind().deleted]++
	}
	accounts := n["deletedAccounts"]
	cards := n["deletedCards"]
	digitalCards := n["deletedDigitalCards"]
	return &operation.Details{DeletedAccounts: &accounts, DeletedCards: &cards, DeletedDigitalCards: &digitalCards}
}

// removalSteps returns the steps that remove children, each on the condition that it is
// still its consumer's. The index lags: it may still show a child that was removed and
// that another consumer has registered since. Without the condition that consumer would
// lose it. TestStaleIndexEntriesAreNotDeleted proves it.
func removalSteps(children []child) []table.Step {
	steps := make([]table.Step, len(children))
	for i, c := range children {
		steps[i] = table.Delete(removalLabel(i), c.key(), table.Equals("ownerPk", c.OwnerPK))
	}
	return steps
}

func removalLabel(i int) string { return fmt.Sprintf("remove-%d", i) }
