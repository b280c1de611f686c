package tabletest

import (
	"fmt"
	"slices"

	"ciclo/shared/platform/table"
)

// subject is the item that the conditions are tested on.
func subject() attrs {
	return attrs{
		"name": "mm", "count": 10, "size": number("12345678901234567890123456789012345678"),
		"data": []byte{5, 5}, "flag": true, "nothing": nil, "empty": "",
		"list": []any{1, "x"}, "map": map[string]any{"a": 1, "b": []any{"c"}},
		"tags": stringSet("a", "b"), "nums": numberSet("1", "2.5"), "a.b": "dotted",
	}
}

// holding are conditions that hold for subject.
func holding() []table.Cond {
	return []table.Cond{
		table.Exists(), table.Has("name"), table.Has("nothing"), table.Has("empty"), table.Lacks("other"), table.Has("a.b"),
		table.Equals("name", "mm"), table.Equals("count", 10), table.Equals("count", number("10.0")), table.Equals("count", 1e1),
		table.Equals("size", number("12345678901234567890123456789012345678")),
		table.Equals("data", []byte{5, 5}), table.Equals("flag", true), table.Equals("nothing", nil), table.Equals("empty", ""),
		table.Equals("list", []any{1, "x"}), table.Equals("map", map[string]any{"b": []any{"c"}, "a": number("1.0")}),
		table.Equals("tags", stringSet("b", "a")), table.Equals("nums", numberSet("2.50", "1")), table.Equals("a.b", "dotted"),
		table.NotEquals("name", "m"), table.NotEquals("count", 11), table.NotEquals("count", "10"), table.NotEquals("flag", false),
		table.NotEquals("size", number("12345678901234567890123456789012345679")), table.NotEquals("tags", stringSet("a")),
		table.In("name", "a", "mm"), table.In("count", 1, 2, 10), table.In("flag", true), table.In[any]("count", "10", 10),
		table.Below("name", "mn"), table.Below("name", "mmm"), table.Below("count", 11), table.Below("count", 10.5),
		table.Below("size", number("12345678901234567890123456789012345679")), table.Below("data", []byte{5, 6}),
		table.Below("empty", "a"), table.Below("count", number("1e2")),
		table.AtMost("name", "mm"), table.AtMost("count", 10), table.AtMost("count", 100), table.AtMost("data", []byte{5, 5}),
		table.AtLeast("name", "mm"), table.AtLeast("name", "a"), table.AtLeast("count", 10), table.AtLeast("count", -11),
		table.AtLeast("count", 9), table.AtLeast("data", []byte{5}),
		table.Any(table.Equals("count", 1), table.Exists()), table.Any(table.Any(table.Has("name"))),
		table.Any(table.NotEquals("count", 11)),
	}
}

// failing are conditions that do not hold for subject.
func failing() []table.Cond {
	return []table.Cond{
		table.NotExists(), table.Lacks("name"), table.Has("other"), table.Lacks("nothing"), table.Has("a"),
		table.Equals("name", "MM"), table.Equals("name", ""), table.Equals("count", 11), table.Equals("count", "10"),
		table.Equals("size", number("12345678901234567890123456789012345679")), table.Equals("other", nil),
		table.Equals("data", "\x05\x05"), table.Equals("flag", false), table.Equals("nothing", false), table.Equals("empty", nil),
		table.Equals("list", []any{"x", 1}), table.Equals("list", []any{1}), table.Equals("map", map[string]any{"a": 1}),
		table.Equals("tags", []string{"a", "b"}), table.Equals("tags", stringSet("a")), table.Equals("other", 1),
		table.NotEquals("name", "mm"), table.NotEquals("count", number("1e1")), table.NotEquals("other", 1),
		table.NotEquals("tags", stringSet("b", "a")),
		table.In("name", "m", "MM"), table.In("other", 1, 2), table.In("count", "10"),
		table.Below("name", "mm"), table.Below("name", "Z"), table.Below("count", 10), table.Below("count", 9), table.Below("count", -11),
		table.Below("size", number("12345678901234567890123456789012345678")), table.Below("count", "99"), table.Below("name", 99),
		table.Below("data", []byte{5}), table.Below("data", "zz"), table.Below("other", 1), table.Below("flag", "x"), table.Below("nothing", 1),
		table.AtMost("name", "ml"), table.AtMost("count", 9), table.AtMost("count", "99"), table.AtMost("other", 1), table.AtMost("list", 1),
		table.AtLeast("name", "mmm"), table.AtLeast("count", 10.01), table.AtLeast("count", "0"),
		table.AtLeast("other", 0), table.AtLeast("map", ""),
		table.Any(table.NotExists(), table.Has("other")),
	}
}

func testConditions(s suite) {
	s.put(s.key("a"), subject())
	check := func(c table.Cond) table.Step { return table.Check("c", s.key("a"), c) }
	for _, c := range holding() {
		s.sub(nameOf(c), func(s suite) { s.write(check(c)) })
	}
	for _, c := range failing() {
		s.sub(nameOf(c), func(s suite) {
			refused := s.refuse([]string{"c"}, check(c))
			s.same(itemOf(s, s.key("a"), subject()), refused.Steps[0].Current)
		})
	}
	s.write(table.Check("c", s.key("a"), holding()...)) // all of several
	for i, c := range failing() {                       // and one of several fails, wherever it stands
		several := slices.Insert(holding()[:5:5], i%6, c)
		s.refuse([]string{"c"}, table.Check("c", s.key("a"), several...))
	}
}

func testConditionsOnAbsent(s suite) {
	for _, c := range slices.Concat(holding(), failing()) {
		s.sub(nameOf(c), func(s suite) {
			check := table.Check("c", s.key("absent"), c)
			if holdsOnAbsent(c) {
				s.write(check)
				return
			}
			if current, _ := s.refuse([]string{"c"}, check).By("c"); current != nil {
				s.Errorf("current item %v, want none", current)
			}
		})
	}
}

func holdsOnAbsent(c table.Cond) bool {
	return c.Op == table.OpNotExists || c.Op == table.OpLacks || slices.ContainsFunc(c.Any, holdsOnAbsent)
}

// nameOf names a condition for a subtest.
func nameOf(c table.Cond) string {
	return fmt.Sprintf("%d %s %.40v %d", c.Op, c.Attr, c.Values, len(c.Any))
}
