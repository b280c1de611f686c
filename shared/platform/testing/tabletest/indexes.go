package tabletest

import (
	"slices"

	"ciclo/shared/platform/table"
)

// testIndex checks that an index has the items with both its keys, and their projection.
func testIndex(s suite) {
	s.put(s.key("all"), attrs{"owner": s.pk, "rank": "2", "state": s.pk, "note": "n", "name": "not projected"})
	s.put(s.key("bare"), attrs{"owner": s.pk, "rank": "1", "name": "no note"})
	s.put(s.key("no-rank"), attrs{"owner": s.pk, "note": "n"})
	s.put(s.key("no-owner"), attrs{"rank": "3", "note": "n"})
	s.put(s.key("neither"), attrs{"name": "x"})
	s.put(table.Key{Table: things, PK: s.pk + "2", SK: "other-partition"}, attrs{"owner": s.pk, "rank": "4"})

	s.lists(table.Query{Table: things, Index: byOwner, PK: s.pk}, "bare", "all", "other-partition")
	s.lists(table.Query{Table: things, Index: byOwner, PK: s.pk, From: "2", To: "3"}, "all")
	s.lists(table.Query{Table: things, Index: byState, PK: s.pk}, "all")

	for index, want := range map[string]table.Item{
		byOwner: itemOf(s, s.key("all"), attrs{"owner": s.pk, "rank": "2", "note": "n"}),
		byState: itemOf(s, s.key("all"), attrs{"state": s.pk, "rank": "2"}),
	} {
		pages := s.walk(table.Query{Table: things, Index: index, PK: s.pk, From: "2", To: "2"})
		if items := slices.Concat(pages...); len(items) == 1 {
			s.same(want, items[0])
		} else {
			s.Errorf("%s: %d items, want 1", index, len(items))
		}
	}
}

// testIndexFollows checks that every kind of write updates the indexes.
func testIndexFollows(s suite) {
	key := s.key("a")
	update := func(do table.Changes) func() {
		return func() { s.write(table.Update("u", key, do)) }
	}
	set := func(name string, v any) func() { return update(table.Changes{Set: map[string]any{name: v}}) }
	for _, c := range []struct {
		name  string
		do    func()
		owner string // index partition where the entry is then, "" when it has none
		want  attrs  // the entry
	}{
		{"created without keys", func() { s.put(key, attrs{"note": "1"}) }, "", nil},
		{"one key added", set("owner", s.pk), "", nil},
		{"other key added", set("rank", "b"), s.pk, attrs{"rank": "b", "note": "1"}},
		{"projected changed", set("note", "2"), s.pk, attrs{"rank": "b", "note": "2"}},
		{"not projected changed", set("name", "x"), s.pk, attrs{"rank": "b", "note": "2"}},
		{"projected removed", update(table.Changes{Remove: []string{"note"}}), s.pk, attrs{"rank": "b"}},
		{"moved within", set("rank", "a"), s.pk, attrs{"rank": "a"}},
		{"moved to another partition", set("owner", s.pk+"2"), s.pk + "2", attrs{"rank": "a"}},
		{"replaced", func() { s.put(key, attrs{"owner": s.pk, "rank": "z", "note": "3"}) }, s.pk, attrs{"rank": "z", "note": "3"}},
		{"key removed", update(table.Changes{Remove: []string{"rank"}}), "", nil},
		{"key back", update(table.Changes{SetIfAbsent: map[string]any{"rank": "y"}}), s.pk, attrs{"rank": "y", "note": "3"}},
		{"replaced without keys", func() { s.put(key, attrs{"note": "4"}) }, "", nil},
		{"replaced with keys", func() { s.put(key, attrs{"owner": s.pk, "rank": "c"}) }, s.pk, attrs{"rank": "c"}},
		{"deleted", func() { s.write(table.Delete("d", key)) }, "", nil},
		{"created with keys", update(table.Changes{Set: map[string]any{"owner": s.pk, "rank": "d"}}), s.pk, attrs{"rank": "d"}},
	} {
		c.do()
		for _, owner := range []string{s.pk, s.pk + "2"} {
			var want []table.Item
			if owner == c.owner {
				c.want["owner"] = owner
				want = append(want, itemOf(s, key, c.want))
			}
			got := slices.Concat(s.walk(table.Query{Table: things, Index: byOwner, PK: owner})...)
			if d := diff(want, got); d != "" {
				s.Errorf("%s: index (-want +got):\n%s", c.name, d)
			}
		}
	}
}

// testIndexTies checks that each of several items with equal index keys appears once, with
// any page size, also when they have the same sort key in different partitions.
func testIndexTies(s suite) {
	var want []string
	for i, sk := range numbered("tie", 5) {
		rank := "b"
		if i == 0 {
			rank = "a"
		}
		for _, pk := range []string{s.pk, s.pk + "2"} {
			s.put(table.Key{Table: things, PK: pk, SK: sk}, attrs{"owner": s.pk, "rank": rank})
			want = append(want, sk)
		}
	}
	for _, q := range []table.Query{
		{Table: things, Index: byOwner, PK: s.pk},
		{Table: things, Index: byOwner, PK: s.pk, Descending: true},
		{Table: things, Index: byOwner, PK: s.pk, From: "a", To: "b"},
	} {
		for q.Limit = range len(want) + 2 {
			got := s.list(q)
			if q.Descending {
				slices.Reverse(got)
			}
			// The engine chooses the order of equal keys.
			if len(got) >= 2 {
				slices.Sort(got[2:])
			}
			if !slices.Equal(got, want) {
				s.Errorf("query %+v finds %q, want %q", q, got, want)
			}
		}
	}
}
