package consumer

import (
	"context"
	"fmt"

	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// deletion is what a delete call asks for and answers with.
type deletion struct {
	reason, reasonCode string
	operationID        string
	status             lifecycle.State
}

// maxChildrenAtOnce is how many children one transaction removes next to the
// consumer and its operation.
const maxChildrenAtOnce = table.MaxSteps - 1 - operation.AppendSteps

// delete removes the consumer with everything under it: in one transaction where
// that fits, otherwise by leaving it to the worker (see Cascade). A repeat while
// that goes on answers with the same operation.
func (s *Store) delete(ctx context.Context, id ID, d *deletion) error {
	seen, err := s.get(ctx, id)
	if err != nil {
		return err
	}
	return s.replan(ctx, id, seen, func(round int, seen *consumer) error {
		children, complete, err := s.children(ctx, id, seen)
		if err != nil {
			return err
		}
		// A consumer that keeps changing would never hold still for one
		// transaction over all its children; the worker needs no such luck.
		fits := lifecycle.Facts{Fits: complete && round < maxRounds/2}
		rule, err := Machine.Plan(seen.state(), actionDelete, Issuer, s.facts(fits))
		if err != nil {
			return s.refusal(seen, actionDelete, fits)
		}
		if seen.State == rule.To {
			d.operationID, d.status = seen.LastOperation, operation.Pending
			return nil
		}
		return s.writeDelete(ctx, seen, rule, children, d)
	})
}

// children lists what is under the consumer when all of it can be removed at
// once; false when there is too much, or when the index, which may lag behind,
// does not show as much as the consumer's counters say.
func (s *Store) children(ctx context.Context, id ID, seen *consumer) ([]child, bool, error) {
	if seen == nil || seen.children() == 0 {
		return nil, true, nil
	}
	if seen.children() > maxChildrenAtOnce || seen.State == Deleting {
		return nil, false, nil
	}
	children, _, err := s.page(ctx, under(id, kind{}, maxChildrenAtOnce))
	return children, int64(len(children)) == seen.children(), err
}

// under asks the index for up to limit children of one kind, of all for the zero kind.
func under(id ID, k kind, limit int) table.Query {
	q := table.Query{Table: Consumers.Name, Index: byConsumer, PK: id.pk(), Limit: limit}
	if k.prefix != "" {
		q.From, q.To = k.prefix, k.prefix+last
	}
	return q
}

// page reads one page of children; next is the cursor of the following one, ""
// when there is none.
func (s *Store) page(ctx context.Context, q table.Query) (children []child, next string, err error) {
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

// writeDelete makes the one transaction of a delete: the consumer becomes what
// the rule says, the operation is recorded, and children go if there are any.
func (s *Store) writeDelete(ctx context.Context, seen *consumer, rule lifecycle.Rule, children []child, d *deletion) error {
	opID, at, err := s.ops.Next(seen.LastOperation)
	if err != nil {
		return err
	}
	entry := operation.Entry{
		Owner: operation.Owner(seen.id()), ID: opID, At: at, Kind: operation.Delete, Action: operation.Start,
		Reason: d.reason, ReasonCode: d.reasonCode,
	}
	d.operationID, d.status = opID, operation.Pending
	step := table.Update(labelConsumer, consumerKey(seen.id()),
		table.Changes{
			Set: map[string]any{
				"state": rule.To, "lastOperation": opID,
				"deletingSince": table.Stamp(at), "correlationId": api.CorrelationID(ctx),
			},
			Add: map[string]int64{"version": 1},
		},
		table.In("state", rule.From...), table.Equals("lastOperation", seen.LastOperation))
	var steps []table.Step
	if rule.To == Deleted {
		entry.Action, d.status = operation.Record, operation.Successful
		gone := seen.tombstone(table.Stamp(at))
		gone.LastOperation = opID
		step = table.Put(labelConsumer, consumerKey(seen.id()), gone, table.Equals("version", seen.Version))
		entry.Details = seen.details(children)
		steps = removals(children)
	}
	recorded, err := s.ops.Append(ctx, entry)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, append(append(recorded, step), steps...)...)
}

// details counts what went with the consumer: children now, the others before.
func (c *consumer) details(children []child) *operation.Details {
	n := map[string]int64{"deletedAccounts": c.DeletedAccounts, "deletedCards": c.DeletedCards, "deletedDigitalCards": c.DeletedDigitalCards}
	for _, child := range children {
		n[child.kind().deleted]++
	}
	accounts, cards, digitalCards := n["deletedAccounts"], n["deletedCards"], n["deletedDigitalCards"]
	return &operation.Details{DeletedAccounts: &accounts, DeletedCards: &cards, DeletedDigitalCards: &digitalCards}
}

// removals are the steps that remove children, each only while it is there and
// its consumer's: the index may still show what another one has registered since.
func removals(children []child) []table.Step {
	steps := make([]table.Step, len(children))
	for i, c := range children {
		steps[i] = table.Delete(removalLabel(i), c.key(), table.Equals("ownerPk", c.OwnerPK))
	}
	return steps
}

func removalLabel(i int) string { return fmt.Sprintf("remove-%d", i) }
