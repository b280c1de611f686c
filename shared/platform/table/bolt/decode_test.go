package bolt_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// everyKind is an item with every kind of value and with strings that JSON escapes.
func everyKind() table.Item {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	return table.Item{
		"text": text("perché 𝕊 \"quoted\" \\ \n\t\u0001 <&> \u2028"), "": text(""), "a \"name\"": text("x"),
		"number": &types.AttributeValueMemberN{Value: "-1.5"},
		"bytes":  &types.AttributeValueMemberB{Value: []byte{0, 1, 254, 255}}, "no bytes": &types.AttributeValueMemberB{Value: []byte{}},
		"true": &types.AttributeValueMemberBOOL{Value: true}, "false": &types.AttributeValueMemberBOOL{},
		"null":  &types.AttributeValueMemberNULL{Value: true},
		"texts": &types.AttributeValueMemberSS{Value: []string{"a", "b\"c"}}, "numbers": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"bytes each": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2, 3}}},
		"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			text("a"), &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
		}},
		"map": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"in": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}, "text": text("x"),
		}},
	}
}

// TestParse: every kind of value is read as the SDK reads it, and nothing else is taken for one.
func TestParse(t *testing.T) {
	t.Parallel()
	item := everyKind()
	whole, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := bolt.Parse(whole); !ok || !reflect.DeepEqual(got, item) {
		t.Errorf("parsed %v %v, want %v", got, ok, item)
	}
	for n := range whole {
		if got, ok := bolt.Parse(whole[:n]); ok {
			t.Errorf("parsed %v of %q", got, whole[:n])
		}
	}
}

// FuzzParse: what is parsed, the SDK reads the same way.
func FuzzParse(f *testing.F) {
	whole, err := attributevalue.MarshalMapJSON(everyKind())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(whole), `{}`, `{"a":{"S":"b"}}`, `{"a":{"S":"b","N":"1"}}`, "{\"a\":{\"S\":\"\xff\"}}", `{"a":{"B":"a==="}}`, `{"a":{"L":[]}} `,
		`{"a":{"S":"\ud800"}}`, `{"a":{"S":"b"},}`, `{"a":{"NULL":false}}`, `{"a":{"X":"b"}}`, `{"a":{"SS":[]}}`, `{"a":{"S":"b"},"a":{"N":"1"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		got, ok := bolt.Parse(value)
		if !ok {
			return
		}
		want, err := attributevalue.UnmarshalMapJSON(value)
		if err != nil || !reflect.DeepEqual(got, table.Item(want)) {
			t.Errorf("%q: parsed %v, want %v, %v", value, got, want, err)
		}
	})
}
