package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/servicestest"
)

// TestRandomCommands runs random commands of two owners of one organization and a reviewer,
// and compares what they read with the model after each command.
func TestRandomCommands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		db, err := bolt.Open("", servicestest.Schemas)
		if err != nil {
			rt.Fatal(err)
		}
		defer db.Close()
		r := &run{w: &world{suite.On(t, db)}, m: &model{}}
		for _, caller := range []*api.Identity{owner, stranger} {
			r.create(rt, caller, modelData{name: "One", phone: "0"})
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
	last *modelService
}

// mostServices bounds the services of one sequence, so that their names meet.
const mostServices = 4

// draw draws the data of a service.
func draw(rt *rapid.T) modelData {
	return modelData{
		name:     rapid.SampledFrom([]string{"One", "one", "Two", "Three"}).Draw(rt, "name"),
		phone:    rapid.SampledFrom([]string{"0", "1"}).Draw(rt, "phone"),
		isBroken: rapid.IntRange(0, 5).Draw(rt, "broken") == 0,
	}
}

func (d modelData) payload() string {
	changes := map[string]any{"name": d.name, "metadata.phone": d.phone}
	if d.isBroken {
		changes["metadata.privacy_url"] = nil
	}
	return complete(changes)
}

// pick draws a service, more often one in those states.
func (r *run) pick(rt *rapid.T, states ...string) *modelService {
	fit := r.m.services
	if len(states) > 0 && rapid.IntRange(0, 3).Draw(rt, "any") > 0 {
		var some []*modelService
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

// ownerOf returns the owner of a service.
func ownerOf(s *modelService) *api.Identity {
	if s.owner == stranger.Subject {
		return stranger
	}
	return owner
}

// send sends a change, in some cases with If-Match, and fails unless the answer is that of
// the model. The model decides only when the version matches.
func (r *run) send(rt *rapid.T, caller *api.Identity, s *modelService, method, below, body string, decide func() problem.Code) {
	r.w.Clock.Advance(1e6)
	version := s.version
	if strings.HasSuffix(below, "/release") {
		version = 0
		if s.publication != nil {
			version = s.publication.version
		}
	}
	var header []string
	code := accepted
	matches := true
	switch rapid.IntRange(0, 4).Draw(rt, "If-Match") {
	case 0:
		header = []string{"If-Match", api.ETag(int64(version))}
	case 1:
		header = []string{"If-Match", api.ETag(int64(version) + 1)}
		// Without a publication there is no version to compare.
		if matches = version == 0 || strings.HasSuffix(below, "/release") && s.state == "deleted"; !matches {
			code = services.PreconditionFailed
		}
	}
	if matches {
		code = decide()
	}
	res := r.w.As(caller, method, s.path+below, body, header...)
	isAccepted := res.Status < http.StatusBadRequest
	if isAccepted != (code == accepted) || !isAccepted && (res.Status != code.Status || servicestest.CodeOf(res) != code.Name) {
		rt.Fatalf("%s %s%s %s %v = %d %s, want %q", method, s.path, below, body, header, res.Status, res.Raw, code.Name)
	}
}

func (r *run) create(rt *rapid.T, caller *api.Identity, d modelData) {
	r.w.Clock.Advance(1e6)
	if len(r.m.services) == mostServices {
		return
	}
	res := r.w.As(caller, "POST", "/services", d.payload())
	if res.Status != http.StatusCreated {
		rt.Fatalf("create = %d %s", res.Status, res.Raw)
	}
	r.last = r.m.create(caller.Subject, d)
	r.last.path = "/services/" + res.Text("id")
}

func (r *run) edit(rt *rapid.T) {
	s := r.pick(rt, "draft", "rejected", "approved")
	d := draw(rt)
	r.send(rt, ownerOf(s), s, "PUT", "", d.payload(), func() problem.Code { return s.edit(d) })
}

func (r *run) submit(rt *rapid.T) {
	s := r.pick(rt, "draft")
	auto := rapid.Bool().Draw(rt, "auto")
	body := fmt.Sprintf(`{"auto_publish":%t}`, auto)
	r.send(rt, ownerOf(s), s, "PUT", "/review", body, func() problem.Code { return r.m.submit(s, auto) })
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
	s := r.pick(rt, "approved", "draft")
	method := "DELETE"
	publish := rapid.Bool().Draw(rt, "publish")
	if publish {
		method = "POST"
	}
	r.send(rt, ownerOf(s), s, method, "/release", "", func() problem.Code { return s.release(publish) })
}

func (r *run) delete(rt *rapid.T) {
	s := r.pick(rt)
	if rapid.Bool().Draw(rt, "keep it") {
		return
	}
	r.send(rt, ownerOf(s), s, "DELETE", "", "", s.remove)
}

// trespass sends changes of a service as callers that may not make them.
func (r *run) trespass(rt *rapid.T) {
	s := r.pick(rt)
	other := map[*api.Identity]*api.Identity{owner: stranger, stranger: owner}[ownerOf(s)]
	path := s.path + "/review"
	body := `{"auto_publish":true}`
	if rapid.Bool().Draw(rt, "edit") {
		path = s.path
		body = draw(rt).payload()
	}
	for _, caller := range []*api.Identity{other, reviewer} {
		if res := r.w.As(caller, "PUT", path, body); res.Status != http.StatusForbidden {
			rt.Fatalf("PUT %s of another owner's service = %d %s", path, res.Status, res.Raw)
		}
	}
}

// compare compares a service, the queue and the claims on names with the model.
func (r *run) compare(rt *rapid.T, s *modelService) {
	if s == nil {
		return
	}
	if got := r.view(s); got != s.view() {
		rt.Fatalf("%s is %q, want %q", s.path, got, s.view())
	}
	stored := r.w.stored(s.path)
	if rows := len(stored.rows["lifecycle"]) + len(stored.rows["publication"]); rows != len(s.rows) {
		rt.Fatalf("%d rows of history, want %q", rows, s.rows)
	}
	if !s.publication.isLike(stored.publication) {
		rt.Fatalf("the publication is %+v, want %+v", stored.publication, s.publication)
	}
	if s.state != "deleted" {
		r.compareHistory(rt, s)
	}
	if got := r.queue(); got != r.m.waiting() {
		rt.Fatalf("waiting are\n%swant\n%s", got, r.m.waiting())
	}
	for _, name := range []string{"One", "Two", "Three"} {
		for by, holder := range map[string]*modelService{
			"":                     r.m.approved(name),
			"#" + owner.Subject:    r.m.submitted(owner.Subject, name),
			"#" + stranger.Subject: r.m.submitted(stranger.Subject, name),
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

// view returns what modelService.view returns, as read.
func (r *run) view(s *modelService) string {
	res := r.w.As(ownerOf(s), "GET", s.path, "")
	status, _ := res.Body["status"].(map[string]any)
	phone := func(res apitest.Response) any { m, _ := res.Body["metadata"].(map[string]any); return m["phone"] }
	line := fmt.Sprint(status["value"], " v", res.Body["version"], " ", res.Body["name"], " ", phone(res))
	if reason, ok := status["reason"]; ok {
		line += fmt.Sprint(" because ", reason)
	}
	res = r.w.As(ownerOf(s), "GET", s.path+"/release", "")
	if res.Status != http.StatusOK {
		return line + fmt.Sprint(" | ", res.Status)
	}
	return line + fmt.Sprint(" | ", res.Body["status"], " v", res.Body["version"], " ", res.Body["name"], " ", phone(res))
}

// compareHistory compares the history of a service with the model.
func (r *run) compareHistory(rt *rapid.T, s *modelService) {
	res := r.w.As(ownerOf(s), "GET", s.path+"/history?order=ASC&limit=100", "")
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

// queue returns what model.waiting returns, as read.
func (r *run) queue() string {
	res := r.w.As(reviewer, "GET", "/reviews", "")
	listed, _ := res.Body["value"].([]any)
	line := ""
	for _, item := range listed {
		item, _ := item.(map[string]any)
		waiting, _ := item["service"].(map[string]any)
		line += fmt.Sprint("/services/", waiting["id"], " first ", item["first"], " publishes ", item["auto_publish"], "\n")
	}
	return line
}
