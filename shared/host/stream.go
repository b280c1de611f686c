package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/api"
	"ciclo/shared/table"
)

// Stream serves events of a DynamoDB stream: it hands the changes to handle one
// at a time, in order, and logs one line each. Their keys name the table as its
// schema does. The first that fails ends the batch and is reported as the
// batch's failure: Lambda then delivers it again with all that follow it, so
// that order holds. The function it returns never fails itself.
func Stream(id, tableName string, handle api.ChangeHandler, deps api.Deps) func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	return invocations(func(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		res := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
		for _, r := range e.Records {
			attrs := []slog.Attr{slog.String("worker", id), slog.String("eventId", r.EventID), slog.String("eventName", r.EventName)}
			err := measured(ctx, deps, "change", attrs, func(ctx context.Context) ([]slog.Attr, error) {
				c, err := change(tableName, r.Change)
				if err != nil {
					return nil, err
				}
				return nil, handle(ctx, c)
			})
			if err != nil {
				res.BatchItemFailures = append(res.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
				break
			}
		}
		return res, nil
	})
}

func change(name string, r events.DynamoDBStreamRecord) (table.Change, error) {
	keys, err := item(r.Keys)
	if err != nil {
		return table.Change{}, err
	}
	pk, okPK := keys[table.PK].(*types.AttributeValueMemberS)
	sk, okSK := keys[table.SK].(*types.AttributeValueMemberS)
	if !okPK || !okSK {
		return table.Change{}, errors.New("stream record: its keys are not the strings pk and sk")
	}
	c := table.Change{Key: table.Key{Table: name, PK: pk.Value, SK: sk.Value}}
	if c.Old, err = item(r.OldImage); err != nil {
		return table.Change{}, err
	}
	c.New, err = item(r.NewImage)
	return c, err
}

// item is nil for an image that the record does not have.
func item(m map[string]events.DynamoDBAttributeValue) (table.Item, error) {
	if len(m) == 0 {
		return nil, nil
	}
	return attributes(m)
}

func attributes(m map[string]events.DynamoDBAttributeValue) (map[string]types.AttributeValue, error) {
	out := make(map[string]types.AttributeValue, len(m))
	for name, v := range m {
		av, err := attribute(v)
		if err != nil {
			return nil, err
		}
		out[name] = av
	}
	return out, nil
}

func attribute(v events.DynamoDBAttributeValue) (types.AttributeValue, error) {
	if v.IsNull() {
		return &types.AttributeValueMemberNULL{Value: true}, nil
	}
	switch v.DataType() {
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: v.Binary()}, nil
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: v.Boolean()}, nil
	case events.DataTypeBinarySet:
		return &types.AttributeValueMemberBS{Value: v.BinarySet()}, nil
	case events.DataTypeMap:
		m, err := attributes(v.Map())
		return &types.AttributeValueMemberM{Value: m}, err
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: v.Number()}, nil
	case events.DataTypeNumberSet:
		return &types.AttributeValueMemberNS{Value: v.NumberSet()}, nil
	case events.DataTypeString:
		return &types.AttributeValueMemberS{Value: v.String()}, nil
	case events.DataTypeStringSet:
		return &types.AttributeValueMemberSS{Value: v.StringSet()}, nil
	case events.DataTypeList:
		list := make([]types.AttributeValue, len(v.List()))
		for i, element := range v.List() {
			av, err := attribute(element)
			if err != nil {
				return nil, err
			}
			list[i] = av
		}
		return &types.AttributeValueMemberL{Value: list}, nil
	}
	return nil, fmt.Errorf("stream record: attribute of unknown type %d", v.DataType())
}
