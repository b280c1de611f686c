package bolt

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"

	"ciclo/shared/platform/table"
)

// action is one step on its way through a transaction.
type action struct {
	table.Step
	state *tableState
	conds []condition
	do    changes // of an update
	// The item before the transaction and after it, nil when absent. After is
	// known from the start for a put.
	before, after table.Item
}

// Write applies all steps or none; see table.DB. Counted are, for every step,
// the write units of the larger of the item's two versions, twice when DynamoDB
// would need a transaction (all but a lone put or delete), and those of every
// index entry touched. A refused write costs as much as its steps, without indexes.
// DynamoDB does not document whether a refused transaction costs all of that, nor whether
// entries of indexes cost twice in a transaction; here they cost once.
func (db *DB) Write(ctx context.Context, steps ...table.Step) error {
	if err := table.Validate(steps); err != nil {
		return err
	}
	_, err := db.write(ctx, steps, stepUnits)
	return err
}

// UpdateOnce implements [table.DB].
func (db *DB) UpdateOnce(ctx context.Context, step table.Step) (table.Item, error) {
	if err := table.ValidateUpdate(step); err != nil {
		return nil, err
	}
	actions, err := db.write(ctx, []table.Step{step}, itemUnits)
	if err != nil {
		return nil, err
	}
	return actions[0].after, nil
}

// write applies all steps or none; price returns the write units of the steps themselves.
func (db *DB) write(ctx context.Context, steps []table.Step, price func([]*action) float64) ([]*action, error) {
	actions, err := db.compile(steps)
	if err != nil {
		return nil, invalid("write", err)
	}
	var used float64
	err = db.update(ctx, "write", func(tx *bbolt.Tx) error {
		if err := decide(tx, actions); err != nil {
			return err
		}
		used, err = apply(tx, actions)
		return err
	})
	if err == nil || table.AsRefused(err) != nil {
		table.Metered(ctx, table.Usage{RoundTrips: 1, WriteUnits: used + price(actions)})
	}
	if err != nil {
		return nil, err
	}
	for _, a := range actions {
		if a.state.Stream {
			a.state.wake()
		}
	}
	return actions, nil
}

// compile encodes the steps and checks all that can be without the items.
func (db *DB) compile(steps []table.Step) ([]*action, error) {
	actions := make([]*action, len(steps))
	size := 0
	for i, s := range steps {
		a, err := db.compileStep(s)
		if err != nil {
			return nil, fmt.Errorf("step %q: %w", s.Label, err)
		}
		actions[i] = a
		size += itemSize(a.after)
	}
	return actions, checkWriteSize(size)
}

func (db *DB) compileStep(s table.Step) (*action, error) {
	state := db.tables[s.Key.Table]
	if state == nil {
		return nil, fmt.Errorf("unknown table %q", s.Key.Table)
	}
	if err := checkUTF8(s.Key); err != nil {
		return nil, err
	}
	conds, err := compileConds(s.If)
	if err != nil {
		return nil, err
	}
	a := &action{Step: s, state: state, conds: conds}
	switch s.Verb {
	case table.PutItem:
		a.after, err = putImage(s)
		if err == nil {
			err = checkItem(state.Indexes, a.after)
		}
	case table.UpdateItem:
		a.do, err = compileChanges(s.Do)
	case table.DeleteItem, table.CheckItem: // store nothing
	}
	return a, err
}

// putImage is the item that a put stores.
func putImage(s table.Step) (table.Item, error) {
	item, err := encodeItem(s.Value)
	if err != nil {
		return nil, err
	}
	item, err = cleanItem(item)
	if err != nil {
		return nil, err
	}
	setKey(item, s.Key)
	return item, nil
}

func encodeItem(v any) (table.Item, error) {
	switch v := v.(type) {
	case table.Item:
		return v, nil
	case map[string]types.AttributeValue:
		return v, nil
	default:
		return table.Encode(v)
	}
}

// checkItem tells whether a table with these indexes could hold the item.
func checkItem(indexes []table.Index, item table.Item) error {
	if n := itemSize(item); n > table.MaxItemBytes {
		return fmt.Errorf("item of %d bytes, at most %d", n, table.MaxItemBytes)
	}
	return checkIndexKeys(indexes, item)
}

func checkWriteSize(n int) error {
	if n > table.MaxWriteBytes {
		return fmt.Errorf("items of %d bytes, at most %d", n, table.MaxWriteBytes)
	}
	return nil
}

func checkUTF8(k table.Key) error {
	if !utf8.ValidString(k.PK) || !utf8.ValidString(k.SK) {
		return errors.New("key is not UTF-8")
	}
	return nil
}

// decide reads the items, tests every step's conditions and works out what the
// items become. The error is *table.Refused when a step refuses, Invalid when
// DynamoDB could not hold what an item would become.
func decide(tx *bbolt.Tx, actions []*action) error {
	var refused []table.RefusedStep
	for _, a := range actions {
		var err error
		if a.before, err = load(a.root(tx).Bucket(itemsBucket), itemKey(a.Key)); err != nil {
			return err
		}
		if !allHold(a.conds, a.before) {
			refused = append(refused, table.RefusedStep{Label: a.Label, Current: a.before})
		}
	}
	if refused != nil {
		for _, a := range actions {
			_ = a.decide() // what it would have become is part of the price
		}
		return &table.Refused{Steps: refused}
	}
	size := 0
	for _, a := range actions {
		if err := a.decide(); err != nil {
			return invalid("write", fmt.Errorf("step %q: %w", a.Label, err))
		}
		if a.writes() {
			size += itemSize(a.after)
		}
	}
	if err := checkWriteSize(size); err != nil {
		return invalid("write", err)
	}
	return nil
}

// decide works out what the action's item becomes.
func (a *action) decide() (err error) {
	switch a.Verb {
	case table.CheckItem:
		a.after = a.before
	case table.UpdateItem:
		if a.after, err = a.do.apply(a.before); err != nil {
			return err
		}
		setKey(a.after, a.Key)
		return checkItem(a.state.Indexes, a.after)
	case table.PutItem, table.DeleteItem: // known before
	}
	return nil
}

// apply stores what decide worked out and returns the write units of the indexes.
func apply(tx *bbolt.Tx, actions []*action) (used float64, err error) {
	for _, a := range actions {
		if same(a.before, a.after) {
			continue
		}
		root := a.root(tx)
		if a.after == nil {
			err = root.Bucket(itemsBucket).Delete(itemKey(a.Key))
		} else {
			err = store(root.Bucket(itemsBucket), itemKey(a.Key), a.after)
		}
		if err != nil {
			return used, err
		}
		n, err := reindex(root, a.state.Indexes, a.before, a.after)
		if err != nil {
			return used, err
		}
		used += n
		if a.state.Stream {
			if err := enqueue(root, a.before, a.after); err != nil {
				return used, err
			}
		}
	}
	return used, nil
}

// itemUnits is what the steps themselves consume outside of a transaction.
func itemUnits(actions []*action) (used float64) {
	for _, a := range actions {
		used += units(max(itemSize(a.before), itemSize(a.after)), writeUnitBytes)
	}
	return used
}

// stepUnits is what the steps themselves consume in a Write.
func stepUnits(actions []*action) float64 {
	used := itemUnits(actions)
	if len(actions) == 1 && (actions[0].Verb == table.PutItem || actions[0].Verb == table.DeleteItem) {
		return used
	}
	return 2 * used
}

func (a *action) writes() bool { return a.Verb != table.CheckItem }

func (a *action) root(tx *bbolt.Tx) *bbolt.Bucket { return tx.Bucket([]byte(a.Key.Table)) }
