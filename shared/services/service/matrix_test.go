package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

func TestMachinesAreSound(t *testing.T) {
	t.Parallel()
	for _, m := range []*lifecycle.Machine{service.Machine, service.Publication} {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
}

// outcomes is App IO's table of operations and states, with what this API has
// besides: what is answered and, after "=", the state it leads to. A row's second
// word is the action in the rules.
const outcomes = `
request         action    none draft          submitted     approved     rejected     deleted
get             -         404  200            200           200          200          200
edit            edit      404  200=draft      409           200=draft    200=draft    409
submit          submit    404  204=submitted  409           409          409          409
withdraw        withdraw  404  409            204=draft     409          409          409
delete          delete    404  204=deleted    409           204=deleted  204=deleted  409
put-logo        -         404  204            204           204          204          404
get-logo        -         404  200            200           200          200          404
get-keys        -         404  200            200           200          200          404
put-key         -         404  200            200           200          200          404
history         -         404  200            200           200          200          404
check           -         404  200            200           200          200          404
approve         approve   404  409            204=approved  409          409          409
reject          reject    404  409            204=rejected  409          409          409
`

// releases is App IO's table of publications: what each becomes. Copies are named
// in the order of their approval; the service's own copy is the third. Two rows
// are this API's: a published copy stays visible when another one is approved
// without auto_publish, and the next one waits.
var releases = map[string]struct{ publish, unpublish, approved, approvedOnly string }{
	"none":                 {"", "", "published 3", "unpublished 3"},
	"unpublished 1":        {"published 1", "unpublished 1", "published 3", "unpublished 3"},
	"published 1":          {"published 1", "unpublished 1", "published 3", "published 1 next 3"},
	"published 1 next 2":   {"published 2", "unpublished 1 next 2", "published 3", "published 1 next 3"},
	"unpublished 1 next 2": {"published 2", "unpublished 1 next 2", "published 3", "unpublished 3"},
}

// allowed is what a refusal lists, by state and role.
var allowed = map[lifecycle.State]map[lifecycle.Role]string{
	service.Draft:     {service.Owner: "[edit submit delete]", service.Reviewer: "[]"},
	service.Submitted: {service.Owner: "[withdraw]", service.Reviewer: "[approve reject]"},
	service.Approved:  {service.Owner: "[edit delete]", service.Reviewer: "[]"},
	service.Rejected:  {service.Owner: "[edit delete]", service.Reviewer: "[]"},
	service.Deleted:   {service.Owner: "[]", service.Reviewer: "[]"},
}

// situation is what calls have made of a service.
type situation struct {
	state       lifecycle.State
	publication string // of releases
	auto        bool   // auto_publish of the last request for review
}

func situations() []situation {
	all := []situation{{lifecycle.None, "none", false}, {service.Deleted, "none", false}, {service.Deleted, "published 1 next 2", false}}
	for publication := range releases {
		for _, state := range []lifecycle.State{service.Draft, service.Submitted, service.Rejected} {
			all = append(all, situation{state, publication, true})
		}
		all = append(all, situation{service.Submitted, publication, false})
		if publication != "none" {
			all = append(all, situation{service.Approved, publication, true})
		}
	}
	return all
}

// enter makes a service of that situation; all have a logo.
func (s situation) enter(w *world) (path string) {
	name := fmt.Sprintf("m%d-", unique.Add(1))
	if s.state == lifecycle.None {
		return "/services/" + ulid.Make().String()
	}
	path = w.create(named("%s", name+"3"))
	w.want(w.call("PUT", path+"/logo", pixel), http.StatusNoContent)
	release := func(copyName string, auto bool) {
		w.want(w.call("PUT", path, named("%s", name+copyName)), http.StatusOK)
		w.submit(path, auto)
		w.decide(path, "approve")
	}
	if s.publication != "none" {
		release("1", s.publication != "unpublished 1")
	}
	if strings.HasSuffix(s.publication, "next 2") {
		release("2", false)
	}
	if s.publication == "unpublished 1 next 2" {
		w.want(w.call("DELETE", path+"/release", ""), http.StatusNoContent)
	}
	if s.state == service.Approved {
		return path
	}
	w.want(w.call("PUT", path, named("%s", name+"3")), http.StatusOK)
	switch s.state {
	case service.Submitted, service.Rejected:
		w.submit(path, s.auto)
	case service.Deleted:
		w.want(w.call("DELETE", path, ""), http.StatusNoContent)
	}
	if s.state == service.Rejected {
		w.decide(path, "reject")
	}
	return path
}

// described is the publication as releases writes it.
func described(records map[string]map[string]any) string {
	p := records["SERVICE/PUBLICATION"]
	if p == nil {
		return "none"
	}
	number := func(copied any) string {
		data, _ := copied.(map[string]any)
		name := fmt.Sprint(data["name"])
		return name[strings.LastIndex(name, "-")+1:]
	}
	text := fmt.Sprint(p["state"], " ", number(p["data"]))
	if next, staged := p["next"]; staged {
		text += " next " + number(next)
	}
	return text
}

// move sends the request of that name about a service.
func (w *world) move(name, path string) apitest.Response {
	w.Helper()
	r := map[string]struct {
		as                 *api.Identity
		method, path, body string
	}{
		"get":         {owner, "GET", "", ""},
		"edit":        {owner, "PUT", "", w.fresh()},
		"submit":      {owner, "PUT", "/review", `{"auto_publish":true}`},
		"withdraw":    {owner, "DELETE", "/review", ""},
		"delete":      {owner, "DELETE", "", ""},
		"put-logo":    {owner, "PUT", "/logo", pixel},
		"get-logo":    {owner, "GET", "/logo", ""},
		"get-keys":    {owner, "GET", "/keys", ""},
		"put-key":     {owner, "PUT", "/keys/secondary", ""},
		"history":     {owner, "GET", "/history", ""},
		"check":       {owner, "GET", "/review/check", ""},
		"approve":     {reviewer, "POST", "/review/approve", ""},
		"reject":      {reviewer, "POST", "/review/reject", `{"reason":"R"}`},
		"get-release": {owner, "GET", "/release", ""},
		"publish":     {owner, "POST", "/release", ""},
		"unpublish":   {owner, "DELETE", "/release", ""},
	}[name]
	return w.as(r.as, r.method, path+r.path, r.body)
}

// cell is one request in one situation, and what it should come to.
type cell struct {
	situation
	name        string
	action      lifecycle.Action
	status      int
	to          lifecycle.State
	publication string // afterwards
}

// cells are outcomes and releases, for every situation.
func cells() (all []cell) {
	lines := strings.Split(strings.TrimSpace(outcomes), "\n")
	states := strings.Fields(lines[0])[2:]
	for _, s := range situations() {
		column := 2 + slices.Index(states, strings.ToLower(string(s.state)))
		for _, line := range lines[1:] {
			words := strings.Fields(line)
			if s.state == service.Submitted && !s.auto && words[0] != "approve" {
				continue // all else is the same
			}
			c := cell{situation: s, name: words[0], action: lifecycle.Action(words[1]), to: s.state, publication: s.situated()}
			status, to, moves := strings.Cut(words[column], "=")
			if moves {
				c.to = lifecycle.State(to)
			}
			_, _ = fmt.Sscan(status, &c.status)
			switch {
			case c.to == service.Deleted:
				c.publication = "none"
			case c.name == "approve" && moves && s.auto:
				c.publication = releases[s.publication].approved
			case c.name == "approve" && moves:
				c.publication = releases[s.publication].approvedOnly
			}
			all = append(all, c)
		}
		if s.auto || s.state != service.Submitted {
			all = append(all, s.releasing()...)
		}
	}
	return all
}

// situated is the publication that there is: a deleted service has none.
func (s situation) situated() string {
	if s.state == service.Deleted {
		return "none"
	}
	return s.publication
}

// releasing are the cells of the publication; the service's state is no matter.
func (s situation) releasing() []cell {
	missing := s.situated() == "none"
	one := func(name, action string, status int, to string) cell {
		if missing {
			status, to = http.StatusNotFound, "none"
		}
		return cell{s, name, lifecycle.Action(action), status, s.state, to}
	}
	to := releases[s.publication]
	return []cell{
		one("get-release", "-", http.StatusOK, s.publication),
		one("publish", "publish", http.StatusNoContent, to.publish),
		one("unpublish", "unpublish", http.StatusNoContent, to.unpublish),
	}
}

// TestTransitionMatrix takes every action in every situation.
func TestTransitionMatrix(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, there, before := "", situation{}, map[string]map[string]any{}
		for _, c := range cells() {
			c.agrees(w)
			if path == "" || there != c.situation {
				path, there = c.enter(w), c.situation
				before = w.records(path)
				if got := described(before); got != c.situated() {
					w.Fatalf("%v became %s", c.situation, got)
				}
			}
			res := w.move(c.name, path)
			after := w.records(path)
			if res.Status != c.status {
				w.Errorf("%s in %v = %d, want %d\n%s", c.name, c.situation, res.Status, c.status, res.Raw)
			}
			if res.Status >= 400 {
				c.refused(w, path, res)
			}
			if name := res.Text("name"); c.name == "get-release" && res.Status == http.StatusOK && !strings.HasPrefix(c.publication, res.Text("status")+" "+name[len(name)-1:]) {
				w.Errorf("get-release in %v tells another copy: %s", c.situation, res.Raw)
			}
			c.left(w, before, after)
			if history(before) != history(after) {
				path = "" // the move led out of the situation
			}
			before = after
		}
	})
}

