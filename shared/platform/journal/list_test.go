package journal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

const day = 24 * time.Hour

// shows fails unless each page of the list is that of ids, all live ids.
func (w world) shows(t tester, partition string, ids []string) {
	t.Helper()
	for offset := range len(ids) + 2 {
		for limit := 1; limit <= len(ids)+1; limit++ {
			if d := cmp.Diff(cut(ids, offset, limit), w.list(t, partition, offset, limit)); d != "" {
				t.Fatalf("at %v: list(%d, %d) (-want +got):\n%s", w.Clock.Now(), offset, limit, d)
			}
		}
	}
}

func TestEmptyList(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		rows, total, err := journal.List[event](t.Context(), w.journal(t), "OWNER#nobody", 0, 10)
		if err != nil || rows == nil || len(rows) > 0 || total != 0 {
			t.Errorf("list = %#v, %d, %v; want an empty one", rows, total, err)
		}
	})
}

// TestListPages reads pages with every offset and limit, over days, within a day and within a
// millisecond.
func TestListPages(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const ann = "OWNER#ann"
		var ids []string
		last := ""
		for _, wait := range []time.Duration{
			0, 0, time.Millisecond, 14*time.Hour - 2*time.Millisecond, time.Millisecond, 0, day, 20 * day,
			20*day + time.Hour, time.Minute,
		} {
			w.Clock.Advance(wait)
			last = w.next(t, ann, last)
			ids = append(ids, last)
		}
		w.shows(t, ann, ids)
	})
}

// TestListsAreSeparate: partitions have separate lists, also where one key begins with another.
func TestListsAreSeparate(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		partitions := []string{"OWNER#ann", "OWNER#an", "OWNER#ann-2", "CLIENT#ann"}
		ids := make([][]string, len(partitions))
		for i, partition := range partitions {
			last := ""
			for range i + 1 {
				last = w.next(t, partition, last)
				ids[i] = append(ids[i], last)
			}
		}
		for i, partition := range partitions {
			w.shows(t, partition, ids[i])
		}
	})
}

// TestExpiredAreInvisible: rows are hidden from the millisecond they expire, without a purge, on
// days that expire in parts and at month ends that expire together.
func TestExpiredAreInvisible(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const ann = "OWNER#ann"
		recorded := []string{
			"2026-11-28T09:00:00Z", "2026-11-28T09:00:00.001Z", "2026-11-28T21:00:00Z", // expire on 28 February, same time
			"2026-11-29T00:00:00Z", "2026-11-29T12:00:00Z", "2026-11-30T12:00:00Z", // on 1 March, first instant
			"2026-12-01T00:00:00Z", "2026-12-01T00:00:00.001Z", "2026-12-01T12:00:00Z", // on 1 March, same time
			"2026-12-02T00:00:00Z",
		}
		times := make([]time.Time, len(recorded))
		for i, at := range recorded {
			times[i] = instant(t, at)
		}
		ids := w.bulk(t, ann, times...)
		for _, c := range []struct {
			now  string
			gone int
		}{
			{"2026-12-02T00:00:00Z", 0},
			{"2027-02-28T00:00:00Z", 0},
			{"2027-02-28T08:59:59.999999Z", 0},
			{"2027-02-28T09:00:00Z", 1},
			{"2027-02-28T09:00:00.001Z", 2},
			{"2027-02-28T23:59:59.999Z", 3},
			{"2027-03-01T00:00:00Z", 7},
			{"2027-03-01T00:00:00.001Z", 8},
			{"2027-03-01T12:00:00Z", 9},
			{"2027-03-01T23:59:59.999Z", 9},
			{"2027-03-02T00:00:00Z", 10},
		} {
			w.Clock.Set(instant(t, c.now).In(time.FixedZone("", -12*3600))) // days are those of UTC
			w.shows(t, ann, ids[c.gone:])
		}
	})
}

// TestRetentionChanges: rows keep the expiry of their recording when the retention changes. Later
// rows may then expire before earlier ones, also of the same day.
func TestRetentionChanges(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const ann = "OWNER#ann"
		w.Clock.Set(instant(t, "2026-01-10T06:00:00Z"))
		last := ""
		ids := map[string]string{}
		for _, c := range []struct{ name, months string }{
			{"a", "3"}, {"b", "6"}, {"c", "3"}, {"d", "6"}, // an hour apart, on one day
		} {
			w.Settings[retention.Setting] = c.months
			last = w.next(t, ann, last)
			ids[c.name] = last
			w.Clock.Advance(time.Hour)
		}
		for _, c := range []struct{ now, live string }{
			{"2026-04-10T05:59:59.999Z", "abcd"},
			{"2026-04-10T06:00:00Z", "bcd"},
			{"2026-04-10T08:00:00Z", "bd"},
			{"2026-07-10T07:00:00Z", "d"},
			{"2026-07-10T09:00:00Z", ""},
		} {
			w.Clock.Set(instant(t, c.now))
			var live []string
			for _, name := range c.live {
				live = append(live, ids[string(name)])
			}
			w.shows(t, ann, live)
		}
	})
}

// between is a storage that calls do before the n-th query.
type between struct {
	table.DB
	n  int
	do func() error
}

func (b *between) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if b.n--; b.n == 0 {
		if err := b.do(); err != nil {
			return table.Page{}, err
		}
	}
	return b.DB.Query(ctx, q)
}

