package bolt_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// sized is an order of that many bytes, as DynamoDB counts it; more are further attributes.
func sized(sk string, bytes int, more map[string]any) table.Step {
	value := map[string]any{}
	used := len("pk") + len("p") + len("sk") + len(sk) + len("data")
	for name, v := range more {
		value[name] = v
		used += len(name) + len(fmt.Sprint(v))
	}
	value["data"] = strings.Repeat("x", bytes-used)
	return table.Put(sk, order(sk), value)
}

// capacityExample is an example of DynamoDB's developer guide.
type capacityExample struct {
	has    []table.Step // each is put on its own
	call   func(context.Context, *bolt.DB) error
	reads  float64
	writes float64
}

func snapshotOf(keys ...table.Key) func(context.Context, *bolt.DB) error {
	return func(ctx context.Context, db *bolt.DB) error {
		_, err := db.Snapshot(ctx, keys)
		return err
	}
}

func batchOf(keys ...table.Key) func(context.Context, *bolt.DB) error {
	return func(ctx context.Context, db *bolt.DB) error {
		_, err := db.BatchGet(ctx, keys)
		return err
	}
}

// alike are n orders of that many bytes each.
func alike(n, bytes int) (steps []table.Step) {
	for i := range n {
		steps = append(steps, sized(fmt.Sprintf("%04d", i), bytes, nil))
	}
	return steps
}

// readExamples are those of "DynamoDB read and write operations" for reads. KB are 1,024 bytes.
func readExamples() map[string]capacityExample {
	pair := []table.Step{sized("a", 1536, nil), sized("b", 6656, nil)}
	get35, get8 := []table.Step{sized("a", 3500, nil)}, []table.Step{sized("a", 8<<10, nil)}
	return map[string]capacityExample{
		"3,500 bytes read as 4 KB":              {has: get35, call: get("a"), reads: 1},
		"3,500 bytes in a query":                {has: get35, call: page(table.Query{}), reads: 0.5},
		"8 KB, strong":                          {has: get8, call: get("a"), reads: 2},
		"8 KB, eventual":                        {has: get8, call: page(table.Query{}), reads: 1},
		"8 KB, transactional":                   {has: get8, call: snapshotOf(order("a")), reads: 4},
		"one byte more":                         {has: []table.Step{sized("a", 8<<10+1, nil)}, call: get("a"), reads: 3},
		"no item":                               {call: get("none"), reads: 1},
		"no item, transactional":                {call: snapshotOf(order("none")), reads: 2},
		"a query that finds nothing":            {call: page(table.Query{}), reads: 0.5},
		"1.5 KB and 6.5 KB in a batch":          {has: pair, call: batchOf(order("a"), order("b")), reads: 3},
		"1,500 items of 64 bytes in a query":    {has: alike(1500, 64), call: page(table.Query{Consistent: true}), reads: 24},
		"10 items of 40.8 KB together":          {has: alike(10, 4178), call: page(table.Query{Consistent: true}), reads: 11},
		"10 items of 40.8 KB, eventual":         {has: alike(10, 4178), call: page(table.Query{}), reads: 5.5},
		"no more than the limit of the query":   {has: alike(10, 4096), call: page(table.Query{Consistent: true, Limit: 3}), reads: 3},
		"two items of 8 KB, transactional":      {has: alike(2, 8<<10), call: snapshotOf(order("0000"), order("0001")), reads: 8},
		"a page of entries, not of the items":   {has: indexed(10, 4000), call: page(table.Query{Index: "by-owner"}), reads: 0.5},
		"a page of entries with what they have": {has: noted(10, 4000), call: page(table.Query{Index: "by-owner"}), reads: 5},
	}
}

// indexed are n orders with keys of the index and much that it does not have; noted are n
// with much that it has.
func indexed(n, bytes int) (steps []table.Step) {
	for i := range n {
		steps = append(steps, sized(fmt.Sprintf("%04d", i), bytes, map[string]any{"owner": "o", "rank": "r"}))
	}
	return steps
}

