package eservice_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
)

type field = interoptest.Field

// number is a member with a whole number within bounds.
func number(least, most int) field {
	return field{
		Good: []string{fmt.Sprint(least), fmt.Sprint(most)},
		Bad: []string{
			fmt.Sprint(least - 1), fmt.Sprint(most + 1), fmt.Sprintf("%d.5", least), fmt.Sprintf(`"%d"`, least),
			`null`, `true`, `1e99`,
		},
	}
}

// word is a member with one of some words.
func word(words ...string) field {
	f := field{Bad: []string{`""`, `null`, `1`, `"OTHER"`}}
	for _, w := range words {
		f.Good = append(f.Good, `"`+w+`"`)
		f.Bad = append(f.Bad, `"`+strings.ToLower(w)+`"`, `["`+w+`"]`)
	}
	return f
}

var (
	flag      = field{Good: []string{"true", "false"}, Bad: []string{`null`, `"true"`, `1`, `0`, `{}`}}
	badFlag   = field{Bad: flag.Bad}
	falseFlag = field{Good: []string{"false"}, Bad: flag.Bad}
	clearable = field{Good: []string{"true", "false", "null"}, Bad: []string{`"true"`, `1`, `""`, `[]`}}
	lifespan  = number(60, 86400)
	calls     = number(1, 1000000000)
	policy    = word("AUTOMATIC", "MANUAL")
)

// audience is a list of one text with at least that many characters.
func audience(least int) field {
	f := field{
		Good: []string{`["` + strings.Repeat("à", 250) + `"]`, `["` + strings.Repeat("x", least) + `"]`},
		Bad:  []string{`null`, `[]`, `["a","b"]`, `"a"`, `[1]`, `[null]`, `["` + strings.Repeat("x", 251) + `"]`},
	}
	if least > 0 {
		f.Bad = append(f.Bad, `["`+strings.Repeat("x", least-1)+`"]`)
	}
	return f
}

// dataFields are the members of an e-service that drafts can change.
func dataFields() map[string]field {
	return map[string]field{
		"name": interoptest.Text(5, 60), "description": interoptest.Text(10, 400),
		"technology": word("REST", "SOAP"), "mode": word("RECEIVE", "DELIVER"),
		"isSignalHubEnabled": flag, "isConsumerDelegable": flag, "isClientAccessDelegable": badFlag,
	}
}

// termsFields are the members of a descriptor, whose audience has at least that many
// characters.
func termsFields(least int) map[string]field {
	return map[string]field{
		"description": interoptest.Text(10, 250), "audience": audience(least), "voucherLifespan": lifespan,
		"dailyCallsPerConsumer": calls, "dailyCallsTotal": calls, "agreementApprovalPolicy": policy,
	}
}

// createFields are the members of a new e-service with its descriptor.
func createFields() map[string]field {
	all := dataFields()
	all["personalData"] = flag
	all["asyncExchange"] = flag
	all["descriptor"] = field{Bad: []string{`null`, `[]`, `"x"`, `{}`}}
	for name, f := range termsFields(0) {
		all["descriptor."+name] = f
	}
	return all
}

// updateFields are the members of a change of a draft.
func updateFields() map[string]field {
	all := dataFields()
	all["personalData"] = clearable
	all["asyncExchange"] = clearable
	return all
}

// wide are terms that stay consistent when one limit changes.
func wide() object { return interoptest.Terms(1, 1000000000) }

// form is a body that an operation takes.
type form struct {
	method   string
	at       func(w *world) string
	base     func() object
	required string
	fields   map[string]field
}

const requiredTerms = "audience voucherLifespan dailyCallsPerConsumer dailyCallsTotal agreementApprovalPolicy"

var forms = map[string]form{
	"create": {
		method: "POST",
		at:     func(*world) string { return "/eservices" },
		base: func() object {
			return object{
				"name": interoptest.Unique("Name"), "description": "Certificati online", "technology": "REST", "mode": "DELIVER",
				"descriptor": wide(),
			}
		},
		required: "name description technology mode descriptor descriptor." + strings.ReplaceAll(requiredTerms, " ", " descriptor."),
		fields:   createFields(),
	},
	"update": {
		method: "PATCH", at: func(w *world) string { path, _ := w.create(nil); return path },
		base: emptyBody, fields: updateFields(),
	},
	"name":        single("PATCH", below("/name"), "name", "Anagrafe", interoptest.Text(5, 60)),
	"description": single("PATCH", below("/description"), "description", "Certificati in linea", interoptest.Text(10, 400)),
	"signal hub":  single("PATCH", below("/signalHub"), "isSignalHubEnabled", true, flag),
	"personal data": single("POST", func(w *world) string { path, _ := unset(w); return path + "/personalDataFlag" },
		"personalData", true, flag),
	"delegation": {
		method: "PATCH", at: below("/delegation"), base: emptyBody,
		fields: map[string]field{"isConsumerDelegable": flag, "isClientAccessDelegable": falseFlag},
	},
	"new descriptor": {
		method: "POST", at: below("/descriptors"), base: wide,
		required: requiredTerms, fields: termsFields(0),
	},
	"update descriptor": {
		method: "PATCH", at: func(w *world) string { _, d := w.create(object{"descriptor": wide()}); return d },
		base: emptyBody, fields: termsFields(1),
	},
	"quotas": {
		method: "PATCH", at: func(w *world) string { _, d := w.public(object{"descriptor": wide()}); return d + "/quotas" },
		base:   emptyBody,
		fields: map[string]field{"voucherLifespan": lifespan, "dailyCallsPerConsumer": calls, "dailyCallsTotal": calls},
	},
}

