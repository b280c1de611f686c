package eservice_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// TestEveryProblemIsDeclaredAndProduced makes every operation answer with every
// code it declares, and with nothing it does not.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.create(object{"name": "Anagrafe"}) // whose name is taken
		for id, r := range w.requests() {
			declared := map[string]problem.Code{}
			for _, c := range r.Codes() {
				declared[c.Name] = c
			}
			produced := map[string]bool{}
			for _, res := range slices.Concat(w.frameProblems(r), w.ownProblems(r)) {
				name := codeOf(res)
				if want, ok := declared[name]; !ok || res.Status != want.Status || res.Text("title") != want.Title {
					w.Errorf("%s answered %d with a code that it does not declare:\n%s", id, res.Status, res.Raw)
				}
				w.wellFormed(id, res)
				produced[name] = true
			}
			if !r.writes() || r.body == "" { // which reads no body
				delete(declared, interop.MediaNotSupported.Name)
			}
			for name := range declared {
				if !produced[name] {
					w.Errorf("%s never answered with %s, which it declares", id, name)
				}
			}
		}
	})
}

// wellFormed looks at the members that every refusal has.
func (w *world) wellFormed(id string, res apitest.Response) {
	w.Helper()
	if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
		w.Errorf("%s: Content-Type %s", id, kind)
	}
	correlation := res.Text("correlationId")
	if res.Text("type") != "about:blank" || res.Text("title") == "" || res.Text("detail") == "" || res.Body["status"] != float64(res.Status) || correlation == "" || correlation != res.Header.Get("X-Correlation-Id") {
		w.Errorf("%s is refused without a type, title, detail, status or correlation id:\n%s", id, res.Raw)
	}
	all, _ := res.Body["errors"].([]any)
	for _, one := range all {
		entry, _ := one.(object)
		if entry["code"] == "" || entry["detail"] == "" || len(entry) != 2 {
			w.Errorf("%s is refused with the error %v", id, entry)
		}
	}
	if len(all) == 0 {
		w.Errorf("%s is refused without errors:\n%s", id, res.Raw)
	}
}

