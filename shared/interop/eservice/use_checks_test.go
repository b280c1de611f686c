package eservice_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// TestVersionCheck refuses a write of another package when what it has read has changed.
func TestVersionCheck(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := w.public(nil)
		c := w.load(path)
		try := func(what string, refused bool) {
			w.Helper()
			err := w.Tap.Write(w.Context(), c.VersionCheck(), eservice.UsageStep(idOf(path), 1, 1))
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
		w.Want(w.call("PATCH", first+"/quotas", patches["quotas"]), http.StatusOK)
		try("its quotas have changed", true)
		if got := w.Items("ESERVICE#" + idOf(path))["USE#1"]["count"]; got != 3.0 {
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
		w.Want(w.call("DELETE", gone, ""), http.StatusOK)
		a, b, c, d := interoptest.LastID(first), interoptest.LastID(second), interoptest.LastID(third), interoptest.LastID(fourth)
		fifty := []string{a}
		for range 49 {
			fifty = append(fifty, interoptest.UnknownID())
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
			got, err := eservice.IDsByDescriptor(w.Context(), w.Tap, f.ids...)
			if diff := cmp.Diff(f.want, got); err != nil || diff != "" || !slices.Equal(asked, f.ids) {
				w.Errorf("of %v (-want +got):\n%s%v", f.ids, diff, err)
			}
		}
		w.Tap.Set(hooked.Broken(0, true))
		if got, err := eservice.IDsByDescriptor(w.Context(), w.Tap, a); got != nil || !table.IsKind(err, table.Unavailable) {
			w.Errorf("on a broken storage there are %v, %v", got, err)
		}
		if _, err := eservice.Load(w.Context(), w.Tap, idOf(path)); err != nil {
			w.Error(err)
		}
		w.Tap.Set(hooked.Broken(0, true))
		if err := w.store().Retire(w.Context(), idOf(path)); !table.IsKind(err, table.Unavailable) {
			w.Errorf("on a broken storage retiring is %v", err)
		}
	})
}

// TestUseLostRace changes the use of a version between the read and the write of a
// change that relies on it.
func TestUseLostRace(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, c := range []struct {
			before []int64
			by     int64
			want   string
		}{
			{nil, 1, "DEPRECATED"},
			{[]int64{1, -1}, 1, "DEPRECATED"},
			{[]int64{1}, -1, "ARCHIVED"},
			{[]int64{1}, 1, "DEPRECATED"},
			{[]int64{2}, -1, "DEPRECATED"},
		} {
			path, _ := w.public(nil)
			for _, by := range c.before {
				w.use(path, 1, by)
			}
			next := w.draft(path)
			w.Tap.During(0, (*hooked.Call).Writes, func() { w.use(path, 1, c.by) })
			w.move(next, "publish")
			if w.Tap.Seen() != 3 { // the refusal shows the use, so the second round reads nothing
				w.Errorf("published with %d calls", w.Tap.Seen())
			}
			w.Tap.Set(nil)
			w.are(fmt.Sprint("used ", c.before, ", then ", c.by), path, "1 "+c.want, "2 PUBLISHED")

			if c.want == "DEPRECATED" { // retiring loses against a new agreement, then against another worker
				uses := int64(w.Items("ESERVICE#" + idOf(path))["USE#1"]["count"].(float64))
				w.use(path, 1, -uses)
				w.Tap.During(0, (*hooked.Call).Writes, func() { w.use(path, 1, 1) })
				w.retire(path)
				w.Tap.Set(nil)
				w.are("used again", path, "1 DEPRECATED", "2 PUBLISHED")
				w.use(path, 1, -1)
				w.Tap.During(0, (*hooked.Call).Writes, func() { w.retire(path) })
				w.retire(path)
				w.Tap.Set(nil)
				w.are("retired twice", path, "1 ARCHIVED", "2 PUBLISHED")
			}
			w.auditOwn(path)
		}
	})
}
