package service_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/services/service"
)

// TestTablesHaveEveryAction finds what the rules have and the tables of this
// package do not.
func TestTablesHaveEveryAction(t *testing.T) {
	t.Parallel()
	known := []lifecycle.Action{"create", "release", "remove"} // every test; approvals; deletions
	for _, c := range cells() {
		known = append(known, c.action)
	}
	for _, action := range slices.Concat(service.Machine.Actions(), service.Publication.Actions()) {
		if !slices.Contains(known, action) {
			t.Errorf("no table has the action %s", action)
		}
	}
	for _, state := range service.Machine.States {
		if state != lifecycle.None && allowed[state] == nil {
			t.Errorf("no table has the state %s", state)
		}
	}
}

// submission is a request for review with everything that decides it.
type submission struct {
	publication                          string // of releases
	complete, free, needsReviewer, asked bool   // asked: auto_publish
}

func submissions() (all []submission) {
	for n := range 8 {
		all = append(all, submission{"none", n&1 > 0, n&2 > 0, n&4 > 0, true}, submission{"published 1 next 2", n&1 > 0, n&2 > 0, n&4 > 0, false})
	}
	for publication := range releases {
		for n := range 4 {
			all = append(all, submission{publication, true, true, n&1 > 0, n&2 > 0})
		}
	}
	return all
}

// TestSubmissions sends drafts to review whatever the guards say, and whatever
// was published before. Services of trusted owners need no reviewer.
func TestSubmissions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		trusting := w.with(map[string]string{service.TrustedOwnersSetting: "someone, owner-1 other"})
		other := w.create(named("Taken"))
		w.submit(other, true)
		taken := map[lifecycle.State]bool{}
		for _, s := range submissions() {
			path := situation{service.Draft, s.publication, true}.enter(w)
			w.Want(w.call("PUT", path, s.body(w, path)), http.StatusOK)
			facts := lifecycle.Facts{service.Complete: s.complete, service.NameFree: s.free, service.NeedsReviewer: s.needsReviewer}
			rule, err := service.Machine.Plan(service.Draft, "submit", service.Owner, facts)
			want := map[bool]map[bool]string{false: {}, true: {false: "approved", true: "submitted"}}[s.complete && s.free][s.needsReviewer]
			if want == "" {
				want = "rejected"
			}
			if err != nil || string(rule.To) != want {
				w.Errorf("the rules make %+v %s: %v", s, rule.To, err)
			}
			at, before := w, w.records(path)
			if !s.needsReviewer {
				at = trusting
			}
			at.submit(path, s.asked)
			publication := s.publication
			if want == "approved" {
				publication = map[bool]string{true: releases[s.publication].approved, false: releases[s.publication].approvedOnly}[s.asked]
				taken[state(s.publication)] = true
			}
			c := cell{situation{service.Draft, s.publication, true}, "submit", "submit", http.StatusNoContent, lifecycle.State(want), publication}
			c.left(w, before, w.records(path))
			w.because(path, s, idOf(other))
			if want == "submitted" {
				w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
			}
		}
		if got := slices.Sorted(maps.Keys(taken)); len(got) != len(service.Publication.States) {
			w.Errorf("only from %v publications were released", got)
		}
	})
}

// body is a payload as the submission wants it.
func (s submission) body(w *world, path string) string {
	changes := map[string]any{"name": w.Want(w.call("GET", path, ""), http.StatusOK).Body["name"]}
	if !s.free {
		changes["name"] = " TAKEN "
	}
	if !s.complete {
		changes["metadata.privacy_url"] = "string"
	}
	return complete(changes)
}

// because looks at the reason of a rejection; nothing else has one.
func (w *world) because(path string, s submission, holder string) {
	w.Helper()
	status, _ := w.Want(w.call("GET", path, ""), http.StatusOK).Body["status"].(map[string]any)
	reason, code := fmt.Sprint(status["reason"]), fmt.Sprint(status["code"])
	ok := reason == "<nil>" && code == "<nil>"
	switch {
	case !s.complete:
		ok = strings.HasPrefix(reason, "metadata.privacy_url: ") && !strings.Contains(reason, "\n") && code == "INVALID_FIELDS"
	case !s.free:
		ok = strings.HasPrefix(reason, "name: ") && strings.Contains(reason, holder) && code == "DUPLICATE_NAME"
	}
	if !ok {
		w.Errorf("%+v is %v with reason %s, code %s", s, status["value"], reason, code)
	}
}
