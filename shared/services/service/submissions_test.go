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

// TestTablesHaveEveryAction finds actions and states of the rules that the tables of this
// package lack.
func TestTablesHaveEveryAction(t *testing.T) {
	t.Parallel()
	known := []lifecycle.Action{"create", "release", "remove"} // by every test, by approvals, by deletions
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

// submission is a request for review with everything that it is decided on.
type submission struct {
	publication   string // of releases
	isComplete    bool
	isNameFree    bool
	needsReviewer bool
	autoPublish   bool
}

// submissions lists all values of the guards for two publications, and all publications with
// a submission that is not rejected.
func submissions() (all []submission) {
	for n := range 8 {
		s := submission{publication: "none", isComplete: n&1 > 0, isNameFree: n&2 > 0, needsReviewer: n&4 > 0, autoPublish: true}
		all = append(all, s)
		s.publication = "published 1 next 2"
		s.autoPublish = false
		all = append(all, s)
	}
	for publication := range releases {
		for n := range 4 {
			all = append(all, submission{
				publication: publication, isComplete: true, isNameFree: true, needsReviewer: n&1 > 0, autoPublish: n&2 > 0,
			})
		}
	}
	return all
}

// outcome returns the state that the submission leads to.
func (s submission) outcome() lifecycle.State {
	switch {
	case !s.isComplete, !s.isNameFree:
		return service.Rejected
	case s.needsReviewer:
		return service.Submitted
	}
	return service.Approved
}

// TestSubmissions submits drafts with all values of the guards and all publications.
// Services of trusted owners need no reviewer.
func TestSubmissions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		trusting := w.with(map[string]string{service.TrustedOwnersSetting: "someone, owner-1 other"})
		other := w.create(named("Taken"))
		w.submit(other, true)
		released := map[lifecycle.State]bool{}
		for _, s := range submissions() {
			from := start{state: service.Draft, publication: s.publication, auto: true}
			path := from.setUp(w)
			w.Want(w.call("PUT", path, s.body(w, path)), http.StatusOK)
			facts := lifecycle.Facts{
				service.Complete: s.isComplete, service.NameFree: s.isNameFree, service.NeedsReviewer: s.needsReviewer,
			}
			if rule, err := service.Machine.Plan(service.Draft, "submit", service.Owner, facts); err != nil || rule.To != s.outcome() {
				w.Errorf("the rules make %+v %s: %v", s, rule.To, err)
			}
			before := w.records(path)
			if s.needsReviewer {
				w.submit(path, s.autoPublish)
			} else {
				trusting.submit(path, s.autoPublish)
			}
			want := cell{
				start: from, name: "submit", action: "submit",
				status: http.StatusNoContent, to: s.outcome(), publication: s.publication,
			}
			if s.outcome() == service.Approved {
				want.publication = releases[s.publication].approvedOnly
				if s.autoPublish {
					want.publication = releases[s.publication].approved
				}
				released[state(s.publication)] = true
			}
			want.wantStored(w, before, w.records(path))
			w.wantReason(path, s, idOf(other))
			if s.outcome() == service.Submitted {
				w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
			}
		}
		if got := slices.Sorted(maps.Keys(released)); len(got) != len(service.Publication.States) {
			w.Errorf("only from %v publications were released", got)
		}
	})
}

// body returns a payload by which the guards have the values of the submission.
func (s submission) body(w *world, path string) string {
	changes := map[string]any{"name": w.Want(w.call("GET", path, ""), http.StatusOK).Body["name"]}
	if !s.isNameFree {
		changes["name"] = " TAKEN "
	}
	if !s.isComplete {
		changes["metadata.privacy_url"] = "string"
	}
	return complete(changes)
}

// wantReason compares the reason of a rejection, which only rejected services have.
func (w *world) wantReason(path string, s submission, holderID string) {
	w.Helper()
	status, _ := w.Want(w.call("GET", path, ""), http.StatusOK).Body["status"].(map[string]any)
	reason := fmt.Sprint(status["reason"])
	code := fmt.Sprint(status["code"])
	ok := reason == "<nil>" && code == "<nil>"
	switch {
	case !s.isComplete:
		ok = strings.HasPrefix(reason, "metadata.privacy_url: ") && !strings.Contains(reason, "\n") && code == "INVALID_FIELDS"
	case !s.isNameFree:
		ok = strings.HasPrefix(reason, "name: ") && strings.Contains(reason, holderID) && code == "DUPLICATE_NAME"
	}
	if !ok {
		w.Errorf("%+v is %v with reason %s, code %s", s, status["value"], reason, code)
	}
}
