package tabletest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

func testPut(s suite) {
	s.put(s.key("a"), attrs{"name": "x", "count": 1})
	s.put(s.key("a"), attrs{"name": "y"})
	s.holds(s.key("a"), attrs{"name": "y"})
	s.refuse([]string{"p"}, table.Put("p", s.key("a"), attrs{"name": "z"}, table.NotExists()))
	s.holds(s.key("a"), attrs{"name": "y"})
	s.write(table.Put("p", s.key("b"), attrs{"name": "z"}, table.NotExists()))
	s.holds(s.key("b"), attrs{"name": "z"})

	// The key of the step decides where the item is stored, not its value.
	value := itemOf(s, s.key("elsewhere"), attrs{"name": "w"})
	s.write(table.Put("p", s.key("c"), value))
	s.holds(s.key("c"), attrs{"name": "w"})
	s.holds(s.key("elsewhere"), nil)
	s.same(itemOf(s, s.key("elsewhere"), attrs{"name": "w"}), value)
	s.write(table.Put("p", s.key("d"), map[string]types.AttributeValue(value)))
	s.holds(s.key("d"), attrs{"name": "w"})
	s.write(table.Put("p", s.key("e"), table.Item(nil)))
	s.holds(s.key("e"), attrs{})
}

func testUpdate(s suite) {
	s.put(s.key("a"), attrs{"name": "x", "count": 1, "note": "keep", "gone": true, "size": number("0.5")})
	s.write(table.Update("u", s.key("a"), table.Changes{
		Set:         map[string]any{"name": "y", "list": []int{1, 2}, "a.b": "dotted"},
		SetIfAbsent: map[string]any{"note": "lost", "state": "NEW"},
		Add:         map[string]int64{"count": 41, "ttl": -3, "size": 1},
		Remove:      []string{"gone", "never"},
	}, table.Equals("count", 1)))
	want := attrs{
		"name": "y", "list": []int{1, 2}, "a.b": "dotted", "note": "keep", "state": "NEW",
		"count": 42, "ttl": -3, "size": number("1.5"),
	}
	s.holds(s.key("a"), want)
	s.refuse([]string{"u"}, table.Update("u", s.key("a"), table.Changes{Remove: []string{"name"}}, table.Equals("count", 1)))
	s.holds(s.key("a"), want)

	s.put(s.key("big"), attrs{"n": number("99999999999999999999999999999999999998")})
	s.write(table.Update("u", s.key("big"), table.Changes{Add: map[string]int64{"n": 1}}))
	s.holds(s.key("big"), attrs{"n": number("99999999999999999999999999999999999999")})
	s.write(table.Update("u", s.key("big"), table.Changes{Set: map[string]any{"n": nil}}))
	s.holds(s.key("big"), attrs{"n": nil})
}

// testUpdateCreates checks that every kind of change creates an absent item.
func testUpdateCreates(s suite) {
	for name, c := range map[string]struct {
		do   table.Changes
		want attrs
	}{
		"set":           {table.Changes{Set: map[string]any{"n": 1}}, attrs{"n": 1}},
		"set-if-absent": {table.Changes{SetIfAbsent: map[string]any{"n": 1}}, attrs{"n": 1}},
		"add":           {table.Changes{Add: map[string]int64{"n": 7}}, attrs{"n": 7}},
		"remove":        {table.Changes{Remove: []string{"n"}}, attrs{}},
	} {
		s.refuse([]string{"u"}, table.Update("u", s.key(name), c.do, table.Exists()))
		s.holds(s.key(name), nil)
		s.write(table.Update("u", s.key(name), c.do))
		s.holds(s.key(name), c.want)
	}
}

func testDelete(s suite) {
	s.write(table.Delete("d", s.key("absent")))
	s.put(s.key("a"), attrs{"count": 1})
	s.refuse([]string{"d"}, table.Delete("d", s.key("a"), table.Equals("count", 2)))
	s.holds(s.key("a"), attrs{"count": 1})
	s.write(table.Delete("d", s.key("a"), table.Equals("count", 1)))
	s.holds(s.key("a"), nil)
	s.refuse([]string{"d"}, table.Delete("d", s.key("a"), table.Exists()))
	s.put(s.key("b"), attrs{"count": 1})
	s.write(table.Delete("d", s.key("a")), table.Delete("e", s.key("b")))
	s.holds(s.key("b"), nil)
}

// testDeleteAll checks that the named items of all tables are removed, their index entries too,
// whether they are there or not, and no other.
func testDeleteAll(s suite) {
	for _, sk := range numbered("a", table.MaxDeletes+1) {
		s.put(s.key(sk), attrs{"owner": s.pk, "rank": sk})
	}
	s.put(s.noteKey("b"), attrs{"n": 1})
	keys := []table.Key{s.noteKey("b"), s.key("absent")}
	for _, sk := range numbered("a", table.MaxDeletes-len(keys)) {
		keys = append(keys, s.key(sk))
	}
	for range 2 {
		if err := s.db.DeleteAll(s.Context(), keys); err != nil {
			s.Fatal(err)
		}
		s.holds(s.noteKey("b"), nil)
		left := numbered("a", table.MaxDeletes+1)[table.MaxDeletes-len(keys[:2]):]
		s.lists(table.Query{Table: things, PK: s.pk, Consistent: true}, left...)
		s.lists(table.Query{Table: things, Index: byOwner, PK: s.pk}, left...)
	}
	if err := s.db.DeleteAll(s.Context(), nil); err != nil {
		s.Errorf("no key: %v", err)
	}
	tooMany := make([]table.Key, table.MaxDeletes+1)
	for i, sk := range numbered("k", len(tooMany)) {
		tooMany[i] = s.key(sk)
	}
	last := s.key(numbered("a", table.MaxDeletes+1)[table.MaxDeletes])
	for name, keys := range map[string][]table.Key{
		"26 keys":       tooMany,
		"key twice":     {last, s.key("x"), last},
		"table unknown": {last, {Table: "nowhere", PK: "a", SK: "b"}},
		"pk empty":      {last, {Table: things, SK: "b"}},
		"sk too long":   {last, s.key(strings.Repeat("s", table.MaxSKBytes+1))},
		"not UTF-8":     {last, s.key("\xff")},
	} {
		s.sub(name, func(s suite) { s.invalid(s.db.DeleteAll(s.Context(), keys)) })
	}
	s.holds(last, attrs{"owner": s.pk, "rank": last.SK})
}

