package journal_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
)

// trail makes a trail.
func (w world) trail(t tester) *journal.Trail {
	t.Helper()
	trail, err := journal.NewTrail(w.Deps())
	if err != nil {
		t.Fatal(err)
	}
	return trail
}

// leave records n rows in a trail, with a gap between them, and returns their ids.
func (w world) leave(t tester, partition string, n int, gap time.Duration) []string {
	t.Helper()
	trail := w.trail(t)
	ids := make([]string, n)
	for i := range ids {
		w.Clock.Advance(gap)
		id, at, err := trail.Next()
		if err != nil {
			t.Fatal(err)
		}
		row := trail.Row(partition, id, at, func(e journal.Expiry) journal.Row { return event{ID: id, Expiry: e} })
		if err := w.DB.Write(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		ids[i] = id
	}
	return ids
}

// follow returns a page of a trail.
func (w world) follow(t tester, partition string, offset, limit int) page {
	t.Helper()
	tally, err := w.DB.Get(t.Context(), journal.TallyKey(partition))
	if err != nil {
		t.Fatal(err)
	}
	rows, total, err := journal.ListTrail[event](t.Context(), w.trail(t), partition, tally, offset, limit)
	if err != nil {
		t.Fatal(err)
	}
	p := page{IDs: []string{}, Total: total}
	for _, row := range rows {
		p.IDs = append(p.IDs, row.ID)
	}
	return p
}

// trailModel is the expected content of a trail.
type trailModel struct {
	tester
	world
	months  int
	records []record     // by id
	saved   []table.Item // what readers have stored, the items of a partition by turns
}

const owner = "CLIENT#one"

// TestTrailModel runs random commands on a trail: rows of trails and of earlier releases, waits, changes
// of the retention, removals by TTL and by the purge, a clock that is set back, and tallies and
// marks that are lost or overwritten by earlier ones. After each command two pages are those of
// the model.
func TestTrailModel(t *testing.T) {
	t.Parallel()
	t.Run("bolt", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(rt *rapid.T) {
			db := engine.Bolt(t, schemas)
			defer db.Close()
			runTrail(rt, world{apitest.New(db, nil)}, rapid.IntRange(1, 20).Draw(rt, "commands"))
		})
	})
}

func runTrail(t *rapid.T, w world, commands int) {
	starts := []string{"2026-11-21T10:00:00Z", "2026-11-30T23:59:00Z", "2028-02-28T23:00:00.5Z"}
	w.Clock.Set(instant(t, rapid.SampledFrom(starts).Draw(t, "start")))
	m := &trailModel{tester: t, world: w, months: retention.MinMonths}
	for range commands {
		do := rapid.SampledFrom([]string{
			"rows", "rows", "rows", "rows", "journal", "wait", "expiry", "expiry", "expiry", "retention", "ttl", "purge", "back", "lost", "earlier",
		}).Draw(t, "do")
		m.do(t, do)
		if do == "ttl" || do == "purge" { // the clock may be set back after that
			m.records = slices.DeleteFunc(m.records, func(r record) bool {
				item, err := w.DB.Get(t.Context(), journal.Key(owner, r.id))
				return err == nil && item == nil
			})
		}
		live := m.liveIDs()
		offset, limit := rapid.IntRange(0, len(live)+2).Draw(t, "offset"), rapid.IntRange(1, 50).Draw(t, "limit")
		for _, p := range [][2]int{{0, 20}, {offset, limit}} {
			if d := cmp.Diff(cut(live, p[0], p[1]), w.follow(t, owner, p[0], p[1])); d != "" {
				t.Fatalf("after %s, at %v: list(%d, %d) (-want +got):\n%s", do, w.Clock.Now(), p[0], p[1], d)
			}
		}
	}
}

func (m *trailModel) liveIDs() (ids []string) {
	for _, r := range m.records {
		if m.Clock.Now().Before(r.expires) {
			ids = append(ids, r.id)
		}
	}
	return ids
}

func (m *trailModel) do(t *rapid.T, do string) {
	switch do {
	case "rows", "journal":
		n := rapid.IntRange(1, 90).Draw(t, "rows")
		gap := rapid.SampledFrom([]time.Duration{0, time.Millisecond, 300 * time.Microsecond, time.Second, time.Minute, time.Hour}).Draw(t, "gap")
		if do == "journal" {
			for range n % 5 {
				m.Clock.Advance(gap)
				m.record(m.nextOfShard(m, owner, n%16))
			}
			return
		}
		for _, id := range m.leave(t, owner, n, gap) {
			m.record(id)
		}
	case "wait":
		m.Clock.Advance(rapid.SampledFrom([]time.Duration{time.Millisecond, 30 * time.Second, time.Minute, day, 28 * day}).Draw(t, "wait"))
	case "expiry":
		m.waitForExpiry(t)
	case "retention":
		m.months = rapid.IntRange(3, 5).Draw(t, "months")
		m.Settings[retention.Setting] = strconv.Itoa(m.months)
	case "back":
		m.Clock.Advance(-rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 5 * time.Hour, 2 * day}).Draw(t, "back"))
		m.saved = nil // facts of a time that has not been yet
	case "purge":
		p, err := retention.NewPurge(m.Deps(), retention.Operations.Name)
		if err == nil {
			_, err = p.Run(m.Context(), retention.Request{})
		}
		if err != nil {
			m.Fatal(err)
		}
	default:
		m.disturb(t, do)
	}
}

