package eservice_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// field is a member of a body: what may be said, and what may not, as JSON.
type field struct{ good, bad []string }

func text(least, most int) field {
	of := func(n int) string { return `"` + strings.Repeat("à", n) + `"` }
	return field{[]string{of(least), of(most)}, []string{of(least - 1), of(most + 1), `null`, `1`, `["` + strings.Repeat("x", least) + `"]`}}
}

func number(least, most int) field {
	return field{
		[]string{fmt.Sprint(least), fmt.Sprint(most)},
		[]string{fmt.Sprint(least - 1), fmt.Sprint(most + 1), fmt.Sprintf("%d.5", least), fmt.Sprintf(`"%d"`, least), `null`, `true`, `1e99`},
	}
}

func word(words ...string) field {
	f := field{bad: []string{`""`, `null`, `1`, `"OTHER"`}}
	for _, w := range words {
		f.good = append(f.good, `"`+w+`"`)
		f.bad = append(f.bad, `"`+strings.ToLower(w)+`"`, `["`+w+`"]`)
	}
	return f
}

var (
	flag      = field{[]string{"true", "false"}, []string{`null`, `"true"`, `1`, `0`, `{}`}}
	clearable = field{[]string{"true", "false", "null"}, []string{`"true"`, `1`, `""`, `[]`}}
	lifespan  = number(60, 86400)
	calls     = number(1, 1000000000)
)

// audience is one text of at least so many characters.
func audience(least int) field {
	f := field{[]string{`["` + strings.Repeat("à", 250) + `"]`, `["` + strings.Repeat("x", least) + `"]`}, []string{`null`, `[]`, `["a","b"]`, `"a"`, `[1]`, `[null]`, `["` + strings.Repeat("x", 251) + `"]`}}
	if least > 0 {
		f.bad = append(f.bad, `["`+strings.Repeat("x", least-1)+`"]`)
	}
	return f
}

// wide are terms whose limits may be anything one at a time.
func wide() object {
	t := termsObject()
	t["dailyCallsPerConsumer"], t["dailyCallsTotal"] = 1, 1000000000
	return t
}

// form is a body that an operation takes.
type form struct {
	method   string
	at       func(w *world) string
	base     func() object
	required string
	fields   map[string]field
}

var forms = map[string]form{
	"create": {
		"POST", func(*world) string { return "/eservices" },
		func() object {
			return object{"name": fmt.Sprint("Name ", unique.Add(1)), "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "descriptor": wide()}
		},
		"name description technology mode descriptor descriptor.audience descriptor.voucherLifespan descriptor.dailyCallsPerConsumer descriptor.dailyCallsTotal descriptor.agreementApprovalPolicy",
		map[string]field{
			"name": text(5, 60), "description": text(10, 400), "technology": word("REST", "SOAP"), "mode": word("RECEIVE", "DELIVER"),
			"isSignalHubEnabled": flag, "isConsumerDelegable": flag, "personalData": flag, "asyncExchange": flag,
			"isClientAccessDelegable": {nil, flag.bad}, "descriptor": {nil, []string{`null`, `[]`, `"x"`, `{}`}},
			"descriptor.description": text(10, 250), "descriptor.audience": audience(0), "descriptor.voucherLifespan": lifespan,
			"descriptor.dailyCallsPerConsumer": calls, "descriptor.dailyCallsTotal": calls, "descriptor.agreementApprovalPolicy": word("AUTOMATIC", "MANUAL"),
		},
	},
	"update": {
		"PATCH", func(w *world) string { path, _ := w.create(nil); return path }, func() object { return object{} }, "",
		map[string]field{
			"name": text(5, 60), "description": text(10, 400), "technology": word("REST", "SOAP"), "mode": word("RECEIVE", "DELIVER"),
			"isSignalHubEnabled": flag, "isConsumerDelegable": flag, "isClientAccessDelegable": {nil, flag.bad},
			"personalData": clearable, "asyncExchange": clearable,
		},
	},
	"name":          {"PATCH", below("/name"), func() object { return object{"name": "Anagrafe"} }, "name", map[string]field{"name": text(5, 60)}},
	"description":   {"PATCH", below("/description"), func() object { return object{"description": "Certificati in linea"} }, "description", map[string]field{"description": text(10, 400)}},
	"signal hub":    {"PATCH", below("/signalHub"), func() object { return object{"isSignalHubEnabled": true} }, "isSignalHubEnabled", map[string]field{"isSignalHubEnabled": flag}},
	"personal data": {"POST", unset("/personalDataFlag"), func() object { return object{"personalData": true} }, "personalData", map[string]field{"personalData": flag}},
	"delegation": {
		"PATCH", below("/delegation"), func() object { return object{} }, "",
		map[string]field{"isConsumerDelegable": flag, "isClientAccessDelegable": {[]string{"false"}, flag.bad}},
	},
	"new descriptor": {
		"POST", below("/descriptors"), wide, "audience voucherLifespan dailyCallsPerConsumer dailyCallsTotal agreementApprovalPolicy",
		map[string]field{
			"description": text(10, 250), "audience": audience(0), "voucherLifespan": lifespan, "dailyCallsPerConsumer": calls, "dailyCallsTotal": calls,
			"agreementApprovalPolicy": word("AUTOMATIC", "MANUAL"),
		},
	},
	"update descriptor": {
		"PATCH", func(w *world) string { _, d := w.create(object{"descriptor": wide()}); return d }, func() object { return object{} }, "",
		map[string]field{
			"description": text(10, 250), "audience": audience(1), "voucherLifespan": lifespan, "dailyCallsPerConsumer": calls, "dailyCallsTotal": calls,
			"agreementApprovalPolicy": word("AUTOMATIC", "MANUAL"),
		},
	},
	"quotas": {
		"PATCH", func(w *world) string { _, d := w.public(object{"descriptor": wide()}); return d + "/quotas" }, func() object { return object{} }, "",
		map[string]field{"voucherLifespan": lifespan, "dailyCallsPerConsumer": calls, "dailyCallsTotal": calls},
	},
}

// below is a path of an operation on an e-service that is published.
func below(path string) func(w *world) string {
	return func(w *world) string { public, _ := w.public(nil); return public + path }
}

// unset is below where the personal data flag was never set.
func unset(path string) func(w *world) string {
	return func(w *world) string { public, _ := unsaid(w); return public + path }
}

// TestFields says everything that every member of every body may be, and may not.
func TestFields(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for name, f := range forms {
			for member, values := range f.fields {
				for _, value := range values.good {
					w.takes(name, f, member, value)
				}
			}
			w.takesNot(name, f)
		}
	})
}

