package dynamo_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/table"
)

func encoded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// TestForeignCursors: only cursors of the same table or index and partition are accepted.
func TestForeignCursors(t *testing.T) {
	t.Parallel()
	const own, ofIndex = `{"pk":"p","sk":"a"}`, `{"owner":"p","pk":"x","rank":"1","sk":"a"}`
	for name, c := range map[string]struct {
		index, cursor string
		accepted      bool
	}{
		"own":                {"", encoded(own), true},
		"of the index":       {"by-owner", encoded(ofIndex), true},
		"index on table":     {"", encoded(ofIndex), false},
		"table on index":     {"by-owner", encoded(own), false},
		"other partition":    {"", encoded(`{"pk":"q","sk":"a"}`), false},
		"other owner":        {"by-owner", encoded(`{"owner":"q","pk":"p","rank":"1","sk":"a"}`), false},
		"part of a key":      {"", encoded(`{"pk":"p"}`), false},
		"other attribute":    {"", encoded(`{"pk":"p","rank":"1"}`), false},
		"empty sort key":     {"", encoded(`{"pk":"p","sk":""}`), false},
		"not a string":       {"", encoded(`{"pk":"p","sk":1}`), false},
		"more than a cursor": {"", encoded(own + own), false},
		"not JSON":           {"", encoded("pk"), false},
		"null":               {"", encoded("null"), false},
		"more attributes":    {"", encoded(`{"pk":"p","sk":"a","rank":"1"}`), false},
		"stray bits":         {"", strings.TrimSuffix(encoded(own), "Q") + "R", false},
		"padded":             {"", encoded(own) + "==", false},
		"not base64":         {"", "*", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, service := newService(ok(`{}`))
			_, err := db.Query(t.Context(), table.Query{Table: "things", Index: c.index, PK: "p", Cursor: c.cursor})
			if c.accepted != (err == nil) || !c.accepted && !table.IsKind(err, table.Invalid) {
				t.Errorf("error %v, want accepted %v", err, c.accepted)
			}
			if c.accepted != (len(service.sent) == 1) {
				t.Errorf("%d requests, want accepted %v", len(service.sent), c.accepted)
			}
		})
	}
}

// FuzzCursor: any text is refused or names a position in the partition, and a
// position survives its cursor.
func FuzzCursor(f *testing.F) {
	f.Add("", "p", "a", "o", "1")
	f.Add(encoded(`{"pk":"p","sk":"a"}`), "p", "a", "o", "1")
	f.Add(encoded(`{"owner":"p","pk":"x","rank":"1","sk":"a"}`), "p", "\x00\"", "<é", "😀")
	f.Fuzz(func(t *testing.T, cursor, pk, sk, owner, rank string) {
		db, service := newService(ok(`{}`))
		for _, index := range []string{"", "by-owner"} {
			before := len(service.sent)
			_, err := db.Query(t.Context(), table.Query{Table: "things", Index: index, PK: "p", Cursor: cursor})
			switch sent := len(service.sent) - before; {
			case err != nil && (sent != 0 || !table.IsKind(err, table.Invalid)):
				t.Errorf("error %v after %d requests", err, sent)
			case err == nil && cursor != "":
				partition := map[string]string{"": "pk", "by-owner": "owner"}[index]
				start := service.members(t)["ExclusiveStartKey"].(map[string]any)
				if d := cmp.Diff(map[string]any{"S": "p"}, start[partition]); d != "" {
					t.Errorf("partition (-want +got):\n%s", d)
				}
			}
		}
		for _, s := range []string{pk, sk, owner, rank} {
			if s == "" || !utf8.ValidString(s) {
				return
			}
		}
		roundTrip(t, "", pk, map[string]string{"pk": pk, "sk": sk})
		roundTrip(t, "by-owner", owner, map[string]string{"pk": pk, "sk": sk, "owner": owner, "rank": rank})
	})
}

func roundTrip(t *testing.T, index, partition string, position map[string]string) {
	t.Helper()
	last := map[string]any{}
	for attr, value := range position {
		last[attr] = map[string]any{"S": value}
	}
	body, err := json.Marshal(map[string]any{"LastEvaluatedKey": last})
	if err != nil {
		t.Fatal(err)
	}
	db, service := newService(ok(string(body)))
	q := table.Query{Table: "things", Index: index, PK: partition}
	page, err := db.Query(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	q.Cursor = page.Next
	if _, err := db.Query(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(any(last), service.members(t)["ExclusiveStartKey"]); d != "" {
		t.Errorf("position (-want +got):\n%s", d)
	}
}
