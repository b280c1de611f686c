package host

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/aws/sqs"
	"ciclo/shared/platform/table"
)

// StreamEvent is a batch of records of a DynamoDB stream. Each is decoded by itself, so
// that one that cannot be does not stand for all.
type StreamEvent struct{ Records []json.RawMessage }

// Stream serves events of a DynamoDB stream: it hands the changes to handle one
// at a time, in order, and logs one line each. Their keys name the table as its
// schema does. The first that fails ends the batch and is reported as the
// batch's failure: Lambda then delivers it again with all that follow it, so
// that order holds.
//
// A change whose handling can never succeed ([table.Permanent]) would stop all that
// follow it for as long as the stream keeps it. It is counted by the metric
// ChangesSetAside and put into deps.DeadLetters, where there are any, as an event that
// the function takes; then the next one follows. The function that Stream returns
// never fails itself.
func Stream(
	id, tableName string, handle api.ChangeHandler, deps api.Deps,
) func(context.Context, StreamEvent) (events.DynamoDBEventResponse, error) {
	return invocations(func(ctx context.Context, e StreamEvent) (events.DynamoDBEventResponse, error) {
		res := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
		for _, raw := range e.Records {
			var about struct {
				EventID, EventName string
				DynamoDB           struct{ SequenceNumber string }
			}
			undecodable := json.Unmarshal(raw, &about)
			attrs := []slog.Attr{slog.String("worker", id), slog.String("eventId", about.EventID), slog.String("eventName", about.EventName)}
			err := measured(ctx, deps, "change", attrs, func(ctx context.Context) ([]slog.Attr, error) {
				c, err := record(tableName, raw)
				if err = cmp.Or(undecodable, err); err != nil {
					err = &table.Error{Kind: table.Invalid, Op: "decode", Err: err}
				} else {
					err = handle(ctx, c)
				}
				if err == nil || !table.Permanent(err) {
					return nil, err
				}
				return setAside(ctx, deps, raw, err)
			})
			if err != nil && !table.Permanent(err) {
				res.BatchItemFailures = append(res.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: about.DynamoDB.SequenceNumber})
				break
			}
		}
		return res, nil
	})
}

// setAside puts a change that can never be handled into the queue of dead letters, and
// returns its metric and why it cannot be. Where the queue does not take it the error is
// not permanent: the change comes again.
func setAside(ctx context.Context, deps api.Deps, raw json.RawMessage, why error) ([]slog.Attr, error) {
	if deps.DeadLetters != nil {
		if err := deps.DeadLetters(ctx, letter(raw)); err != nil {
			return nil, fmt.Errorf("%w; of a change that cannot be handled: %s", err, why.Error())
		}
	}
	return api.Metrics(deps.Now(), api.Metric{Name: "ChangesSetAside", Unit: "Count", Value: 1}), why
}

// letter is the event of one change, with its images left out where a queue takes no
// message that long.
func letter(raw json.RawMessage) string {
	event := func(r json.RawMessage) string { return `{"Records":[` + string(r) + `]}` }
	var record, change map[string]json.RawMessage
	if len(raw) < maxLetter || json.Unmarshal(raw, &record) != nil || json.Unmarshal(record["dynamodb"], &change) != nil {
		return event(raw)
	}
	delete(change, "NewImage")
	delete(change, "OldImage")
	var err error
	if record["dynamodb"], err = json.Marshal(change); err != nil {
		return event(raw)
	}
	short, err := json.Marshal(record)
	if err != nil {
		return event(raw)
	}
	return event(short)
}

// maxLetter is how many bytes of a record fit a message with what is around it.
const maxLetter = sqs.MaxMessage - 1<<10

func record(tableName string, raw json.RawMessage) (table.Change, error) {
	var r events.DynamoDBEventRecord
	if err := json.Unmarshal(raw, &r); err != nil {
		return table.Change{}, fmt.Errorf("stream record: %w", err)
	}
	return change(tableName, r.Change)
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
		return nil, nil //nolint:nilnil // an absent item
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
	default:
		return nil, fmt.Errorf("stream record: attribute of unknown type %d", v.DataType())
	}
}
