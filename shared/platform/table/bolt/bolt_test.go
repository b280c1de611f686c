package bolt_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/testing/tabletest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	tabletest.Run(t, openTemporary)
}

func TestModel(t *testing.T) {
	t.Parallel()
	tabletest.RunModel(t, openTemporary, 20)
}

func TestFeedContract(t *testing.T) {
	t.Parallel()
	tabletest.RunFeed(t, func(t *testing.T, schemas ...table.Schema) (table.DB, table.Feed) {
		db := open(t, "", schemas...)
		return db, db
	})
}

func openTemporary(t *testing.T, schemas ...table.Schema) table.DB { return open(t, "", schemas...) }

// open opens the file at path, "" for a temporary one, until t ends.
func open(t *testing.T, path string, schemas ...table.Schema) *bolt.DB {
	t.Helper()
	db, err := bolt.Open(path, schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, db) })
	return db
}

func shut(t *testing.T, db *bolt.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func ordersSchema() table.Schema {
	return table.Schema{Name: "orders", Stream: true, Indexes: []table.Index{
		{Name: "by-owner", PK: "owner", SK: "rank", Project: []string{"note"}},
	}}
}

func order(sk string) table.Key { return table.Key{Table: "orders", PK: "p", SK: sk} }

func write(t testing.TB, db table.DB, steps ...table.Step) {
	t.Helper()
	if err := db.Write(t.Context(), steps...); err != nil {
		t.Fatal(err)
	}
}

func query(t testing.TB, db table.DB, q table.Query) table.Page {
	t.Helper()
	page, err := db.Query(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// skOf are the sort keys of items.
func skOf(items []table.Item) []string {
	var sks []string
	for _, item := range items {
		if sk, ok := item[table.SK].(*types.AttributeValueMemberS); ok {
			sks = append(sks, sk.Value)
		}
	}
	return sks
}

// TestReopen: a file keeps its items, and each opening has the indexes its
// schema declares, whoever wrote the items.
func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data.db")
	plain := ordersSchema()
	plain.Indexes = nil
	more := ordersSchema()
	more.Indexes = append(more.Indexes, table.Index{Name: "by-note", PK: "note", SK: "rank"})
	for _, c := range []struct {
		schema table.Schema
		put    string // what this opening adds
		note   any
		finds  map[string][]string // index → what it then holds of owner or note "x"
	}{
		{ordersSchema(), "a", "x", map[string][]string{"by-owner": {"a"}}},
		{ordersSchema(), "b", 7, map[string][]string{"by-owner": {"a", "b"}}},
		{plain, "c", "x", nil},
		{plain, "e", strings.Repeat("x", 40_000), nil}, // too long for a key of an index
		{more, "d", "x", map[string][]string{"by-owner": {"a", "b", "c", "d", "e"}, "by-note": {"a", "c", "d"}}},
	} {
		db := open(t, path, c.schema)
		write(t, db, table.Put("p", order(c.put), map[string]any{"owner": "x", "rank": c.put, "note": c.note}))
		for index, want := range c.finds {
			if got := skOf(query(t, db, table.Query{Table: "orders", Index: index, PK: "x"}).Items); !slices.Equal(got, want) {
				t.Errorf("after %s: %s finds %q, want %q", c.put, index, got, want)
			}
		}
		shut(t, db)
	}
	db := open(t, path, plain)
	if got := skOf(query(t, db, table.Query{Table: "orders", PK: "p"}).Items); !slices.Equal(got, []string{"a", "b", "c", "d", "e"}) {
		t.Errorf("the file holds %q", got)
	}
	_, err := db.Query(t.Context(), table.Query{Table: "orders", Index: "by-owner", PK: "x"})
	if !table.IsKind(err, table.Invalid) {
		t.Errorf("an index no longer declared: %v, want an Invalid error", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	held := filepath.Join(dir, "held.db")
	open(t, held)
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	index := func(pk, sk string) table.Index { return table.Index{Name: "by-owner", PK: pk, SK: sk} }
	for name, c := range map[string]struct {
		path    string
		schemas []table.Schema
		says    string
	}{
		"held":               {held, nil, "in use by another process"},
		"not a file of ours": {text, nil, text},
		"no folder":          {filepath.Join(dir, "none", "data.db"), nil, "none"},
		"table twice":        {"", []table.Schema{{Name: "orders"}, {Name: "orders"}}, "orders"},
		"table name":         {"", []table.Schema{{Name: "no"}}, `"no"`},
		"index twice":        {"", []table.Schema{{Name: "orders", Indexes: []table.Index{index("a", "b"), index("a", "c")}}}, "twice"},
		"index name":         {"", []table.Schema{{Name: "orders", Indexes: []table.Index{{Name: "by/owner", PK: "a", SK: "b"}}}}, "by/owner"},
		"index without sk":   {"", []table.Schema{{Name: "orders", Indexes: []table.Index{index("a", "")}}}, "key"},
		"index of one key":   {"", []table.Schema{{Name: "orders", Indexes: []table.Index{index("a", "a")}}}, "key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := bolt.Open(c.path, c.schemas)
			if err == nil {
				shut(t, db)
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
		})
	}
}

// TestTemporary: a temporary file is nobody else's and leaves nothing behind.
func TestTemporary(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	one, other := open(t, "", ordersSchema()), open(t, "", ordersSchema())
	write(t, one, table.Put("p", order("a"), map[string]any{"note": strings.Repeat("x", 100_000)}))
	if page := query(t, other, table.Query{Table: "orders", PK: "p"}); len(page.Items) != 0 {
		t.Errorf("the other file holds %d items", len(page.Items))
	}
	shut(t, one)
	shut(t, other)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestClosed: after Close everything is Unavailable, a Run under way included.
func TestClosed(t *testing.T) {
	t.Parallel()
	db := open(t, "", ordersSchema())
	delivered, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- db.Run(t.Context(), "orders", func(context.Context, []table.Change) error {
			close(delivered)
			return nil
		})
	}()
	write(t, db, table.Put("p", order("a"), nil))
	<-delivered
	shut(t, db)
	shut(t, db)
	_, getErr := db.Get(t.Context(), order("a"))
	_, batchErr := db.BatchGet(t.Context(), []table.Key{order("a")})
	_, queryErr := db.Query(t.Context(), table.Query{Table: "orders", PK: "p"})
	for call, err := range map[string]error{
		"run": <-ended, "get": getErr, "batch-get": batchErr, "query": queryErr,
		"write":   db.Write(t.Context(), table.Delete("d", order("a"))),
		"run new": db.Run(t.Context(), "orders", func(context.Context, []table.Change) error { return nil }),
	} {
		if !table.IsKind(err, table.Unavailable) {
			t.Errorf("%s: %v, want an Unavailable error", call, err)
		}
	}
}

// TestFeedReopen: what was not delivered waits in the file, in order; what was
// delivered is gone.
func TestFeedReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data.db")
	db := open(t, path, ordersSchema())
	write(t, db, table.Put("p", order("a"), nil))
	write(t, db, table.Put("q", order("c"), nil), table.Put("r", order("b"), nil))
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Run(ctx, "orders", func(context.Context, []table.Change) error {
		cancel()
		return errors.New("not now")
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	shut(t, db)

	db = open(t, path, ordersSchema())
	write(t, db, table.Delete("d", order("a")))
	if got := deliver(t, db, 4); !slices.Equal(slices.Concat(got...), []string{"+a", "+c", "+b", "-a"}) {
		t.Errorf("delivered %q", got)
	}
	shut(t, db)

	db = open(t, path, ordersSchema())
	write(t, db, table.Put("p", order("e"), nil))
	if got := deliver(t, db, 1); !slices.Equal(slices.Concat(got...), []string{"+e"}) {
		t.Errorf("delivered %q", got)
	}
}

// TestFeedBatches: changes come in the order of their commits, at most 100 at a time.
func TestFeedBatches(t *testing.T) {
	t.Parallel()
	db := open(t, "", ordersSchema())
	var want []string
	for i := range 230 {
		sk := string(rune('z' - i%26))
		key := table.Key{Table: "orders", PK: "p" + string(rune('z'-i/26)), SK: sk}
		write(t, db, table.Put("p", key, nil))
		want = append(want, "+"+sk)
	}
	batches := deliver(t, db, len(want))
	if !slices.Equal(slices.Concat(batches...), want) {
		t.Errorf("delivered %q, want %q", batches, want)
	}
	for _, batch := range batches {
		if len(batch) > 100 {
			t.Errorf("a batch of %d", len(batch))
		}
	}
}

// deliver runs the feed until n changes were delivered and returns them by
// batch: + or - and the sort key.
func deliver(t *testing.T, db *bolt.DB, n int) (batches [][]string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := db.Run(ctx, "orders", func(_ context.Context, changes []table.Change) error {
		var batch []string
		for _, c := range changes {
			sign := "+"
			if c.New == nil {
				sign = "-"
			}
			batch = append(batch, sign+c.Key.SK)
		}
		batches = append(batches, batch)
		if n -= len(batch); n <= 0 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return batches
}
