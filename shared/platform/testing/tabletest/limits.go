package tabletest

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// itemOfSize is an item of things at key that has size bytes as DynamoDB counts.
func itemOfSize(key table.Key, size int) attrs {
	rest := size - len("pk") - len(key.PK) - len("sk") - len(key.SK) - len("name")
	return attrs{"name": strings.Repeat("x", rest)}
}

// puts are n puts of items with that many bytes.
func (s suite) puts(n, size int) []table.Step {
	var steps []table.Step
	for _, sk := range numbered("put", n) {
		steps = append(steps, table.Put(sk, s.key(sk), itemOfSize(s.key(sk), size)))
	}
	return steps
}

// nested is a value with depth levels, itself included.
func nested(depth int) any {
	v := any("x")
	for range depth - 1 {
		v = []any{v}
	}
	return v
}

// refusedWrites are transactions that DynamoDB does not accept. The item at
// key, which most are about, is absent or has the string "name".
func (s suite) refusedWrites(key table.Key) map[string][]table.Step {
	all := s.refusedSteps(key)
	maps.Copy(all, refusedUpdates(key))
	maps.Copy(all, refusedItems(key))
	maps.Copy(all, refusedConditions(key))
	return all
}

func (s suite) refusedSteps(key table.Key) map[string][]table.Step {
	at := func(k table.Key) []table.Step { return []table.Step{table.Put("p", k, attrs{"n": 1})} }
	return map[string][]table.Step{
		"no steps":            nil,
		"101 steps":           s.puts(101, 100),
		"over 4 MB":           s.puts(11, 390<<10),
		"item with two steps": {table.Delete("a", key), table.Check("b", key, table.Exists())},
		"label used twice":    {table.Delete("a", key), table.Delete("a", s.noteKey("x"))},
		"label empty":         {table.Delete("", key)},
		"check of nothing":    {table.Check("c", key)},
		"unknown verb":        {{Label: "x", Key: key}},
		"unknown table":       at(table.Key{Table: "nowhere", PK: "a", SK: "b"}),
		"table empty":         at(table.Key{PK: "a", SK: "b"}),
		"pk empty":            at(table.Key{Table: things, SK: "b"}),
		"sk empty":            at(table.Key{Table: things, PK: "a"}),
		"pk too long":         at(table.Key{Table: things, PK: strings.Repeat("p", table.MaxPKBytes+1), SK: "b"}),
		"sk too long":         at(s.key(strings.Repeat("s", table.MaxSKBytes+1))),
		"key not UTF-8":       at(s.key("\xff")),
		"item too large":      {table.Put("p", key, itemOfSize(key, table.MaxItemBytes+1))},
	}
}

func refusedUpdates(key table.Key) map[string][]table.Step {
	update := func(do table.Changes) []table.Step { return []table.Step{table.Update("u", key, do)} }
	set := func(name string, v any) []table.Step {
		return update(table.Changes{Set: map[string]any{name: v}})
	}
	one := map[string]any{"n": 1}
	return map[string][]table.Step{
		"item grown too large":   set("data", make([]byte, table.MaxItemBytes)),
		"update of nothing":      update(table.Changes{}),
		"set and remove":         update(table.Changes{Set: one, Remove: []string{"n"}}),
		"set and set if absent":  update(table.Changes{Set: one, SetIfAbsent: one}),
		"set if absent and add":  update(table.Changes{SetIfAbsent: one, Add: map[string]int64{"n": 1}}),
		"remove twice":           update(table.Changes{Remove: []string{"n", "n"}}),
		"set pk":                 set("pk", key.PK),
		"set sk":                 set("sk", "other"),
		"remove sk":              update(table.Changes{Remove: []string{"sk"}}),
		"set without a name":     set("", 1),
		"index key set empty":    set("owner", ""),
		"index key set a number": set("rank", 1),
		"index key set too long": set("rank", strings.Repeat("r", table.MaxSKBytes+1)),
		"index key added to":     update(table.Changes{Add: map[string]int64{"rank": 1}}),
	}
}

