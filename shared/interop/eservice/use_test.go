package eservice_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// store is the store of the platform's workers, which have no caller.
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
	c, err := eservice.Load(w.Context(), w.Tap, idOf(path))
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

// TestSupersededByUse publishes a version next to one that is used, no longer used,
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
			if stamp := map[string]string{"ARCHIVED": "archivedAt", "DEPRECATED": "deprecatedAt"}[c.want]; stamp != "" && w.call("GET",
				first, "").Text(stamp) != now {
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
		c = w.load(path)
		if c.Latest().Number != 12 || c.Find(interoptest.UnknownID()) != nil || c.EService.ID != idOf(path) || len(c.Descriptors) != 13 {
			w.Errorf("loaded %v of %d", c.Latest(), len(c.Descriptors))
		}
		if c = w.load(unknownPath()); c.EService != nil || c.Descriptors != nil || c.Latest() != nil {
			w.Errorf("of nothing there is %v", c)
		}
		w.audit(path)
	})
}

// TestRetire archives deprecated descriptors that are no longer used, once.
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
		w.Tap.Set(func(c *hooked.Call) error {
			if c.Writes() {
				w.Error("what is retired is written again")
			}
			return c.Run()
		})
		w.retire(path)
		w.retire(unknownPath())
		w.Tap.Set(nil)
		w.unchanged(path, before)
		w.audit(path)
	})
}

// TestRetireAfterSuspension: a suspended descriptor is archived after it is unsuspended.
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

// TestBrokenRetire fails every call of retiring, which is done completely or not at all,
// and can be repeated.
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
				w.Tap.Set(hooked.Broken(k, after))
				if err := w.store().Retire(w.Context(), idOf(path)); !table.IsKind(err, table.Unavailable) {
					w.Errorf("call %d lost: %v", k, err)
				}
				w.Tap.Set(nil)
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

// TestManyVersions has more versions than fit into one transaction: retiring takes several,
// and versions that a publication leaves suspended are archived by the next one.
func TestManyVersions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		count := func(path string) map[string]int {
			count := map[string]int{}
			for _, d := range w.Items("ESERVICE#" + idOf(path)) {
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
		w.came("publishing next to 90", count(path), map[string]int{"ARCHIVED": 30, "SUSPENDED": 60, "PUBLISHED": 1})
		w.move(w.draft(path), "publish")
		w.came("publishing again", count(path), map[string]int{"ARCHIVED": 60, "SUSPENDED": 31, "PUBLISHED": 1})
	})
}

// copies makes versions like the first one, n in all.
func (w *world) copies(path string, n int) {
	w.Helper()
	pk := "ESERVICE#" + idOf(path)
	first := w.Items(pk)["DESCRIPTOR#000001"]
	delete(first, table.PK)
	delete(first, table.SK)
	for number := 2; number <= n; number += 50 {
		var steps []table.Step
		for i := number; i < number+50 && i <= n; i++ {
			first["number"], first["id"] = i, interoptest.UnknownID()
			item, err := table.Encode(first)
			if err != nil {
				w.Fatal(err)
			}
			steps = append(steps, table.Put(fmt.Sprint(i), table.Key{Table: "interop", PK: pk, SK: fmt.Sprintf("DESCRIPTOR#%06d", i)}, item))
		}
		if err := w.Tap.DB.Write(w.Context(), steps...); err != nil {
			w.Fatal(err)
		}
	}
}