// frameProblems makes the refusals that operations have in common.
func (w *world) frameProblems(r request) []apitest.Response {
	w.Helper()
	answers := []apitest.Response{
		w.send(nil, r),
		w.as(producer, r.Method, apitest.Unreadable(r.path), r.body),
		w.as(producer, r.Method, r.path, strings.Repeat(" ", 2<<20)),
		w.send(organization(producer.Subject), r),
	}
	if r.body != "" {
		answers = append(answers, w.send(producer, r, "Content-Type", "text/plain"))
	}
	for _, err := range []error{hooked.ErrDown, errors.New("secret of the storage")} {
		w.tap.Set(func(*call) error { return err })
		res := w.send(producer, r)
		w.tap.Set(nil)
		if (res.Status == 503) != (res.Header.Get("Retry-After") == "1") || strings.Contains(res.Raw, "secret") {
			w.Errorf("%s on a broken storage = %d, Retry-After %q\n%s", r.ID, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		answers = append(answers, res)
	}
	return answers
}

// ownProblems makes the refusals of one operation.
func (w *world) ownProblems(r request) (answers []apitest.Response) {
	w.Helper()
	refused := func(what string, res apitest.Response) {
		w.Helper()
		if answers = append(answers, res); res.Status < 400 {
			w.Errorf("%s: %s was not refused: %d", r.ID, what, res.Status)
		}
	}
	saying := func(r request, body string) request {
		r.body = body
		return r
	}
	if r.named() {
		refused("no e-service", w.send(producer, r.about(nobody())))
	}
	if r.named() && r.writes() {
		refused("another's e-service", w.send(other, r.about(w.descriptors(producer, w.having("published", nil))[0])))
	}
	if strings.Contains(r.Path, "{descriptorId}") {
		refused("no descriptor", w.send(producer, r.about("/eservices/"+idOf(r.path)+"/descriptors/"+uuid.NewString())))
	}
	answers = append(answers, w.requirementProblems(r)...)
	archived := w.having("archived", nil)
	drafts := w.having("drafts", nil)
	delegable := `{"isConsumerDelegable":false,"isClientAccessDelegable":true}`
	switch r.ID {
	case "eservice/create":
		refused("a taken name", w.send(producer, saying(r, seed(object{"name": "Anagrafe"}))))
		refused("limits", w.send(producer, saying(r, seed(object{"descriptor.dailyCallsTotal": 1}))))
		refused("flags", w.send(producer, saying(r, seed(object{"isConsumerDelegable": false, "isClientAccessDelegable": true}))))
	case "eservice/update":
		refused("a taken name", w.send(producer, saying(r, `{"name":"Anagrafe"}`)))
		refused("flags", w.send(producer, saying(r, delegable)))
		refused("no draft", w.send(producer, r.about(archived)))
	case "eservice/delete":
		refused("no draft", w.send(producer, r.about(archived)))
	case "eservice/update-delegation":
		refused("flags", w.send(producer, saying(r, delegable)))
		refused("archived", w.send(producer, r.about(archived)))
	case "eservice/update-name":
		refused("a taken name", w.send(producer, saying(r, `{"name":"Anagrafe"}`)))
		refused("its own name", w.send(producer, saying(r, fmt.Sprintf(`{"name":%q}`, w.call("GET", "/eservices/"+idOf(r.path), "").Text("name")))))
		refused("archived", w.send(producer, r.about(archived)))
	case "eservice/update-description":
		refused("its own description", w.send(producer, saying(r.about(w.having("published", nil)), `{"description":"Certificati online"}`)))
		refused("archived", w.send(producer, r.about(archived)))
	case "eservice/update-signal-hub":
		refused("archived", w.send(producer, r.about(archived)))
	case "eservice/set-personal-data":
		refused("drafts", w.send(producer, r.about(drafts)))
		refused("said", w.send(producer, r.about(w.having("published", object{"personalData": true}))))
	case "eservice/create-descriptor":
		refused("limits", w.send(producer, saying(r, terms(object{"dailyCallsTotal": 1}))))
		refused("a draft", w.send(producer, r.about(drafts)))
	case "eservice/publish":
		answers = append(answers, w.publicationProblems(r)...)
	case "eservice/delete-descriptor":
		_, only := w.create(nil)
		refused("the only one", w.send(producer, r.about(only)))
	case "eservice/update-descriptor", "eservice/update-quotas":
		refused("limits", w.send(producer, saying(r, `{"dailyCallsTotal":1}`)))
	}
	if slices.Contains(r.Problems, interop.DescriptorNotValid) {
		refused("archived", w.send(producer, r.about(w.descriptors(producer, archived)[0])))
	}
	return answers
}

// publicationProblems makes the refusals of drafts that lack something.
func (w *world) publicationProblems(r request) (answers []apitest.Response) {
	w.Helper()
	theirs, _ := w.createAs(other, nil)
	w.want(w.as(other, "POST", w.descriptors(other, theirs)[0]+"/publish", ""), http.StatusOK)
	for _, changes := range []object{
		{"personalData": nil},
		{"mode": "RECEIVE"},
		{"descriptor.audience": []string{""}},
		{"descriptor.audience": []string{ownAudience}},
		{"descriptor.audience": []string{other.Subject + ".example.it"}},
	} {
		_, lacking := w.create(changes)
		answers = append(answers, w.send(producer, r.about(lacking)))
	}
	return answers
}

// TestUnknownPathsAndMethods are refused as the product does.
func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path, _ := w.create(nil)
		for _, c := range []struct {
			method, path string
			code         problem.Code
		}{
			{"GET", "/nothing", interop.NoRoute},
			{"GET", path + "/", interop.NoRoute},
			{"GET", path + "/nothing", interop.NoRoute},
			{"PUT", path, interop.NoMethod},
			{"HEAD", path, interop.NoMethod},
			{"GET", path + "/name", interop.NoMethod},
		} {
			res := w.Call(w.TB, producer, c.method, c.path, "")
			w.refused(res, c.code)
			w.wellFormed(c.method+" "+c.path, res)
		}
	})
}

// TestInvalidFieldsAreListed sends several offending members at once.
func TestInvalidFieldsAreListed(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		res := w.call("POST", "/eservices", seed(object{"name": "abc", "mode": "BOTH", "descriptor.audience": []string{}, "technology": nil}))
		all, _ := res.Body["errors"].([]any)
		var where []string
		for _, one := range all {
			entry, _ := one.(object)
			at, _, _ := strings.Cut(entry["detail"].(string), ": ")
			where = append(where, at)
			if entry["code"] != interop.BadRequest.Name {
				w.Errorf("a field is refused with %v", entry)
			}
		}
		slices.Sort(where)
		if want := []string{"body.descriptor.audience", "body.mode", "body.name", "body.technology"}; !slices.Equal(where, want) {
			w.Errorf("the offending fields are %v, want %v\n%s", where, want, res.Raw)
		}
	})
}

// TestPageCuts: the part of a list that is asked for, as [interop.Page] cuts it.
func TestPageCuts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		offset, limit, first, end int
	}{{0, 1, 0, 1}, {0, 50, 0, 5}, {2, 2, 2, 4}, {4, 2, 4, 5}, {5, 1, 5, 5}, {99, 50, 5, 5}} {
		all := []int{0, 1, 2, 3, 4}
		page, pagination := interop.Page(interop.Paged{Offset: c.offset, Limit: c.limit}, all)
		if !slices.Equal(page, all[c.first:c.end]) || pagination != (interop.Pagination{Offset: c.offset, Limit: c.limit, TotalCount: 5}) {
			t.Errorf("%d at %d are %v, %v", c.limit, c.offset, page, pagination)
		}
	}
}
