package eservice_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// canary is in every text of TestLogHygiene that must not be logged.
const canary = "Canary in the log"

// TestLogHygiene makes requests with a canary in every text, including requests that fail,
// and looks for it in the log.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		changes := object{"name": canary, "description": canary, "descriptor.description": canary, "descriptor.audience": []string{canary}}
		send := func(status int, as *api.Identity, method, path, body string) {
			w.Helper()
			w.Want(w.As(as, method, path, body, "Authorization", canary, "Cookie", canary, "User-Agent", canary), status)
		}
		path, first := w.create(changes)
		named := `{"name":"` + canary + `"}`
		described := `{"description":"` + canary + `"}`
		send(409, producer, "POST", "/eservices", seed(changes))
		send(400, producer, "POST", "/eservices", seed(object{"technology": canary}))
		send(400, producer, "POST", "/eservices", seed(object{canary: canary}))
		send(400, producer, "POST", "/eservices", canary)
		send(400, producer, "POST", "/eservices", seed(object{"name": strings.Repeat(canary, 9)}))
		send(200, producer, "PATCH", path, described)
		send(200, producer, "PATCH", first, described)
		send(404, other, "PATCH", path, described)
		send(409, producer, "PATCH", path+"/name", named)
		send(200, producer, "POST", first+"/publish", "")
		send(400, producer, "POST", first+"/publish", "")
		send(409, producer, "PATCH", path+"/description", described)
		send(409, producer, "PATCH", path+"/name", named)
		send(200, producer, "PATCH", path+"/description", `{"description":"`+canary+`, again"}`)
		send(200, producer, "PATCH", path+"/name", `{"name":"`+strings.ToUpper(canary)+`"}`)
		send(403, other, "PATCH", path+"/name", named)
		send(409, other, "PATCH", path+"/name", `{"name":"`+strings.ToUpper(canary)+`"}`)
		send(400, producer, "GET", "/eservices?mode="+strings.ReplaceAll(canary, " ", "+"), "")
		send(200, reader, "GET", "/eservices?name="+strings.ReplaceAll(canary, " ", "+"), "")
		send(400, producer, "GET", "/eservices/"+strings.ReplaceAll(canary, " ", "%20"), "")
		send(201, producer, "POST", path+"/descriptors", terms(object{"description": canary, "audience": []string{canary}}))
		seeds := payload(object{"name": canary, "description": canary}, nil)
		send(201, producer, "POST", "/declaredAttributes", seeds)
		named = group(fmt.Sprint(interoptest.Results(w.call("GET", "/declaredAttributes", ""))[0]["id"]))
		second := w.descriptors(producer, path)[1]
		send(201, producer, "POST", second+"/declaredAttributes/groups", named)
		send(400, producer, "POST", in(second, "declared", 0), named)
		send(400, producer, "POST", in(second, "verified", 0), group(canary))
		send(400, producer, "POST", second+"/verifiedAttributes/groups", `{"`+canary+`":1}`)
		send(400, producer, "DELETE", strings.ReplaceAll(second+"/declaredAttributes/groups/"+canary+"/attributes/"+canary, " ", "%20"), "")
		send(200, producer, "GET", second+"/declaredAttributes", "")
		for i, hook := range []hooked.Hook{
			hooked.Broken(0, false), hooked.Broken(1, true),
			func(*hooked.Call) error { return errors.New("broken") },
			func(c *hooked.Call) error {
				if c.Writes() {
					return &table.Refused{Steps: []table.RefusedStep{{Label: "e-service"}}}
				}
				return c.Run()
			},
		} {
			w.Tap.Set(hook)
			if res := w.call("PATCH", path+"/description", `{"description":"`+canary+canary+`"}`); res.Status < http.StatusInternalServerError {
				w.Errorf("%d %s", res.Status, res.Raw)
			}
			w.Tap.Set(nil)
			w.Want(w.call("PATCH", path+"/description", fmt.Sprintf(`{"description":"%s, %d"}`, canary, i)), 200)
		}
		w.logged()
	})
}

// logged checks that the canary is not in the log, and that every request has a line there.
func (w *world) logged() {
	w.Helper()
	w.NotLogged("canary", 20)
	for _, line := range w.World.World.Log.Lines(w.TB) {
		for _, name := range []string{"operation", "method", "correlationId", "status", "latencyMs", "roundTrips", "itemsRead"} {
			if line[name] == nil || line[name] == "" {
				w.Errorf("%s is %v in %v", name, line[name], line)
			}
		}
		status, _ := line["status"].(float64)
		if _, refused := line["problem"].(string); refused != (status >= http.StatusBadRequest) {
			w.Errorf("problem is %v in %v", line["problem"], line)
		}
		if tenant := line["tenant"]; status < http.StatusBadRequest && tenant != producer.Subject && tenant != reader.Subject {
			w.Errorf("the organization is %v in %v", tenant, line)
		}
	}
}