func refusedItems(key table.Key) map[string][]table.Step {
	put := func(name string, v any) []table.Step { return []table.Step{table.Put("p", key, attrs{name: v})} }
	yes := &types.AttributeValueMemberBOOL{Value: true}
	return map[string][]table.Step{
		"index key empty":         put("owner", ""),
		"index key a number":      put("rank", 1),
		"index key null":          put("owner", nil),
		"index key too long":      put("rank", strings.Repeat("r", table.MaxSKBytes+1)),
		"index pk too long":       put("owner", strings.Repeat("o", table.MaxPKBytes+1)),
		"value not UTF-8":         put("name", "a\xff"),
		"empty set":               put("n", stringSet()),
		"set with duplicates":     put("n", stringSet("a", "b", "a")),
		"numbers with duplicates": put("n", numberSet("1", "1.0")),
		"not a number":            put("n", number("x")),
		"hexadecimal":             put("n", number("0x10")),
		"39 digits":               put("n", number("1"+strings.Repeat("0", 37)+"1")),
		"number too large":        put("n", number("1e126")),
		"number too small":        put("n", number("1e-131")),
		"nested 33 levels":        put("n", nested(33)),
		"null that is false":      put("n", raw{&types.AttributeValueMemberNULL{}}),
		"binary that is nil":      put("n", raw{&types.AttributeValueMemberB{}}),
		"attribute without name":  {table.Put("p", key, table.Item{"": yes})},
		"map key empty":           put("n", raw{&types.AttributeValueMemberM{Value: table.Item{"": yes}}}),
	}
}

func refusedConditions(key table.Key) map[string][]table.Step {
	when := func(c table.Cond) []table.Step { return []table.Step{table.Put("p", key, attrs{"n": 1}, c)} }
	return map[string][]table.Step{
		"in nothing":              when(table.In[any]("n")),
		"in 101 values":           when(table.In("n", numbered("v", 101)...)),
		"any of nothing":          when(table.Any()),
		"any of a wrong one":      when(table.Any(table.NotExists(), table.In[any]("n"))),
		"has without a name":      when(table.Has("")),
		"equals two values":       when(table.Cond{Op: table.OpEquals, Attr: "n", Values: []any{1, 2}}),
		"unknown operator":        when(table.Cond{Op: 99, Attr: "n", Values: []any{1}}),
		"order of booleans":       when(table.Below("n", true)),
		"order of lists":          when(table.AtLeast("n", []int{1})),
		"order of nulls":          when(table.AtMost("n", nil)),
		"compared with 39 digits": when(table.Any(table.NotExists(), table.Equals("n", number("1"+strings.Repeat("0", 37)+"1")))),
	}
}

func testWriteLimits(s suite) {
	for name, steps := range s.refusedWrites(s.key("absent")) {
		s.sub(name, func(s suite) { s.invalid(s.db.Write(s.Context(), steps...)) })
	}
	s.lists(table.Query{Table: things, PK: s.pk})
	s.lists(table.Query{Table: notes, PK: s.pk})

	s.put(s.key("a"), attrs{"name": "x", "max": number(strings.Repeat("9", 38))})
	for name, do := range map[string]table.Changes{
		"add to a string": {Add: map[string]int64{"name": 1}},
		"add beyond 38":   {Add: map[string]int64{"max": 2}},
	} {
		s.sub(name, func(s suite) {
			s.invalid(s.db.Write(s.Context(), table.Put("p", s.key("b"), attrs{"n": 1}), table.Update("u", s.key("a"), do)))
		})
	}
	var big []table.Step
	for _, sk := range numbered("big", 11) {
		big = append(big, table.Update(sk, s.key(sk), table.Changes{Set: itemOfSize(s.key(sk), 390<<10)}))
	}
	s.sub("over 4 MB by updates", func(s suite) { s.invalid(s.db.Write(s.Context(), big...)) })
	// A limit comes before a condition.
	refused := s.puts(11, 390<<10)
	for i := range refused {
		refused[i].If = []table.Cond{table.Exists()}
	}
	s.sub("over 4 MB and refused", func(s suite) { s.invalid(s.db.Write(s.Context(), refused...)) })
	for name, steps := range s.refusedWrites(s.key("a")) {
		s.sub(name+" again", func(s suite) { s.invalid(s.db.Write(s.Context(), steps...)) })
	}
	s.lists(table.Query{Table: things, PK: s.pk}, "a")
	s.holds(s.key("a"), attrs{"name": "x", "max": number(strings.Repeat("9", 38))})
}

