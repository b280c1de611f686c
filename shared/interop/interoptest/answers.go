package interoptest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// Object is a JSON object of which a test knows the members.
type Object = map[string]any

// As sends a request as a caller, nil for one without a token, and checks the answer
// against the API document. header has names and values in turn.
func (w *World) As(caller *api.Identity, method, path, body string, header ...string) apitest.Response {
	w.Helper()
	res := w.Call(w.TB, caller, method, path, body, header...)
	for _, finding := range w.suite.published().Check(method, path, res) {
		w.Errorf("%s %s is answered with %d, other than the API document says: %s\n%s", method, path, res.Status, finding, res.Raw)
	}
	return res
}

// OK sends a request and ends the test unless it succeeds.
func (w *World) OK(caller *api.Identity, method, path, body string) apitest.Response {
	w.Helper()
	res := w.As(caller, method, path, body)
	if res.Status/100 != 2 {
		w.Fatalf("%s %s: status = %d\n%s", method, path, res.Status, res.Raw)
	}
	return res
}

// Want ends the test unless the answer has the status.
func (w *World) Want(res apitest.Response, status int) apitest.Response {
	w.Helper()
	if res.Status != status {
		w.Fatalf("status = %d, want %d\n%s", res.Status, status, res.Raw)
	}
	return res
}

// Refused checks that the answer is a refusal with the code, and that its detail
// contains all texts of names.
func (w *World) Refused(res apitest.Response, code problem.Code, names ...string) {
	w.Helper()
	if got := CodeOf(res); res.Status != code.Status || got != code.Name || res.Text("title") != code.Title {
		w.Errorf("refused with %d %s, want %d %s\n%s", res.Status, got, code.Status, code.Name, res.Raw)
	}
	for _, name := range names {
		if !strings.Contains(res.Text("detail"), name) {
			w.Errorf("refused with %q, which does not name %s", res.Text("detail"), name)
		}
	}
}

// RefusedIn checks that the answer is a refusal with the code and the state, which
// allows exactly those actions. A refusal in state "" has neither member.
func (w *World) RefusedIn(res apitest.Response, code problem.Code, state string, allowed ...string) {
	w.Helper()
	w.Refused(res, code)
	if got := res.Text("state"); got != state {
		w.Errorf("refused in state %q, want %q\n%s", got, state, res.Raw)
	}
	_, listed := res.Body["allowedActions"].([]any)
	if got := AllowedActions(res); fmt.Sprint(got) != fmt.Sprint(allowed) || listed != (state != "") {
		w.Errorf("refused with allowedActions %q, want %q\n%s", got, allowed, res.Raw)
	}
}

// internals are texts of the storage that no answer may contain.
var internals = []string{"hooked", "engine", "interop(", ".go", "AGREEMENT#", "PURPOSE#", "ESERVICE#", "TENANT#", "CLIENT#", "LOAD#"}

// Unavailable checks that the answer is a refusal because the storage fails, and that
// it shows nothing of the storage.
func (w *World) Unavailable(res apitest.Response) {
	w.Helper()
	w.Refused(res, interop.Unavailable)
	for _, internal := range internals {
		if strings.Contains(res.Raw, internal) {
			w.Errorf("the answer contains %q\n%s", internal, res.Raw)
		}
	}
}

// Answers sends a request and checks the status and the number of the code, "" for
// success: one line of the published table of answers.
func (w *World) Answers(caller *api.Identity, method, path, body string, status int, code string) {
	w.Helper()
	if res := w.As(caller, method, path, body); res.Status != status || CodeOf(res) != code {
		w.Errorf("%s %s %.60s = %d %s, want %d %s", method, path, body, res.Status, CodeOf(res), status, code)
	}
}

// Equal checks that two values are the same; what says in the failure which they are.
func Equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if cmp.Equal(got, want) {
		return
	}
	switch any(got).(type) {
	case string, bool, int, int64, float64:
		t.Errorf("%s = %v, want %v", what, got, want)
	default:
		t.Errorf("%s (-want +got):\n%s", what, cmp.Diff(want, got))
	}
}

// CodeOf returns the code of a refusal, "" when the answer is none.
func CodeOf(res apitest.Response) string {
	all, _ := res.Body["errors"].([]any)
	for _, one := range all {
		entry, _ := one.(Object)
		return fmt.Sprint(entry["code"])
	}
	return ""
}

// Answered returns the code of a refusal, or the status of success.
func Answered(res apitest.Response) string {
	if code := CodeOf(res); code != "" {
		return code
	}
	return fmt.Sprint(res.Status)
}

// AllowedActions returns the actions that a refusal says are allowed.
func AllowedActions(res apitest.Response) []string {
	all, _ := res.Body["allowedActions"].([]any)
	var actions []string
	for _, one := range all {
		actions = append(actions, fmt.Sprint(one))
	}
	return actions
}

// Results returns the entries of a page.
func Results(res apitest.Response) []Object {
	list, _ := res.Body["results"].([]any)
	var all []Object
	for _, one := range list {
		entry, _ := one.(Object)
		all = append(all, entry)
	}
	return all
}

// Members returns one member of each entry of a page.
func Members(res apitest.Response, name string) []string {
	var all []string
	for _, entry := range Results(res) {
		all = append(all, fmt.Sprint(entry[name]))
	}
	return all
}

// Total returns how many entries the list has of which the answer is a page.
func Total(res apitest.Response) int {
	page, _ := res.Body["pagination"].(Object)
	n, _ := page["totalCount"].(float64)
	return int(n)
}

// JSON encodes what a test sends.
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
