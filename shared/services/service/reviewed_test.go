package service_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// full returns a payload with every field.
func full(name string) map[string]any {
	return map[string]any{
		"name": name, "description": "D",
		"organization":           map[string]any{"name": "Comune", "fiscal_code": "12345678901", "department_name": "Ufficio"},
		"require_secure_channel": false, "authorized_recipients": []any{"BBBBBB00B00B000B", "AAAAAA00A00A000A"},
		"authorized_cidrs": []any{"192.0.2.0/24"}, "max_allowed_payment_amount": 5, "suitable_for_minors": false,
		"metadata": map[string]any{
			"scope": "LOCAL", "topic_id": 3, "web_url": "https://a", "app_ios": "https://a", "app_android": "https://a", "tos_url": "https://a",
			"privacy_url": "https://a", "address": "A", "phone": "1", "email": "a@b.it", "pec": "a@b.it", "cta": "C",
			"token_name": "T", "support_url": "https://a",
		},
	}
}

// variation is another value for a field of full.
type variation struct {
	field    string
	from, to any
	reviewed bool // App IO, MANUAL_REVIEW_PROPERTIES
}

// variations lists one or more values for every field.
func variations(name string) []variation {
	return []variation{
		{"name", name, name + " bis", true},
		{"name", name, "A" + name[1:], true}, // another case
		{"description", "D", "d", true},
		{"organization.name", "Comune", "Provincia", true},
		{"organization.fiscal_code", "12345678901", "12345678902", true},
		{"metadata.scope", "LOCAL", "NATIONAL", true},
		{"organization.department_name", "Ufficio", "Sportello", false},
		{"organization.department_name", "Ufficio", "", false},
		{"require_secure_channel", false, true, false},
		{"authorized_recipients", full("")["authorized_recipients"], []any{"AAAAAA00A00A000A"}, false},
		{"authorized_cidrs", full("")["authorized_cidrs"], []any{"192.0.2.0/24", "10.0.0.1"}, false},
		{"authorized_cidrs", full("")["authorized_cidrs"], []any{}, false},
		{"suitable_for_minors", false, true, false},
		{"metadata.topic_id", 3.0, 4.0, false},
		{"metadata.topic_id", 3.0, nil, false},
		{"metadata.web_url", "https://a", "https://b", false},
		{"metadata.app_ios", "https://a", "https://b", false},
		{"metadata.app_android", "https://a", "https://b", false},
		{"metadata.tos_url", "https://a", "https://b", false},
		{"metadata.privacy_url", "https://a", "https://b", false},
		{"metadata.address", "A", "B", false},
		{"metadata.phone", "1", "2", false},
		{"metadata.email", "a@b.it", "b@b.it", false},
		{"metadata.pec", "a@b.it", "b@b.it", false},
		{"metadata.cta", "C", "", false},
		{"metadata.token_name", "T", "U", false},
		{"metadata.support_url", "https://a", "https://b", false},
	}
}

// sent returns the change of the payload. A field that becomes empty is left out.
func (v variation) sent() map[string]any {
	if v.to == "" {
		return map[string]any{v.field: nil}
	}
	return map[string]any{v.field: v.to}
}

// TestReviewedFields changes each field of an approved service: changes of five fields need
// a reviewer, others are approved at once.
func TestReviewedFields(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		name := fmt.Sprintf("a service %d", unique.Add(1))
		path := w.create(payload(full(name), nil))
		w.submit(path, true)
		if got := w.changes(path); len(got) != 0 {
			w.Errorf("the queue has changes of a first review: %v", got)
		}
		w.decide(path, "approve")
		for _, v := range variations(name) {
			// Together with a reviewed field, so that the queue shows the change.
			both := v.sent()
			if v.field != "description" {
				both["description"] = "other"
			}
			w.Want(w.call("PUT", path, payload(full(name), both)), http.StatusOK)
			w.submit(path, true)
			want := map[string]any{v.field: []any{v.from, v.to}}
			if v.field != "description" {
				want["description"] = []any{"D", "other"}
			}
			if diff := cmp.Diff(want, w.changes(path)); diff != "" {
				w.Errorf("%s: the queue has other changes:\n%s", v.field, diff)
			}
			w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)

			w.Want(w.call("PUT", path, payload(full(name), v.sent())), http.StatusOK)
			w.submit(path, true)
			state := w.state(path)
			if want := map[bool]string{true: "submitted", false: "approved"}[v.reviewed]; state != want {
				w.Errorf("a change of %s to %v is %s, want %s", v.field, v.to, state, want)
			}
			if state == "submitted" {
				w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
			}
			w.Want(w.call("PUT", path, payload(full(name), nil)), http.StatusOK)
			if w.submit(path, true); w.state(path) != "approved" {
				w.Fatalf("what was approved before %s needs a reviewer", v.field)
			}
		}
	})
}

