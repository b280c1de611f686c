package journal_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

const client = "CLIENT#one"

// nextOfShard records an event as releases did that had sixteen counters and sixteen entries of the
// purge's queue for each day, and returns its id.
func (w world) nextOfShard(t tester, partition string, shard int) string {
	t.Helper()
	id, at, err := w.journal(t).Next("")
	if err != nil {
		t.Fatal(err)
	}
	steps := w.steps(t, partition, id, at, "")
	suffix := fmt.Sprintf("#%02d", shard)
	steps[1].Key.SK += suffix
	steps[2].Key.SK += suffix
	steps[2].Do.Set["marker"] = steps[1].Key.SK
	if err := w.DB.Write(t.Context(), steps...); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestSharedIsPurgedOnce: although a day has several entries, the purge reads and deletes each
// row once and leaves nothing. A dry run counts each row once, too.
func TestSharedIsPurgedOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const n = 240
		j := w.journal(t)
		owners := neighbours(t, j, 12)
		for i := range n {
			w.nextOfShard(t, owners[i%len(owners)], i/len(owners)%16)
			w.Clock.Advance(time.Minute)
		}
		w.Clock.Set(apitest.Start.AddDate(0, 3, 1))
		tap := &hooked.DB{DB: w.DB}
		var seen purged
		tap.Set(seen.see)
		deps := w.Deps()
		deps.DB = tap
		p, err := retention.NewPurge(deps, retention.Operations.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, dry := range []bool{true, false} {
			seen.rows = 0
			report, err := p.Run(t.Context(), retention.Request{DryRun: dry})
			if err != nil || report.Deleted != n || report.Scanned != n || seen.rows != n || !report.Done {
				t.Errorf("dry: %t: %+v, %v; %d rows read", dry, report, err, seen.rows)
			}
		}
		for key, times := range seen.removed {
			if times != 1 {
				t.Errorf("%v is deleted %d times", key, times)
			}
		}
		for _, pk := range append(owners, queueOf(t, j, client)) {
			page, err := w.DB.Query(t.Context(), table.Query{Table: retention.Operations.Name, PK: pk, Consistent: true})
			if err != nil || len(page.Items) > 0 {
				t.Errorf("left in %s: %v, %v", pk, page.Items, err)
			}
		}
	})
}

// purged counts the rows of clients that a purge reads, and how often it deletes each item.
type purged struct {
	mu      sync.Mutex
	rows    int
	removed map[table.Key]int
}

// see is a hook.
func (p *purged) see(c *hooked.Call) error {
	err := c.Run()
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.Query != nil && strings.HasPrefix(c.Query.PK, client) {
		p.rows += len(c.Page.Items)
	}
	for _, s := range c.Steps {
		if s.Verb != table.DeleteItem {
			continue
		}
		if p.removed == nil {
			p.removed = map[table.Key]int{}
		}
		p.removed[s.Key]++
	}
	return err
}

// neighbours returns n owners with entries in one partition of the purge's queue. With enough of
// them a page of the queue ends within a batch.
func neighbours(t tester, j *journal.Journal, n int) (owners []string) {
	t.Helper()
	for name := client; len(owners) < n; name += "-" {
		if queueOf(t, j, name) == queueOf(t, j, client) {
			owners = append(owners, name)
		}
	}
	return owners
}

// queueOf returns the partition of the purge's queue with an owner's entries.
func queueOf(t tester, j *journal.Journal, partition string) string {
	return stepsIn(j, partition, idAt(t, apitest.Start, 1), apitest.Start, "")[2].Key.PK
}
