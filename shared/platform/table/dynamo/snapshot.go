package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// Snapshot implements [table.DB], by TransactGetItems.
func (db *DB) Snapshot(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	items := make([]table.Item, len(keys))
	if len(keys) == 0 {
		return items, nil
	}
	if _, err := db.places("snapshot", keys); err != nil {
		return nil, err
	}
	in := &dynamodb.TransactGetItemsInput{
		TransactItems:          make([]types.TransactGetItem, len(keys)),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
	for i, key := range keys {
		in.TransactItems[i].Get = &types.Get{TableName: aws.String(db.tables[key.Table].name), Key: attrs(key)}
	}
	out, err := db.client.TransactGetItems(ctx, in, newRetryer(ctx).use)
	if err != nil {
		return nil, fail(ctx, "snapshot", err)
	}
	var read table.Usage
	for i, found := range out.Responses {
		if items[i] = present(found.Item); items[i] != nil {
			read.ItemsRead++
		}
	}
	for _, used := range out.ConsumedCapacity {
		read.ReadUnits += aws.ToFloat64(used.CapacityUnits)
	}
	table.Metered(ctx, read)
	return items, nil
}
