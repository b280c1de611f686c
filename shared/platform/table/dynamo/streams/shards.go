package streams

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"ciclo/shared/platform/table"
)

// refresh brings the list of shards up to date, if it is old.
func (f *Feed) refresh(ctx context.Context, s *stream) error {
	if time.Since(s.described) < describeEvery {
		return nil
	}
	if s.arn == "" {
		arn, err := f.db.StreamARN(ctx, s.table)
		if err != nil {
			return err
		}
		s.arn = arn
	}
	shards := make(map[string]*shard)
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &s.arn}
	for {
		out, err := f.client.DescribeStream(ctx, in)
		if err != nil {
			return err
		}
		for _, found := range out.StreamDescription.Shards {
			id := aws.ToString(found.ShardId)
			if shards[id] = s.shards[id]; shards[id] == nil {
				shards[id] = &shard{id: id, parent: aws.ToString(found.ParentShardId)}
			}
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			break
		}
	}
	s.shards, s.described = shards, time.Now()
	return nil
}

// position asks for the iterator after the last change delivered.
func (f *Feed) position(ctx context.Context, s *stream, sh *shard) error {
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &s.arn, ShardId: &sh.id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	}
	if sh.last != "" {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &sh.last
	}
	out, err := f.client.GetShardIterator(ctx, in)
	if err != nil {
		sh.lost(err)
		return err
	}
	sh.iterator = out.ShardIterator
	return nil
}

func decode(name string, records []types.Record) ([]table.Change, error) {
	changes := make([]table.Change, len(records))
	for i, r := range records {
		if r.Dynamodb == nil {
			return nil, fmt.Errorf("a record without content")
		}
		key, err := item(r.Dynamodb.Keys)
		if err != nil {
			return nil, err
		}
		c := &changes[i]
		c.Key = table.Key{Table: name, PK: text(key[table.PK]), SK: text(key[table.SK])}
		if c.Old, err = item(r.Dynamodb.OldImage); err != nil {
			return nil, err
		}
		if c.New, err = item(r.Dynamodb.NewImage); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// item returns an image as an item, nil when there is none.
func item(image map[string]types.AttributeValue) (table.Item, error) {
	if len(image) == 0 {
		return nil, nil //nolint:nilnil // an absent item
	}
	return attributevalue.FromDynamoDBStreamsMap(image)
}

func text(av dbtypes.AttributeValue) string {
	if s, ok := av.(*dbtypes.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
