package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// Write implements [table.DB]. A lone put or delete is sent as such, for half
// the price of a transaction. Repeated after an answer that was lost, it is
// taken for done when the item is as it would have left it; a transaction's
// token makes DynamoDB itself recognise the repetition.
func (db *DB) Write(ctx context.Context, steps ...table.Step) error {
	if err := table.Validate(steps); err != nil {
		return err
	}
	actions := make([]action, len(steps))
	for i, step := range steps {
		var err error
		if actions[i], err = db.action(step); err != nil {
			return err
		}
	}
	if len(steps) == 1 {
		switch steps[0].Verb {
		case table.PutItem:
			return db.put(ctx, steps[0].Label, actions[0])
		case table.DeleteItem:
			return db.delete(ctx, steps[0].Label, actions[0])
		case table.UpdateItem, table.CheckItem:
		}
	}
	return db.transact(ctx, steps, actions)
}

// action is a step as DynamoDB takes it.
type action struct {
	terms
	table   *string
	key     map[string]types.AttributeValue
	item    table.Item // what a put writes, key included
	when    *string
	changes *string // what an update does
}

func (db *DB) action(step table.Step) (action, error) {
	if err := db.known("write", step.Key); err != nil {
		return action{}, err
	}
	a := action{table: aws.String(db.tables[step.Key.Table].name), key: attrs(step.Key)}
	a.when = a.all(step.If)
	switch step.Verb {
	case table.PutItem:
		item, err := encode(step.Value)
		if err != nil {
			return action{}, err
		}
		if !validTexts(item) {
			return action{}, reject("write", "step %q: %w", step.Label, errNotUTF8)
		}
		maps.Copy(item, a.key)
		a.item = item
	case table.UpdateItem:
		a.changes = a.update(step.Do)
	case table.DeleteItem, table.CheckItem: // key and conditions are all
	}
	if a.err != nil {
		return action{}, reject("write", "step %q: %w", step.Label, a.err)
	}
	return a, nil
}

// encode returns a copy of v as an item.
func encode(v any) (table.Item, error) {
	var item table.Item
	switch v := v.(type) {
	case table.Item:
		item = maps.Clone(v)
	case map[string]types.AttributeValue:
		item = maps.Clone(v)
	default:
		return table.Encode(v)
	}
	if item == nil {
		item = table.Item{}
	}
	return item, nil
}

func (db *DB) put(ctx context.Context, label string, a action) error {
	r := newRetryer(ctx)
	out, err := db.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           a.table,
		Item:                                a.item,
		ConditionExpression:                 a.when,
		ExpressionAttributeNames:            a.names,
		ExpressionAttributeValues:           a.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityTotal,
	}, r.use)
	if err != nil {
		return settle(ctx, err, label, func(current table.Item) bool { return r.unsure && sameItem(current, a.item) })
	}
	table.Metered(ctx, writes(out.ConsumedCapacity))
	return nil
}

func (db *DB) delete(ctx context.Context, label string, a action) error {
	r := newRetryer(ctx)
	out, err := db.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:                           a.table,
		Key:                                 a.key,
		ConditionExpression:                 a.when,
		ExpressionAttributeNames:            a.names,
		ExpressionAttributeValues:           a.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityTotal,
	}, r.use)
	if err != nil {
		return settle(ctx, err, label, func(current table.Item) bool { return r.unsure && current == nil })
	}
	table.Metered(ctx, writes(out.ConsumedCapacity))
	return nil
}

// UpdateOnce implements [table.DB].
func (db *DB) UpdateOnce(ctx context.Context, step table.Step) (table.Item, error) {
	if err := table.ValidateUpdate(step); err != nil {
		return nil, err
	}
	a, err := db.action(step)
	if err != nil {
		return nil, err
	}
	out, err := db.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           a.table,
		Key:                                 a.key,
		UpdateExpression:                    a.changes,
		ConditionExpression:                 a.when,
		ExpressionAttributeNames:            a.names,
		ExpressionAttributeValues:           a.values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityTotal,
	}) // without a retryer
	if err != nil {
		return nil, settle(ctx, err, step.Label, func(table.Item) bool { return false })
	}
	table.Metered(ctx, writes(out.ConsumedCapacity))
	return out.Attributes, nil
}

// settle ends a lone write that failed. done tells, by the item that its
// conditions met, whether an earlier attempt of the same write was carried out.
func settle(ctx context.Context, err error, label string, done func(current table.Item) bool) error {
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return fail(ctx, "write", err)
	}
	current := present(failed.Item)
	if done(current) {
		return nil
	}
	return &table.Refused{Steps: []table.RefusedStep{{Label: label, Current: current}}}
}

func (db *DB) transact(ctx context.Context, steps []table.Step, actions []action) error {
	in := &dynamodb.TransactWriteItemsInput{
		TransactItems:          make([]types.TransactWriteItem, len(actions)),
		ClientRequestToken:     aws.String(rand.Text()),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
	for i, a := range actions {
		in.TransactItems[i] = a.transactItem(steps[i].Verb)
	}
	out, err := db.client.TransactWriteItems(ctx, in, newRetryer(ctx).use)
	if err != nil {
		if refused := refusal(err, steps); refused != nil {
			return refused
		}
		return fail(ctx, "write", err)
	}
	for i := range out.ConsumedCapacity {
		table.Metered(ctx, writes(&out.ConsumedCapacity[i]))
	}
	return nil
}

func (a action) transactItem(verb table.Verb) types.TransactWriteItem {
	const old = types.ReturnValuesOnConditionCheckFailureAllOld
	switch verb {
	case table.PutItem:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: a.table, Item: a.item, ConditionExpression: a.when,
			ExpressionAttributeNames: a.names, ExpressionAttributeValues: a.values,
			ReturnValuesOnConditionCheckFailure: old,
		}}
	case table.UpdateItem:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: a.table, Key: a.key, UpdateExpression: a.changes, ConditionExpression: a.when,
			ExpressionAttributeNames: a.names, ExpressionAttributeValues: a.values,
			ReturnValuesOnConditionCheckFailure: old,
		}}
	case table.DeleteItem:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: a.table, Key: a.key, ConditionExpression: a.when,
			ExpressionAttributeNames: a.names, ExpressionAttributeValues: a.values,
			ReturnValuesOnConditionCheckFailure: old,
		}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: a.table, Key: a.key, ConditionExpression: a.when,
			ExpressionAttributeNames: a.names, ExpressionAttributeValues: a.values,
			ReturnValuesOnConditionCheckFailure: old,
		}}
	}
}

// writes returns what a write consumed. A transaction that DynamoDB recognises
// as a repetition consumes reads.
func writes(used *types.ConsumedCapacity) table.Usage {
	switch {
	case used == nil:
		return table.Usage{}
	case used.ReadCapacityUnits != nil || used.WriteCapacityUnits != nil:
		return table.Usage{
			ReadUnits:  aws.ToFloat64(used.ReadCapacityUnits),
			WriteUnits: aws.ToFloat64(used.WriteCapacityUnits),
		}
	default:
		return table.Usage{WriteUnits: aws.ToFloat64(used.CapacityUnits)}
	}
}