func emptyBody() object { return object{} }

// single is a body with one member.
func single(method string, at func(w *world) string, member string, value any, values field) form {
	return form{
		method: method, at: at, base: func() object { return object{member: value} },
		required: member, fields: map[string]field{member: values},
	}
}

// below is a path of an operation on an e-service that is published.
func below(path string) func(w *world) string {
	return func(w *world) string { public, _ := w.public(nil); return public + path }
}

// TestFields sends every good and every bad value of every member of every body.
func TestFields(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for name, f := range forms {
			for member, values := range f.fields {
				for _, value := range values.Good {
					w.accepts(name, f, member, value)
				}
			}
			w.rejects(name, f)
		}
	})
}

// accepts sends a value that is allowed, and checks that the answer has it. Names are
// released afterwards.
func (w *world) accepts(name string, f form, member, value string) {
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
		w.Want(w.call("DELETE", "/eservices/"+res.Text("id"), ""), http.StatusOK)
	}
	if member == "name" && name != "create" {
		w.call(f.method, path, freshName())
	}
}

// rejects sends bodies that are not allowed, and checks that nothing changes.
func (w *world) rejects(name string, f form) {
	w.Helper()
	path := f.at(w)
	record := path
	if !strings.Contains(path, "/eservices/") {
		record = unknownPath()
	}
	before := w.records(record)
	refused := func(what, at, body string) {
		w.Helper()
		res := w.call(f.method, path, body)
		if interoptest.CodeOf(res) != interop.BadRequest.Name || res.Status != 400 || at != "" && !strings.Contains(res.Raw, at) {
			w.Errorf("%s with %s = %d\n%s", name, what, res.Status, res.Raw)
		}
	}
	for member, values := range f.fields {
		for _, value := range values.Bad {
			refused(member+" "+value, `"body.`+member, payload(f.base(), object{member: json.RawMessage(value)}))
		}
		outer, inner, nested := strings.Cut(member, ".")
		look := strings.ToUpper(member)
		if nested {
			look = outer + "." + strings.ToUpper(inner)
			refused("an unknown member of "+outer, "", payload(f.base(), object{outer + ".other": 1}))
		}
		refused(look, "", payload(f.base(), object{look: json.RawMessage(append(values.Good, "{}")[0])}))
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
		path, descriptor := w.create(object{
			"personalData": true, "asyncExchange": true, "isSignalHubEnabled": true,
			"descriptor.description": "The first one",
		})
		before := w.call("GET", path, "").Body
		for _, kind := range []string{
			"application/merge-patch+json", "application/json", "application/merge-patch+json; charset=utf-8",
			"Application/Merge-Patch+JSON",
		} {
			res := w.Want(w.call("PATCH", path, `{"personalData":null,"description":"Another description"}`, "Content-Type", kind), http.StatusOK)
			delete(before, "personalData")
			before["description"] = "Another description"
			wantBody(w, res.Body, before)
			before["personalData"] = false
			wantBody(w, w.Want(w.call("PATCH", path, `{"personalData":false}`, "Content-Type", kind), http.StatusOK).Body, before)
		}
		delete(before, "asyncExchange")
		wantBody(w, w.call("PATCH", path, `{"asyncExchange":null}`).Body, before)
		wantBody(w, w.call("PATCH", path, `{}`).Body, before)
		wantBody(w, w.call("GET", path, "").Body, before)
		version := w.call("GET", descriptor, "").Body
		version["voucherLifespan"] = 60.0
		wantBody(w, w.call("PATCH", descriptor, `{"voucherLifespan":60}`, "Content-Type", "application/merge-patch+json").Body, version)
		for _, kind := range []string{"text/plain", "application/merge-patch", "application/xml"} {
			w.Refused(w.call("PATCH", path, `{}`, "Content-Type", kind), interop.MediaNotSupported)
		}
	})
}

// TestContradictions sends limits and flags that contradict each other.
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
			w.Refused(w.call(c.method, c.path, c.body), c.code)
		}
		for i, at := range []string{draft, public, delegable, path} {
			w.unchanged(at, before[i])
		}
		w.Want(w.call("PATCH", live+"/quotas", `{"dailyCallsTotal":10}`), http.StatusOK) // equal is allowed
		w.Want(w.call("PATCH", path, `{"isClientAccessDelegable":true,"isConsumerDelegable":true}`), http.StatusOK)
		w.Want(w.call("PATCH", delegable+"/delegation", `{"isClientAccessDelegable":false,"isConsumerDelegable":false}`), http.StatusOK)
	})
}
