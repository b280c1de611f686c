package service_test

import (
	"net/http"
	"testing"
)

// TestWorkedExample follows a service step by step. Unlike in App IO, a published copy stays
// visible when another one is approved without auto_publish.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("v1"))
		put := func(name string) func() {
			return func() { w.Want(w.call("PUT", path, named("%s", name)), http.StatusOK) }
		}
		review := func(autoPublish bool, verdict string) func() {
			return func() {
				w.submit(path, autoPublish)
				if verdict != "" {
					w.decide(path, verdict)
				}
			}
		}
		release := func(method string) func() {
			return func() { w.Want(w.call(method, path+"/release", ""), http.StatusNoContent) }
		}
		for i, step := range []struct {
			do   func()
			want string
		}{
			{func() {}, "draft v1 | 404 | nothing"},
			{review(true, ""), "submitted v1 | 404 | nothing"},
			{func() { w.decide(path, "reject") }, "rejected v1 because R | 404 | nothing"},
			{func() {
				w.Want(w.call("PUT", path+"/review", `{"auto_publish":true}`), http.StatusConflict)
			}, "rejected v1 because R | 404 | nothing"},
			{put("v2"), "draft v2 | 404 | nothing"},
			{review(true, "approve"), "approved v2 | published v2 | v2"},
			{put("v3"), "draft v3 | published v2 | v2"},
			{review(true, "reject"), "rejected v3 because R | published v2 | v2"},
			{release("DELETE"), "rejected v3 because R | unpublished v2 | nothing"},
			{release("POST"), "rejected v3 because R | published v2 | v2"},
			{put("v4"), "draft v4 | published v2 | v2"},
			{review(false, "approve"), "approved v4 | published v2 | v2"},
			{release("POST"), "approved v4 | published v4 | v4"},
		} {
			step.do()
			if got := w.visible(path); got != step.want {
				t.Errorf("step %d: %q, want %q", i+1, got, step.want)
			}
		}
		w.Want(w.call("DELETE", path, ""), http.StatusNoContent)
		if got, want := w.visible(path), "deleted v4 | 404 | nothing"; got != want {
			t.Errorf("deleted: %q, want %q", got, want)
		}
	})
}

// minimal is the request in App IO's guide, which has no topic.
const minimal = `{
  "name": "string",
  "description": "string",
  "organization": {
    "name": "string",
    "fiscal_code": "12345678901",
    "department_name": "string"
  },
  "require_secure_channel": false,
  "authorized_cidrs": [
    "85.338.5.14"
  ],
  "max_allowed_payment_amount": 0,
  "metadata": {
    "web_url": "string",
    "app_ios": "string",
    "app_android": "string",
    "tos_url": "string",
    "privacy_url": "string",
    "address": "string",
    "phone": "string",
    "email": "string",
    "pec": "string",
    "cta": "string",
    "token_name": "string",
    "support_url": "string",
    "scope": "LOCAL"
  }
}`

// TestGuideExample sends the guide's request and finds the fields of the guide's answer.
func TestGuideExample(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		res := w.Want(w.call("POST", "/services", minimal), http.StatusCreated)
		for _, name := range []string{
			"id", "status", "version", "last_update", "name", "description", "organization",
			"require_secure_channel", "authorized_recipients", "authorized_cidrs", "metadata",
		} {
			if _, ok := res.Body[name]; !ok {
				t.Errorf("the answer lacks %s:\n%s", name, res.Raw)
			}
		}
		status, _ := res.Body["status"].(map[string]any)
		metadata, _ := res.Body["metadata"].(map[string]any)
		if status["value"] != "draft" || len(metadata) != 13 || metadata["topic"] != nil {
			t.Errorf("answer = %s", res.Raw)
		}
	})
}