// record adds a row that was recorded.
func (m *trailModel) record(id string) {
	m.records = append(m.records, record{id, expiry(timeOf(m, id), m.months)})
	slices.SortFunc(m.records, func(a, b record) int { return strings.Compare(a.id, b.id) })
}

// waitForExpiry moves the clock to the expiry of a live row, or close to it.
func (m *trailModel) waitForExpiry(t *rapid.T) {
	off := rapid.SampledFrom([]time.Duration{-time.Millisecond, -time.Microsecond, 0, time.Millisecond, time.Hour}).Draw(t, "off")
	var ahead []time.Time
	for _, r := range m.records {
		if at := r.expires.Add(off); at.After(m.Clock.Now()) {
			ahead = append(ahead, at)
		}
	}
	if len(ahead) > 0 {
		m.Clock.Set(ahead[rapid.IntRange(0, len(ahead)-1).Draw(t, "nth")])
	}
}

// disturb removes what TTL may remove, or changes what readers have stored.
func (m *trailModel) disturb(t *rapid.T, do string) {
	page, err := m.DB.Query(m.Context(), table.Query{Table: retention.Operations.Name, PK: owner, Consistent: true})
	if err != nil {
		m.Fatal(err)
	}
	for _, item := range page.Items {
		var stored struct {
			SK  string `dynamodbav:"sk"`
			TTL int64  `dynamodbav:"ttl"`
		}
		if err := table.Decode(item, &stored); err != nil {
			m.Fatal(err)
		}
		key := table.Key{Table: retention.Operations.Name, PK: owner, SK: stored.SK}
		kept := strings.HasPrefix(stored.SK, "TALLY")
		if kept {
			m.saved = append(m.saved, item)
		}
		if do == "ttl" && stored.TTL < m.Clock.Now().Unix() || do == "lost" && kept {
			if err := m.DB.Write(m.Context(), table.Delete("x", key)); err != nil {
				m.Fatal(err)
			}
		}
	}
	if do == "earlier" && len(m.saved) > 0 {
		item := m.saved[rapid.IntRange(0, len(m.saved)-1).Draw(t, "which")]
		var at struct {
			SK string `dynamodbav:"sk"`
		}
		if err := table.Decode(item, &at); err != nil {
			m.Fatal(err)
		}
		if err := m.DB.Write(m.Context(), table.Put("x", table.Key{Table: retention.Operations.Name, PK: owner, SK: at.SK}, item)); err != nil {
			m.Fatal(err)
		}
	}
}

// TestTrailSharesNothing: a row is one put, and no two rows have an item in common.
func TestTrailSharesNothing(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		seen := map[table.Key]bool{}
		for _, id := range w.leave(t, owner, 100, 0) {
			seen[journal.Key(owner, id)] = true
		}
		ctx, meter := table.WithMeter(t.Context())
		trail := w.trail(t)
		id, at, err := trail.Next()
		if err != nil {
			t.Fatal(err)
		}
		row := trail.Row(owner, id, at, func(e journal.Expiry) journal.Row { return event{ID: id, Text: strings.Repeat("x", 700), Expiry: e} })
		if err := w.DB.Write(ctx, row); err != nil {
			t.Fatal(err)
		}
		if used := meter.Usage(); len(seen) != 100 || used.WriteUnits != 1 || used.RoundTrips != 1 || used.ItemsRead != 0 {
			t.Errorf("%d rows; another costs %+v", len(seen), used)
		}
	})
}

// TestTrailCosts: once a day is counted, a page costs the same at any offset and with any number
// of rows, also on the day on which a part of the rows expires.
func TestTrailCosts(t *testing.T) {
	t.Parallel()
	const limit = 10
	for _, rows := range []int{500, 10_000} {
		w := world{apitest.New(engine.Bolt(t, schemas), nil)}
		w.leave(t, owner, rows, 23*time.Hour/time.Duration(rows)/2)
		w.Clock.Advance(time.Hour)
		if got := w.follow(t, owner, 0, 1); got.Total != rows {
			t.Fatalf("%d rows are counted, want %d", got.Total, rows)
		}
		end := apitest.Start.AddDate(0, 3, 0) // of the first row
		for _, now := range []time.Time{w.Clock.Now(), end.Add(-time.Hour), end.Add(5 * time.Hour)} {
			w.Clock.Set(now)
			total := w.follow(t, owner, 0, 1).Total
			for _, offset := range []int{0, 100, total / 2, total - limit} {
				ctx, meter := table.WithMeter(t.Context())
				tally, err := w.DB.Get(ctx, journal.TallyKey(owner))
				if err != nil {
					t.Fatal(err)
				}
				page, got, err := journal.ListTrail[event](ctx, w.trail(t), owner, tally, offset, limit)
				if err != nil || got != total || len(page) != limit {
					t.Fatalf("%d of %d, %v", len(page), got, err)
				}
				// The tally, two days' marks, and what two marks have between them.
				if used := meter.Usage(); used.ItemsRead > 3+2*33+limit || used.WriteUnits > 0 {
					t.Errorf("%d rows, %v, offset %d of %d: %+v", rows, now, offset, total, used)
				}
			}
		}
	}
}
