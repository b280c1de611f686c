package journal_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// TestStored: what a row, the counter of its day and the purge's entry look like,
// to the attribute: all that is stored already does.
func TestStored(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.Settings[retention.Setting] = "4"
		at := instant(t, "2026-11-30T10:00:00.999Z")
		id := idAt(t, at, 1)
		steps := w.steps(t, "OWNER#ann", id, at, "hello")
		if len(steps) != journal.StepsPerRow {
			t.Errorf("%d steps", len(steps))
		}
		if err := w.DB.Write(t.Context(), steps...); err != nil {
			t.Fatal(err)
		}
		second := idAt(t, at.Add(time.Second), 1)
		if err := w.DB.Write(t.Context(), w.steps(t, "OWNER#ann", second, at.Add(time.Second), "")...); err != nil {
			t.Fatal(err)
		}
		for i, want := range []struct {
			label, pk, sk string
			attributes    map[string]any
		}{
			{"operation", "OWNER#ann", "OP#" + id, map[string]any{
				"eventId": id, "text": "hello", "expiresAt": "2027-03-30T10:00:00.999Z", "ttl": seconds(t, "2027-03-31T10:00:01Z"),
			}},
			{"operation-day", "OWNER#ann", "DAY#2026-11-30#2027-03-30", map[string]any{
				"n": 2.0, "ttl": seconds(t, "2027-04-01T10:00:02Z"),
			}},
			{"operation-purge", steps[2].Key.PK, "2027-03-30#OWNER#ann#2026-11-30", map[string]any{
				"partition": "OWNER#ann", "marker": "DAY#2026-11-30#2027-03-30", "next": "2027-03-30T10:00:00.999Z",
				"from": "OP#" + idAt(t, instant(t, "2026-11-30T00:00:00Z"), 0),
				"to":   "OP#" + idAt(t, instant(t, "2026-12-01T00:00:00Z").Add(-time.Millisecond), 0)[:10] + "ZZZZZZZZZZZZZZZZ",
				"ttl":  seconds(t, "2027-04-29T10:00:01Z"),
			}},
		} {
			key := table.Key{Table: retention.Operations.Name, PK: want.pk, SK: want.sk}
			if steps[i].Label != want.label || steps[i].Key != key {
				t.Errorf("step %s of %v, want %s of %v", steps[i].Label, steps[i].Key, want.label, key)
			}
			item, err := w.DB.Get(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			want.attributes[table.PK], want.attributes[table.SK] = want.pk, want.sk
			var got map[string]any
			if err := table.Decode(item, &got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want.attributes, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", want.label, d)
			}
		}
		if k := journal.Key("OWNER#ann", id); k != steps[0].Key {
			t.Errorf("Key = %v", k)
		}
	})
}

// seconds is an instant as rows have it.
func seconds(t tester, at string) float64 { return float64(instant(t, at).Unix()) }

// TestReadsWhatWasAppended: Get and List return a row as it was.
func TestReadsWhatWasAppended(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		at := apitest.Start
		want := event{ID: idAt(t, at, 1), Text: "hello"}
		if err := w.DB.Write(t.Context(), w.steps(t, "OWNER#ann", want.ID, at, want.Text)...); err != nil {
			t.Fatal(err)
		}
		want.Expiry = journal.Expiry{ExpiresAt: "2027-02-21T10:00:00.000Z", TTL: instant(t, "2027-02-22T10:00:00Z").Unix()}
		got, found, err := journal.Get[event](t.Context(), w.journal(t), "OWNER#ann", want.ID)
		if got != want || !found || err != nil {
			t.Errorf("Get = %+v, %t, %v; want %+v", got, found, err, want)
		}
		rows, total, err := journal.List[event](t.Context(), w.journal(t), "OWNER#ann", 0, 10)
		if len(rows) != 1 || rows[0] != want || total != 1 || err != nil {
			t.Errorf("List = %+v, %d, %v; want %+v", rows, total, err, want)
		}
	})
}

// TestAppendTwice: an id is recorded once and counted once.
func TestAppendTwice(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		id := idAt(t, apitest.Start, 1)
		if err := w.DB.Write(t.Context(), w.steps(t, "OWNER#ann", id, apitest.Start, "first")...); err != nil {
			t.Fatal(err)
		}
		refused := table.AsRefused(w.DB.Write(t.Context(), w.steps(t, "OWNER#ann", id, apitest.Start, "second")...))
		if refused == nil {
			t.Fatal("not refused")
		}
		if _, ok := refused.By(journal.LabelRow); !ok || len(refused.Steps) != 1 {
			t.Errorf("refused: %v", refused)
		}
		w.shows(t, "OWNER#ann", []string{id})
	})
}

// TestGetIsExactToTheMillisecond: a row is there before the instant it expires and
// not from then on, in its partition alone.
func TestGetIsExactToTheMillisecond(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		id := w.next(t, "OWNER#ann", "")
		for at, want := range map[string]bool{
			"2026-11-21T10:00:00Z": true, "2027-02-21T09:59:59.999999Z": true, "2027-02-21T10:00:00Z": false, "2028-01-01T00:00:00Z": false,
		} {
			w.Clock.Set(instant(t, at))
			row, found, err := journal.Get[event](t.Context(), w.journal(t), "OWNER#ann", id)
			if err != nil || found != want || (row != event{}) != want {
				t.Errorf("at %s: %+v, %t, %v", at, row, found, err)
			}
		}
		w.Clock.Set(apitest.Start)
		for _, other := range []journalKey{{"OWNER#bob", id}, {"OWNER#an", id}, {"OWNER#ann", id + "0"}, {"OWNER#ann", id[:25]}} {
			if row, found, err := journal.Get[event](t.Context(), w.journal(t), other.partition, other.id); found || err != nil || row != (event{}) {
				t.Errorf("%v: %+v, %t, %v", other, row, found, err)
			}
		}
	})
}