// changes returns the changes of a service in the queue, from and to.
func (w *world) changes(path string) map[string]any {
	w.Helper()
	value, _ := w.Want(w.As(reviewer, "GET", "/reviews", ""), http.StatusOK).Body["value"].([]any)
	for _, v := range value {
		waiting, _ := v.(map[string]any)
		if service, _ := waiting["service"].(map[string]any); service["id"] != idOf(path) {
			continue
		}
		all := map[string]any{}
		list, _ := waiting["changes"].([]any)
		for _, c := range list {
			change, _ := c.(map[string]any)
			all[fmt.Sprint(change["field"])] = []any{change["approved"], change["submitted"]}
		}
		return all
	}
	w.Fatalf("%s is not in the queue", path)
	return nil
}

// TestNoReviewWithoutChange submits the approved data in other forms.
func TestNoReviewWithoutChange(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		name := fmt.Sprintf("a service %d", unique.Add(1))
		path := w.create(payload(full(name), nil))
		w.submit(path, true)
		w.decide(path, "approve")
		for why, changes := range map[string]map[string]any{
			"nothing":                   {},
			"blanks around the name":    {"name": "  " + name + " "},
			"no sandbox":                {"authorized_recipients": []string{"BBBBBB00B00B000B"}},
			"the payment amount":        {"max_allowed_payment_amount": 7},
			"no payment amount":         {"max_allowed_payment_amount": nil},
			"no word on minors":         {"suitable_for_minors": nil},
			"a group, which is ignored": {"metadata.group_id": "g"},
			"no word on a channel":      {"require_secure_channel": nil},
			"a member that is not data": {"status": "approved"},
		} {
			// Together with a reviewed field: the queue shows no other change.
			both := maps.Clone(changes)
			both["description"] = "other"
			w.Want(w.call("PUT", path, payload(full(name), both)), http.StatusOK)
			w.submit(path, true)
			if diff := cmp.Diff(map[string]any{"description": []any{"D", "other"}}, w.changes(path)); diff != "" {
				w.Errorf("%s: the queue has other changes:\n%s", why, diff)
			}
			w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)

			w.Want(w.call("PUT", path, payload(full(name), changes)), http.StatusOK)
			if w.submit(path, true); w.state(path) != "approved" {
				w.Errorf("%s needs a reviewer", why)
				w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
			}
		}
	})
}

// TestStagedCopyIsCompared submits while an approved copy waits for its release: the
// submission is compared with that copy, not with the visible one.
func TestStagedCopyIsCompared(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		first := fmt.Sprintf("first %d", unique.Add(1))
		second := fmt.Sprintf("second %d", unique.Add(1))
		path := w.create(named("%s", first))
		w.submit(path, true)
		w.decide(path, "approve")
		w.Want(w.call("PUT", path, named("%s", second)), http.StatusOK)
		w.submit(path, false)
		w.decide(path, "approve")
		again := func(name, want string) {
			w.Helper()
			w.Want(w.call("PUT", path, named("%s", name)), http.StatusOK)
			outcome, _, _ := w.check(path)
			if w.submit(path, false); w.state(path) != want || outcome != want {
				w.Errorf("%s is %s after a check that said %s, want %s", name, w.state(path), outcome, want)
			}
		}
		again(second, "approved")
		again(first, "submitted")
		if diff := cmp.Diff(map[string]any{"name": []any{second, first}}, w.changes(path)); diff != "" {
			w.Errorf("the queue compares another copy:\n%s", diff)
		}
		w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
		// It does not matter whether the visible copy is hidden.
		w.Want(w.call("DELETE", path+"/release", ""), http.StatusNoContent)
		again(second, "approved")
	})
}
