package service_test

import (
	"net/http"
	"slices"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services"
)

// action is a change of a service.
type action struct {
	name string
	do   func(w *world, path string) apitest.Response
}

func byOwner(method, below, body string) func(*world, string) apitest.Response {
	return by(owner, method, below, body)
}

func by(caller *api.Identity, method, below, body string) func(*world, string) apitest.Response {
	return func(w *world, path string) apitest.Response { return w.As(caller, method, path+below, body) }
}

// actions lists all changes. Services are renamed, so that claims on names change, too.
func actions() []action {
	return []action{
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

func actionOf(name string) action {
	all := actions()
	return all[slices.IndexFunc(all, func(a action) bool { return a.name == name })]
}

// setups lists states of a service, each as the actions that lead to it from a draft named
// One. A staged copy is approved and waits for its release.
var setups = map[string][]string{
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

// setUp makes a service in one of the setups.
func (w *world) setUp(setup string) string {
	w.Helper()
	w.Clock.Advance(1e6)
	path := w.create(named("One"))
	for _, name := range setups[setup] {
		if res := actionOf(name).do(w, path); res.Status >= http.StatusBadRequest {
			w.Fatalf("%s: %s: %d %s", setup, name, res.Status, res.Raw)
		}
	}
	return path
}

// TestSetups audits a service in every setup, and releases a staged copy twice: the second
// time nothing changes.
func TestSetups(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for setup := range setups {
			path := w.setUp(setup)
			w.audit(path)
			if before := w.stored(path).publication; before != nil {
				w.wantReleased(path, before)
			}
			w.discard(path)
		}
	})
}

// wantReleased publishes a service twice and fails unless before is released once.
func (w *world) wantReleased(path string, before *record) {
	w.Helper()
	for range 2 {
		w.Want(w.call("POST", path+"/release", ""), http.StatusNoContent)
	}
	version := before.Version
	if before.State != "published" || before.Next != nil {
		version++
	}
	after := w.stored(path).publication
	if after.State != "published" || after.Version != version || after.Next != nil || after.Data.Name != before.approved().Name {
		w.Errorf("%+v was released as %+v", before, after)
	}
}

// TestPairs runs every action between the read and the write of every other one, in every
// setup. Whatever the answers are, records, history, claims and queue agree afterwards.
func TestPairs(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	for setup := range setups {
		for _, outer := range actions() {
			for _, inner := range actions() {
				if !w.pair(setup, outer, inner) {
					break // outer is refused before it writes
				}
			}
		}
	}
}

// TestStagedNames runs on every engine the pairs in which claims depend on both records.
func TestStagedNames(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, tc := range []struct{ setup, outer, inner string }{
			{"staged, renamed", "submit", "publish"},
			{"staged, renamed", "publish", "submit"},
			{"staged, renaming", "withdraw", "publish"},
			{"staged, renaming", "publish", "withdraw"},
			{"staged, renaming", "reject", "publish"},
			{"staged, renaming", "publish", "reject"},
			{"staged, renaming", "approve", "publish"},
			{"staged, renaming", "publish", "approve"},
		} {
			w.pair(tc.setup, actionOf(tc.outer), actionOf(tc.inner))
		}
	})
}

// pair runs outer in a setup, and inner right before outer writes. It reports whether outer
// wrote.
func (w *world) pair(setup string, outer, inner action) bool {
	w.Helper()
	path := w.setUp(setup)
	var during apitest.Response
	w.Tap.During(0, (*hooked.Call).Writes, func() { during = inner.do(w, path) })
	res := outer.do(w, path)
	w.Tap.Set(nil)
	if res.Status >= http.StatusInternalServerError || during.Status >= http.StatusInternalServerError {
		w.Errorf("%d %s, %d %s", res.Status, res.Raw, during.Status, during.Raw)
	}
	w.audit(path)
	w.discard(path)
	if w.Failed() {
		w.Fatalf("%s: %s (%d) during %s (%d)", setup, inner.name, during.Status, outer.name, res.Status)
	}
	return during.Status != 0
}

// discard audits and deletes a service, so that its names are free.
func (w *world) discard(path string) {
	w.Helper()
	w.discardBy(owner, path)
	w.audit(path)
}

// TestServiceChangesBetweenRounds changes the publication while a change of the service is
// written, and the service before that change is decided again. The second round must not
// decide on data that its caller has not seen.
func TestServiceChangesBetweenRounds(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for name, tc := range map[string]struct {
			setup string
			outer string
			first string
			then  []string
		}{
			"an automatic approval": {"redrafted", "submit", "unpublish", []string{"break it"}},
			"a reviewer's approval": {
				"renaming", "approve", "unpublish",
				[]string{"withdraw", "break it", "name it One", "name it Two", "submit to stage"},
			},
			"a deletion": {"redrafted", "delete", "unpublish", []string{"name it Two"}},
		} {
			path := w.setUp(tc.setup)
			between := func() {
				w.Tap.Set(nil)
				for _, then := range tc.then {
					if res := actionOf(then).do(w, path); res.Status >= http.StatusBadRequest {
						w.Errorf("%s: %d %s", then, res.Status, res.Raw)
					}
				}
			}
			w.Tap.During(0, (*hooked.Call).Writes, func() {
				actionOf(tc.first).do(w, path)
				// The write that is refused is under way: the next call belongs to the next round.
				w.Tap.During(0, func(*hooked.Call) bool { return true }, between)
			})
			res := actionOf(tc.outer).do(w, path)
			w.Tap.Set(nil)
			w.Refused(res, services.VersionConflict)
			if version := w.stored(path).lifecycle.Version; res.Body["version"] != float64(version) {
				w.Errorf("%s is refused with version %v, want %d", name, res.Body["version"], version)
			}
			w.audit(path)
			w.discard(path)
		}
	})
}