// agrees compares the tables above with the rules.
func (c cell) agrees(w *world) {
	w.Helper()
	if c.action == "-" || c.state == lifecycle.None {
		return
	}
	machine, from, to, role := service.Machine, c.state, c.to, service.Owner
	facts := lifecycle.Facts{service.Complete: true, service.NameFree: true, service.NeedsReviewer: true}
	switch c.action {
	case "approve", "reject":
		role = service.Reviewer
	case "publish", "unpublish":
		if c.situated() == "none" {
			return // not a matter of the rules
		}
		machine, from, to = service.Publication, state(c.situated()), state(c.publication)
	}
	rule, err := machine.Plan(from, c.action, role, facts)
	if refused := c.status == http.StatusConflict; refused != (err != nil) || err == nil && rule.To != to {
		w.Errorf("the rules say %s of %s in %v: %v", rule.To, c.action, c.situation, err)
	}
	if c.action == "approve" && err == nil {
		rule, err = service.Publication.Plan(state(c.situation.publication), "release", service.Lifecycle, lifecycle.Facts{service.AutoPublish: c.auto})
		if err != nil || rule.To != state(c.publication) {
			w.Errorf("the rules release %v as %s: %v", c.situation, rule.To, err)
		}
	}
}

// state is that of a publication in releases.
func state(publication string) lifecycle.State {
	if publication == "none" {
		return lifecycle.None
	}
	s, _, _ := strings.Cut(publication, " ")
	return lifecycle.State(s)
}

