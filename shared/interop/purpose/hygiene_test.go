package purpose_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/hooked"
)

// canary is in everything of TestLogHygiene that may not be logged.
const canary = "Canary in the log"

// TestLogHygiene sends requests of all kinds, failures included, with a canary in every text,
// and looks for it in the log.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(25, 50)
		w.SubmitAgreement(consumer, o)
		send := func(status int, r interoptest.Request) string {
			w.Helper()
			return w.Want(w.Send(r, "Authorization", canary, "Cookie", canary, "User-Agent", canary), status).Text("id")
		}
		by := func(caller *api.Identity, method, path, body string) interoptest.Request {
			return interoptest.Request{Spec: api.Spec{Method: method}, As: caller, At: path, Body: body}
		}
		secret := interoptest.JSON(object{
			"eserviceId": o.ID, "title": canary, "description": canary, "isFreeOfCharge": true, "freeOfChargeReason": canary,
			"dailyCalls": 30, "riskAnalysisForm": object{"version": canary, "answers": object{canary: []string{canary}}},
		})
		path := "/purposes/" + send(201, by(consumer, "POST", "/purposes", secret))
		send(409, by(consumer, "POST", "/purposes", secret))
		send(403, by(stranger, "POST", path+"/activate", ""))
		send(400, by(consumer, "PATCH", path, `{"`+canary+`":1}`))
		send(400, by(consumer, "PATCH", path, `{"title":"`+strings.Repeat(canary, 9)+`"}`))
		send(400, by(consumer, "PATCH", path, `{"riskAnalysisForm":{"version":"`+canary+`","answers":{"`+canary+`":1}}}`))
		send(400, by(consumer, "PATCH", path, canary))
		send(400, by(consumer, "PATCH", path, `{"isFreeOfCharge":false,"freeOfChargeReason":"`+canary+`"}`))
		send(200, by(consumer, "PATCH", path, interoptest.JSON(object{"description": canary + ", too", "freeOfChargeReason": canary + "!"})))
		send(200, by(consumer, "POST", path+"/activate", ""))
		send(400, by(consumer, "PATCH", path, interoptest.JSON(object{"title": canary + "!"})))
		reject := interoptest.JSON(object{"rejectionReason": canary})
		send(400, by(producer, "PUT", path+"/expectedActivationDate", `{"date":"`+canary+`"}`))
		send(400, by(producer, "POST", path+"/approve", `{"delegationId":"`+canary+`"}`))
		send(403, by(stranger, "POST", path+"/reject", reject))
		send(400, by(producer, "POST", path+"/reject", `{"rejectionReason":"`+strings.Repeat(canary, 99)+`"}`))
		send(200, by(producer, "POST", path+"/reject", reject))
		send(400, by(producer, "POST", path+"/reject", reject))
		send(201, by(consumer, "POST", path+"/versions", `{"dailyCalls":5}`))
		again := "/purposes/" + send(200, by(consumer, "POST", path+"/clone", interoptest.JSON(object{"eserviceId": o.ID})))
		for _, part := range []string{"", "/versions", "/history", "/agreement", "/remainingDailyCalls"} {
			send(200, by(consumer, "GET", path+part, ""))
			send(200, by(producer, "GET", path+part, ""))
			send(403, by(stranger, "GET", path+part, ""))
		}
		send(200, by(consumer, "GET", "/purposes?title="+strings.ReplaceAll(canary, " ", "+"), ""))
		send(400, by(consumer, "GET", "/purposes?states="+strings.ReplaceAll(canary, " ", "+"), ""))
		send(400, by(consumer, "GET", "/purposes/"+strings.ReplaceAll(canary, " ", "%20"), ""))
		for _, hook := range []hooked.Hook{
			hooked.Broken(0, false), hooked.Broken(1, false),
			func(*hooked.Call) error { return errors.New("broken") },
			func(c *hooked.Call) error {
				if c.Writes() {
					return w.refusal(c.Steps)
				}
				return c.Run()
			},
		} {
			w.Tap.Set(hook)
			if res := w.As(consumer, "PATCH", again, interoptest.JSON(object{"description": canary})); res.Status < http.StatusInternalServerError {
				w.Errorf("%d %s", res.Status, res.Raw)
			}
			w.Tap.Set(nil)
		}
		send(200, by(consumer, "PATCH", again, interoptest.JSON(object{"title": canary + ", again", "description": canary})))
		send(200, by(consumer, "DELETE", again, ""))
		send(200, by(consumer, "POST", path+"/archive", ""))
		w.NotLogged("canary", 40)
		w.checkLogLines()
	})
}

// checkLogLines fails when a line of a request lacks what every one has.
func (w *world) checkLogLines() {
	w.Helper()
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
		if caller, _ := line["tenant"].(string); status < http.StatusBadRequest && !strings.HasPrefix(caller, "00000000-0000-4000-8000-") {
			w.Errorf("the organization is %v in %v", caller, line)
		}
	}
}
