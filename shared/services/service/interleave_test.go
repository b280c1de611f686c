package service_test

import (
	"net/http"
	"slices"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

// deed is something that somebody may do to a service.
type deed struct {
	name string
	do   func(w *world, path string) apitest.Response
}

func byOwner(method, below, body string) func(*world, string) apitest.Response {
	return by(owner, method, below, body)
}

func by(caller *api.Identity, method, below, body string) func(*world, string) apitest.Response {
	return func(w *world, path string) apitest.Response { return w.as(caller, method, path+below, body) }
}

// deeds are all of them. The sheet has three names, so that names come and go.
func deeds() []deed {
	return []deed{
		{"name it One", byOwner("PUT", "", complete(map[string]any{"name": "One"}))},
		{"name it Two", byOwner("PUT", "", complete(map[string]any{"name": "Two"}))},
		{"break it", byOwner("PUT", "", complete(map[string]any{"name": "One", "metadata.privacy_url": nil}))},
		{"submit", byOwner("PUT", "/review", `{"auto_publish":true}`)},
		{"submit to stage", byOwner("PUT", "/review", `{"auto_publish":false}`)},
		{"withdraw", byOwner("DELETE", "/review", "")},
		{"approve", by(reviewer, "POST", "/review/approve", "")},
		{"reject", by(reviewer, "POST", "/review/reject", `{"reason":"R"}`)},
		{"publish", byOwner("POST", "/release", "")},
		{"unpublish", byOwner("DELETE", "/release", "")},
		{"delete", byOwner("DELETE", "", "")},
	}
}

func deedOf(name string) deed {
	all := deeds()
	return all[slices.IndexFunc(all, func(d deed) bool { return d.name == name })]
}

// beginnings are how a service can be, as the deeds that lead there from a
// draft named One.
var beginnings = map[string][]string{
	"draft":             {},
	"submitted":         {"submit"},
	"kept back":         {"submit to stage", "approve"},
	"hidden":            {"submit", "approve", "unpublish"},
	"redrafted":         {"submit", "approve", "name it One"},
	"renamed":           {"submit", "approve", "name it Two"},
	"renaming":          {"submit", "approve", "name it Two", "submit to stage"},
	"staged":            {"submit", "approve", "name it Two", "submit to stage", "approve"},
	"staged, renamed":   {"submit", "approve", "name it Two", "submit to stage", "approve", "name it One"},
	"staged, renaming":  {"submit", "approve", "name it Two", "submit to stage", "approve", "name it One", "submit"},
	"staged and hidden": {"submit", "approve", "name it Two", "submit to stage", "approve", "unpublish"},
}

// situated makes a service that is as a situation says.
func (w *world) situated(situation string) string {
	w.Helper()
	w.Clock.Advance(1e6)
	path := w.create(named("One"))
	for _, name := range beginnings[situation] {
		if res := deedOf(name).do(w, path); res.Status >= http.StatusBadRequest {
			w.Fatalf("%s: %s: %d %s", situation, name, res.Status, res.Raw)
		}
	}
	return path
}

// TestBeginnings finds nothing wrong with a service in any situation, and
// releases a staged copy once.
func TestBeginnings(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for situation := range beginnings {
			path := w.situated(situation)
			w.audit(path)
			if before := w.sheet(path).publication; before != nil {
				for range 2 {
					w.want(w.call("POST", path+"/release", ""), http.StatusNoContent)
				}
				after, version := w.sheet(path).publication, before.Version
				if before.State != "published" || before.Next != nil {
					version++
				}
				if after.State != "published" || after.Version != version || after.Next != nil || after.Data.Name != before.approved().Name {
					w.Errorf("%s: %+v was released as %+v", situation, before, after)
				}
			}
			w.free(path)
		}
	})
}

