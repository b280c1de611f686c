package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/table"
)

// streamEvent is a batch as Lambda sends it: one item with every kind of
// attribute is created, changed and removed.
const streamEvent = `{"Records":[
  {"eventID":"1","eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:r:1:table/stack-things-1XY/stream/z","dynamodb":{
    "SequenceNumber":"100","Keys":{"pk":{"S":"p"},"sk":{"S":"a"}},
    "NewImage":{"pk":{"S":"p"},"sk":{"S":"a"},"s":{"S":""},"n":{"N":"-1.50"},"b":{"B":"/wA="},
      "t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},
      "ss":{"SS":["x","y"]},"ns":{"NS":["1","2.0"]},"bs":{"BS":["AA==","/w=="]},
      "l":{"L":[{"S":"x"},{"L":[]},{"NULL":true}]},"m":{"M":{"k":{"M":{}},"n":{"N":"1"}}}}}},
  {"eventID":"2","eventName":"MODIFY","dynamodb":{"SequenceNumber":"200","Keys":{"pk":{"S":"p"},"sk":{"S":"b"}},
    "OldImage":{"v":{"N":"1"}},"NewImage":{"v":{"N":"2"}}}},
  {"eventID":"3","eventName":"REMOVE","dynamodb":{"SequenceNumber":"300","Keys":{"pk":{"S":"p"},"sk":{"S":"c"}},"OldImage":{"v":{"N":"2"}}}}
]}`

func stream(t *testing.T, body string) host.StreamEvent {
	t.Helper()
	var e host.StreamEvent
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func number(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }
func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }

func TestStreamConvertsChanges(t *testing.T) {
	t.Parallel()
	var got []table.Change
	handle := func(_ context.Context, c table.Change) error { got = append(got, c); return nil }
	var log bytes.Buffer
	res, err := host.Stream("thing/worker", "things", handle, newDeps(&log))(t.Context(), stream(t, streamEvent))
	if err != nil || len(res.BatchItemFailures) != 0 {
		t.Fatalf("response = %+v, %v", res, err)
	}
	null := &types.AttributeValueMemberNULL{Value: true}
	want := []table.Change{
		{Key: table.Key{Table: "things", PK: "p", SK: "a"}, New: table.Item{
			"pk": text("p"), "sk": text("a"), "s": text(""), "n": number("-1.50"), "z": null,
			"b": &types.AttributeValueMemberB{Value: []byte{0xff, 0}},
			"t": &types.AttributeValueMemberBOOL{Value: true}, "f": &types.AttributeValueMemberBOOL{},
			"ss": &types.AttributeValueMemberSS{Value: []string{"x", "y"}},
			"ns": &types.AttributeValueMemberNS{Value: []string{"1", "2.0"}},
			"bs": &types.AttributeValueMemberBS{Value: [][]byte{{0}, {0xff}}},
			"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{
				text("x"), &types.AttributeValueMemberL{Value: []types.AttributeValue{}}, null,
			}},
			"m": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
				"k": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}, "n": number("1"),
			}},
		}},
		{Key: table.Key{Table: "things", PK: "p", SK: "b"}, Old: table.Item{"v": number("1")}, New: table.Item{"v": number("2")}},
		{Key: table.Key{Table: "things", PK: "p", SK: "c"}, Old: table.Item{"v": number("2")}},
	}
	unexported := cmpopts.IgnoreUnexported(types.AttributeValueMemberN{}, types.AttributeValueMemberS{},
		types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{}, types.AttributeValueMemberNULL{},
		types.AttributeValueMemberSS{}, types.AttributeValueMemberNS{}, types.AttributeValueMemberBS{},
		types.AttributeValueMemberL{}, types.AttributeValueMemberM{})
	if diff := cmp.Diff(want, got, unexported); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if n := strings.Count(log.String(), `"worker":"thing/worker"`); n != 3 {
		t.Errorf("%d log lines, want 3:\n%s", n, log.String())
	}
}

func TestStreamStopsAtTheFirstFailure(t *testing.T) {
	t.Parallel()
	tests := map[string]func() error{
		"error": func() error { return errors.New("boom") },
		"panic": func() error { panic("boom") },
	}
	for name, fail := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var handled []string
			handle := func(ctx context.Context, c table.Change) error {
				handled = append(handled, c.Key.SK)
				table.Metered(ctx, table.Usage{RoundTrips: 7})
				if c.Key.SK == "b" {
					return fail()
				}
				return nil
			}
			var log bytes.Buffer
			res, err := host.Stream("w", "things", handle, newDeps(&log))(t.Context(), stream(t, streamEvent))
			if err != nil {
				t.Fatal(err)
			}
			if want := []events.DynamoDBBatchItemFailure{{ItemIdentifier: "200"}}; !cmp.Equal(res.BatchItemFailures, want) {
				t.Errorf("failures = %+v, want %+v", res.BatchItemFailures, want)
			}
			if want := []string{"a", "b"}; !cmp.Equal(handled, want) {
				t.Errorf("handled %v, want %v", handled, want)
			}
			lines := strings.Split(strings.TrimSpace(log.String()), "\n")
			if len(lines) != 2 || !strings.Contains(lines[0], `"outcome":"done"`) || !strings.Contains(lines[0], `"roundTrips":7`) ||
				!strings.Contains(lines[1], `"outcome":"failed"`) || !strings.Contains(lines[1], "boom") {
				t.Errorf("log:\n%s", log.String())
			}
		})
	}
}

// TestStreamAnswersAList holds Lambda to read an empty batch as a success.
func TestStreamAnswersAList(t *testing.T) {
	t.Parallel()
	res, err := host.Stream("w", "things", nil, newDeps(t.Output()))(t.Context(), host.StreamEvent{})
	if err != nil {
		t.Fatal(err)
	}
	if body, err := json.Marshal(res); err != nil || string(body) != `{"batchItemFailures":[]}` {
		t.Errorf("response = %s, %v", body, err)
	}
}

func TestStreamLogsWhatTheWorkerNotes(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handle := func(ctx context.Context, _ table.Change) error {
		api.Annotate(ctx, slog.String("correlationId", "use case 7"))
		return nil
	}
	if _, err := host.Stream("thing/worker", "things", handle, newDeps(&log))(t.Context(), stream(t, streamEvent)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), `"correlationId":"use case 7"`); n != 3 {
		t.Errorf("%d of 3 lines have what the worker noted:\n%s", n, log.String())
	}
}
