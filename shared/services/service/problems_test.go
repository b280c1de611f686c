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
	"ciclo/shared/services/servicestest"
)

// TestEveryProblemIsDeclaredAndProduced makes every operation answer with each code that it
// declares, and finds answers with other codes.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for id, r := range w.requests() {
			declared := map[string]problem.Code{}
			for _, c := range r.Codes() {
				declared[c.Name] = c
			}
			produced := map[string]bool{}
			for _, res := range slices.Concat(w.frameProblems(r), w.ownProblems(r)) {
				w.wantDeclared(id, res, declared)
				produced[servicestest.CodeOf(res)] = true
			}
			for _, c := range cannotProduce(r) {
				delete(declared, c.Name)
			}
			for name := range declared {
				if !produced[name] {
					w.Errorf("%s never answered with %s, which it declares", id, name)
				}
			}
		}
	})
}

// wantDeclared fails unless a refusal is well formed and its code is declared.
func (w *world) wantDeclared(id string, res apitest.Response, declared map[string]problem.Code) {
	w.Helper()
	code, isDeclared := declared[servicestest.CodeOf(res)]
	if !isDeclared || res.Status != code.Status || res.Text("type") != problem.URN(code) {
		w.Errorf("%s answered %d with a code that it does not declare:\n%s", id, res.Status, res.Raw)
	}
	if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
		w.Errorf("%s: Content-Type %s", id, kind)
	}
	isComplete := res.Text("title") != "" && res.Text("detail") != "" && res.Text("correlationId") != ""
	if !isComplete || res.Body["status"] != float64(res.Status) {
		w.Errorf("%s is refused without a title, detail, status or correlation id:\n%s", id, res.Raw)
	}
}

// cannotProduce returns the codes that the product declares for all of its operations and
// that this one has no reason to answer with.
func cannotProduce(r request) []problem.Code {
	if r.ID == "service/info" || r.ID == "service/topics" { // they do not use the storage
		return []problem.Code{r.Product.Internal, r.Product.Unavailable, r.Product.Media}
	}
	if r.body == "" { // it reads no body
		return []problem.Code{r.Product.Media}
	}
	return nil
}

// frameProblems makes the refusals that all operations have in common.
func (w *world) frameProblems(r request) []apitest.Response {
	w.Helper()
	answers := []apitest.Response{
		w.As(r.caller(), r.Method, apitest.Unreadable(r.path), r.body),
		w.As(r.caller(), r.Method, r.path, strings.Repeat(" ", 2<<20)),
	}
	if r.Public {
		return answers
	}
	answers = append(answers, w.send(nil, r))
	if len(r.Scopes) == 0 {
		return answers
	}
	answers = append(answers,
		w.send(identity(services.KindService, r.Scopes...), r),
		w.send(identity(services.KindManage, "ApiMessageWrite"), r),
		w.send(identity(services.KindManage), r))
	if r.body != "" {
		answers = append(answers, w.send(r.caller(), r, "Content-Type", "application/json; charset=utf-16"))
	}
	for _, err := range []error{hooked.ErrDown, errors.New("secret of the storage")} {
		w.Tap.Set(func(*hooked.Call) error { return err })
		res := w.send(r.caller(), r)
		w.Tap.Set(nil)
		if (res.Status == 503) != (res.Header.Get("Retry-After") == "1") || strings.Contains(res.Raw, "secret") {
			w.Errorf("%s on a broken storage = %d, Retry-After %q\n%s", r.ID, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		answers = append(answers, res)
	}
	return answers
}

// ownProblems makes the other refusals of an operation.
func (w *world) ownProblems(r request) (answers []apitest.Response) {
	w.Helper()
	refuse := func(what string, res apitest.Response) {
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
		refuse("a list", w.As(r.caller(), r.Method, r.path, "[]"))
		refuse("half a body", w.As(r.caller(), r.Method, r.path, r.body[:len(r.body)/2]))
	}
	switch r.ID {
	case "service/create", "service/update":
		refuse("an unknown topic", w.As(owner, r.Method, r.path, complete(map[string]any{"metadata.topic_id": 99})))
	case "service/update-logo":
		refuse("no image", w.As(owner, r.Method, r.path, `{"logo":"AAAA"}`))
	case "service/regenerate-key":
		refuse("a change in between", w.sendBeside(r, func() { w.Want(w.call("PUT", r.path, ""), 200) }))
	case "service/approve":
		refuse("a name that was approved before", w.send(reviewer, at(w.createDuplicate())))
	case "service/get-review":
		refuse("a draft", w.send(reviewer, at(w.create(w.fresh()))))
	case "service/get-logo":
		refuse("no logo", w.send(owner, at(w.create(w.fresh()))))
	}
	if !r.hasService() {
		return answers
	}
	refuse("no service", w.send(r.caller(), at("/services/"+ulid.Make().String())))
	if r.caller() == owner {
		refuse("another group", w.send(grouped("g"), r))
		refuse("another owner", w.send(stranger, r))
	}
	gone := w.create(w.fresh())
	w.Want(w.call("DELETE", gone, ""), 204)
	if r.ID != "service/get" && r.ID != "service/allowed-actions" {
		refuse("a deleted service", w.send(r.caller(), at(gone)))
	}
	if strings.HasSuffix(r.path, "/release") {
		refuse("no publication", w.send(owner, at(w.create(w.fresh()))))
	}
	if !slices.Contains(r.Problems, services.PreconditionFailed) {
		return answers
	}
	refuse("another version", w.send(r.caller(), r, "If-Match", `"99"`))
	if slices.Contains(r.Problems, services.VersionConflict) {
		refuse("a change in between", w.sendBeside(r, func() { w.touch(r.path) }))
	}
	return answers
}

// createDuplicate makes a service that waits for a reviewer with the name of an approved
// service of another owner.
func (w *world) createDuplicate() string {
	w.Helper()
	body := w.fresh()
	second := "/services/" + w.Want(w.As(stranger, "POST", "/services", body), 201).Text("id")
	w.Want(w.As(stranger, "PUT", second+"/review", `{"auto_publish":true}`), 204)
	first := w.create(body)
	w.submit(first, true)
	w.decide(first, "approve")
	return second
}

// sendBeside sends a request and runs do between its reads and its write.
func (w *world) sendBeside(r request, do func()) apitest.Response {
	w.Helper()
	defer w.Tap.Set(nil)
	w.Tap.During(0, (*hooked.Call).Writes, do)
	return w.send(r.caller(), r)
}

// touch changes a service that is a draft or waits for review.
func (w *world) touch(path string) {
	w.Helper()
	service := "/services/" + idOf(path)
	if w.state(service) == "submitted" {
		w.Want(w.call("DELETE", service+"/review", ""), 204)
		return
	}
	w.Want(w.call("PUT", service, w.fresh()), 200)
}