// TestPairs lets every deed happen between the read and the write of every other,
// in every situation. Whatever the answers, no record, history, claim or entry of
// the queue is wrong afterwards.
func TestPairs(t *testing.T) {
	t.Parallel()
	tap := &tap{DB: engine.Bolt(t, []table.Schema{services.Table})}
	w := equipped(t, apitest.New(tap, service.Operations()))
	for situation := range beginnings {
		for _, outer := range deeds() {
			for _, inner := range deeds() {
				if !w.pair(tap, situation, outer, inner) {
					break // refused before it would write
				}
			}
		}
	}
}

// TestStagedNames is what of TestPairs depends on both records most, on every engine.
func TestStagedNames(t *testing.T) {
	t.Parallel()
	eachTapped(t, func(w *world, tap *tap) {
		for _, tc := range [][3]string{
			{"staged, renamed", "submit", "publish"},
			{"staged, renamed", "publish", "submit"},
			{"staged, renaming", "withdraw", "publish"},
			{"staged, renaming", "publish", "withdraw"},
			{"staged, renaming", "reject", "publish"},
			{"staged, renaming", "publish", "reject"},
			{"staged, renaming", "approve", "publish"},
			{"staged, renaming", "publish", "approve"},
		} {
			w.pair(tap, tc[0], deedOf(tc[1]), deedOf(tc[2]))
		}
	})
}

// pair does outer in a situation, and inner right before outer writes; false when
// it never would.
func (w *world) pair(tap *tap, situation string, outer, inner deed) bool {
	w.Helper()
	path := w.situated(situation)
	var met apitest.Response
	tap.During(0, (*call).Writes, func() { met = inner.do(w, path) })
	res := outer.do(w, path)
	tap.Set(nil)
	if res.Status >= http.StatusInternalServerError || met.Status >= http.StatusInternalServerError {
		w.Errorf("%d %s, %d %s", res.Status, res.Raw, met.Status, met.Raw)
	}
	w.audit(path)
	w.free(path)
	if w.Failed() {
		w.Fatalf("%s: %s (%d) while %s (%d)", situation, outer.name, res.Status, inner.name, met.Status)
	}
	return met.Status != 0
}

// free makes a service's names free again.
func (w *world) free(path string) {
	w.Helper()
	if w.state(path) == "submitted" {
		w.want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
	}
	if w.state(path) != "deleted" {
		w.want(w.call("DELETE", path, ""), http.StatusNoContent)
	}
	w.audit(path)
}

// TestThird lets the publication change while a change of the service is written,
// and the service before that is planned again: it is not planned on a sheet that
// its caller has not seen.
func TestThird(t *testing.T) {
	t.Parallel()
	eachTapped(t, func(w *world, tap *tap) {
		for name, tc := range map[string]struct {
			situation string
			outer     string
			first     string
			then      []string
		}{
			"an automatic approval": {"redrafted", "submit", "unpublish", []string{"break it"}},
			"a reviewer's approval": {"renaming", "approve", "unpublish", []string{"withdraw", "break it", "name it One", "name it Two", "submit to stage"}},
			"a deletion":            {"redrafted", "delete", "unpublish", []string{"name it Two"}},
		} {
			path := w.situated(tc.situation)
			tap.During(0, (*call).Writes, func() {
				deedOf(tc.first).do(w, path)
				tap.During(0, func(*call) bool { return true }, func() {
					tap.Set(nil)
					for _, then := range tc.then {
						if res := deedOf(then).do(w, path); res.Status >= http.StatusBadRequest {
							w.Errorf("%s: %d %s", then, res.Status, res.Raw)
						}
					}
				})
			})
			res := deedOf(tc.outer).do(w, path)
			tap.Set(nil)
			if tally([]apitest.Response{res})[refusal(services.VersionConflict)] != 1 || res.Body["version"] != float64(w.sheet(path).lifecycle.Version) {
				w.Errorf("%s is answered %d %s", name, res.Status, res.Raw)
			}
			w.audit(path)
			w.free(path)
		}
	})
}
