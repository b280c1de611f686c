package agreement_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// canary is in every value of TestLogHygiene that must not be logged.
const canary = "Canary in the log"

// TestLogHygiene takes every action, also failing ones, with the canary in every text that
// the parties send, and checks that no log line contains it.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		send := func(status int, as *api.Identity, method, path, body string) string {
			w.Helper()
			return w.Want(w.As(as, method, path, body, "Authorization", canary, "Cookie", canary, "User-Agent", canary), status).Text("id")
		}
		notes := `{"consumerNotes":"` + canary + `"}`
		why := `{"reason":"` + canary + ` in the log"}`
		verified := w.attribute(attribute.Verified)
		o := w.newOfferAs(producer, canary, "MANUAL", one(attribute.Verified, verified))
		path := "/agreements/" + send(201, consumer, "POST", "/agreements", interoptest.JSON(seedOf(o)))
		send(400, consumer, "POST", path+"/submit", `{"`+canary+`":1}`)
		send(400, consumer, "POST", path+"/submit", `{"consumerNotes":"`+strings.Repeat(canary, 99)+`"}`)
		send(400, consumer, "POST", path+"/submit", canary)
		send(403, producer, "POST", path+"/submit", notes)
		send(200, consumer, "POST", path+"/submit", notes)
		send(400, consumer, "POST", path+"/submit", notes)
		send(400, producer, "POST", path+"/approve", "")
		send(400, producer, "POST", path+"/approve", `{"delegationId":"`+canary+`"}`)
		send(400, producer, "POST", path+"/reject", `{"reason":"`+canary+`"}`)
		send(403, stranger, "POST", path+"/reject", why)
		send(200, producer, "POST", path+"/reject", why)
		path = "/agreements/" + send(200, consumer, "POST", path+"/clone", "")
		send(200, consumer, "POST", path+"/submit", notes)
		attributes := "/tenants/" + consumer.Subject + "/verifiedAttributes"
		through := strings.TrimPrefix(path, "/agreements/")
		send(400, producer, "POST", attributes, interoptest.JSON(object{"id": verified, "agreementId": canary}))
		send(400, producer, "POST", attributes, interoptest.JSON(object{"id": verified, "agreementId": through, "expirationDate": canary}))
		send(200, producer, "POST", attributes, interoptest.JSON(object{"id": verified, "agreementId": through}))
		send(200, producer, "POST", path+"/approve", "")
		send(200, producer, "DELETE", attributes+"/"+verified+"?agreementId="+through, "")
		w.follow()
		for _, part := range []string{"", "/history"} {
			send(200, consumer, "GET", path+part, "")
			send(403, stranger, "GET", path+part, "")
		}
		send(200, readerOf(consumer), "GET", "/agreements", "")
		send(400, consumer, "GET", "/agreements?states="+strings.ReplaceAll(canary, " ", "+"), "")
		send(400, consumer, "GET", "/agreements/"+strings.ReplaceAll(canary, " ", "%20"), "")
		next := "/agreements/" + send(201, consumer, "POST", "/agreements", interoptest.JSON(seedOf(w.newOfferAs(producer, canary+", too",
			"MANUAL"))))
		for _, hook := range []hooked.Hook{
			hooked.Broken(0, false),
			func(*hooked.Call) error { return errors.New("broken") },
			func(c *hooked.Call) error {
				if c.Writes() {
					return &table.Refused{Steps: []table.RefusedStep{{Label: "agreement"}}}
				}
				return c.Run()
			},
		} {
			w.Tap.Set(hook)
			if res := w.As(consumer, "POST", next+"/submit", notes); res.Status < http.StatusInternalServerError {
				w.Errorf("%d %s", res.Status, res.Raw)
			}
			w.Tap.Set(nil)
		}
		send(200, consumer, "POST", next+"/submit", notes)
		w.checkLog()
	})
}

// checkLog checks that no line has the canary and that every request has a line.
func (w *world) checkLog() {
	w.Helper()
	w.NotLogged("canary", 30)
	for _, line := range w.World.World.Log.Lines(w.TB) {
		if line["operation"] == nil {
			continue
		}
		for _, name := range []string{"operation", "method", "correlationId", "status", "latencyMs", "roundTrips", "itemsRead"} {
			if line[name] == nil || line[name] == "" {
				w.Errorf("%s is %v in %v", name, line[name], line)
			}
		}
		status, _ := line["status"].(float64)
		if _, refused := line["problem"].(string); refused != (status >= http.StatusBadRequest) {
			w.Errorf("problem is %v in %v", line["problem"], line)
		}
		if tenant, _ := line["tenant"].(string); status < http.StatusBadRequest && !strings.HasPrefix(tenant, "00000000-0000-4000-8000-") {
			w.Errorf("the organization is %v in %v", tenant, line)
		}
	}
}
