package eservice_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// store is the store of the platform's own work, for which nobody calls.
func (w *world) store() *eservice.Store {
	w.Helper()
	s, err := eservice.NewStore(w.Deps())
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) retire(path string) {
	w.Helper()
	if err := w.store().Retire(w.Context(), idOf(path)); err != nil {
		w.Error(err)
	}
}

// load reads an e-service as other packages do.
func (w *world) load(path string) eservice.Catalogue {
	w.Helper()
	c, err := eservice.Load(w.Context(), w.tap, idOf(path))
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// are compares the versions with "<version> <state>".
func (w *world) are(what, path string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.states(producer, path)); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestSupersededByUse publishes a version beside one that is used, no longer used,
// or never was.
func TestSupersededByUse(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, c := range []struct {
			suspended bool
			uses      []int64
			want      string
		}{
			{false, nil, "ARCHIVED"},
			{false, []int64{1, -1}, "ARCHIVED"},
			{false, []int64{1}, "DEPRECATED"},
			{false, []int64{1, 2, -1}, "DEPRECATED"},
			{true, nil, "ARCHIVED"},
			{true, []int64{2, -2}, "ARCHIVED"},
			{true, []int64{2, -1}, "SUSPENDED"},
		} {
			path, first := w.public(nil)
			for _, by := range c.uses {
				w.use(path, 1, by)
			}
			if c.suspended {
				w.move(first, "suspend")
			}
			now := w.now(1)
			w.move(w.draft(path), "publish")
			what := fmt.Sprintf("suspended: %t, used %v", c.suspended, c.uses)
			w.are(what, path, "1 "+c.want, "2 PUBLISHED")
			if stamp := map[string]string{"ARCHIVED": "archivedAt", "DEPRECATED": "deprecatedAt"}[c.want]; stamp != "" && w.call("GET", first, "").Text(stamp) != now {
				w.Errorf("%s: %s", what, w.call("GET", first, "").Raw)
			}
			w.auditOwn(path)
		}
	})
}

// TestUseByVersion uses versions with one and with two digits: each count is its own.
func TestUseByVersion(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, _ := w.public(nil)
		want := []string{"1 DEPRECATED"}
		w.use(path, 1, 1)
		for n := int64(2); n <= 11; n++ {
			w.move(w.draft(path), "publish")
			want = append(want, fmt.Sprint(n, " ", []string{"ARCHIVED", "DEPRECATED"}[n%2]))
			w.use(path, n, n%2)
		}
		w.move(w.draft(path), "publish")
		w.are("every second version is used", path, append(want, "12 PUBLISHED")...)
		c := w.load(path)
		for _, d := range c.Descriptors {
			if c.IsInUse(d) != (d.Number%2 == 1) || c.Find(d.ID) != d {
				w.Errorf("version %d is in use: %t", d.Number, c.IsInUse(d))
			}
		}
		w.draft(path)
		if c = w.load(path); c.Latest().Number != 12 || c.Find(uuid.NewString()) != nil || c.EService.ID != idOf(path) || len(c.Descriptors) != 13 {
			w.Errorf("loaded %v of %d", c.Latest(), len(c.Descriptors))
		}
		if c = w.load(nobody()); c.EService != nil || c.Descriptors != nil || c.Latest() != nil {
			w.Errorf("of nothing there is %v", c)
		}
		w.audit(path)
	})
}

// TestRetire archives what is deprecated and no longer used, once, and nothing else.
func TestRetire(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := w.public(nil)
		for n := int64(1); n <= 3; n++ {
			w.use(path, n, 1)
			w.move(w.draft(path), "publish")
		}
		w.use(path, 4, 1)
		w.use(path, 4, -1)
		w.draft(path)
		before := w.records(path)
		w.retire(path)
		w.unchanged(path, before)
		w.use(path, 1, -1)
		w.use(path, 3, -1)
		now, version := w.now(1), w.version(path)
		w.retire(path)
		w.are("after retiring", path, "1 ARCHIVED", "2 DEPRECATED", "3 ARCHIVED", "4 PUBLISHED", "5 DRAFT")
		if got := w.call("GET", first, "").Text("archivedAt"); got != now || w.version(path) != version+1 {
			w.Errorf("archived at %s by %d changes", got, w.version(path)-version)
		}
		before = w.records(path)
		w.tap.Set(func(c *call) error {
			if c.Writes() {
				w.Error("what is retired is written again")
			}
			return c.Run()
		})
		w.retire(path)
		w.retire(nobody())
		w.tap.Set(nil)
		w.unchanged(path, before)
		w.audit(path)
	})
}

