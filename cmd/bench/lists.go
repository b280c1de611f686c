package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/listtest"
)

// pageSize is the longest page of a list.
const pageSize = 50

// listed is a list that is measured: how to make one record of it, and where that is stored.
type listed struct {
	name, path string
	caller     api.Identity
	record     table.Key
	partition  string // of its entries
	sizes      []int
}

// benchLists measures warm pages of lists of several sizes: a process that has read the list
// reads what has changed since, and the records of the page.
func benchLists(ctx context.Context, b *bench, s *section) error {
	_, request := b.offer(ctx, "listed", "AUTOMATIC")
	agreement := b.made(ctx, consumer, "/agreements", request)
	b.call(ctx, http.MethodPost, "/agreements/"+agreement+"/submit", "{}")
	var asked struct{ EServiceID string }
	if err := json.Unmarshal([]byte(request), &asked); err != nil {
		return err
	}
	purpose := b.made(ctx, consumer, "/purposes", b.purposeSeed(asked.EServiceID, 1))
	all := []listed{
		{
			"agreements", "/agreements?consumerIds=" + consumer.Subject, consumer, interop.Key("AGREEMENT#"+agreement, "AGREEMENT"),
			"AGREEMENTS#CONSUMER#" + consumer.Subject,
			[]int{100, 10_000, 100_000},
		},
		{
			"purposes", "/purposes?consumerIds=" + consumer.Subject, consumer, interop.Key("PURPOSE#"+purpose, "PURPOSE"),
			"PURPOSES#CONSUMER#" + consumer.Subject,
			[]int{100, 10_000},
		},
		{
			"e-services of all", "/eservices?technology=REST", consumer, interop.Key("ESERVICE#"+asked.EServiceID, "ESERVICE"),
			"ESERVICES",
			[]int{100, 15_159}, // as many as PDND has
		},
	}
	for _, l := range all {
		if err := b.benchList(ctx, s, l); err != nil {
			return err
		}
	}
	return nil
}

// benchList measures one list in all its sizes.
func (b *bench) benchList(ctx context.Context, s *section, l listed) error {
	entry, err := b.entry(ctx, l)
	if err != nil {
		return err
	}
	record, err := b.decoded(ctx, l.record)
	if err != nil {
		return err
	}
	_, id, _ := strings.Cut(l.record.PK, "#")
	copies := func(i int) []string { return []string{id, numbered(0, i)} }
	if err := listtest.Copies(ctx, b.db, map[table.Key]map[string]any{l.record: record}, pageSize, copies); err != nil {
		return err
	}
	var first float64
	stored := 0
	for _, size := range l.sizes {
		more := func(i int) []string { return copies(stored + i) }
		if err := listtest.Copies(ctx, b.db, entry, size-stored, more); err != nil {
			return err
		}
		stored = size
		units, err := b.page(ctx, s, l, size)
		if err != nil {
			return err
		}
		s.reach(goalListUnits, units-pageSize, l.name, fmt.Sprint(size))
		if first == 0 {
			first = units
		}
		if size == l.sizes[len(l.sizes)-1] {
			s.reach(goalListFlat, units/first, l.name, fmt.Sprint("at ", size))
		}
	}
	return nil
}

// page returns the read units of a warm page, and notes what the first page of a process
// takes.
func (b *bench) page(ctx context.Context, s *section, l listed, size int) (units float64, err error) {
	if b.handler, err = api.NewHandler(b.deps(), catalog.Operations()...); err != nil { // another process
		return 0, err
	}
	b.caller = l.caller
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cold, err := b.read(ctx, l.path+"&limit=1")
	if err != nil {
		return 0, err
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	warm, err := b.read(ctx, fmt.Sprintf("%s&limit=%d", l.path, pageSize))
	if err != nil {
		return 0, err
	}
	if warm.ItemsRead != pageSize {
		return 0, fmt.Errorf("a page of %s reads %d items", l.path, warm.ItemsRead)
	}
	s.note("%s, %d entries: warm %d trips, %g units; first page of a process %d trips, %g units; in memory %.1f MB",
		l.name, size, warm.RoundTrips, warm.ReadUnits, cold.RoundTrips, cold.ReadUnits,
		(float64(after.HeapAlloc)-float64(before.HeapAlloc))/1e6)
	return warm.ReadUnits, nil
}

// read makes a call and returns its log line.
func (b *bench) read(ctx context.Context, path string) (l line, err error) {
	b.call(ctx, http.MethodGet, path, "")
	if err := json.Unmarshal(b.log.Bytes(), &l); err != nil || l.Status != http.StatusOK {
		return l, fmt.Errorf("GET %s: %d %s %w", path, l.Status, l.Problem, err)
	}
	return l, nil
}

// entry returns the last entry of a list, which is empty afterwards.
func (b *bench) entry(ctx context.Context, l listed) (last map[table.Key]map[string]any, err error) {
	q := table.Query{Table: l.record.Table, PK: l.partition, From: "@", To: "A", Consistent: true}
	err = table.All(ctx, b.db, q, func(item table.Item) error {
		key := interop.Key(l.partition, table.Text(item, table.SK))
		entry, err := table.As[map[string]any](item)
		if err != nil {
			return err
		}
		last = map[table.Key]map[string]any{key: *entry}
		return b.db.DeleteAll(ctx, []table.Key{key})
	})
	if err == nil && last == nil {
		err = fmt.Errorf("%s is empty", l.partition)
	}
	return last, err
}

// decoded reads an item.
func (b *bench) decoded(ctx context.Context, key table.Key) (map[string]any, error) {
	item, err := b.db.Get(ctx, key)
	if err != nil || item == nil {
		return nil, fmt.Errorf("%v: %w", key, err)
	}
	all, err := table.As[map[string]any](item)
	if err != nil {
		return nil, err
	}
	return *all, nil
}
