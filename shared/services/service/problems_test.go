package service_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services"
)

// TestEveryProblemIsDeclaredAndProduced makes every operation answer with every
// code it declares, and with nothing it does not.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	eachTapped(t, func(w *world, tap *tap) {
		for id, r := range w.requests() {
			declared := map[string]problem.Code{}
			for _, c := range r.Codes() {
				declared[problem.URN(c)] = c
			}
			produced := map[string]bool{}
			for _, res := range slices.Concat(w.frameProblems(tap, r), w.ownProblems(tap, r)) {
				name := res.Text("type")
				if want, ok := declared[name]; !ok || res.Status != want.Status {
					w.Errorf("%s answered %d with a code that it does not declare:\n%s", id, res.Status, res.Raw)
				}
				if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
					w.Errorf("%s: Content-Type %s", id, kind)
				}
				if res.Text("title") == "" || res.Text("detail") == "" || res.Body["status"] != float64(res.Status) || res.Text("correlationId") == "" {
					w.Errorf("%s is refused without a title, detail, status or correlation id:\n%s", id, res.Raw)
				}
				produced[name] = true
			}
			for _, c := range cannotProduce(r) {
				delete(declared, problem.URN(c))
			}
			for name := range declared {
				if !produced[name] {
					w.Errorf("%s never answered with %s, which it declares", id, name)
				}
			}
		}
	})
}

// cannotProduce lists what a product declares for all of its operations and this
// one has no occasion for.
func cannotProduce(r request) []problem.Code {
	if r.ID == "service/info" || r.ID == "service/topics" { // they ask nobody
		return []problem.Code{r.Product.Internal, r.Product.Unavailable, r.Product.Media}
	}
	if r.body == "" { // they read none
		return []problem.Code{r.Product.Media}
	}
	return nil
}

// frameProblems makes the refusals that operations have in common.
func (w *world) frameProblems(tap *tap, r request) []apitest.Response {
	w.Helper()
	answers := []apitest.Response{
		w.as(r.by(), r.Method, apitest.Unreadable(r.path), r.body),
		w.as(r.by(), r.Method, r.path, strings.Repeat(" ", 2<<20)),
	}
	if r.Public {
		return answers
	}
	answers = append(answers, w.send(nil, r))
	if len(r.Scopes) == 0 {
		return answers
	}
	answers = append(answers,
		w.send(of(services.KindService, r.Scopes...), r),
		w.send(of(services.KindManage, "ApiMessageWrite"), r),
		w.send(of(services.KindManage), r))
	if r.body != "" {
		answers = append(answers, w.send(r.by(), r, "Content-Type", "application/json; charset=utf-16"))
	}
	for _, err := range []error{hooked.ErrDown, errors.New("secret of the storage")} {
		tap.Set(func(*call) error { return err })
		res := w.send(r.by(), r)
		tap.Set(nil)
		if (res.Status == 503) != (res.Header.Get("Retry-After") == "1") || strings.Contains(res.Raw, "secret") {
			w.Errorf("%s on a broken storage = %d, Retry-After %q\n%s", r.ID, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		answers = append(answers, res)
	}
	return answers
}

// ownProblems makes the refusals of one operation.
func (w *world) ownProblems(tap *tap, r request) (answers []apitest.Response) {
	w.Helper()
	refused := func(what string, res apitest.Response) {
		w.Helper()
		if answers = append(answers, res); res.Status < 400 {
			w.Errorf("%s: %s was not refused: %d", r.ID, what, res.Status)
		}
	}
	at := func(path string) request {
		other := r
		other.path = strings.Replace(r.path, idOf(r.path), idOf(path), 1)
		return other
	}
	writes := r.Method != "GET"
	if writes && strings.HasPrefix(r.body, "{") {
		refused("a list", w.as(r.by(), r.Method, r.path, "[]"))
		refused("half a body", w.as(r.by(), r.Method, r.path, r.body[:len(r.body)/2]))
	}
	switch r.ID {
	case "service/create", "service/update":
		refused("an unknown topic", w.as(owner, r.Method, r.path, complete(map[string]any{"metadata.topic_id": 99})))
	case "service/update-logo":
		refused("no image", w.as(owner, r.Method, r.path, `{"logo":"AAAA"}`))
	case "service/regenerate-key":
		refused("a change meanwhile", w.meanwhile(tap, r, func() { w.want(w.call("PUT", r.path, ""), 200) }))
	case "service/approve":
		refused("a name that was approved meanwhile", w.send(reviewer, at(w.late())))
	case "service/get-logo":
		refused("no logo", w.send(owner, at(w.create(w.fresh()))))
	}
	if !r.named() {
		return answers
	}
	refused("no service", w.send(r.by(), at("/services/"+ulid.Make().String())))
	if r.by() == owner {
		refused("another group", w.send(grouped("g"), r))
		refused("another owner", w.send(stranger, r))
	}
	gone := w.create(w.fresh())
	w.want(w.call("DELETE", gone, ""), 204)
	if r.ID != "service/get" {
		refused("a deleted service", w.send(r.by(), at(gone)))
	}
	if strings.HasSuffix(r.path, "/release") {
		refused("no publication", w.send(owner, at(w.create(w.fresh()))))
	}
	if !slices.Contains(r.Problems, services.PreconditionFailed) {
		return answers
	}
	refused("another version", w.send(r.by(), r, "If-Match", `"99"`))
	if slices.Contains(r.Problems, services.VersionConflict) {
		refused("a change meanwhile", w.meanwhile(tap, r, func() { w.touch(r.path) }))
	}
	return answers
}

// late makes a service that waits for a reviewer with a name that another owner's service
// was approved with.
func (w *world) late() string {
	w.Helper()
	body := w.fresh()
	second := "/services/" + w.want(w.as(stranger, "POST", "/services", body), 201).Text("id")
	w.want(w.as(stranger, "PUT", second+"/review", `{"auto_publish":true}`), 204)
	first := w.create(body)
	w.submit(first, true)
	w.decide(first, "approve")
	return second
}

// meanwhile sends a request and does something between its reads and its write.
func (w *world) meanwhile(tap *tap, r request, do func()) apitest.Response {
	w.Helper()
	defer tap.Set(nil)
	tap.During(0, (*call).Writes, do)
	return w.send(r.by(), r)
}

// touch changes a service that is a draft or waits for review, whatever it takes.
func (w *world) touch(path string) {
	w.Helper()
	service := "/services/" + idOf(path)
	if w.state(service) == "submitted" {
		w.want(w.call("DELETE", service+"/review", ""), 204)
		return
	}
	w.want(w.call("PUT", service, w.fresh()), 200)
}
