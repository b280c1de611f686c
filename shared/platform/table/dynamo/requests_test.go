package dynamo_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/table"
)

// unprocessed answers a batch of one key with that key.
const unprocessed = `{"Responses":{},"UnprocessedKeys":{"stack-things-1":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"a"}}],"ConsistentRead":true}}}`

func TestBatchGetUnprocessed(t *testing.T) {
	t.Parallel()
	const first = `{"Responses":{"stack-things-1":[{"pk":{"S":"p"},"sk":{"S":"b"}}]},
		"UnprocessedKeys":{"stack-things-1":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"a"}}],"ConsistentRead":true}},
		"ConsumedCapacity":[{"TableName":"stack-things-1","CapacityUnits":1}]}`
	const second = `{"Responses":{"stack-things-1":[{"pk":{"S":"p"},"sk":{"S":"a"}}]},
		"ConsumedCapacity":[{"TableName":"stack-things-1","CapacityUnits":1}]}`
	keys := []table.Key{thing("a"), thing("b"), thing("c")}
	synctest.Test(t, func(t *testing.T) {
		db, service := newService(ok(first), ok(unprocessed), ok(unprocessed), ok(second))
		ctx, meter := table.WithMeter(t.Context())
		items, err := db.BatchGet(ctx, keys)
		if err != nil || items[0] == nil || items[1] == nil || items[2] != nil {
			t.Errorf("items %v, error %v, want the first two", items, err)
		}
		want := table.Usage{RoundTrips: 4, ItemsRead: 2, ReadUnits: 2}
		if d := cmp.Diff(want, meter.Usage()); d != "" {
			t.Errorf("usage (-want +got):\n%s", d)
		}
		asked := service.members(t)["RequestItems"].(map[string]any)["stack-things-1"].(map[string]any)
		if len(asked["Keys"].([]any)) != 1 || asked["ConsistentRead"] != true {
			t.Errorf("asked again for %v, want one key, consistently", asked)
		}

		db, service = newService(ok(unprocessed))
		if err := batchGet(t.Context(), db); !table.IsKind(err, table.Throttled) {
			t.Errorf("error %v, want kind %v", err, table.Throttled)
		}
		if len(service.sent) != attempts {
			t.Errorf("%d requests, want %d", len(service.sent), attempts)
		}
	})
}

// undeleted answers a DeleteAll with one key that is left.
const undeleted = `{"UnprocessedItems":{"stack-things-1":[{"DeleteRequest":{"Key":{"pk":{"S":"p"},"sk":{"S":"a"}}}}]},
	"ConsumedCapacity":[{"TableName":"stack-things-1","CapacityUnits":2}]}`

// TestDeleteAllUnprocessed: keys that are left are sent again within the call, and what was
// consumed is counted. A call that makes no progress ends as throttled.
func TestDeleteAllUnprocessed(t *testing.T) {
	t.Parallel()
	const last = `{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"stack-things-1","CapacityUnits":1}]}`
	synctest.Test(t, func(t *testing.T) {
		db, service := newService(ok(undeleted), ok(undeleted), ok(last))
		ctx, meter := table.WithMeter(t.Context())
		if err := db.DeleteAll(ctx, []table.Key{thing("a"), thing("b"), thing("c")}); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff(table.Usage{RoundTrips: 3, WriteUnits: 5}, meter.Usage()); d != "" {
			t.Errorf("usage (-want +got):\n%s", d)
		}
		asked := service.members(t)["RequestItems"].(map[string]any)["stack-things-1"].([]any)
		want := []any{map[string]any{"DeleteRequest": map[string]any{"Key": map[string]any{
			"pk": map[string]any{"S": "p"}, "sk": map[string]any{"S": "a"},
		}}}}
		if d := cmp.Diff(want, asked); d != "" {
			t.Errorf("sent again (-want +got):\n%s", d)
		}

		db, service = newService(ok(undeleted))
		if err := deleteAll(t.Context(), db); !table.IsKind(err, table.Throttled) {
			t.Errorf("error %v, want kind %v", err, table.Throttled)
		}
		if len(service.sent) != attempts {
			t.Errorf("%d requests, want %d", len(service.sent), attempts)
		}
		if err := db.DeleteAll(t.Context(), nil); err != nil || len(service.sent) != attempts {
			t.Errorf("no key: %v, %d requests", err, len(service.sent))
		}
	})
}