func noted(n, bytes int) (steps []table.Step) {
	for i := range n {
		value := map[string]any{"owner": "o", "rank": "r", "note": strings.Repeat("n", bytes)}
		steps = append(steps, table.Put("p", order(fmt.Sprintf("%04d", i)), value))
	}
	return steps
}

// writeExamples are those of the same page and of "Managing capacity for transactions".
func writeExamples() map[string]capacityExample {
	small := []table.Step{sized("a", 500, nil)}
	both := []table.Step{sized("a", 500, nil), sized("b", 3584, nil)}
	set := func(n int, conds ...table.Cond) table.Step {
		return table.Update("u", order("a"), table.Changes{Set: map[string]any{"more": strings.Repeat("m", n)}}, conds...)
	}
	once := func(step table.Step) func(context.Context, *bolt.DB) error {
		return func(ctx context.Context, db *bolt.DB) error {
			_, err := db.UpdateOnce(ctx, step)
			return err
		}
	}
	put := func(bytes int, conds ...table.Cond) table.Step {
		step := sized("a", bytes, nil)
		step.If = conds
		return step
	}
	return map[string]capacityExample{
		"500 bytes written as 1 KB":      {call: steps(put(500)), writes: 1},
		"1 KB and one byte":              {call: steps(put(1025)), writes: 2},
		"three of 500 bytes at once":     {call: steps(alike(3, 500)...), writes: 6},
		"a smaller one over a larger":    {has: []table.Step{put(3 << 10)}, call: steps(put(500)), writes: 3},
		"a larger one over a smaller":    {has: small, call: steps(put(3 << 10)), writes: 3},
		"removed":                        {has: both, call: steps(table.Delete("d", order("b"))), writes: 4},
		"removed, none there":            {call: steps(table.Delete("d", order("b"))), writes: 1},
		"0.5 KB and 3.5 KB in a batch":   {has: both, call: deleteAll(order("a"), order("b")), writes: 5},
		"an update that grows an item":   {has: small, call: once(set(3000)), writes: 4},
		"the same in a transaction":      {has: small, call: steps(set(3000)), writes: 8},
		"a part of a larger item":        {has: []table.Step{put(5 << 10)}, call: once(set(1)), writes: 6},
		"refused, 300 KB against 310":    {has: []table.Step{put(300 << 10)}, call: steps(put(310<<10, table.NotExists())), writes: 310},
		"refused, 310 KB against 300":    {has: []table.Step{put(310 << 10)}, call: steps(put(300<<10, table.NotExists())), writes: 310},
		"refused update that would grow": {has: small, call: once(set(3000, table.Has("none"))), writes: 4},
		"refused, none there":            {call: steps(table.Delete("d", order("a"), table.Exists())), writes: 1},
		"a check beside a write": {
			has: both, call: steps(put(500), table.Check("c", order("b"), table.Exists())), writes: 2*1 + 2*4,
		},
	}
}

// indexExamples are those of "Provisioned throughput considerations for Global Secondary
// Indexes"; one unit of each write is the item's, or two where it is an update in a Write.
func indexExamples() map[string]capacityExample {
	item := func(attrs ...string) table.Step {
		value := map[string]any{}
		for i := 0; i < len(attrs); i += 2 {
			value[attrs[i]] = attrs[i+1]
		}
		return table.Put("p", order("a"), value)
	}
	long, longer := strings.Repeat("n", 1500), strings.Repeat("n", 2500)
	large := []table.Step{item("owner", "o", "rank", "1", "note", longer)}
	in := []table.Step{item("owner", "o", "rank", "1", "note", "n")}
	return map[string]capacityExample{
		"a new entry":                      {call: steps(in...), writes: 1 + 1},
		"the attribute becomes defined":    {has: []table.Step{item("owner", "o")}, call: steps(in...), writes: 1 + 1},
		"the key changes":                  {has: in, call: steps(item("owner", "o", "rank", "2", "note", "n")), writes: 1 + 2},
		"the attribute is removed":         {has: in, call: steps(item("owner", "o")), writes: 1 + 1},
		"never in the index":               {has: []table.Step{item("rank", "1")}, call: steps(item("rank", "2")), writes: 1},
		"a projected attribute changes":    {has: in, call: steps(item("owner", "o", "rank", "1", "note", "x")), writes: 1 + 1},
		"one that is not projected":        {has: in, call: steps(item("owner", "o", "rank", "1", "note", "n", "other", "x")), writes: 1},
		"nothing changes":                  {has: in, call: steps(in...), writes: 1},
		"the item is removed":              {has: in, call: steps(table.Delete("d", order("a"))), writes: 1 + 1},
		"a batch removes it":               {has: in, call: deleteAll(order("a")), writes: 1 + 1},
		"refused, as if without an index":  {has: in, call: steps(table.Delete("d", order("a"), table.NotExists())), writes: 1},
		"a larger entry":                   {call: steps(item("owner", "o", "rank", "1", "note", long)), writes: 2 + 2},
		"a larger entry over a smaller":    {has: in, call: steps(item("owner", "o", "rank", "1", "note", long)), writes: 2 + 2},
		"a large entry moves and is small": {has: large, call: steps(item("owner", "o", "rank", "2")), writes: 3 + 3 + 1},
		"in a transaction the entry counts once": {
			has: in, call: steps(table.Update("u", order("a"), table.Changes{Set: map[string]any{"note": "x"}})), writes: 2 + 1,
		},
	}
}