func testCheck(s suite) {
	s.put(s.key("a"), attrs{"count": 1})
	s.write(table.Check("c", s.key("a"), table.Exists()), table.Check("d", s.key("b"), table.NotExists()))
	s.holds(s.key("a"), attrs{"count": 1})
	s.holds(s.key("b"), nil)
	s.refuse([]string{"c"}, table.Check("c", s.key("b"), table.Exists()))
}

// testRefusal checks that a refusal names every failed step, in the order of the steps,
// with a copy of its item before the write.
func testRefusal(s suite) {
	s.put(s.key("a"), attrs{"count": 1, "map": map[string]any{"x": []int{1}}})
	s.put(s.noteKey("b"), attrs{"count": 2})
	s.put(s.key("e"), attrs{"count": 5})
	refused := s.refuse(
		[]string{"one", "two", "three", "five"},
		table.Put("one", s.key("a"), attrs{"count": 9}, table.NotExists()),
		table.Update("two", s.noteKey("b"), table.Changes{Add: map[string]int64{"count": 1}}, table.Equals("count", 2), table.Has("name")),
		table.Delete("three", s.key("c"), table.Exists()),
		table.Put("four", s.noteKey("d"), attrs{"count": 9}, table.NotExists()),
		table.Check("five", s.key("e"), table.Below("count", 5)),
		table.Update("six", s.key("f"), table.Changes{Set: map[string]any{"count": 9}}),
	)
	for label, want := range map[string]table.Item{
		"one":   itemOf(s, s.key("a"), attrs{"count": 1, "map": map[string]any{"x": []int{1}}}),
		"two":   itemOf(s, s.noteKey("b"), attrs{"count": 2}),
		"three": nil,
		"five":  itemOf(s, s.key("e"), attrs{"count": 5}),
	} {
		current, ok := refused.By(label)
		if d := diff(want, current); !ok || d != "" {
			s.Errorf("%s: reported %v, current (-want +got):\n%s", label, ok, d)
		}
	}
	if _, ok := refused.By("four"); ok {
		s.Error("four is reported though it did not refuse")
	}
	if current, _ := refused.By("one"); current != nil {
		current["count"] = &types.AttributeValueMemberS{Value: "changed by the reader"}
	}
	s.holds(s.key("a"), attrs{"count": 1, "map": map[string]any{"x": []int{1}}})
}

// testAtomic checks that one failed step anywhere prevents all steps, also in the indexes
// and in the other table.
func testAtomic(s suite) {
	const steps = 5
	keys := []table.Key{s.key("a"), s.noteKey("a"), s.key("b"), s.noteKey("b"), s.key("c")}
	s.put(keys[0], attrs{"owner": s.pk, "rank": "1", "count": 1})
	s.put(keys[2], attrs{"count": 1})
	s.put(keys[3], attrs{"count": 1})
	for refusing := range steps {
		conds := make([][]table.Cond, steps)
		conds[refusing] = []table.Cond{table.Equals("count", 99)}
		labels := numbered("step", steps)
		s.refuse(labels[refusing:refusing+1],
			table.Update(labels[0], keys[0], table.Changes{Set: map[string]any{"rank": "2"}, Add: map[string]int64{"count": 1}}, conds[0]...),
			table.Put(labels[1], keys[1], attrs{"count": 1}, conds[1]...),
			table.Delete(labels[2], keys[2], conds[2]...),
			table.Put(labels[3], keys[3], attrs{"count": 2}, conds[3]...),
			table.Put(labels[4], keys[4], attrs{"owner": s.pk, "rank": "3"}, conds[4]...),
		)
		s.holds(keys[0], attrs{"owner": s.pk, "rank": "1", "count": 1})
		s.holds(keys[1], nil)
		s.holds(keys[2], attrs{"count": 1})
		s.holds(keys[3], attrs{"count": 1})
		s.holds(keys[4], nil)
		s.lists(table.Query{Table: things, Index: byOwner, PK: s.pk}, "a")
	}
}

// testEncodedOnce checks that changes to a value after Write are not stored.
func testEncodedOnce(s suite) {
	data, inner := []byte{1, 2}, map[string]types.AttributeValue{"n": &types.AttributeValueMemberN{Value: "1"}}
	item := table.Item{"data": &types.AttributeValueMemberB{Value: data}, "map": &types.AttributeValueMemberM{Value: inner}}
	s.write(table.Put("p", s.key("a"), item))
	s.write(table.Update("u", s.key("b"), table.Changes{Set: map[string]any{"data": data}}))
	data[0], inner["n"] = 9, &types.AttributeValueMemberBOOL{Value: true}
	s.holds(s.key("a"), attrs{"data": []byte{1, 2}, "map": map[string]any{"n": 1}})
	s.holds(s.key("b"), attrs{"data": []byte{1, 2}})
}
