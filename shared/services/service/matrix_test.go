package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services/service"
)

// TestMachinesAreSound checks both machines.
func TestMachinesAreSound(t *testing.T) {
	t.Parallel()
	for _, m := range []*lifecycle.Machine{service.Machine, service.Publication} {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
}

// outcomes is App IO's table of operations and states, and the operations that only this API
// has: the status of the answer and, after "=", the state that it leads to. The second word
// of a row is the action in the rules.
const outcomes = `
request         action    none draft          submitted     approved     rejected     deleted
get             -         404  200            200           200          200          200
allowed         -         404  200            200           200          200          200
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

// releases is App IO's table of publications: the publication after each change. Copies are
// named in the order of their approval; the copy of the service is the third. Two rows are
// this API's: a published copy stays visible when another one is approved without
// auto_publish, and the next one waits.
var releases = map[string]struct{ publish, unpublish, approved, approvedOnly string }{
	"none":                 {"", "", "published 3", "unpublished 3"},
	"unpublished 1":        {"published 1", "unpublished 1", "published 3", "unpublished 3"},
	"published 1":          {"published 1", "unpublished 1", "published 3", "published 1 next 3"},
	"published 1 next 2":   {"published 2", "unpublished 1 next 2", "published 3", "published 1 next 3"},
	"unpublished 1 next 2": {"published 2", "unpublished 1 next 2", "published 3", "unpublished 3"},
}

// allowed is the list of actions in a refusal, by state and role.
var allowed = map[lifecycle.State]map[lifecycle.Role]string{
	service.Draft:     {service.Owner: "[edit submit delete]", service.Reviewer: "[]"},
	service.Submitted: {service.Owner: "[withdraw]", service.Reviewer: "[approve reject]"},
	service.Approved:  {service.Owner: "[edit delete]", service.Reviewer: "[]"},
	service.Rejected:  {service.Owner: "[edit delete]", service.Reviewer: "[]"},
	service.Deleted:   {service.Owner: "[]", service.Reviewer: "[]"},
}

// start is the state of a service before a request.
type start struct {
	state       lifecycle.State
	publication string // of releases
	auto        bool   // auto_publish of the last request for review
}

// starts lists all of them. auto matters only for submitted services.
func starts() []start {
	all := []start{
		{state: lifecycle.None, publication: "none"},
		{state: service.Deleted, publication: "none"},
		{state: service.Deleted, publication: "published 1 next 2"},
	}
	for publication := range releases {
		for _, state := range []lifecycle.State{service.Draft, service.Submitted, service.Rejected} {
			all = append(all, start{state: state, publication: publication, auto: true})
		}
		all = append(all, start{state: service.Submitted, publication: publication})
		if publication != "none" {
			all = append(all, start{state: service.Approved, publication: publication, auto: true})
		}
	}
	return all
}

// setUp makes a service in that state, with a logo.
func (s start) setUp(w *world) (path string) {
	name := fmt.Sprintf("m%d-", unique.Add(1))
	if s.state == lifecycle.None {
		return "/services/" + ulid.Make().String()
	}
	path = w.create(named("%s", name+"3"))
	w.Want(w.call("PUT", path+"/logo", pixel), http.StatusNoContent)
	release := func(copyName string, auto bool) {
		w.Want(w.call("PUT", path, named("%s", name+copyName)), http.StatusOK)
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
		w.Want(w.call("DELETE", path+"/release", ""), http.StatusNoContent)
	}
	if s.state == service.Approved {
		return path
	}
	w.Want(w.call("PUT", path, named("%s", name+"3")), http.StatusOK)
	if s.state == service.Submitted || s.state == service.Rejected {
		w.submit(path, s.auto)
	}
	if s.state == service.Rejected {
		w.decide(path, "reject")
	}
	if s.state == service.Deleted {
		w.Want(w.call("DELETE", path, ""), http.StatusNoContent)
	}
	return path
}

// publicationText returns the publication as releases writes it.
func publicationText(records map[string]map[string]any) string {
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

// sendNamed sends the request of outcomes or releases with that name.
func (w *world) sendNamed(name, path string) apitest.Response {
	w.Helper()
	r := map[string]struct {
		as                 *api.Identity
		method, path, body string
	}{
		"get":         {owner, "GET", "", ""},
		"allowed":     {owner, "GET", "/allowedActions", ""},
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
	return w.As(r.as, r.method, path+r.path, r.body)
}

// cell is one request at one start, and its expected outcome.
type cell struct {
	start
	name        string
	action      lifecycle.Action
	status      int
	to          lifecycle.State
	publication string // afterwards
}

// cells lists outcomes and releases for every start.
func cells() (all []cell) {
	lines := strings.Split(strings.TrimSpace(outcomes), "\n")
	states := strings.Fields(lines[0])[2:]
	for _, s := range starts() {
		column := 2 + slices.Index(states, strings.ToLower(string(s.state)))
		for _, line := range lines[1:] {
			words := strings.Fields(line)
			if s.state == service.Submitted && !s.auto && words[0] != "approve" {
				continue // auto does not matter
			}
			c := cell{start: s, name: words[0], action: lifecycle.Action(words[1]), to: s.state, publication: s.existing()}
			status, to, isTransition := strings.Cut(words[column], "=")
			if isTransition {
				c.to = lifecycle.State(to)
			}
			_, _ = fmt.Sscan(status, &c.status)
			switch {
			case c.to == service.Deleted:
				c.publication = "none"
			case c.name == "approve" && isTransition && s.auto:
				c.publication = releases[s.publication].approved
			case c.name == "approve" && isTransition:
				c.publication = releases[s.publication].approvedOnly
			}
			all = append(all, c)
		}
		if s.auto || s.state != service.Submitted {
			all = append(all, s.publicationCells()...)
		}
	}
	return all
}

// existing returns the publication that exists: a deleted service has none.
func (s start) existing() string {
	if s.state == service.Deleted {
		return "none"
	}
	return s.publication
}

// publicationCells lists the cells of the publication, which do not depend on the state of
// the service.
func (s start) publicationCells() []cell {
	missing := s.existing() == "none"
	one := func(name, action string, status int, to string) cell {
		if missing {
			status = http.StatusNotFound
			to = "none"
		}
		return cell{start: s, name: name, action: lifecycle.Action(action), status: status, to: s.state, publication: to}
	}
	to := releases[s.publication]
	return []cell{
		one("get-release", "-", http.StatusOK, s.publication),
		one("publish", "publish", http.StatusNoContent, to.publish),
		one("unpublish", "unpublish", http.StatusNoContent, to.unpublish),
	}
}

// TestTransitionMatrix sends every request at every start.
func TestTransitionMatrix(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var (
			path   string
			at     start
			before map[string]map[string]any
		)
		for _, c := range cells() {
			c.wantRules(w)
			if path == "" || at != c.start {
				path = c.setUp(w)
				at = c.start
				before = w.records(path)
				if got := publicationText(before); got != c.existing() {
					w.Fatalf("%v became %s", c.start, got)
				}
			}
			res := w.sendNamed(c.name, path)
			after := w.records(path)
			if res.Status != c.status {
				w.Errorf("%s in %v = %d, want %d\n%s", c.name, c.start, res.Status, c.status, res.Raw)
			}
			if res.Status >= http.StatusBadRequest {
				c.wantRefusal(w, path, res)
			} else if c.name == "get-release" {
				c.wantCopy(w, res)
			}
			c.wantStored(w, before, after)
			if historyRows(before) != historyRows(after) {
				path = "" // the request led away from the start
			}
			before = after
		}
	})
}