// TestCapacityByTheDocumentation: units are as in the examples of DynamoDB's developer guide.
func TestCapacityByTheDocumentation(t *testing.T) {
	t.Parallel()
	for topic, examples := range map[string]map[string]capacityExample{
		"reads": readExamples(), "writes": writeExamples(), "indexes": indexExamples(),
	} {
		for name, c := range examples {
			t.Run(topic+"/"+name, func(t *testing.T) {
				t.Parallel()
				db := open(t, "", ordersSchema())
				for _, step := range c.has {
					write(t, db, step)
				}
				ctx, meter := table.WithMeter(t.Context())
				if err := c.call(ctx, db); err != nil && table.AsRefused(err) == nil {
					t.Fatal(err)
				}
				if got := meter.Usage(); got.ReadUnits != c.reads || got.WriteUnits != c.writes {
					t.Errorf("%v read and %v write units, want %v and %v", got.ReadUnits, got.WriteUnits, c.reads, c.writes)
				}
			})
		}
	}
}

// TestItemSize: sizes are as "DynamoDB item sizes and formats" says.
func TestItemSize(t *testing.T) {
	t.Parallel()
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	n := func(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
	for name, c := range map[string]struct {
		value types.AttributeValue
		want  int // beside the name
	}{
		"text":                      {s("abc"), 3},
		"text of several bytes":     {s("perché"), 7},
		"number of one digit":       {n("7"), 2},
		"of two":                    {n("27"), 2},
		"of three":                  {n("127"), 3},
		"with zeros at its end":     {n("1200000"), 2},
		"with zeros at its start":   {n("0.0012"), 2},
		"zero":                      {n("0"), 1},
		"of 38 digits":              {n(strings.Repeat("1", 38)), 20},
		"negative":                  {n("-27"), 3},
		"binary, of its raw length": {&types.AttributeValueMemberB{Value: []byte("abcd")}, 4},
		"null":                      {&types.AttributeValueMemberNULL{Value: true}, 1},
		"boolean":                   {&types.AttributeValueMemberBOOL{Value: false}, 1},
		"empty list":                {&types.AttributeValueMemberL{}, 3},
		"empty map":                 {&types.AttributeValueMemberM{}, 3},
		"list":                      {&types.AttributeValueMemberL{Value: []types.AttributeValue{s("abc"), n("7")}}, 3 + 1 + 3 + 1 + 2},
		"map":                       {&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"key": s("abc")}}, 3 + 1 + 3 + 3},
		"set of text":               {&types.AttributeValueMemberSS{Value: []string{"a", "bc"}}, 3},
		"set of numbers":            {&types.AttributeValueMemberNS{Value: []string{"7", "127"}}, 5},
	} {
		if got := bolt.ItemSize(table.Item{"name": c.value}); got != len("name")+c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, len("name")+c.want)
		}
	}
}