// takes sends a value that is allowed, and finds it in the answer. A name is
// given up afterwards.
func (w *world) takes(name string, f form, member, value string) {
	w.Helper()
	path := f.at(w)
	res := w.call(f.method, path, payload(f.base(), object{member: json.RawMessage(value)}))
	if res.Status >= 400 {
		w.Errorf("%s with %s %.40s = %d\n%s", name, member, value, res.Status, res.Raw)
		return
	}
	seen := res
	if inner, nested := strings.CutPrefix(member, "descriptor."); nested {
		member = inner
		seen = w.call("GET", w.descriptors(producer, "/eservices/"+res.Text("id"))[0], "")
	}
	var want any
	if err := json.Unmarshal([]byte(value), &want); err != nil {
		w.Fatal(err)
	}
	if diff := cmp.Diff(want, seen.Body[member]); diff != "" {
		w.Errorf("%s with %s %.40s is answered %s", name, member, value, diff)
	}
	if name == "create" {
		w.want(w.call("DELETE", "/eservices/"+res.Text("id"), ""), http.StatusOK)
	}
	if member == "name" && name != "create" {
		w.call(f.method, path, freshName())
	}
}

// takesNot sends what is not allowed.
func (w *world) takesNot(name string, f form) {
	w.Helper()
	path := f.at(w)
	record := path
	if !strings.Contains(path, "/eservices/") {
		record = nobody()
	}
	before := w.records(record)
	refused := func(what, at, body string) {
		w.Helper()
		res := w.call(f.method, path, body)
		if codeOf(res) != interop.BadRequest.Name || res.Status != 400 || at != "" && !strings.Contains(res.Raw, at) {
			w.Errorf("%s with %s = %d\n%s", name, what, res.Status, res.Raw)
		}
	}
	for member, values := range f.fields {
		for _, value := range values.bad {
			refused(member+" "+value, `"body.`+member, payload(f.base(), object{member: json.RawMessage(value)}))
		}
		outer, inner, nested := strings.Cut(member, ".")
		look := strings.ToUpper(member)
		if nested {
			look = outer + "." + strings.ToUpper(inner)
			refused("an unknown member of "+outer, "", payload(f.base(), object{outer + ".other": 1}))
		}
		refused(look, "", payload(f.base(), object{look: json.RawMessage(append(values.good, "{}")[0])}))
	}
	for member := range strings.FieldsSeq(f.required) {
		refused("no "+member, `"body.`+member, payload(f.base(), object{member: nil}))
	}
	refused("an unknown member", "body", payload(f.base(), object{"other": nil, "state": "DRAFT"}))
	refused("an id", "body", payload(f.base(), object{"id": "00000000-0000-4000-8000-000000000009"}))
	for _, body := range []string{"", "null", "[]", `"x"`, "1", "{", payload(f.base(), nil) + "x"} {
		refused("a body of "+body, "", body)
	}
	w.unchanged(record, before)
}

