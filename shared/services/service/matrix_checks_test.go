package service_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

// wantRules compares the tables with the rules.
func (c cell) wantRules(w *world) {
	w.Helper()
	if c.action == "-" || c.state == lifecycle.None {
		return
	}
	machine := service.Machine
	from := c.state
	to := c.to
	role := service.Owner
	facts := lifecycle.Facts{service.Complete: true, service.NameFree: true, service.NeedsReviewer: true}
	switch c.action {
	case "approve", "reject":
		role = service.Reviewer
	case "publish", "unpublish":
		if c.existing() == "none" {
			return // refused before the rules apply
		}
		machine = service.Publication
		from = state(c.existing())
		to = state(c.publication)
	}
	rule, err := machine.Plan(from, c.action, role, facts)
	if refused := c.status == http.StatusConflict; refused != (err != nil) || err == nil && rule.To != to {
		w.Errorf("the rules say %s of %s in %v: %v", rule.To, c.action, c.start, err)
	}
	if c.action == "approve" && err == nil {
		facts := lifecycle.Facts{service.AutoPublish: c.auto}
		rule, err = service.Publication.Plan(state(c.start.publication), "release", service.Lifecycle, facts)
		if err != nil || rule.To != state(c.publication) {
			w.Errorf("the rules release %v as %s: %v", c.start, rule.To, err)
		}
	}
}

// state returns the state of a publication of releases.
func state(publication string) lifecycle.State {
	if publication == "none" {
		return lifecycle.None
	}
	s, _, _ := strings.Cut(publication, " ")
	return lifecycle.State(s)
}

// wantRefusal compares the body of a refusal.
func (c cell) wantRefusal(w *world, path string, res apitest.Response) {
	w.Helper()
	want := map[string]any{"title": "Not found", "status": float64(res.Status), "detail": idOf(path) + " not found"}
	switch {
	case res.Status == http.StatusConflict:
		role := service.Owner
		other := service.Reviewer
		if c.name == "approve" || c.name == "reject" {
			role, other = other, role
		}
		want["type"] = problem.URN(services.NoTransition)
		want["title"] = "Conflict"
		want["detail"] = "No transition matched"
		want["state"] = string(c.state)
		if got := fmt.Sprint(res.Body["allowedActions"]); got != allowed[c.state][role] {
			w.Errorf("%s in %v allows %s, want %s", c.name, c.start, got, allowed[c.state][role])
		}
		switch theirs := strings.Trim(allowed[c.state][other], "[]"); {
		case allowed[c.state][role] != "[]":
		case theirs == "":
			want["detail"] = "No transition matched. No further change is possible."
		default:
			want["detail"] = fmt.Sprintf("No transition matched. It is up to the %s (%s) now.", other, strings.ReplaceAll(theirs, " ", ", "))
		}
	case c.existing() == "none" && c.state != lifecycle.None && c.state != service.Deleted:
		want["type"] = problem.URN(services.PublicationNotFound)
		want["title"] = "Not Found"
		if c.name != "get-release" {
			want["detail"] = "no item with id " + idOf(path) + " found"
		}
	default:
		want["type"] = problem.URN(services.ServiceNotFound)
	}
	for name, value := range want {
		if res.Body[name] != value {
			w.Errorf("%s in %v is refused with %s %v, want %v", c.name, c.start, name, res.Body[name], value)
		}
	}
}

// wantStored compares what is stored before and after a request: nothing has changed, or one
// change with one row of the history for each record that changed.
func (c cell) wantStored(w *world, before, after map[string]map[string]any) {
	w.Helper()
	if got := after["SERVICE/LIFECYCLE"]["state"]; got != string(c.to) && (got != nil || c.state != lifecycle.None) {
		w.Errorf("%s in %v led to %s, want %s", c.name, c.start, got, c.to)
	}
	if got := publicationText(after); got != c.publication {
		w.Errorf("%s in %v leads to the publication %s, want %s", c.name, c.start, got, c.publication)
	}
	rows := 0
	if c.status < 400 && (c.to != c.state || c.action == "edit") {
		rows++
		if versionOf(after, "LIFECYCLE") != versionOf(before, "LIFECYCLE")+1 {
			w.Errorf("%s in %v made version %v of %v", c.name, c.start, versionOf(after, "LIFECYCLE"), versionOf(before, "LIFECYCLE"))
		}
	}
	if c.publication != c.existing() && c.publication != "none" {
		rows++
		if versionOf(after, "PUBLICATION") != versionOf(before, "PUBLICATION")+1 {
			w.Errorf("%s in %v made version %v of %v", c.name, c.start, versionOf(after, "PUBLICATION"), versionOf(before, "PUBLICATION"))
		}
	}
	if got := historyRows(after) - historyRows(before); got != rows {
		w.Errorf("%s in %v added %d rows to the history, want %d", c.name, c.start, got, rows)
	}
	if c.name == "put-key" && c.status < 400 {
		before["SUB/SUBSCRIPTION"] = after["SUB/SUBSCRIPTION"]
	}
	if _, keys := after["SUB/SUBSCRIPTION"]; c.to == service.Deleted && keys {
		w.Errorf("%s in %v does not delete the keys", c.name, c.start)
	}
	if diff := cmp.Diff(before, after); rows == 0 && diff != "" {
		w.Errorf("%s in %v changed what is stored:\n%s", c.name, c.start, diff)
	}
}

// versionOf returns the version of a record.
func versionOf(records map[string]map[string]any, sk string) float64 {
	n, _ := records["SERVICE/"+sk]["version"].(float64)
	return n
}

// historyRows counts the rows of both histories.
func historyRows(records map[string]map[string]any) (rows int) {
	for key := range records {
		if strings.HasPrefix(key, "SERVICE/HISTORY#") {
			rows++
		}
	}
	return rows
}

// wantCopy compares the copy in the answer to get-release.
func (c cell) wantCopy(w *world, res apitest.Response) {
	w.Helper()
	name := res.Text("name")
	if got := res.Text("status") + " " + name[len(name)-1:]; !strings.HasPrefix(c.publication, got) {
		w.Errorf("get-release in %v returns another copy: %s", c.start, res.Raw)
	}
}