// TestRetireAfterSuspension: what is suspended waits until it is unsuspended.
func TestRetireAfterSuspension(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := w.public(nil)
		w.use(path, 1, 1)
		w.move(w.draft(path), "publish")
		w.move(first, "suspend")
		w.use(path, 1, -1)
		w.retire(path)
		w.are("suspended", path, "1 SUSPENDED", "2 PUBLISHED")
		if got := w.move(first, "unsuspend").Text("state"); got != "DEPRECATED" {
			w.Errorf("unsuspended it is %s", got)
		}
		w.retire(path)
		w.are("unsuspended", path, "1 ARCHIVED", "2 PUBLISHED")
		w.audit(path)
	})
}

// TestBrokenRetire fails every call of retiring, which is not done or done, and can
// be repeated.
func TestBrokenRetire(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for k := range 2 {
			for _, after := range []bool{false, true} {
				path, _ := w.public(nil)
				w.use(path, 1, 1)
				w.move(w.draft(path), "publish")
				w.use(path, 1, -1)
				version := w.version(path)
				w.tap.Set(hooked.Broken(k, after))
				if err := w.store().Retire(w.Context(), idOf(path)); !table.IsKind(err, table.Unavailable) {
					w.Errorf("call %d lost: %v", k, err)
				}
				w.tap.Set(nil)
				want := "1 DEPRECATED"
				if k == 1 && after {
					want = "1 ARCHIVED"
				}
				w.are("a call is lost", path, want, "2 PUBLISHED")
				w.retire(path)
				w.are("repeated", path, "1 ARCHIVED", "2 PUBLISHED")
				if got := w.version(path); got != version+1 {
					w.Errorf("retired by %d changes", got-version)
				}
				w.auditOwn(path)
			}
		}
	})
}

// TestManyVersions settles more versions than fit into one transaction: retiring
// goes on, what publishing leaves suspended is archived with the next one.
func TestManyVersions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		count := func(path string) map[string]int {
			count := map[string]int{}
			for _, d := range w.items("ESERVICE#" + idOf(path)) {
				if d["number"] != nil {
					count[fmt.Sprint(d["state"])]++
				}
			}
			return count
		}
		path, first := w.public(nil)
		w.put(first, "DEPRECATED")
		w.copies(path, 90)
		w.retire(path)
		w.came("retiring 90", count(path), map[string]int{"ARCHIVED": 90})
		path, first = w.public(nil)
		w.put(first, "SUSPENDED")
		w.copies(path, 90)
		w.move(w.draft(path), "publish")
		w.came("publishing beside 90", count(path), map[string]int{"ARCHIVED": 30, "SUSPENDED": 60, "PUBLISHED": 1})
		w.move(w.draft(path), "publish")
		w.came("publishing again", count(path), map[string]int{"ARCHIVED": 60, "SUSPENDED": 31, "PUBLISHED": 1})
	})
}

// copies makes versions like the first one, n in all.
func (w *world) copies(path string, n int) {
	w.Helper()
	pk := "ESERVICE#" + idOf(path)
	first := w.items(pk)["DESCRIPTOR#000001"]
	delete(first, table.PK)
	delete(first, table.SK)
	for number := 2; number <= n; number += 50 {
		var steps []table.Step
		for i := number; i < number+50 && i <= n; i++ {
			first["number"], first["id"] = i, uuid.NewString()
			item, err := table.Encode(first)
			if err != nil {
				w.Fatal(err)
			}
			steps = append(steps, table.Put(fmt.Sprint(i), table.Key{Table: "interop", PK: pk, SK: fmt.Sprintf("DESCRIPTOR#%06d", i)}, item))
		}
		if err := w.tap.DB.Write(w.Context(), steps...); err != nil {
			w.Fatal(err)
		}
	}
}