// TestMergePatch leaves what is absent and clears what is null.
func TestMergePatch(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path, descriptor := w.create(object{"personalData": true, "asyncExchange": true, "isSignalHubEnabled": true, "descriptor.description": "The first one"})
		before := w.call("GET", path, "").Body
		for _, kind := range []string{"application/merge-patch+json", "application/json", "application/merge-patch+json; charset=utf-8", "Application/Merge-Patch+JSON"} {
			res := w.want(w.call("PATCH", path, `{"personalData":null,"description":"Another description"}`, "Content-Type", kind), http.StatusOK)
			delete(before, "personalData")
			before["description"] = "Another description"
			wantBody(w, res.Body, before)
			before["personalData"] = false
			wantBody(w, w.want(w.call("PATCH", path, `{"personalData":false}`, "Content-Type", kind), http.StatusOK).Body, before)
		}
		delete(before, "asyncExchange")
		wantBody(w, w.call("PATCH", path, `{"asyncExchange":null}`).Body, before)
		wantBody(w, w.call("PATCH", path, `{}`).Body, before)
		wantBody(w, w.call("GET", path, "").Body, before)
		version := w.call("GET", descriptor, "").Body
		version["voucherLifespan"] = 60.0
		wantBody(w, w.call("PATCH", descriptor, `{"voucherLifespan":60}`, "Content-Type", "application/merge-patch+json").Body, version)
		for _, kind := range []string{"text/plain", "application/merge-patch", "application/xml"} {
			w.refused(w.call("PATCH", path, `{}`, "Content-Type", kind), interop.MediaNotSupported)
		}
	})
}

// TestContradictions sends limits and flags that contradict one another.
func TestContradictions(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		_, draft := w.create(nil)
		public, live := w.public(nil)
		delegable, _ := w.public(object{"isConsumerDelegable": true, "isClientAccessDelegable": true})
		path, _ := w.create(nil)
		before := []map[string]map[string]object{w.records(draft), w.records(public), w.records(delegable), w.records(path)}
		both := object{"isClientAccessDelegable": true, "isConsumerDelegable": false}
		for _, c := range []struct {
			method, path, body string
			code               problem.Code
		}{
			{"POST", "/eservices", seed(object{"descriptor.dailyCallsTotal": 9}), interop.InconsistentDailyCalls},
			{"POST", "/eservices", seed(both), interop.InvalidEServiceFlags},
			{"POST", public + "/descriptors", terms(object{"dailyCallsPerConsumer": 101}), interop.InconsistentDailyCalls},
			{"PATCH", draft, `{"dailyCallsPerConsumer":101}`, interop.InconsistentDailyCalls},
			{"PATCH", draft, `{"dailyCallsTotal":9}`, interop.InconsistentDailyCalls},
			{"PATCH", live + "/quotas", `{"dailyCallsTotal":9}`, interop.InconsistentDailyCalls},
			{"PATCH", path, `{"isConsumerDelegable":false,"isClientAccessDelegable":true}`, interop.InvalidEServiceFlags},
			{"PATCH", public + "/delegation", `{"isClientAccessDelegable":true}`, interop.InvalidEServiceFlags},
			{"PATCH", delegable + "/delegation", `{"isConsumerDelegable":false}`, interop.InvalidEServiceFlags},
		} {
			w.refused(w.call(c.method, c.path, c.body), c.code)
		}
		for i, at := range []string{draft, public, delegable, path} {
			w.unchanged(at, before[i])
		}
		w.want(w.call("PATCH", live+"/quotas", `{"dailyCallsTotal":10}`), http.StatusOK) // equal is allowed
		w.want(w.call("PATCH", path, `{"isClientAccessDelegable":true,"isConsumerDelegable":true}`), http.StatusOK)
		w.want(w.call("PATCH", delegable+"/delegation", `{"isClientAccessDelegable":false,"isConsumerDelegable":false}`), http.StatusOK)
	})
}

// TestIDs names e-services and descriptors by what is no UUID, or nobody's. An
// action takes no body, or an empty one.
func TestIDs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for id, r := range w.requests() {
			if !r.named() {
				continue
			}
			known := strings.Split(r.path, "/")[2]
			if strings.Contains(r.Path, "{descriptorId}") {
				known = strings.Split(r.path, "/")[4]
			}
			for _, bad := range []string{"x", known[:35], known + "0", known[:35] + "g", "ESERVICE%23" + known, "%20", known + "%2F", strings.Repeat("0", 3000), "%F0"} {
				other := r
				other.path = strings.Replace(r.path, known, bad, 1)
				if res := w.send(producer, other); codeOf(res) != interop.BadRequest.Name {
					w.Errorf("%s of %.50s = %d %s", id, bad, res.Status, res.Raw)
				}
			}
			res := w.as(producer, r.Method, apitest.Unreadable(r.path), r.body)
			w.refused(res, interop.BadRequest)
		}
		_, live := w.public(nil)
		w.want(w.call("POST", live+"/suspend", "{}"), http.StatusOK)
		w.want(w.call("POST", live+"/unsuspend", "null"), http.StatusOK)
	})
}