// TestListWhileAnotherIsRecorded: a row that is recorded between the two queries of a list does
// not push another row off the page.
func TestListWhileAnotherIsRecorded(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const ann = "OWNER#ann"
		first := w.next(t, ann, "")
		var second string
		j := open(t, w.World, &between{DB: w.DB, n: 2, do: func() error { second = w.next(t, ann, first); return nil }})
		rows, total, err := journal.List[event](t.Context(), j, ann, 0, 10)
		if err != nil || len(rows) != 2 || rows[0].ID != second || rows[1].ID != first || total != 2 {
			t.Errorf("list = %+v, %d, %v", rows, total, err)
		}
	})
}

// TestListFailure: the list returns the error of any of its queries.
func TestListFailure(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const ann = "OWNER#ann"
		w.bulk(t, ann, apitest.Start, apitest.Start.Add(time.Hour))
		w.Clock.Set(apitest.Start.AddDate(0, 3, 0)) // the counters, the day that expires, the page
		broken := errors.New("disk on fire")
		for n := 1; n <= 3; n++ {
			j := open(t, w.World, &between{DB: w.DB, n: n, do: func() error { return broken }})
			if _, _, err := journal.List[event](t.Context(), j, ann, 0, 10); !errors.Is(err, broken) {
				t.Errorf("query %d fails: %v", n, err)
			}
		}
	})
}

// TestListCost: a list reads the counters of the days, the page, and the rows that the offset
// skips on the day of the page, for few rows and for many.
func TestListCost(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const days, few, many, limit = 50, 50, 5000, 10
		for partition, n := range map[string]int{"few": few, "many": many} {
			times := make([]time.Time, n)
			from := instant(t, "2026-10-02T01:00:00Z") // every day expires on its counterpart
			for i := range times {
				times[i] = from.Add(time.Duration(i*days/n)*day + time.Duration(i%(n/days))*time.Minute)
			}
			ids := w.bulk(t, partition, times...)
			perDay := n / days
			for _, c := range []struct {
				name                       string
				now                        string
				gone, offset, trips, reads int
			}{
				{"first page", "2026-11-21T10:00:00Z", 0, 0, 2, days + limit},
				{"within a day", "2026-11-21T10:00:00Z", 0, perDay / 2, 2, days + perDay/2 + limit},
				{"in the middle", "2026-11-21T10:00:00Z", 0, n / 2, 2, days + limit},
				{"large offset", "2026-11-21T10:00:00Z", 0, n - 1, 2, days + perDay - 1 + limit},
				{"beyond the end", "2026-11-21T10:00:00Z", 0, n, 1, days},
				{"half of a day expired", "2027-01-02T01:00:00Z", 1, 0, 3, days + perDay + limit},
				{"the last live one", "2027-01-02T01:00:00Z", 1, n - 2, 3, days + 2*perDay + limit},
				{"all but one expired", table.Stamp(times[n-1].AddDate(0, 3, 0).Add(-time.Millisecond)), n - 1, 0, 3, days + perDay + limit},
				{"all expired", "2027-03-20T12:00:00Z", n, 0, 1, days},
			} {
				w.Clock.Set(instant(t, c.now))
				t.Run(fmt.Sprint(partition, "/", c.name), func(t *testing.T) {
					ctx, meter := table.WithMeter(t.Context())
					rows, total, err := journal.List[event](ctx, w.journal(t), partition, c.offset, limit)
					want := cut(ids[c.gone:], c.offset, limit)
					if err != nil || len(rows) != len(want.IDs) || total != want.Total {
						t.Fatalf("%d rows of %d, %v; want %d of %d", len(rows), total, err, len(want.IDs), want.Total)
					}
					if used := meter.Usage(); used.RoundTrips > c.trips || used.ItemsRead > c.reads {
						t.Errorf("%d round trips, %d items read; want at most %d and %d", used.RoundTrips, used.ItemsRead, c.trips, c.reads)
					}
				})
			}
		}
	})
}

// TestListCostWhereMonthsEnd: days that expire together need no query of their own, and rows of
// expired days are not read.
func TestListCostWhereMonthsEnd(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const ann = "OWNER#ann"
		ids := w.bulk(t, ann, instant(t, "2026-11-29T12:00:00Z"), instant(t, "2026-11-30T12:00:00Z"), instant(t, "2026-12-01T12:00:00Z"),
			instant(t, "2026-12-02T12:00:00Z"))
		w.Clock.Set(instant(t, "2027-03-01T06:00:00Z"))
		w.shows(t, ann, ids[2:])
		ctx, meter := table.WithMeter(t.Context())
		if _, _, err := journal.List[event](ctx, w.journal(t), ann, 0, 10); err != nil {
			t.Fatal(err)
		}
		// Four counters, the row of the day that expires, the two live ones.
		if used := meter.Usage(); used.RoundTrips > 3 || used.ItemsRead > 7 {
			t.Errorf("%d round trips, %d items read; want at most 3 and 7", used.RoundTrips, used.ItemsRead)
		}
	})
}

// TestOddCounters: a list fails on counters that cannot be read.
func TestOddCounters(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for partition, c := range map[string]struct {
			sk string
			n  any
		}{
			"no number": {"DAY#2026-11-21#2027-02-21", "many"},
			"no day":    {"DAY#today#2027-02-21", 1},
		} {
			key := table.Key{Table: retention.Operations.Name, PK: partition, SK: c.sk}
			if err := w.DB.Write(t.Context(), table.Update("test", key, table.Changes{Set: map[string]any{"n": c.n}})); err != nil {
				t.Fatal(err)
			}
			if rows, total, err := journal.List[event](t.Context(), w.journal(t), partition, 0, 10); err == nil {
				t.Errorf("%s: %v, %d", partition, rows, total)
			}
		}
	})
}