// TestUnchanged holds a write of another package against what it has read.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := w.public(nil)
		c := w.load(path)
		try := func(what string, refused bool) {
			w.Helper()
			err := w.tap.Write(w.Context(), c.VersionCheck(), eservice.UsageStep(idOf(path), 1, 1))
			if refusal := table.AsRefused(err); (refusal != nil) != refused || err != nil && refusal == nil {
				w.Errorf("%s: %v", what, err)
			} else if refused {
				if _, by := refusal.By(eservice.LabelEService); !by || len(refusal.Steps) != 1 {
					w.Errorf("%s: %v", what, err)
				}
			}
		}
		try("nothing has changed", false)
		try("its use has changed", false)
		w.move(first, "suspend")
		try("it is suspended", true)
		if c = w.load(path); !c.IsInUse(c.Latest()) {
			w.Error("what is used is not in use")
		}
		try("it is read again", false)
		w.want(w.call("PATCH", first+"/quotas", patches["quotas"]), http.StatusOK)
		try("its quotas have changed", true)
		if got := w.items("ESERVICE#" + idOf(path))["USE#1"]["count"]; got != 3.0 {
			w.Errorf("it is used %v times", got)
		}
	})
}

// TestIDsByDescriptor finds e-services by their descriptors.
func TestIDsByDescriptor(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := w.public(nil)
		second := w.draft(path)
		alone, third := w.create(nil)
		gone, fourth := w.create(nil)
		w.want(w.call("DELETE", gone, ""), http.StatusOK)
		a, b, c, d := lastOf(first), lastOf(second), lastOf(third), lastOf(fourth)
		fifty := []string{a}
		for range 49 {
			fifty = append(fifty, uuid.NewString())
		}
		for _, f := range []struct {
			ids  []string
			want map[string]string
		}{
			{nil, map[string]string{}},
			{[]string{c, d, b, a, c, a}, map[string]string{a: idOf(path), b: idOf(path), c: idOf(alone)}},
			{fifty, map[string]string{a: idOf(path)}},
			{[]string{idOf(path), ""}, map[string]string{}},
		} {
			asked := slices.Clone(f.ids)
			got, err := eservice.IDsByDescriptor(w.Context(), w.tap, f.ids...)
			if diff := cmp.Diff(f.want, got); err != nil || diff != "" || !slices.Equal(asked, f.ids) {
				w.Errorf("of %v (-want +got):\n%s%v", f.ids, diff, err)
			}
		}
		w.tap.Set(hooked.Broken(0, true))
		if got, err := eservice.IDsByDescriptor(w.Context(), w.tap, a); got != nil || !table.IsKind(err, table.Unavailable) {
			w.Errorf("on a broken storage there are %v, %v", got, err)
		}
		if _, err := eservice.Load(w.Context(), w.tap, idOf(path)); err != nil {
			w.Error(err)
		}
		w.tap.Set(hooked.Broken(0, true))
		if err := w.store().Retire(w.Context(), idOf(path)); !table.IsKind(err, table.Unavailable) {
			w.Errorf("on a broken storage retiring is %v", err)
		}
	})
}

// TestUsedMeanwhile changes the use of a version between the reading and the writing
// of what is planned by it.
func TestUsedMeanwhile(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, c := range []struct {
			before []int64
			by     int64
			want   string
		}{
			{nil, 1, "DEPRECATED"}, {[]int64{1, -1}, 1, "DEPRECATED"}, {[]int64{1}, -1, "ARCHIVED"}, {[]int64{1}, 1, "DEPRECATED"}, {[]int64{2}, -1, "DEPRECATED"},
		} {
			path, _ := w.public(nil)
			for _, by := range c.before {
				w.use(path, 1, by)
			}
			next := w.draft(path)
			w.tap.During(0, (*call).Writes, func() { w.use(path, 1, c.by) })
			w.move(next, "publish")
			if w.tap.Seen() != 3 { // the refusal shows the use, so the second round reads nothing
				w.Errorf("published with %d calls", w.tap.Seen())
			}
			w.tap.Set(nil)
			w.are(fmt.Sprint("used ", c.before, " and meanwhile ", c.by), path, "1 "+c.want, "2 PUBLISHED")

			if c.want == "DEPRECATED" { // retiring is overtaken by a new agreement, then by the end of the last
				uses := int64(w.items("ESERVICE#" + idOf(path))["USE#1"]["count"].(float64))
				w.use(path, 1, -uses)
				w.tap.During(0, (*call).Writes, func() { w.use(path, 1, 1) })
				w.retire(path)
				w.tap.Set(nil)
				w.are("used again", path, "1 DEPRECATED", "2 PUBLISHED")
				w.use(path, 1, -1)
				w.tap.During(0, (*call).Writes, func() { w.retire(path) })
				w.retire(path)
				w.tap.Set(nil)
				w.are("retired twice", path, "1 ARCHIVED", "2 PUBLISHED")
			}
			w.auditOwn(path)
		}
	})
}
