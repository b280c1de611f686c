package journal_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

const client = "CLIENT#one"

// TestWhatRowsShare: in a shared journal the rows of a day are spread over sixteen counters and
// sixteen entries.
func TestWhatRowsShare(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const n = 320
		j := w.shared(t)
		writers := map[table.Key]int{}
		for range n {
			id, at, err := j.Next("")
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range stepsIn(j, client, id, at, "") {
				writers[s.Key]++
			}
		}
		shared := 0
		for key, times := range writers {
			if times > n/16*3 {
				t.Errorf("%v is written by %d of %d", key, times, n)
			}
			if times > 1 {
				shared++
			}
		}
		if shared > 2*16 {
			t.Errorf("%d items are shared", shared)
		}
	})
}

// TestSharedIsPurgedOnce: although a day has several entries, the purge reads and deletes each
// row once and leaves nothing. A dry run counts each row once, too.
func TestSharedIsPurgedOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const n = 240
		j := w.shared(t)
		owners := neighbours(t, j, 12)
		for i := range n {
			w.nextIn(t, j, owners[i%len(owners)], "")
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

// TestOldRowsStayReadable: a list adds up the counters of a journal with one shard and of one
// with sixteen on the same day, also when a part of the day has expired.
func TestOldRowsStayReadable(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		var ids []string
		last := ""
		for i := range 40 {
			j := w.journal(t)
			if i >= 15 {
				j = w.shared(t)
			}
			last = w.nextIn(t, j, client, last)
			ids = append(ids, last)
			w.Clock.Advance(time.Second)
		}
		if d := cmp.Diff(cut(ids, 0, 50), w.list(t, client, 0, 50)); d != "" {
			t.Errorf("list (-want +got):\n%s", d)
		}
		w.Clock.Set(apitest.Start.AddDate(0, 3, 0).Add(20 * time.Second))
		if d := cmp.Diff(cut(ids[21:], 3, 50), w.list(t, client, 3, 50)); d != "" {
			t.Errorf("list of half a day (-want +got):\n%s", d)
		}
		p, err := retention.NewPurge(w.Deps(), retention.Operations.Name)
		if err != nil {
			t.Fatal(err)
		}
		if report, err := p.Run(t.Context(), retention.Request{}); err != nil || report.Deleted != 21 {
			t.Errorf("purge of half a day: %+v, %v", report, err)
		}
		if d := cmp.Diff(cut(ids[21:], 0, 50), w.list(t, client, 0, 50)); d != "" {
			t.Errorf("list after the purge (-want +got):\n%s", d)
		}
	})
}

// TestSharedListCost: a list reads the counters of all shards without a further query, also on
// the day on which a part of the rows expires.
func TestSharedListCost(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const n = 100
		j := w.shared(t)
		days := map[string]bool{}
		for range n {
			id := w.nextIn(t, j, client, "")
			days[stepsIn(j, client, id, apitest.Start, "")[1].Key.SK] = true
		}
		for _, c := range []struct {
			now          time.Time
			trips, items int
		}{
			{apitest.Start, 2, len(days) + 10},
			{apitest.Start.AddDate(0, 3, 0).Add(-time.Millisecond), 3, len(days) + n + 10},
		} {
			w.Clock.Set(c.now)
			ctx, meter := table.WithMeter(t.Context())
			rows, total, err := journal.List[event](ctx, w.journal(t), client, 0, 10)
			if err != nil || len(rows) != 10 || total != n {
				t.Errorf("%d rows of %d, %v", len(rows), total, err)
			}
			if used := meter.Usage(); used.RoundTrips != c.trips || used.ItemsRead != c.items {
				t.Errorf("at %v: %d round trips, %d items; want %d and %d", c.now, used.RoundTrips, used.ItemsRead, c.trips, c.items)
			}
		}
	})
}
