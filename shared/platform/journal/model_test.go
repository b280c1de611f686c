package journal_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
)

// command is a change of a world. A page is compared with the model after it.
type command struct {
	Do            string
	Owner         int             // append
	Gaps          []time.Duration // append: one row after each
	Wait          time.Duration   // wait
	Nth           int             // expiry: index of the live row
	Off           time.Duration   // expiry: how far from that instant
	Months        int             // retention
	Offset, Limit int
}

// script is a sequence of commands.
type script struct {
	Start    time.Time
	Commands []command
}

var waits = []time.Duration{time.Millisecond, time.Second, time.Hour, 11 * time.Hour, day, 3 * day, 17 * day, 31 * day}

// scripts begins anywhere within four years, often where months end.
var scripts = rapid.Custom(func(t *rapid.T) script {
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 4*365*24).Draw(t, "hour")) * time.Hour)
	if rapid.Bool().Draw(t, "monthEnd") {
		start = time.Date(start.Year(), start.Month()+1, 1, 0, 0, 0, 0,
			time.UTC).Add(-time.Duration(rapid.IntRange(1, 60).Draw(t, "hoursBefore")) * time.Hour)
	}
	return script{Start: start, Commands: rapid.SliceOfN(commands, 1, 25).Draw(t, "commands")}
})

var commands = rapid.Custom(func(t *rapid.T) command {
	return command{
		Do: rapid.SampledFrom([]string{"append", "append", "append", "wait", "expiry", "expiry", "purge", "dryRun", "retention"}).Draw(t,
			"do"),
		Owner:  rapid.IntRange(0, 1).Draw(t, "owner"),
		Gaps:   rapid.SliceOfN(rapid.SampledFrom([]time.Duration{0, 0, time.Millisecond, time.Minute, 5 * time.Hour, day}), 1, 4).Draw(t, "gaps"),
		Wait:   time.Duration(rapid.IntRange(1, 3).Draw(t, "times")) * rapid.SampledFrom(waits).Draw(t, "wait"),
		Nth:    rapid.IntRange(0, 20).Draw(t, "nth"),
		Off:    rapid.SampledFrom([]time.Duration{-time.Millisecond, -time.Microsecond, 0, time.Millisecond}).Draw(t, "off"),
		Months: rapid.SampledFrom([]int{3, 3, 4, 6}).Draw(t, "months"),
		Offset: rapid.IntRange(0, 12).Draw(t, "offset"),
		Limit:  rapid.IntRange(1, 50).Draw(t, "limit"),
	}
})

// record is a row as the model knows it.
type record struct {
	id      string
	expires time.Time
}

// model is the expected state of a world: the rows of each owner, oldest first, without those
// that a purge has removed.
type model struct {
	tester
	world
	months  int
	last    [2]string
	records [2][]record
}

// TestModel runs random commands. Afterwards each page is that of the model, and each purge
// removes the expired rows.
func TestModel(t *testing.T) {
	t.Parallel()
	t.Run("bolt", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(rt *rapid.T) {
			s := scripts.Draw(rt, "script")
			db := engine.Bolt(t, schemas)
			defer db.Close()
			s.run(rt, world{apitest.New(db, nil)})
		})
	})
	for seed := range 5 {
		config, ok := engine.Config(t, schemas)
		if !ok {
			return
		}
		t.Run(fmt.Sprint("dynamodb-", seed), func(t *testing.T) {
			t.Parallel()
			scripts.Example(seed).run(t, world{apitest.New(engine.Dynamo(t, config), nil)})
		})
	}
}

func (s script) run(t tester, w world) {
	w.Clock.Set(s.Start)
	m := &model{tester: t, world: w, months: retention.MinMonths}
	for _, c := range s.Commands {
		m.do(c)
		for owner := range m.records {
			live := m.live(owner)
			for _, p := range [][2]int{{0, 50}, {c.Offset, c.Limit}} {
				if d := cmp.Diff(cut(live, p[0], p[1]), w.list(t, m.partition(owner), p[0], p[1])); d != "" {
					t.Fatalf("after %+v, at %v: list(%d, %d) of owner %d (-want +got):\n%s", c, w.Clock.Now(), p[0], p[1], owner, d)
				}
			}
		}
	}
}

func (m *model) partition(owner int) string { return fmt.Sprint("OWNER#", owner) }

// live returns the ids of an owner's rows that have not expired.
func (m *model) live(owner int) (ids []string) {
	for _, r := range m.records[owner] {
		if m.Clock.Now().Before(r.expires) {
			ids = append(ids, r.id)
		}
	}
	return ids
}

func (m *model) do(c command) {
	switch c.Do {
	case "append":
		for _, gap := range c.Gaps {
			m.Clock.Advance(gap)
			m.add(c)
		}
	case "wait":
		m.Clock.Advance(c.Wait)
	case "expiry":
		m.wait(c)
	case "retention":
		m.Settings[retention.Setting] = strconv.Itoa(c.Months)
		m.months = c.Months
	default:
		m.purge(c.Do == "dryRun")
	}
}

func (m *model) add(c command) {
	owner := c.Owner
	j := m.journal(m)
	id := m.nextIn(m, j, m.partition(owner), m.last[owner])
	m.last[owner] = id
	at, err := ulid.ParseStrict(id)
	if err != nil {
		m.Fatal(err)
	}
	m.records[owner] = append(m.records[owner], record{id, expiry(at.Timestamp().UTC(), m.months)})
}

// expiry computes the expiry of retention.Policy in another way, with the overflow of time.Date.
func expiry(at time.Time, months int) time.Time {
	year, month, day := at.Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	same := time.Date(year, month+time.Month(months), day, 0, 0, 0, 0, time.UTC)
	if same.Day() != day {
		return same.AddDate(0, 0, 1-same.Day())
	}
	return same.Add(at.Sub(midnight))
}

// wait moves the clock to the expiry of a live row, or close to it.
func (m *model) wait(c command) {
	var ahead []time.Time
	for _, r := range slices.Concat(m.records[:]...) {
		if at := r.expires.Add(c.Off); at.After(m.Clock.Now()) {
			ahead = append(ahead, at)
		}
	}
	if len(ahead) > 0 {
		m.Clock.Set(ahead[c.Nth%len(ahead)])
	}
}

func (m *model) purge(dry bool) {
	expired := 0
	for owner, records := range m.records {
		live := len(m.live(owner))
		expired += len(records) - live
		if !dry {
			m.records[owner] = slices.DeleteFunc(records, func(r record) bool { return !m.Clock.Now().Before(r.expires) })
		}
	}
	p, err := retention.NewPurge(m.Deps(), retention.Operations.Name)
	if err != nil {
		m.Fatal(err)
	}
	rep, err := p.Run(m.Context(), retention.Request{DryRun: dry})
	if err != nil || rep.Deleted != expired || !rep.Done {
		m.Fatalf("at %v: purge = %+v, %v; want %d deleted", m.Clock.Now(), rep, err, expired)
	}
}
