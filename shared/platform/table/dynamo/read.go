package dynamo

import (
	"context"
	"math"
	"unicode/utf8"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/table"
)

// Get implements [table.DB].
func (db *DB) Get(ctx context.Context, key table.Key) (table.Item, error) {
	if err := db.known("get", key); err != nil {
		return nil, err
	}
	out, err := db.client.GetItem(ctx, db.getInput(key), newRetryer(ctx).use)
	if err != nil {
		return nil, fail(ctx, "get", err)
	}
	item := present(out.Item)
	read := reads(out.ConsumedCapacity)
	if item != nil {
		read.ItemsRead = 1
	}
	table.Metered(ctx, read)
	return item, nil
}

func (db *DB) getInput(key table.Key) *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{
		TableName:              sdk.String(db.tables[key.Table].name),
		Key:                    attrs(key),
		ConsistentRead:         sdk.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
}

// BatchGet implements [table.DB].
func (db *DB) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	items := make([]table.Item, len(keys))
	if len(keys) == 0 {
		return items, nil
	}
	places, left, err := db.batch(keys)
	if err != nil {
		return nil, err
	}
	for failed := 0; len(left) > 0; {
		out, err := db.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           left,
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		}, newRetryer(ctx).use)
		if err != nil {
			return nil, fail(ctx, "batch-get", err)
		}
		got := 0
		for name, found := range out.Responses {
			for _, item := range found {
				items[places[place{name, text(item[table.PK]), text(item[table.SK])}]] = item
			}
			got += len(found)
		}
		read := table.Usage{ItemsRead: got}
		for _, used := range out.ConsumedCapacity {
			read.ReadUnits += sdk.ToFloat64(used.CapacityUnits)
		}
		table.Metered(ctx, read)
		if got > 0 {
			failed = 0
		}
		if left = out.UnprocessedKeys; len(left) == 0 {
			break
		}
		if failed++; failed == maxAttempts || !aws.Pause(ctx, jitter(failed)) {
			return nil, fail(ctx, "batch-get", errUnprocessed)
		}
	}
	return items, nil
}

// errUnprocessed is what DynamoDB means by keys it leaves out, again and again.
var errUnprocessed = &types.ProvisionedThroughputExceededException{Message: sdk.String("keys left unprocessed")}

// place identifies an item by its table's name in DynamoDB.
type place struct{ name, pk, sk string }

// batch returns the request for keys and where each item goes in the result.
func (db *DB) batch(keys []table.Key) (map[place]int, map[string]types.KeysAndAttributes, error) {
	places, err := db.places("batch-get", keys)
	if err != nil {
		return nil, nil, err
	}
	request := make(map[string]types.KeysAndAttributes)
	for _, key := range keys {
		name := db.tables[key.Table].name
		of := request[name]
		of.ConsistentRead = sdk.Bool(true)
		of.Keys = append(of.Keys, attrs(key))
		request[name] = of
	}
	return places, request, nil
}

// places checks the keys of a batch and returns where each item goes in the result.
func (db *DB) places(op string, keys []table.Key) (map[place]int, error) {
	if len(keys) > table.MaxBatch {
		return nil, reject(op, "%d keys, want at most %d", len(keys), table.MaxBatch)
	}
	places := make(map[place]int, len(keys))
	for i, key := range keys {
		if err := db.known(op, key); err != nil {
			return nil, err
		}
		places[place{db.tables[key.Table].name, key.PK, key.SK}] = i
	}
	if len(places) < len(keys) {
		return nil, reject(op, "a key is asked for twice")
	}
	return places, nil
}

// Query implements [table.DB].
func (db *DB) Query(ctx context.Context, q table.Query) (table.Page, error) {
	in, keys, err := db.queryInput(q)
	if err != nil {
		return table.Page{}, err
	}
	out, err := db.client.Query(ctx, in, newRetryer(ctx).use)
	if err != nil {
		return table.Page{}, fail(ctx, "query", err)
	}
	read := reads(out.ConsumedCapacity)
	read.ItemsRead = len(out.Items)
	table.Metered(ctx, read)
	page := table.Page{Items: make([]table.Item, len(out.Items))}
	for i, item := range out.Items {
		page.Items[i] = item
	}
	if page.Next, err = keys.cursor(out.LastEvaluatedKey); err != nil {
		return table.Page{}, reject("query", "%w", err)
	}
	return page, nil
}

func (db *DB) queryInput(q table.Query) (*dynamodb.QueryInput, keyNames, error) {
	layout, known := db.tables[q.Table]
	keys, indexed := layout.keys[q.Index]
	switch {
	case !known || !indexed:
		return nil, keys, reject("query", "unknown table %q or index %q", q.Table, q.Index)
	case q.Consistent && q.Index != "":
		return nil, keys, reject("query", "a consistent read of index %q", q.Index)
	case q.PK == "" || q.Limit < 0:
		return nil, keys, reject("query", "no partition or a negative limit")
	}
	from, err := keys.position(q.Cursor, q.PK)
	if err != nil {
		return nil, keys, reject("query", "%w", err)
	}
	var t terms
	where := t.within(keys, q)
	if t.err != nil {
		return nil, keys, reject("query", "%w", t.err)
	}
	in := &dynamodb.QueryInput{
		TableName:                 sdk.String(layout.name),
		KeyConditionExpression:    sdk.String(where),
		ExpressionAttributeNames:  t.names,
		ExpressionAttributeValues: t.values,
		ExclusiveStartKey:         from,
		ScanIndexForward:          sdk.Bool(!q.Descending),
		ConsistentRead:            sdk.Bool(q.Consistent),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}
	if q.Index != "" {
		in.IndexName = sdk.String(q.Index)
	}
	if q.Limit > 0 {
		in.Limit = sdk.Int32(int32(min(q.Limit, math.MaxInt32)))
	}
	return in, keys, nil
}

// within returns the key condition of q.
func (t *terms) within(keys keyNames, q table.Query) string {
	where := t.name(keys.pk) + " = " + t.value(q.PK)
	switch {
	case q.From != "" && q.To != "":
		return where + " AND " + t.name(keys.sk) + " BETWEEN " + t.value(q.From) + " AND " + t.value(q.To)
	case q.From != "":
		return where + " AND " + t.name(keys.sk) + " >= " + t.value(q.From)
	case q.To != "":
		return where + " AND " + t.name(keys.sk) + " <= " + t.value(q.To)
	default:
		return where
	}
}

// known rejects a key that names no item of this engine's tables.
func (db *DB) known(op string, key table.Key) error {
	if err := table.ValidateKey(key); err != nil {
		return err
	}
	if _, ok := db.tables[key.Table]; !ok {
		return reject(op, "unknown table %q", key.Table)
	}
	if !utf8.ValidString(key.PK) || !utf8.ValidString(key.SK) {
		return reject(op, "key: %w", errNotUTF8)
	}
	return nil
}

func attrs(key table.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		table.PK: &types.AttributeValueMemberS{Value: key.PK},
		table.SK: &types.AttributeValueMemberS{Value: key.SK},
	}
}

func text(av types.AttributeValue) string {
	if s, ok := av.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func reads(used *types.ConsumedCapacity) table.Usage {
	if used == nil {
		return table.Usage{}
	}
	return table.Usage{ReadUnits: sdk.ToFloat64(used.CapacityUnits)}
}
