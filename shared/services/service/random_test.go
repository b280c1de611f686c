package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

// TestRandomCommands lets two owners of one organization and a reviewer do
// anything, and compares what they read with the model after every command.
func TestRandomCommands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		db, err := bolt.Open("", []table.Schema{services.Table})
		if err != nil {
			rt.Fatal(err)
		}
		defer db.Close()
		r := &run{w: equipped(t, apitest.New(db, service.Operations())), m: &model{}}
		for _, caller := range []*api.Identity{owner, stranger} {
			r.create(rt, caller, copied{name: "One", phone: "0"})
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": func(rt *rapid.T) { r.compare(rt, r.last) },
			"create": func(rt *rapid.T) {
				r.create(rt, rapid.SampledFrom([]*api.Identity{owner, stranger}).Draw(rt, "owner"), draw(rt))
			},
			"edit":      r.edit,
			"rename":    r.edit,
			"submit":    r.submit,
			"resubmit":  r.submit,
			"decide":    r.decide,
			"approve":   r.approve,
			"release":   r.release,
			"unpublish": r.release,
			"delete":    r.delete,
			"trespass":  r.trespass,
			"read":      func(rt *rapid.T) { r.last = r.pick(rt) },
		})
		paths := make([]string, len(r.m.services))
		for i, s := range r.m.services {
			r.compare(rt, s)
			paths[i] = s.path
		}
		r.w.audit(paths...)
	})
}

// run is one sequence of commands.
type run struct {
	w    *world
	m    *model
	last *modelled
}

const mostServices = 4

func draw(rt *rapid.T) copied {
	return copied{
		rapid.SampledFrom([]string{"One", "one", "Two", "Three"}).Draw(rt, "name"), rapid.SampledFrom([]string{"0", "1"}).Draw(rt, "phone"),
		rapid.IntRange(0, 5).Draw(rt, "broken") == 0,
	}
}

func (d copied) payload() string {
	changes := map[string]any{"name": d.name, "metadata.phone": d.phone}
	if d.broken {
		changes["metadata.privacy_url"] = nil
	}
	return complete(changes)
}

// pick draws a service, rather one in that state.
func (r *run) pick(rt *rapid.T, states ...string) *modelled {
	fit := r.m.services
	if len(states) > 0 && rapid.IntRange(0, 3).Draw(rt, "any") > 0 {
		var some []*modelled
		for _, s := range fit {
			if strings.Contains(strings.Join(states, " "), s.state) {
				some = append(some, s)
			}
		}
		if len(some) > 0 {
			fit = some
		}
	}
	r.last = rapid.SampledFrom(fit).Draw(rt, "service")
	return r.last
}

func ownerOf(s *modelled) *api.Identity {
	if s.owner == stranger.Subject {
		return stranger
	}
	return owner
}

// send sends a change that may ask for a version, and fails unless it is answered
// as the model says. The model decides only when the version is right.
func (r *run) send(rt *rapid.T, caller *api.Identity, s *modelled, method, below, body string, decide func() problem.Code) {
	r.w.Clock.Advance(1e6)
	version := s.version
	if strings.HasSuffix(below, "/release") {
		version = 0
		if s.publication != nil {
			version = s.publication.version
		}
	}
	var header []string
	code, right := done, true
	switch rapid.IntRange(0, 4).Draw(rt, "If-Match") {
	case 0:
		header = []string{"If-Match", api.ETag(int64(version))}
	case 1:
		header = []string{"If-Match", api.ETag(int64(version) + 1)}
		// Without a publication there is no version to compare.
		if right = version == 0 || strings.HasSuffix(below, "/release") && s.state == "deleted"; !right {
			code = services.PreconditionFailed
		}
	}
	if right {
		code = decide()
	}
	res := r.w.as(caller, method, s.path+below, body, header...)
	want := fmt.Sprint(res.Status)
	if code != done {
		want = refusal(code)
	}
	if got := tally([]apitest.Response{res}); got[want] != 1 || code == done && res.Status >= http.StatusBadRequest {
		rt.Fatalf("%s %s%s %s %v = %d %s, want %s", method, s.path, below, body, header, res.Status, res.Raw, want)
	}
}

func (r *run) create(rt *rapid.T, caller *api.Identity, d copied) {
	r.w.Clock.Advance(1e6)
	if len(r.m.services) == mostServices {
		return
	}
	res := r.w.as(caller, "POST", "/services", d.payload())
	if res.Status != http.StatusCreated {
		rt.Fatalf("create = %d %s", res.Status, res.Raw)
	}
	r.last = r.m.create(caller.Subject, d)
	r.last.path = "/services/" + res.Text("id")
}

func (r *run) edit(rt *rapid.T) {
	s, d := r.pick(rt, "draft", "rejected", "approved"), draw(rt)
	r.send(rt, ownerOf(s), s, "PUT", "", d.payload(), func() problem.Code { return s.edit(d) })
}

func (r *run) submit(rt *rapid.T) {
	s, auto := r.pick(rt, "draft"), rapid.Bool().Draw(rt, "auto")
	r.send(rt, ownerOf(s), s, "PUT", "/review", fmt.Sprintf(`{"auto_publish":%t}`, auto), func() problem.Code { return r.m.submit(s, auto) })
}

func (r *run) approve(rt *rapid.T) {
	s := r.pick(rt, "submitted")
	r.send(rt, reviewer, s, "POST", "/review/approve", "", func() problem.Code { return r.m.decide(s, "approve") })
}

