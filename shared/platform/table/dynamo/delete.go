package dynamo

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/table"
)

// DeleteAll implements [table.DB], by BatchWriteItem. Keys that DynamoDB leaves unprocessed are
// sent again like those of a BatchGet.
func (db *DB) DeleteAll(ctx context.Context, keys []table.Key) error {
	if err := table.ValidateDeletes(keys); err != nil {
		return err
	}
	left := make(map[string][]types.WriteRequest)
	for _, key := range keys {
		if err := db.known("delete-all", key); err != nil {
			return err
		}
		name := db.tables[key.Table].name
		left[name] = append(left[name], types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: attrs(key)}})
	}
	for failed := 0; len(left) > 0; {
		out, err := db.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems:           left,
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		}, newRetryer(ctx).use)
		if err != nil {
			return fail(ctx, "delete-all", err)
		}
		var written table.Usage
		for _, used := range out.ConsumedCapacity {
			written.WriteUnits += sdk.ToFloat64(used.CapacityUnits)
		}
		table.Metered(ctx, written)
		if requests(out.UnprocessedItems) < requests(left) {
			failed = 0
		}
		if left = out.UnprocessedItems; len(left) == 0 {
			break
		}
		if failed++; failed == maxAttempts || !aws.Pause(ctx, jitter(failed)) {
			return fail(ctx, "delete-all", errUnprocessed)
		}
	}
	return nil
}

// requests returns how many requests a batch has.
func requests(batch map[string][]types.WriteRequest) (n int) {
	for _, of := range batch {
		n += len(of)
	}
	return n
}
