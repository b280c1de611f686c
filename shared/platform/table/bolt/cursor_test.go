package bolt_test

import (
	"encoding/base64"
	"slices"
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// TestCursor: what differs from a cursor of the query by a little is refused.
func TestCursor(t *testing.T) {
	t.Parallel()
	db := open(t, "", ordersSchema())
	for _, sk := range []string{"1", "2"} {
		write(t, db, table.Put("p", order(sk), map[string]any{"owner": "p", "rank": sk}))
	}
	for _, index := range []string{"", "by-owner"} {
		q := table.Query{Table: "orders", Index: index, PK: "p", Limit: 1}
		raw, err := base64.RawURLEncoding.DecodeString(query(t, db, q).Next)
		if err != nil {
			t.Fatal(err)
		}
		for name, cursor := range map[string][]byte{
			"cut":        raw[:len(raw)-1],
			"part less":  raw[:len(raw)-len("1\x00\x01")],
			"part more":  append(slices.Clip(raw), "x\x00\x01"...),
			"empty part": append(slices.Clip(raw[:len(raw)-len("1\x00\x01")]), "\x00\x01"...),
			"open part":  append(slices.Clip(raw), 'x'),
		} {
			q.Cursor = base64.RawURLEncoding.EncodeToString(cursor)
			if _, err := db.Query(t.Context(), q); !table.IsKind(err, table.Invalid) {
				t.Errorf("index %q, %s: %v, want an Invalid error", index, name, err)
			}
		}
	}
}

// FuzzCursor: a cursor is either refused as Invalid or a place in the partition:
// what follows is the end of what the whole partition holds.
func FuzzCursor(f *testing.F) {
	db, err := bolt.Open("", []table.Schema{ordersSchema()})
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	for _, pk := range []string{"a", "b"} {
		for _, sk := range []string{"1", "2", "3"} {
			write(f, db, table.Put("p", table.Key{Table: "orders", PK: pk, SK: sk}, map[string]any{"owner": pk, "rank": sk}))
		}
	}
	for _, index := range []string{"", "by-owner"} {
		for _, pk := range []string{"a", "b"} {
			page := query(f, db, table.Query{Table: "orders", Index: index, PK: pk, Limit: 1})
			raw, err := base64.RawURLEncoding.DecodeString(page.Next)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw, false, false)
			f.Add(raw, true, true)
			f.Add([]byte(page.Next), true, false)
			f.Add(raw[:len(raw)-1], false, true)
			f.Add(append(raw, 'x', 0, 1), false, false)
		}
	}
	f.Add([]byte("%"), true, false)
	f.Fuzz(func(t *testing.T, cursor []byte, asIs, descending bool) {
		for _, index := range []string{"", "by-owner"} {
			q := table.Query{Table: "orders", Index: index, PK: "a", Descending: descending}
			all := skOf(query(t, db, q).Items)
			q.Cursor = string(cursor)
			if !asIs {
				q.Cursor = base64.RawURLEncoding.EncodeToString(cursor)
			}
			page, err := db.Query(t.Context(), q)
			if err != nil {
				if !table.IsKind(err, table.Invalid) {
					t.Errorf("cursor %q: %v, want an Invalid error", q.Cursor, err)
				}
				continue
			}
			rest := skOf(page.Items)
			if !slices.Equal(rest, all[len(all)-len(rest):]) {
				t.Errorf("cursor %q: %q follow, of %q", q.Cursor, rest, all)
			}
		}
	})
}