type journalKey struct{ partition, id string }

// TestCosts: an append reads nothing, and a row is one read.
func TestCosts(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx, meter := table.WithMeter(t.Context())
		id := idAt(t, apitest.Start, 1)
		steps := w.steps(t, "OWNER#ann", id, apitest.Start, "")
		if err := w.DB.Write(ctx, steps...); err != nil {
			t.Fatal(err)
		}
		if used := meter.Usage(); used.RoundTrips != 1 || used.ItemsRead != 0 {
			t.Errorf("append: %+v", used)
		}
		ctx, meter = table.WithMeter(t.Context())
		if _, found, err := journal.Get[event](ctx, w.journal(t), "OWNER#ann", id); !found || err != nil {
			t.Fatal(found, err)
		}
		if used := meter.Usage(); used.RoundTrips != 1 || used.ItemsRead != 1 {
			t.Errorf("get: %+v", used)
		}
	})
}

// TestManyAppendAtOnce: to one partition, each in a transaction of its own and
// none knowing of another: every row is there once and counted once.
func TestManyAppendAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const n = 64
		ids := make([]string, n)
		start := make(chan struct{})
		var racing sync.WaitGroup
		for i := range n {
			j := w.journal(t)
			racing.Go(func() {
				<-start
				id, at, err := j.Next("")
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = id
				steps := j.RowSteps("CLIENT#one", id, at, func(expiry journal.Expiry) journal.Row { return event{ID: id, Expiry: expiry} })
				if err := w.DB.Write(t.Context(), steps...); err != nil {
					t.Errorf("append %d: %v", i, err)
				}
			})
		}
		close(start)
		racing.Wait()
		slices.Sort(ids)
		if d := cmp.Diff(cut(ids, 0, n), w.list(t, "CLIENT#one", 0, n)); d != "" {
			t.Errorf("list (-want +got):\n%s", d)
		}
		if d := cmp.Diff(cut(ids, 40, 10), w.list(t, "CLIENT#one", 40, 10)); d != "" {
			t.Errorf("page (-want +got):\n%s", d)
		}
	})
}

// TestOutOfOrder: a row that is recorded after a later one has its place by time,
// and is gone when it expires; the purge removes it with the other, at the latest.
func TestOutOfOrder(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const one = "CLIENT#one"
		early, late := apitest.Start, apitest.Start.Add(5*time.Millisecond)
		ids := []string{idAt(t, early, 1), idAt(t, late, 1)}
		for i, at := range []time.Time{late, early} {
			if err := w.DB.Write(t.Context(), w.steps(t, one, ids[1-i], at, "")...); err != nil {
				t.Fatal(err)
			}
		}
		w.shows(t, one, ids)
		deleted := 0
		for _, c := range []struct {
			now  string
			live []string
			gone int // removed by then, at least
		}{
			{"2027-02-21T09:59:59.999Z", ids, 0},
			{"2027-02-21T10:00:00Z", ids[1:], 0},
			{"2027-02-21T10:00:00.005Z", nil, 2},
		} {
			w.Clock.Set(instant(t, c.now))
			w.shows(t, one, c.live)
			p, err := retention.NewPurge(w.Deps(), retention.Operations.Name)
			if err != nil {
				t.Fatal(err)
			}
			report, err := p.Run(t.Context(), retention.Request{})
			if deleted += report.Deleted; err != nil || deleted < c.gone || deleted > len(ids)-len(c.live) {
				t.Errorf("at %s: purge = %+v, %v; %d removed so far", c.now, report, err, deleted)
			}
			w.shows(t, one, c.live)
		}
	})
}

// broken is a storage that gets nothing.
type broken struct{ table.DB }

var errBroken = errors.New("disk on fire")

func (broken) Get(context.Context, table.Key) (table.Item, error) { return nil, errBroken }

// TestGetFailure: what storage fails with, and a row that is not one of these, are
// errors, never the answer that there is none.
func TestGetFailure(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		if _, found, err := journal.Get[event](t.Context(), open(t, w.World, broken{}), "OWNER#ann", "any"); found || !errors.Is(err, errBroken) {
			t.Errorf("broken: %t, %v", found, err)
		}
		id := w.next(t, "OWNER#ann", "")
		odd := table.Update("test", journal.Key("OWNER#ann", id), table.Changes{Set: map[string]any{"text": map[string]int{"a": 1}}})
		if err := w.DB.Write(t.Context(), odd); err != nil {
			t.Fatal(err)
		}
		if row, found, err := journal.Get[event](t.Context(), w.journal(t), "OWNER#ann", id); found || row != (event{}) || !table.IsKind(err, table.Invalid) {
			t.Errorf("odd row: %+v, %t, %v", row, found, err)
		}
		if rows, _, err := journal.List[event](t.Context(), w.journal(t), "OWNER#ann", 0, 10); len(rows) > 0 || !table.IsKind(err, table.Invalid) {
			t.Errorf("odd row in a list: %+v, %v", rows, err)
		}
	})
}