// refused looks at the body of a refusal.
func (c cell) refused(w *world, path string, res apitest.Response) {
	w.Helper()
	want := map[string]any{"title": "Not found", "status": float64(res.Status), "detail": idOf(path) + " not found"}
	switch {
	case res.Status == http.StatusConflict:
		role, other := service.Owner, service.Reviewer
		if c.name == "approve" || c.name == "reject" {
			role, other = other, role
		}
		want["type"], want["title"], want["detail"] = problem.URN(services.NoTransition), "Conflict", "No transition matched"
		want["state"] = string(c.state)
		if got := fmt.Sprint(res.Body["allowedActions"]); got != allowed[c.state][role] {
			w.Errorf("%s in %v allows %s, want %s", c.name, c.situation, got, allowed[c.state][role])
		}
		switch theirs := strings.Trim(allowed[c.state][other], "[]"); {
		case allowed[c.state][role] != "[]":
		case theirs == "":
			want["detail"] = "No transition matched. Nobody can change that any more."
		default:
			want["detail"] = fmt.Sprintf("No transition matched. It is up to the %s (%s) now.", other, strings.ReplaceAll(theirs, " ", ", "))
		}
	case c.situated() == "none" && c.state != lifecycle.None && c.state != service.Deleted:
		want["type"], want["title"] = problem.URN(services.PublicationNotFound), "Not Found"
		if c.name != "get-release" {
			want["detail"] = "no item with id " + idOf(path) + " found"
		}
	default:
		want["type"] = problem.URN(services.ServiceNotFound)
	}
	for name, value := range want {
		if res.Body[name] != value {
			w.Errorf("%s in %v is refused with %s %v, want %v", c.name, c.situation, name, res.Body[name], value)
		}
	}
}

// left looks at what a request left: everything as it was, or one change with
// one row of history for each record that changed.
func (c cell) left(w *world, before, after map[string]map[string]any) {
	w.Helper()
	if got := after["SERVICE/LIFECYCLE"]["state"]; got != string(c.to) && (got != nil || c.state != lifecycle.None) {
		w.Errorf("%s in %v led to %s, want %s", c.name, c.situation, got, c.to)
	}
	if got := described(after); got != c.publication {
		w.Errorf("%s in %v left the publication %s, want %s", c.name, c.situation, got, c.publication)
	}
	rows := 0
	if c.status < 400 && (c.to != c.state || c.action == "edit") {
		rows++
		if number(after, "LIFECYCLE") != number(before, "LIFECYCLE")+1 {
			w.Errorf("%s in %v made version %v of %v", c.name, c.situation, number(after, "LIFECYCLE"), number(before, "LIFECYCLE"))
		}
	}
	if c.publication != c.situated() && c.publication != "none" {
		rows++
		if number(after, "PUBLICATION") != number(before, "PUBLICATION")+1 {
			w.Errorf("%s in %v made version %v of %v", c.name, c.situation, number(after, "PUBLICATION"), number(before, "PUBLICATION"))
		}
	}
	if got := history(after) - history(before); got != rows {
		w.Errorf("%s in %v added %d rows to the history, want %d", c.name, c.situation, got, rows)
	}
	if c.name == "put-key" && c.status < 400 {
		before["SUB/SUBSCRIPTION"] = after["SUB/SUBSCRIPTION"]
	}
	if _, keys := after["SUB/SUBSCRIPTION"]; c.to == service.Deleted && keys {
		w.Errorf("%s in %v left the keys", c.name, c.situation)
	}
	if diff := cmp.Diff(before, after); rows == 0 && diff != "" {
		w.Errorf("%s in %v changed what is stored:\n%s", c.name, c.situation, diff)
	}
}

func number(records map[string]map[string]any, sk string) float64 {
	n, _ := records["SERVICE/"+sk]["version"].(float64)
	return n
}

func history(records map[string]map[string]any) (rows int) {
	for key := range records {
		if strings.HasPrefix(key, "SERVICE/HISTORY#") {
			rows++
		}
	}
	return rows
}
