package bolt_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// queued starts calls one after the other while no commit can begin and returns what each
// of them returned.
func queued(db *bolt.DB, calls ...func() error) []error {
	release := db.Hold()
	ends := make([]chan error, len(calls))
	for i, call := range calls {
		ends[i] = make(chan error, 1)
		go func() { ends[i] <- call() }()
		for db.Queued() == i {
			runtime.Gosched()
		}
	}
	release()
	var results []error
	for _, end := range ends {
		results = append(results, <-end)
	}
	return results
}

func commits(t *testing.T, db *bolt.DB) int {
	t.Helper()
	n, err := db.Commits()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWritesShareACommit: writes that wait are committed together, as if one after the other.
func TestWritesShareACommit(t *testing.T) {
	t.Parallel()
	db := open(t, "", ordersSchema())
	put := func(sk, note string, conds ...table.Cond) func() error {
		return func() error {
			return db.Write(t.Context(), table.Put("p", order(sk), map[string]any{"note": note}, conds...))
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	before := commits(t, db)
	got := queued(db,
		put("a", "first", table.NotExists()),
		put("a", "second", table.NotExists()),
		put("a", "third", table.Equals("note", "first")),
		func() error { return db.Write(ended, table.Delete("d", order("a"))) },
		func() error {
			return db.Write(t.Context(), table.Update("u", order("a"), table.Changes{Add: map[string]int64{"note": 1}}))
		},
		put("b", "alone"),
	)
	if n := commits(t, db) - before; n != 1 {
		t.Errorf("%d commits, want 1", n)
	}
	refused := table.AsRefused(got[1])
	if got[0] != nil || refused == nil || got[2] != nil || !errors.Is(got[3], context.Canceled) ||
		!table.IsKind(got[4], table.Invalid) || got[5] != nil {
		t.Fatalf("the writes returned %v", got)
	}
	if current, _ := refused.By("p"); fmt.Sprint(noteOf(t, current)) != "first" {
		t.Errorf("refused by %v", current)
	}
	for sk, want := range map[string]string{"a": "third", "b": "alone"} {
		item, err := db.Get(t.Context(), order(sk))
		if err != nil || noteOf(t, item) != want {
			t.Errorf("%s is %v, %v", sk, item, err)
		}
	}
	if feed := slices.Concat(deliver(t, db, 3)...); !slices.Equal(feed, []string{"+a", "+a", "+b"}) {
		t.Errorf("delivered %q", feed)
	}
}

func noteOf(t *testing.T, item table.Item) string {
	t.Helper()
	var v struct {
		Note string `dynamodbav:"note"`
	}
	if err := table.Decode(item, &v); err != nil {
		t.Fatal(err)
	}
	return v.Note
}

// TestCommitFails: when the file fails, every write of the commit says so and none is stored.
func TestCommitFails(t *testing.T) {
	t.Parallel()
	db := open(t, "", ordersSchema())
	write(t, db, table.Put("p", order("b"), nil))
	got := queued(db,
		func() error { return db.Write(t.Context(), table.Put("p", order("a"), nil)) },
		func() error { return db.Write(t.Context(), table.Put("p", order("b"), nil, table.NotExists())) },
		func() error { return db.Fail(t.Context(), errors.New("no disk")) },
		func() error { return db.Write(t.Context(), table.Put("p", order("c"), nil)) },
	)
	for i, err := range got {
		if !table.IsKind(err, table.Unavailable) {
			t.Errorf("write %d: %v, want an Unavailable error", i, err)
		}
	}
	if left := skOf(query(t, db, table.Query{Table: "orders", PK: "p"}).Items); !slices.Equal(left, []string{"b"}) {
		t.Errorf("stored: %q", left)
	}
	write(t, db, table.Put("p", order("d"), nil))
}

// TestRefusedWritesCommitNothing: what writes nothing does not wait for the disk.
func TestRefusedWritesCommitNothing(t *testing.T) {
	t.Parallel()
	db := open(t, "", ordersSchema())
	before := commits(t, db)
	err := db.Write(t.Context(), table.Put("p", order("a"), nil, table.Exists()))
	if n := commits(t, db) - before; n != 0 || table.AsRefused(err) == nil {
		t.Errorf("%v, %d commits", err, n)
	}
}

// hasFreeList tells whether the list of free pages is in a file, by bbolt's format: the newer
// of the two pages in front says where.
func hasFreeList(t *testing.T, path string) bool {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const listAt, commitAt, none = 48, 64, ^uint64(0)
	var list, commit uint64
	for page := range int64(2) {
		var front [commitAt + 8]byte
		if _, err := f.ReadAt(front[:], page*int64(os.Getpagesize())); err != nil {
			t.Fatal(err)
		}
		if n := binary.NativeEndian.Uint64(front[commitAt:]); n >= commit {
			commit, list = n, binary.NativeEndian.Uint64(front[listAt:])
		}
	}
	return list != none
}

// TestFreeList: a commit leaves the list of free pages out when it is long; Close writes it.
func TestFreeList(t *testing.T) {
	t.Parallel()
	for _, freePages := range []int{0, 1000} {
		path := filepath.Join(t.TempDir(), "data.db")
		db, err := bolt.OpenLimited(path, []table.Schema{ordersSchema()}, 0, freePages, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			write(t, db, table.Put("p", order(fmt.Sprint(i)), nil))
		}
		if has := hasFreeList(t, path); has != (freePages > 0) {
			t.Errorf("%d pages at most: the file has the list: %v", freePages, has)
		}
		shut(t, db)
		if !hasFreeList(t, path) {
			t.Errorf("%d pages at most: no list after Close", freePages)
		}
	}
}
