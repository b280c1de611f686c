package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// filled is the content of a file with a few hundred items, some removed again.
func filled(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.db")
	db, err := bolt.Open(path, []table.Schema{ordersSchema()})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		var steps []table.Step
		for j := range 20 {
			key := table.Key{Table: "orders", PK: fmt.Sprintf("p%d", i%3), SK: fmt.Sprintf("s%03d-%d", i, j)}
			item := table.Item{
				"owner": &types.AttributeValueMemberS{Value: fmt.Sprint("o", j)}, "rank": &types.AttributeValueMemberS{Value: fmt.Sprint(i)},
				"note": &types.AttributeValueMemberS{Value: strings.Repeat("n", 10*j)},
			}
			steps = append(steps, table.Put(fmt.Sprint(j), key, item))
		}
		if err := db.Write(t.Context(), steps...); err != nil {
			t.Fatal(err)
		}
	}
	shut(t, db)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestDamagedFiles opens files that were cut off or overwritten: the process goes on with
// an error that says what is wrong, and the file stays as it is.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	whole := filled(t)
	damaged := map[string][]byte{"garbage": bytes.Repeat([]byte("garbage "), 4096), "text": []byte("hello"), "zeros": make([]byte, len(whole))}
	for _, size := range []int{1, 100, 4096, 4097, 8191, 8192, 8193, 12288, 16384, 32768, len(whole) / 2} { // the end of a file may be unused
		damaged[fmt.Sprint("cut off at ", size)] = whole[:size]
	}
	for name, content := range damaged {
		path := filepath.Join(t.TempDir(), "ciclo.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := bolt.Open(path, []table.Schema{ordersSchema()})
		if !errors.Is(err, bolt.ErrDamaged) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, %v", name, db, err)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, content) {
			t.Errorf("%s: the file was changed: %v", name, err)
		}
	}
	folder := t.TempDir()
	if _, err := bolt.Open(folder, []table.Schema{ordersSchema()}); !errors.Is(err, bolt.ErrDamaged) {
		t.Errorf("a folder: %v", err)
	}
}

// overwritten opens copies of a file of which any page is overwritten with something else.
func overwritten(t *testing.T, whole []byte, open func(page int, path string)) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2)) // the same pages in every run
	const page = 4096
	for n := range 3 * len(whole) / page {
		content := bytes.Clone(whole)
		part := content[n/3*page : n/3*page+page]
		switch n % 3 {
		case 0:
			clear(part)
		case 1:
			for i := range part {
				part[i] = byte(random.Uint32())
			}
		default:
			for range 8 {
				part[random.IntN(page)] ^= byte(1 + random.IntN(255))
			}
		}
		path := filepath.Join(t.TempDir(), "ciclo.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		open(n/3, path)
	}
}

// TestOverwrittenPages: a file with an overwritten page is refused, or the page was free.
func TestOverwrittenPages(t *testing.T) {
	t.Parallel()
	pages, refused := 0, 0
	overwritten(t, filled(t), func(page int, path string) {
		db, err := bolt.Open(path, []table.Schema{ordersSchema()})
		pages = page + 1
		if err == nil {
			shut(t, db)
			return
		}
		if refused++; !errors.Is(err, bolt.ErrDamaged) {
			t.Errorf("page %d: %v", page, err)
		}
	})
	if refused < pages {
		t.Errorf("only %d of %d damaged files were refused", refused, 3*pages)
	}
}

// TestOverwrittenPagesOfALargeFile: a file that is too large to be read first is refused, or
// calls that meet the page fail, and the process goes on.
func TestOverwrittenPagesOfALargeFile(t *testing.T) {
	t.Parallel()
	failed := 0
	use := func(page int, path string) {
		db, err := bolt.OpenLimited(path, []table.Schema{ordersSchema()}, 0, 1000, 100)
		if err != nil {
			if failed++; !errors.Is(err, bolt.ErrDamaged) {
				t.Errorf("page %d: %v", page, err)
			}
			return
		}
		var errs []error
		for i := range 3 {
			_, reads := db.Query(t.Context(), table.Query{Table: "orders", PK: fmt.Sprint("p", i)})
			_, readsIndex := db.Query(t.Context(), table.Query{Table: "orders", PK: fmt.Sprint("o", i), Index: "by-owner"})
			errs = append(errs, reads, readsIndex)
		}
		key := table.Key{Table: "orders", PK: "p1", SK: "s003-new"}
		errs = append(errs, db.Write(t.Context(), table.Put("p", key, map[string]any{"owner": "o1", "rank": "9"})))
		for _, err := range errs {
			if err != nil {
				if failed++; !table.IsKind(err, table.Unavailable) {
					t.Errorf("page %d: %v", page, err)
				}
			}
		}
		_ = db.Close()
	}
	overwritten(t, filled(t), use)
	if failed == 0 {
		t.Error("no call met an overwritten page")
	}
}

// TestEmptyFile: one that has nothing in it is made anew.
func TestEmptyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ciclo.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, path, ordersSchema())
}
