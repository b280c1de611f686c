package service_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob/folder"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

// world is a deployment with an owner and a reviewer.
type world struct {
	*apitest.World
	testing.TB
}

var (
	owner    = manager("owner-1", services.GroupWrite)
	stranger = manager("owner-2", services.GroupWrite)
	reviewer = manager("platform", services.GroupReview)
)

// manager is the caller behind a manage key with those permission groups.
func manager(subject string, groups ...string) *api.Identity {
	return &api.Identity{Subject: subject, Kind: services.KindManage, Scopes: groups}
}

// grouped is the caller behind the manage key of one of owner's groups.
func grouped(group string) *api.Identity {
	id := *owner
	id.Group = group
	return &id
}

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Each(t, []table.Schema{services.Table}, service.Operations(), func(t *testing.T, base *apitest.World) {
		w := equipped(t, base)
		w.Handler(t)
		test(w)
	})
}

// eachEmbedded is each without DynamoDB Local: see [apitest.Embedded].
func eachEmbedded(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Embedded(t, []table.Schema{services.Table}, service.Operations(), func(t *testing.T, base *apitest.World) {
		w := equipped(t, base)
		w.Handler(t)
		test(w)
	})
}

// equipped gives a world a place for logos and secrets.
func equipped(t testing.TB, base *apitest.World) *world {
	t.Helper()
	logos, err := folder.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := local.Open("")
	if err != nil {
		t.Fatal(err)
	}
	base.Blobs, base.Sealer = logos, sealer
	return &world{base, t}
}

// call sends a request of the owner.
func (w *world) call(method, path, body string, header ...string) apitest.Response {
	w.Helper()
	return w.as(owner, method, path, body, header...)
}

func (w *world) as(caller *api.Identity, method, path, body string, header ...string) apitest.Response {
	w.Helper()
	return w.Call(w.TB, caller, method, services.Base+path, body, header...)
}

// want fails unless the answer has the status.
func (w *world) want(res apitest.Response, status int) apitest.Response {
	w.Helper()
	if res.Status != status {
		w.Fatalf("status = %d, want %d\n%s", res.Status, status, res.Raw)
	}
	return res
}

// complete is a payload that the quality rules find nothing in; changes replace
// or, when nil, remove members of it or, with a dot, of its parts.
func complete(changes map[string]any) string {
	return payload(map[string]any{
		"name": "Anagrafe", "description": "Certificati",
		"organization": map[string]any{"name": "Comune", "fiscal_code": "12345678901"},
		"metadata":     map[string]any{"scope": "LOCAL", "privacy_url": "https://example.it/privacy", "email": "ufficio@example.it", "topic_id": 3},
	}, changes)
}

func payload(p, changes map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		at, value := p, changes[name]
		if outer, inner, nested := strings.Cut(name, "."); nested {
			at, _ = p[outer].(map[string]any)
			name = inner
		}
		if at[name] = value; value == nil {
			delete(at, name)
		}
	}
	b, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// create makes a service of the owner and returns its path.
func (w *world) create(body string) string {
	w.Helper()
	res := w.want(w.call("POST", "/services", body), http.StatusCreated)
	return "/services/" + res.Text("id")
}

// named is a complete payload with that name.
func named(format string, args ...any) string {
	return complete(map[string]any{"name": fmt.Sprintf(format, args...)})
}

// submit sends a service to review.
func (w *world) submit(path string, autoPublish bool) {
	w.Helper()
	w.want(w.call("PUT", path+"/review", fmt.Sprintf(`{"auto_publish":%t}`, autoPublish)), http.StatusNoContent)
}

// decide approves or rejects a service as the reviewer.
func (w *world) decide(path, verdict string) {
	w.Helper()
	body := ""
	if verdict == "reject" {
		body = `{"reason":"R"}`
	}
	w.want(w.as(reviewer, "POST", path+"/review/"+verdict, body), http.StatusNoContent)
}

// state is the service's lifecycle state.
func (w *world) state(path string) string {
	w.Helper()
	status, _ := w.want(w.call("GET", path, ""), http.StatusOK).Body["status"].(map[string]any)
	value, _ := status["value"].(string)
	return value
}

// seen is what a reader sees of a service: "<state> <name>" of each record, and
// what citizens see.
func (w *world) seen(path string) string {
	w.Helper()
	service := w.want(w.call("GET", path, ""), http.StatusOK)
	status, _ := service.Body["status"].(map[string]any)
	line := fmt.Sprint(status["value"], " ", service.Body["name"])
	if reason, ok := status["reason"]; ok {
		line += fmt.Sprint(" because ", reason)
	}
	release := w.call("GET", path+"/release", "")
	if release.Status == http.StatusNotFound {
		return line + " | 404 | nothing"
	}
	w.want(release, http.StatusOK)
	line += fmt.Sprint(" | ", release.Body["status"], " ", release.Body["name"], " | ")
	if release.Body["status"] == "published" {
		return line + fmt.Sprint(release.Body["name"])
	}
	return line + "nothing"
}
