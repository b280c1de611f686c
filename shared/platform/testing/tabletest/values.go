package tabletest

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

func testGet(s suite) {
	s.holds(s.key("absent"), nil)
	s.put(s.key("a"), attrs{"name": "x", "count": 3})
	s.holds(s.key("a"), attrs{"name": "x", "count": 3})
	s.holds(s.noteKey("a"), nil)
	other := table.Key{Table: things, PK: s.pk + "x", SK: "a"}
	s.holds(other, nil)

	s.get(s.key("a"))["name"] = &types.AttributeValueMemberS{Value: "changed by the reader"}
	s.holds(s.key("a"), attrs{"name": "x", "count": 3})
}

func testBatchGet(s suite) {
	var keys []table.Key
	var want []table.Item
	for i, sk := range numbered("k", table.MaxBatch) {
		key := s.key(sk)
		if i%2 == 1 {
			key = s.noteKey(sk)
		}
		var a attrs
		if i%5 != 0 {
			a = attrs{"name": sk}
			s.put(key, a)
		}
		keys, want = append(keys, key), append(want, itemOf(s, key, a))
	}
	for i := range keys { // not in the order in which they are stored
		j := i * 37 % len(keys)
		keys[i], keys[j], want[i], want[j] = keys[j], keys[i], want[j], want[i]
	}
	got, err := s.db.BatchGet(s.Context(), keys)
	if d := diff(want, got); err != nil || d != "" {
		s.Errorf("error %v; items (-want +got):\n%s", err, d)
	}
	if got, err := s.db.BatchGet(s.Context(), nil); len(got) != 0 || err != nil {
		s.Errorf("no keys: %v, %v, want no items", got, err)
	}
}

// shapes has one field for every way a value can be stored.
type shapes struct {
	PK       string            `dynamodbav:"pk"`
	SK       string            `dynamodbav:"sk"`
	Text     string            `dynamodbav:"text"`
	Empty    string            `dynamodbav:"empty"`
	Unicode  string            `dynamodbav:"unicode"`
	Count    int64             `dynamodbav:"count"`
	Yes      bool              `dynamodbav:"yes"`
	Nothing  *string           `dynamodbav:"nothing"`
	Omitted  string            `dynamodbav:"omitted,omitempty"`
	Bytes    []byte            `dynamodbav:"bytes"`
	NoBytes  []byte            `dynamodbav:"noBytes"`
	List     []string          `dynamodbav:"list"`
	NilList  []string          `dynamodbav:"nilList"`
	NoList   []string          `dynamodbav:"noList"`
	Map      map[string]int    `dynamodbav:"map"`
	NilMap   map[string]int    `dynamodbav:"nilMap"`
	Set      []string          `dynamodbav:"set,stringset"`
	Nested   []map[string]any  `dynamodbav:"nested"`
	Deep     map[string][]deep `dynamodbav:"deep"`
	Document raw               `dynamodbav:"document"`
}

type deep struct {
	Name string  `dynamodbav:"name"`
	Next []*deep `dynamodbav:"next"`
}

func testValues(s suite) {
	in := shapes{
		Text: "a\"b\\c\u0000\u2028<>&", Unicode: "é日本😀", Count: -42, Yes: true,
		Bytes: []byte{0, 1, 0xff}, NoBytes: []byte{},
		List: []string{"b", "a", "b"}, NoList: []string{}, Map: map[string]int{"b": 2, "a": 1}, Set: []string{"y", "x"},
		Nested:   []map[string]any{{"l": []any{1.5, "x", nil, false, []byte{7}}, "m": map[string]any{}}, {}},
		Deep:     map[string][]deep{"d": {{Name: "1", Next: []*deep{{Name: "2"}, nil}}}},
		Document: raw{&types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}}}}}},
	}
	want, err := table.Encode(in)
	if err != nil {
		s.Fatal(err)
	}
	key := s.key("struct")
	want[table.PK], want[table.SK] = &types.AttributeValueMemberS{Value: key.PK}, &types.AttributeValueMemberS{Value: key.SK}
	s.write(table.Put("p", key, in))
	s.same(want, s.get(key))
	s.write(table.Put("p", s.key("item"), want))
	want[table.SK] = &types.AttributeValueMemberS{Value: "item"}
	s.same(want, s.get(s.key("item")))

	s.put(s.key("sets"), attrs{"ss": stringSet("b", "", "a"), "ns": numberSet("10", "9", "-1"), "bs": binarySet([]byte{2}, []byte{1})})
	s.holds(s.key("sets"), attrs{"ss": stringSet("", "a", "b"), "ns": numberSet("-1", "9", "10"), "bs": binarySet([]byte{1}, []byte{2})})
}

func testNumbers(s suite) {
	nines := strings.Repeat("9", 38)
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "1.50": "1.5", "0010": "10", "+5": "5", ".5": "0.5", "-12.25": "-12.25",
		"1e3": "1000", "1.5E-3": "0.0015",
		nines: nines, "-" + nines: "-" + nines, "0." + nines: "0." + nines,
		"1e125":                  "1" + strings.Repeat("0", 125),
		"1E-130":                 "0." + strings.Repeat("0", 129) + "1",
		"9." + nines[1:] + "E20": nines[:21] + "." + nines[21:],
	} {
		s.put(s.key(in), attrs{"n": number(in)})
		s.holds(s.key(in), attrs{"n": number(want)})
	}
}

// testDone checks that a call with an ended context returns its error and does nothing.
func testDone(s suite) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	_, getErr := s.db.Get(ctx, s.key("a"))
	_, batchErr := s.db.BatchGet(ctx, []table.Key{s.key("a")})
	_, queryErr := s.db.Query(ctx, table.Query{Table: things, PK: s.pk})
	writeErr := s.db.Write(ctx, table.Put("p", s.key("a"), attrs{"n": 1}))
	for call, err := range map[string]error{"get": getErr, "batch-get": batchErr, "query": queryErr, "write": writeErr} {
		if !errors.Is(err, context.Canceled) {
			s.Errorf("%s: %v, want %v", call, err, context.Canceled)
		}
	}
	s.holds(s.key("a"), nil)
}