// TestRequests: what is sent asks for what the interface promises.
func TestRequests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(db table.DB) error
		want map[string]any
	}{
		"get": {
			func(db table.DB) error { return get(t.Context(), db) },
			map[string]any{"ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL", "TableName": "stack-things-1"},
		},
		"batch-get": {
			func(db table.DB) error { return batchGet(t.Context(), db) },
			map[string]any{"ReturnConsumedCapacity": "TOTAL", "RequestItems": map[string]any{"stack-things-1": map[string]any{
				"ConsistentRead": true,
				"Keys":           []any{map[string]any{"pk": map[string]any{"S": "p"}, "sk": map[string]any{"S": "a"}}},
			}}},
		},
		"put": {
			func(db table.DB) error { return put(t.Context(), db) },
			map[string]any{
				"ReturnConsumedCapacity": "TOTAL", "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
				"ConditionExpression": "attribute_not_exists(#0)",
			},
		},
		"delete": {
			func(db table.DB) error { return remove(t.Context(), db) },
			map[string]any{"ReturnConsumedCapacity": "TOTAL", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
		},
		"delete-all": {
			func(db table.DB) error { return deleteAll(t.Context(), db) },
			map[string]any{"ReturnConsumedCapacity": "TOTAL", "RequestItems": map[string]any{"stack-things-1": []any{
				map[string]any{"DeleteRequest": map[string]any{"Key": map[string]any{
					"pk": map[string]any{"S": "p"}, "sk": map[string]any{"S": "a"},
				}}},
			}}},
		},
		"query": {
			func(db table.DB) error {
				_, err := db.Query(t.Context(), table.Query{
					Table: "things", Index: "by-owner", PK: "o", From: "1", To: "2", Descending: true, Limit: 3,
				})
				return err
			},
			map[string]any{
				"ReturnConsumedCapacity": "TOTAL", "IndexName": "by-owner", "ScanIndexForward": false, "ConsistentRead": false,
				"KeyConditionExpression":   "#0 = :0 AND #1 BETWEEN :1 AND :2",
				"ExpressionAttributeNames": map[string]any{"#0": "owner", "#1": "rank"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, service := newService(ok(`{}`))
			if err := c.do(db); err != nil {
				t.Fatal(err)
			}
			sent := service.members(t)
			for member, want := range c.want {
				if d := cmp.Diff(want, sent[member]); d != "" {
					t.Errorf("%s (-want +got):\n%s", member, d)
				}
			}
		})
	}
}

// TestTransactionRequests: every step of a transaction asks for the item that refuses it.
func TestTransactionRequests(t *testing.T) {
	t.Parallel()
	check := []table.Cond{table.Exists()}
	db, service := newService(ok(`{}`))
	steps := []table.Step{
		table.Put("p", thing("a"), table.Item{}, check...), table.Update("u", thing("b"), table.Changes{Remove: []string{"x"}}, check...),
		table.Delete("d", thing("c"), check...), table.Check("c", thing("d"), check...),
	}
	if err := db.Write(t.Context(), steps...); err != nil {
		t.Fatal(err)
	}
	sent := service.sent[0]
	n := strings.Count(sent.body, `"ReturnValuesOnConditionCheckFailure":"ALL_OLD"`)
	if sent.operation != "TransactWriteItems" || n != len(steps) {
		t.Errorf("%s asks for %d current items, want %d", sent.operation, n, len(steps))
	}
}

// unencodable is a value that has no attribute.
type unencodable struct{}

func (unencodable) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return nil, errors.New("unencodable")
}

// TestNotSent: what DynamoDB would not accept is refused without asking it.
func TestNotSent(t *testing.T) {
	t.Parallel()
	write := func(s ...table.Step) func(table.DB) error {
		return func(db table.DB) error { return db.Write(t.Context(), s...) }
	}
	update := func(do table.Changes) func(table.DB) error { return write(table.Update("u", thing("a"), do)) }
	batch := func(keys ...table.Key) func(table.DB) error {
		return func(db table.DB) error {
			_, err := db.BatchGet(t.Context(), keys)
			return err
		}
	}
	ask := func(q table.Query) func(table.DB) error {
		return func(db table.DB) error {
			_, err := db.Query(t.Context(), q)
			return err
		}
	}
	for name, do := range map[string]func(table.DB) error{
		"no steps":          write(),
		"unknown table":     write(table.Delete("d", table.Key{Table: "other", PK: "a", SK: "b"})),
		"key not UTF-8":     write(table.Delete("d", thing("\xff"))),
		"value not UTF-8":   write(table.Put("p", thing("a"), map[string]any{"l": []any{map[string]any{"x": "\xff"}}})),
		"name not UTF-8":    write(table.Put("p", thing("a"), map[string]any{"\xff": 1})),
		"element not UTF-8": update(table.Changes{Set: map[string]any{"x": []string{"\xff"}}}),
		"update of nothing": update(table.Changes{}),
		"update of the key": update(table.Changes{Set: map[string]any{"sk": "b"}}),
		"updated twice":     update(table.Changes{Set: map[string]any{"n": 1}, Add: map[string]int64{"n": 1}}),
		"not encodable":     update(table.Changes{Set: map[string]any{"n": unencodable{}}}),
		"unknown condition": write(table.Delete("d", thing("a"), table.Cond{Op: 99})),
		"any of nothing":    write(table.Delete("d", thing("a"), table.Any())),
		"in nothing":        write(table.Delete("d", thing("a"), table.In[int]("n"))),
		"101 keys":          batch(make([]table.Key, 101)...),
		"same key twice":    batch(thing("a"), thing("a")),
		"empty key":         batch(thing("")),
		"unknown index":     ask(table.Query{Table: "things", Index: "by-rank", PK: "p"}),
		"consistent index":  ask(table.Query{Table: "things", Index: "by-owner", PK: "p", Consistent: true}),
		"no partition":      ask(table.Query{Table: "things"}),
		"negative limit":    ask(table.Query{Table: "things", PK: "p", Limit: -1}),
		"bound not UTF-8":   ask(table.Query{Table: "things", PK: "p", From: "\xff"}),
		"bad cursor":        ask(table.Query{Table: "things", PK: "p", Cursor: "x"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, service := newService(ok(`{}`))
			if err := do(db); !table.IsKind(err, table.Invalid) {
				t.Errorf("error %v, want kind %v", err, table.Invalid)
			}
			if len(service.sent) != 0 {
				t.Errorf("%d requests, want none", len(service.sent))
			}
		})
	}
}

// TestPrewarm: one request, whatever becomes of it, and a second at most.
func TestPrewarm(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]answer{"absent": ok(`{}`), "failing": lost, "hanging": {hang: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				db, service := newService(a)
				start := time.Now()
				db.Prewarm(t.Context())
				if len(service.sent) != 1 || service.sent[0].operation != "GetItem" || time.Since(start) > time.Second {
					t.Errorf("sent %v in %v, want one GetItem within a second", service.sent, time.Since(start))
				}
			})
		})
	}
}
