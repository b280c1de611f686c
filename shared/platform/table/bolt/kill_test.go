package bolt_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// The variables by which a test starts its own binary as a process that it kills.
const (
	killFile = "CICLO_BOLT_KILLED_FILE"
	killWork = "CICLO_BOLT_KILLED_WORK"
)

const killWriters = 4

// TestKilledProcess is the process that tests kill; it does nothing in another one.
func TestKilledProcess(t *testing.T) {
	path := os.Getenv(killFile)
	switch os.Getenv(killWork) {
	case "write":
		db, err := bolt.OpenLimited(path, []table.Schema{ordersSchema()}, 0, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var writers sync.WaitGroup
		for w := range killWriters {
			writers.Go(func() { writeForEver(t, db, w) })
		}
		writers.Wait()
	case "build":
		err := bolt.BuildPart(path, ordersSchema(), 1<<20, 2, func() { fmt.Println("done") })
		t.Fatal("the build ended before it was killed", err)
	}
}

// writeForEver moves the item of a writer from owner to owner, adds one beside it, and says
// which write was acknowledged.
func writeForEver(t *testing.T, db *bolt.DB, writer int) {
	for n := 0; ; n++ {
		sk := fmt.Sprintf("%d-%06d", writer, n)
		err := db.Write(t.Context(),
			table.Put("moved", order(fmt.Sprint("moved-", writer)), map[string]any{"owner": fmt.Sprintf("owner-%d", n%3), "rank": sk, "note": sk}),
			table.Put("added", order(sk), map[string]any{"owner": "all", "rank": sk, "note": sk}))
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Println("done", sk)
	}
}

// killed starts the work on a file in a process of its own, kills the process after that many
// lines about what it did, and returns these and those that it wrote until then.
func killed(t *testing.T, path, work string, lines int) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledProcess$")
	cmd.Env = append(os.Environ(), killFile+"="+path, killWork+"="+work)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []string
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil { // a last line may have been cut off
			if err != io.EOF {
				t.Error(err)
			}
			break
		}
		if did, own := strings.CutPrefix(line, "done"); own {
			all = append(all, strings.TrimSpace(did))
		}
		if len(all) == lines {
			_ = cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err == nil || len(all) < lines {
		t.Fatalf("the process ended with %v after %q", err, all)
	}
	return all
}

// TestKilledWhileWriting: after kill -9 the file has every write that was acknowledged, each
// whole, with an index that says the same, and the changes for the feed.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data.db")
	acknowledged := killed(t, path, "write", 50)
	acknowledged = append(acknowledged, killed(t, path, "write", 200)...) // a file that was not closed
	db := open(t, path, ordersSchema())
	items := query(t, db, table.Query{Table: "orders", PK: "p", Consistent: true}).Items
	stored := skOf(items)
	for _, sk := range acknowledged {
		if !slices.Contains(stored, sk) {
			t.Errorf("%s was acknowledged and is gone", sk)
		}
	}
	checkIndex(t, db, items)
	checkMoved(t, items)
}

// checkIndex compares the index by owner with all the items.
func checkIndex(t *testing.T, db *bolt.DB, items []table.Item) {
	t.Helper()
	var got, want []string
	for _, owner := range []string{"all", "owner-0", "owner-1", "owner-2"} {
		for _, item := range query(t, db, table.Query{Table: "orders", Index: "by-owner", PK: owner}).Items {
			got = append(got, fmt.Sprintln(owner, skOf([]table.Item{item}), noteOf(t, item)))
		}
	}
	for _, item := range items {
		var v struct {
			Owner string `dynamodbav:"owner"`
		}
		if err := table.Decode(item, &v); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintln(v.Owner, skOf([]table.Item{item}), noteOf(t, item)))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the index has %q, want %q", got, want)
	}
}

// checkMoved: what a writer moved last is what it added last.
func checkMoved(t *testing.T, items []table.Item) {
	t.Helper()
	moved, added := map[string]string{}, map[string]bool{}
	for _, item := range items {
		sk := skOf([]table.Item{item})[0]
		if writer, own := strings.CutPrefix(sk, "moved-"); own {
			moved[writer] = noteOf(t, item)
		} else {
			added[sk] = true
		}
	}
	for writer := range killWriters {
		last := moved[strconv.Itoa(writer)]
		if last != "" && !added[last] {
			t.Errorf("writer %d: %s was moved and not added", writer, last)
		}
	}
}

// TestKilledWhileBuilding: after kill -9 between two transactions of a build, or in one, the
// next opening makes the index whole.
func TestKilledWhileBuilding(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data.db")
	plain := ordersSchema()
	plain.Indexes = nil
	db := open(t, path, plain)
	for i := range 40 {
		var steps []table.Step
		for j := range table.MaxSteps {
			sk := fmt.Sprintf("%02d-%02d", i, j)
			steps = append(steps, table.Put(sk, order(sk), map[string]any{"owner": "all", "rank": sk, "note": sk}))
		}
		write(t, db, steps...)
	}
	shut(t, db)
	killed(t, path, "build", 20)
	db = open(t, path, ordersSchema())
	checkIndex(t, db, query(t, db, table.Query{Table: "orders", PK: "p", Consistent: true}).Items)
}