func testReadLimits(s suite) {
	s.put(s.key("a"), attrs{"owner": s.pk, "rank": "a", "state": s.pk})
	s.put(s.key("b"), attrs{"owner": s.pk, "rank": "b", "state": s.pk})
	cursor := func(index string) string {
		page, err := s.db.Query(s.Context(), table.Query{Table: things, Index: index, PK: s.pk, Limit: 1})
		if err != nil || page.Next == "" {
			s.Fatalf("first page: %+v, %v", page, err)
		}
		return page.Next
	}
	ofTable, ofIndex := cursor(""), cursor(byOwner)
	for name, q := range map[string]table.Query{
		"table unknown":             {Table: "nowhere", PK: s.pk},
		"table empty":               {PK: s.pk},
		"index unknown":             {Table: things, Index: "by-nothing", PK: s.pk},
		"index of another table":    {Table: notes, Index: byOwner, PK: s.pk},
		"consistent index":          {Table: things, Index: byOwner, PK: s.pk, Consistent: true},
		"partition empty":           {Table: things},
		"limit negative":            {Table: things, PK: s.pk, Limit: -1},
		"bounds reversed":           {Table: things, PK: s.pk, From: "b", To: "a"},
		"partition not UTF-8":       {Table: things, PK: "\xff"},
		"bound not UTF-8":           {Table: things, PK: s.pk, To: "\xff"},
		"bound too long":            {Table: things, PK: s.pk, From: strings.Repeat("s", table.MaxSKBytes+1)},
		"cursor no base64":          {Table: things, PK: s.pk, Cursor: "%"},
		"cursor no key":             {Table: things, PK: s.pk, Cursor: "AAAA"},
		"cursor cut":                {Table: things, PK: s.pk, Cursor: ofTable[:len(ofTable)-4]},
		"cursor of other partition": {Table: things, PK: s.pk + "2", Cursor: ofTable},
		"cursor below the range":    {Table: things, PK: s.pk, From: "b", Cursor: ofTable},
		"cursor above the range":    {Table: things, PK: s.pk, To: "A", Cursor: ofTable},
		"cursor of an index":        {Table: things, PK: s.pk, Cursor: ofIndex},
		"cursor of the table":       {Table: things, Index: byOwner, PK: s.pk, Cursor: ofTable},
		"cursor of other index":     {Table: things, Index: byState, PK: s.pk, Cursor: ofIndex},
	} {
		s.sub("query "+name, func(s suite) {
			page, err := s.db.Query(s.Context(), q)
			s.invalid(err)
			if len(page.Items) != 0 {
				s.Errorf("%d items with the error", len(page.Items))
			}
		})
	}
	var keys []table.Key
	for _, sk := range numbered("k", table.MaxBatch+1) {
		keys = append(keys, s.key(sk))
	}
	for name, keys := range map[string][]table.Key{
		"101 keys":      keys,
		"key twice":     {keys[0], keys[1], keys[0]},
		"table unknown": {{Table: "nowhere", PK: "a", SK: "b"}},
		"pk empty":      {keys[0], {Table: things, SK: "b"}},
		"sk empty":      {{Table: things, PK: "a"}},
		"pk too long":   {{Table: things, PK: strings.Repeat("p", table.MaxPKBytes+1), SK: "b"}},
		"sk too long":   {s.key(strings.Repeat("s", table.MaxSKBytes+1))},
		"not UTF-8":     {s.key("\xff")},
	} {
		s.sub("get "+name, func(s suite) {
			_, err := s.db.BatchGet(s.Context(), keys)
			s.invalid(err)
			if len(keys) == 1 {
				_, err := s.db.Get(s.Context(), keys[0])
				s.invalid(err)
			}
		})
	}
}

// testLimitsMet checks that values exactly at the limits are accepted.
func testLimitsMet(s suite) {
	write := func(name string, steps ...table.Step) {
		s.sub(name, func(s suite) { s.write(steps...) })
	}
	key := s.key("a")
	write("100 steps", s.puts(100, 100)...)
	write("just below 4 MB", s.puts(10, 400<<10)...)
	write("largest item", table.Put("p", key, itemOfSize(key, table.MaxItemBytes)))
	write("longest sk", table.Put("p", s.key(strings.Repeat("s", table.MaxSKBytes)), attrs{}))
	longest := table.Key{Table: things, PK: s.pk + strings.Repeat("p", table.MaxPKBytes-len(s.pk)), SK: "a"}
	write("longest pk", table.Put("p", longest, attrs{}))
	s.put(s.key("i"), attrs{"owner": longest.PK, "rank": strings.Repeat("r", table.MaxSKBytes)})
	s.lists(table.Query{Table: things, Index: byOwner, PK: longest.PK}, "i")
	s.put(s.key("x"), attrs{"name": "x"})
	write("in 100 values", table.Check("c", s.key("x"), table.In("name", append(numbered("v", 99), "x")...)))
	write("nested 32 levels", table.Put("p", s.key("n"), attrs{"n": nested(32)}))
	write("empty string and binary", table.Put("p", s.key("e"), attrs{"s": "", "b": []byte{}}))
	s.lists(table.Query{Table: things, PK: s.pk, From: "x", To: "x"}, "x")
}
