package service_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/services"
	"ciclo/shared/services/servicestest"
)

// embedded is a world on the embedded engine.
func embedded(t testing.TB) *world {
	t.Helper()
	return &world{suite.On(t, engine.Bolt(t, servicestest.Schemas))}
}

// FuzzPayload sends any body: it is refused, or makes a service that conforms to the schema
// and that every other operation accepts.
func FuzzPayload(f *testing.F) {
	for _, seed := range []string{
		complete(nil), minimal, named(" "), "", "null", "{", "[]", `{"name":null}`, `{"Name":"a","name":"b"}`,
		withMember("metadata.topic_id", "1.5"), withMember("max_allowed_payment_amount", "1e9"), withMember("authorized_cidrs", `["1.2.3.4/33"]`),
	} {
		f.Add(seed)
	}
	w := embedded(f)
	path := w.create(complete(nil))
	f.Fuzz(func(t *testing.T, body string) {
		w := &world{w.For(t)}
		res := w.call("POST", "/services", body)
		if res.Status != http.StatusCreated {
			if res.Status != http.StatusBadRequest && res.Status != http.StatusRequestEntityTooLarge {
				t.Errorf("%d %s", res.Status, res.Raw)
			}
			for _, p := range []string{path, path + "/logo"} {
				if again := w.call("PUT", p, body); again.Status >= http.StatusInternalServerError {
					t.Errorf("%d %s", again.Status, again.Raw)
				}
			}
			return
		}
		created := "/services/" + res.Text("id")
		w.Want(w.call("PUT", created, body), http.StatusOK)
		check := w.Want(w.call("GET", created+"/review/check", ""), http.StatusOK)
		w.submit(created, true)
		if got := w.state(created); got != check.Text("outcome") {
			t.Errorf("the check returned %s, the review %s", check.Text("outcome"), got)
		}
		w.Want(w.As(reviewer, "GET", "/reviews", ""), http.StatusOK)
		w.discard(created)
	})
}

// FuzzToken sends any continuation token: no other service is shown.
func FuzzToken(f *testing.F) {
	w := embedded(f)
	path := w.create(complete(nil))
	w.Want(w.call("PUT", path, complete(nil)), http.StatusOK)
	good := w.call("GET", path+"/history?limit=1", "").Text("continuationToken")
	for _, seed := range []string{good, good[:len(good)-1], good + "A", "", "x", "SElTVE9SWSM"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, token string, descending bool) {
		w := &world{w.For(t)}
		query := services.Base + path + "/history?order=" + map[bool]string{true: "DESC", false: "ASC"}[descending]
		res := w.Call(t, owner, "GET", query+"&continuationToken="+url.QueryEscape(token), "")
		if res.Status != http.StatusOK && res.Status != http.StatusBadRequest {
			t.Errorf("%d %s", res.Status, res.Raw)
		}
		var page struct{ Items []struct{ ID string } }
		if err := json.Unmarshal([]byte(res.Raw), &page); err != nil || len(page.Items) > 2 {
			t.Errorf("%v %s", err, res.Raw)
		}
		for _, item := range page.Items {
			if item.ID != idOf(path) {
				t.Errorf("shows %s", item.ID)
			}
		}
	})
}
