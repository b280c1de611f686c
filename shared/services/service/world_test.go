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
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
	"ciclo/shared/services/servicestest"
)

// suite is the operations of this package.
var suite = servicestest.New(service.Operations()...)

// world is a deployment with an owner and a reviewer.
type world struct{ *servicestest.World }

var (
	owner    = servicestest.Manager("owner-1", services.GroupWrite)
	stranger = servicestest.Manager("owner-2", services.GroupWrite)
	reviewer = servicestest.Manager("platform", services.GroupReview)
)

// grouped is the caller with the manage key of one of the owner's groups.
func grouped(group string) *api.Identity {
	id := *owner
	id.Group = group
	return &id
}

// each runs test in a new world on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *servicestest.World) { test(&world{w}) })
}

// eachEmbedded runs test in a new world on the embedded engine: see [apitest.Embedded].
func eachEmbedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(w *servicestest.World) { test(&world{w}) })
}

// with is another deployment on the same data with other settings.
func (w *world) with(settings map[string]string) *world {
	w.Helper()
	return &world{w.With(settings)}
}

// call sends a request of the owner.
func (w *world) call(method, path, body string, header ...string) apitest.Response {
	w.Helper()
	return w.As(owner, method, path, body, header...)
}

// complete returns a payload without findings. changes replace members of it or, when nil,
// remove them; a dot in a name separates the name of a part.
func complete(changes map[string]any) string {
	return payload(map[string]any{
		"name": "Anagrafe", "description": "Certificati",
		"organization": map[string]any{"name": "Comune", "fiscal_code": "12345678901"},
		"metadata": map[string]any{
			"scope": "LOCAL", "privacy_url": "https://example.it/privacy", "email": "ufficio@example.it", "topic_id": 3,
		},
	}, changes)
}

// payload returns p with the changes, as JSON: see complete.
func payload(p, changes map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		at := p
		value := changes[name]
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
	res := w.Want(w.call("POST", "/services", body), http.StatusCreated)
	return "/services/" + res.Text("id")
}

// named returns a complete payload with that name.
func named(format string, args ...any) string {
	return complete(map[string]any{"name": fmt.Sprintf(format, args...)})
}

// submit requests a review of a service.
func (w *world) submit(path string, autoPublish bool) {
	w.Helper()
	w.Want(w.call("PUT", path+"/review", fmt.Sprintf(`{"auto_publish":%t}`, autoPublish)), http.StatusNoContent)
}

// decide approves or rejects a service as the reviewer.
func (w *world) decide(path, verdict string) {
	w.Helper()
	body := ""
	if verdict == "reject" {
		body = `{"reason":"R"}`
	}
	w.Want(w.As(reviewer, "POST", path+"/review/"+verdict, body), http.StatusNoContent)
}

// state returns the state of a service.
func (w *world) state(path string) string {
	w.Helper()
	status, _ := w.Want(w.call("GET", path, ""), http.StatusOK).Body["status"].(map[string]any)
	value, _ := status["value"].(string)
	return value
}

// visible returns "<state> <name>" of each record of a service, and the name that citizens
// see.
func (w *world) visible(path string) string {
	w.Helper()
	service := w.Want(w.call("GET", path, ""), http.StatusOK)
	status, _ := service.Body["status"].(map[string]any)
	line := fmt.Sprint(status["value"], " ", service.Body["name"])
	if reason, ok := status["reason"]; ok {
		line += fmt.Sprint(" because ", reason)
	}
	release := w.call("GET", path+"/release", "")
	if release.Status == http.StatusNotFound {
		return line + " | 404 | nothing"
	}
	w.Want(release, http.StatusOK)
	line += fmt.Sprint(" | ", release.Body["status"], " ", release.Body["name"], " | ")
	if release.Body["status"] == "published" {
		return line + fmt.Sprint(release.Body["name"])
	}
	return line + "nothing"
}
