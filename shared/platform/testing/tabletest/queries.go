package tabletest

import (
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/table"
)

// walk reads every page of q and returns their items, page by page.
func (s suite) walk(q table.Query) (pages [][]table.Item) {
	s.Helper()
	for range 1000 {
		page, err := s.db.Query(s.Context(), q)
		if err != nil {
			s.Fatalf("query %+v: %v", q, err)
		}
		if q.Limit > 0 && len(page.Items) > q.Limit {
			s.Errorf("query %+v: %d items in a page", q, len(page.Items))
		}
		pages = append(pages, page.Items)
		if page.Next == "" {
			return pages
		}
		q.Cursor = page.Next
	}
	s.Fatalf("query %+v has no end", q)
	return nil
}

// list returns the sort keys of all items that q finds, in order.
func (s suite) list(q table.Query) []string {
	s.Helper()
	found := []string{}
	for _, item := range slices.Concat(s.walk(q)...) {
		var key struct {
			SK string `dynamodbav:"sk"`
		}
		if err := table.Decode(item, &key); err != nil {
			s.Fatal(err)
		}
		found = append(found, key.SK)
	}
	return found
}

// lists compares the sort keys of the items that q finds.
func (s suite) lists(q table.Query, want ...string) {
	s.Helper()
	if want == nil {
		want = []string{}
	}
	if d := gocmp.Diff(want, s.list(q)); d != "" {
		s.Errorf("query %+v finds (-want +got):\n%s", q, d)
	}
}

// testQueryRanges walks every range over a partition, both ways, with every
// page size, on the table and on an index.
func testQueryRanges(s suite) {
	sks := []string{"a#1", "a#2", "a#20", "b", "b#1", "c"}
	for _, sk := range sks {
		s.put(s.key(sk), attrs{"owner": s.pk, "rank": sk})
	}
	s.put(table.Key{Table: things, PK: s.pk + "2", SK: "a#1"}, attrs{"owner": s.pk + "2", "rank": "a#1"})
	s.put(s.noteKey("a#1"), attrs{"owner": s.pk, "rank": "a#1"})
	bounds := []string{"", "a", "a#2", "a#~", "b", "bb", "zz"}
	for _, q := range []table.Query{
		{Table: things, PK: s.pk, Consistent: true},
		{Table: things, PK: s.pk, Descending: true},
		{Table: things, PK: s.pk, Index: byOwner},
		{Table: things, PK: s.pk, Index: byOwner, Descending: true},
	} {
		for _, q.From = range bounds {
			for _, q.To = range bounds {
				if q.To != "" && q.To < q.From {
					continue
				}
				want := slices.DeleteFunc(slices.Clone(sks), func(sk string) bool {
					return sk < q.From || q.To != "" && sk > q.To
				})
				if q.Descending {
					slices.Reverse(want)
				}
				for _, q.Limit = range []int{0, 1, 2, len(sks), len(sks) + 1} {
					s.lists(q, want...)
				}
			}
		}
	}
	s.lists(table.Query{Table: things, PK: s.pk + "none"})
	s.lists(table.Query{Table: things, PK: s.pk + "none", Index: byOwner})
	page, err := s.db.Query(s.Context(), table.Query{Table: things, PK: s.pk, From: "c"})
	if err != nil || len(page.Items) != 1 || page.Next != "" {
		s.Errorf("a page that holds all: %+v, %v, want one item and no Next", page, err)
	}
	s.same(itemOf(s, s.key("c"), attrs{"owner": s.pk, "rank": "c"}), page.Items[0])
}

// testQueryOrder checks that all sort keys are ordered by their UTF-8 bytes.
func testQueryOrder(s suite) {
	sks := []string{
		"A", "Z", "a", "a ", "a!", "a#", "a/b", "aa", "a\u0001", "b", "é", "z", "ÿ", "Ω", "日本", "\uffee", "😀", "😀a",
		"e\u0301", "\u007f", "10", "9", "-1", "2022-06-16T06:28:02.492Z", "2022-06-16T06:28:02.4920Z",
	}
	for _, sk := range sks {
		s.put(s.key(sk), attrs{"owner": s.pk, "rank": sk})
	}
	slices.Sort(sks)
	s.lists(table.Query{Table: things, PK: s.pk, Limit: 4}, sks...)
	s.lists(table.Query{Table: things, PK: s.pk, Index: byOwner, Limit: 4}, sks...)
	s.lists(table.Query{Table: things, PK: s.pk, From: "é", To: "日本"}, "é", "ÿ", "Ω", "日本")
	slices.Reverse(sks)
	s.lists(table.Query{Table: things, PK: s.pk, Limit: 4, Descending: true}, sks...)
}

// testQueryCursor checks that a cursor is a place between items, also after they change.
func testQueryCursor(s suite) {
	for _, index := range []string{"", byOwner} {
		for _, sk := range []string{"b", "d", "f"} {
			s.put(s.key(sk), attrs{"owner": s.pk, "rank": sk})
		}
		for _, descending := range []bool{false, true} {
			q := table.Query{Table: things, Index: index, PK: s.pk, Limit: 2, Descending: descending}
			first, err := s.db.Query(s.Context(), q)
			if err != nil || len(first.Items) != 2 || first.Next == "" {
				s.Fatalf("first page: %+v, %v", first, err)
			}
			if strings.Trim(first.Next, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
				s.Errorf("cursor %q has to be escaped in a URL", first.Next)
			}
			q.Cursor = first.Next
			s.write(table.Delete("d", s.key("d")))
			for _, sk := range []string{"a", "c", "e", "g"} {
				s.put(s.key(sk), attrs{"owner": s.pk, "rank": sk})
			}
			want := []string{"e", "f", "g"}
			if descending {
				want = []string{"c", "b", "a"}
			}
			s.lists(q, want...)
			for _, sk := range []string{"a", "c", "e", "g"} {
				s.write(table.Delete("d", s.key(sk)))
			}
			s.put(s.key("d"), attrs{"owner": s.pk, "rank": "d"})
		}
	}
}

// testQueryPageSize checks that a page ends near 1 MB and that the next one continues.
func testQueryPageSize(s suite) {
	const size = 300 << 10
	sks := numbered("big", 10)
	var steps []table.Step
	for _, sk := range sks {
		steps = append(steps, table.Put(sk, s.key(sk), attrs{"name": strings.Repeat("x", size)}))
	}
	s.write(steps...)
	for _, q := range []table.Query{
		{Table: things, PK: s.pk},
		{Table: things, PK: s.pk, Limit: 7},
		{Table: things, PK: s.pk, Descending: true, Consistent: true},
	} {
		// DynamoDB's limit leaves open whether the item that crosses it is in the page.
		for _, page := range s.walk(q) {
			if len(page) > table.MaxPageBytes/size+1 {
				s.Errorf("query %+v: %d items of %d bytes in a page", q, len(page), size)
			}
		}
		want := slices.Clone(sks)
		if q.Descending {
			slices.Reverse(want)
		}
		s.lists(q, want...)
	}
}
