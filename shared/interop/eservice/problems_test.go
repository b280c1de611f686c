package eservice_test

import (
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// TestEveryProblemIsDeclaredAndProduced makes every operation answer with every
// code it declares, and with no other.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.create(object{"name": "Anagrafe"}) // the name is taken
		w.DeclaredCodes(w.requests(), w.ownProblems)
	})
}

// ownProblems makes the refusals of one operation.
func (w *world) ownProblems(r interoptest.Request) []apitest.Response {
	w.Helper()
	var requests []interoptest.Request
	if isNamed(r) {
		requests = append(requests, about(r, unknownPath()))
	}
	if isNamed(r) && writes(r) {
		requests = append(requests, about(r, w.descriptors(producer, w.having("published", nil))[0]).By(other))
	}
	if strings.Contains(r.Path, "{descriptorId}") {
		requests = append(requests, about(r, "/eservices/"+idOf(r.At)+"/descriptors/"+interoptest.UnknownID()))
	}
	if slices.Contains(r.Problems, interop.DescriptorNotValid) {
		requests = append(requests, about(r, w.descriptors(producer, w.having("archived", nil))[0]))
	}
	requests = append(requests, w.specialProblems(r)...)
	requests = append(requests, w.requirementProblems(r)...)
	var answers []apitest.Response
	for _, one := range requests {
		res := w.Send(one)
		if answers = append(answers, res); res.Status < 400 {
			w.Errorf("%s: %s %s was not refused: %d", r.ID, one.At, one.Body, res.Status)
		}
	}
	return answers
}

// specialProblems are requests that only one operation refuses in this way.
func (w *world) specialProblems(r interoptest.Request) []interoptest.Request {
	w.Helper()
	archived := r
	if isNamed(r) {
		archived = about(r, w.having("archived", nil))
	}
	taken := saying(r, `{"name":"Anagrafe"}`)
	flags := saying(r, `{"isConsumerDelegable":false,"isClientAccessDelegable":true}`)
	switch r.ID {
	case "eservice/create":
		return []interoptest.Request{
			saying(r, seed(object{"name": "Anagrafe"})),
			saying(r, seed(object{"descriptor.dailyCallsTotal": 1})),
			saying(r, seed(object{"isConsumerDelegable": false, "isClientAccessDelegable": true})),
		}
	case "eservice/update":
		return []interoptest.Request{taken, flags, archived}
	case "eservice/update-delegation":
		return []interoptest.Request{flags, archived}
	case "eservice/update-name":
		unchanged := object{"name": w.call("GET", "/eservices/"+idOf(r.At), "").Text("name")}
		return []interoptest.Request{taken, saying(r, interoptest.JSON(unchanged)), archived}
	case "eservice/update-description":
		unchanged := saying(about(r, w.having("published", nil)), `{"description":"Certificati online"}`)
		return []interoptest.Request{unchanged, archived}
	case "eservice/delete", "eservice/update-signal-hub":
		return []interoptest.Request{archived}
	case "eservice/set-personal-data":
		isSet := about(r, w.having("published", object{"personalData": true}))
		return []interoptest.Request{about(r, w.having("drafts", nil)), isSet}
	case "eservice/create-descriptor":
		return []interoptest.Request{saying(r, terms(object{"dailyCallsTotal": 1})), about(r, w.having("drafts", nil))}
	case "eservice/publish":
		return w.publicationProblems(r)
	case "eservice/delete-descriptor":
		_, only := w.create(nil)
		return []interoptest.Request{about(r, only)}
	case "eservice/update-descriptor", "eservice/update-quotas":
		return []interoptest.Request{saying(r, `{"dailyCallsTotal":1}`)}
	}
	return nil
}

// publicationProblems are requests to publish drafts that lack something.
func (w *world) publicationProblems(r interoptest.Request) []interoptest.Request {
	w.Helper()
	theirs, _ := w.createAs(other, nil)
	w.OK(other, "POST", w.descriptors(other, theirs)[0]+"/publish", "")
	var requests []interoptest.Request
	for _, changes := range []object{
		{"personalData": nil},
		{"mode": "RECEIVE"},
		{"descriptor.audience": []string{""}},
		{"descriptor.audience": []string{ownAudience}},
		{"descriptor.audience": []string{interoptest.Audience(other)}},
	} {
		_, lacking := w.create(changes)
		requests = append(requests, about(r, lacking))
	}
	return requests
}

// TestUnknownPathsAndMethods: unknown paths and methods are refused with the codes of the
// product.
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
			w.Refused(res, c.code)
			w.WellFormed(c.method+" "+c.path, res)
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

// TestPageCuts: [interop.Page] returns the page that offset and limit select.
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