func (r *run) decide(rt *rapid.T) {
	s := r.pick(rt, "submitted")
	if rapid.Bool().Draw(rt, "by the owner") {
		r.send(rt, ownerOf(s), s, "DELETE", "/review", "", func() problem.Code { return r.m.decide(s, "withdraw") })
		return
	}
	r.send(rt, reviewer, s, "POST", "/review/reject", `{"reason":"R"}`, func() problem.Code { return r.m.decide(s, "reject") })
}

func (r *run) release(rt *rapid.T) {
	s, publish := r.pick(rt, "approved", "draft"), rapid.Bool().Draw(rt, "publish")
	r.send(rt, ownerOf(s), s, map[bool]string{true: "POST", false: "DELETE"}[publish], "/release", "", func() problem.Code { return s.release(publish) })
}

func (r *run) delete(rt *rapid.T) {
	s := r.pick(rt)
	if rapid.Bool().Draw(rt, "spare it") {
		return
	}
	r.send(rt, ownerOf(s), s, "DELETE", "", "", s.remove)
}

// trespass lets the wrong caller try, to no effect.
func (r *run) trespass(rt *rapid.T) {
	s := r.pick(rt)
	other := map[*api.Identity]*api.Identity{owner: stranger, stranger: owner}[ownerOf(s)]
	try := rapid.SampledFrom(deeds()[:5]).Draw(rt, "deed")
	method, below, body := "PUT", "/review", `{"auto_publish":true}`
	if strings.Contains(try.name, "name") {
		below, body = "", draw(rt).payload()
	}
	for _, caller := range []*api.Identity{other, reviewer} {
		if res := r.w.as(caller, method, s.path+below, body); res.Status != http.StatusForbidden {
			rt.Fatalf("%s of another's service = %d %s", try.name, res.Status, res.Raw)
		}
	}
}

// compare reads everything of a service, the queue and who has which name.
func (r *run) compare(rt *rapid.T, s *modelled) {
	if s == nil {
		return
	}
	if got := r.view(s); got != s.view() {
		rt.Fatalf("%s is %q, want %q", s.path, got, s.view())
	}
	stored := r.w.sheet(s.path)
	if rows := len(stored.rows["lifecycle"]) + len(stored.rows["publication"]); rows != len(s.rows) {
		rt.Fatalf("%d rows of history, want %q", rows, s.rows)
	}
	if p := stored.publication; (p == nil) != (s.publication == nil) || p != nil && (p.approved().Name != s.publication.approved().name || (p.Next == nil) != (s.publication.next == nil)) {
		rt.Fatalf("the publication is %+v, want %+v", p, s.publication)
	}
	if s.state != "deleted" {
		r.compareHistory(rt, s)
	}
	if got := r.queue(); got != r.m.waiting() {
		rt.Fatalf("waiting are\n%swant\n%s", got, r.m.waiting())
	}
	for _, name := range []string{"One", "Two", "Three"} {
		for by, holder := range map[string]*modelled{
			"": r.m.approved(name), "#" + owner.Subject: r.m.submitted(owner.Subject, name), "#" + stranger.Subject: r.m.submitted(stranger.Subject, name),
		} {
			want := ""
			if holder != nil {
				want = idOf(holder.path)
			}
			if got := r.w.holder("12345678901\x00"+strings.ToLower(name), by); got != want {
				rt.Fatalf("%s belongs to %q by %q, want %q", name, got, by, want)
			}
		}
	}
}

// view is modelled.view as read.
func (r *run) view(s *modelled) string {
	res := r.w.as(ownerOf(s), "GET", s.path, "")
	status, _ := res.Body["status"].(map[string]any)
	phone := func(res apitest.Response) any { m, _ := res.Body["metadata"].(map[string]any); return m["phone"] }
	line := fmt.Sprint(status["value"], " v", res.Body["version"], " ", res.Body["name"], " ", phone(res))
	if reason, ok := status["reason"]; ok {
		line += fmt.Sprint(" because ", reason)
	}
	res = r.w.as(ownerOf(s), "GET", s.path+"/release", "")
	if res.Status != http.StatusOK {
		return line + fmt.Sprint(" | ", res.Status)
	}
	return line + fmt.Sprint(" | ", res.Body["status"], " v", res.Body["version"], " ", res.Body["name"], " ", phone(res))
}

func (r *run) compareHistory(rt *rapid.T, s *modelled) {
	res := r.w.as(ownerOf(s), "GET", s.path+"/history?order=ASC&limit=100", "")
	listed, _ := res.Body["items"].([]any)
	var rows []string
	for _, item := range listed {
		item, _ := item.(map[string]any)
		status, _ := item["status"].(map[string]any)
		rows = append(rows, fmt.Sprint(status["kind"], " ", status["value"], " ", item["name"]))
	}
	if got, want := strings.Join(rows, "\n"), strings.Join(s.rows, "\n"); got != want {
		rt.Fatalf("the history is\n%s\nwant\n%s", got, want)
	}
}

func (r *run) queue() string {
	res := r.w.as(reviewer, "GET", "/reviews", "")
	listed, _ := res.Body["value"].([]any)
	line := ""
	for _, item := range listed {
		item, _ := item.(map[string]any)
		waiting, _ := item["service"].(map[string]any)
		line += fmt.Sprint("/services/", waiting["id"], " first ", item["first"], " publishes ", item["auto_publish"], "\n")
	}
	return line
}
