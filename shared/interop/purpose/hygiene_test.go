package purpose_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// canary is in everything of TestLogHygiene that is nobody else's business.
const canary = "Canary in the log"

// TestLogHygiene tells a whole story, failures included, in which everything that the
// parties say holds a canary, and looks for it in the log.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(25, 50)
		w.joins(consumer, o)
		send := func(status int, r interoptest.Request) string {
			w.Helper()
			return w.Want(w.Send(r, "Authorization", canary, "Cookie", canary, "User-Agent", canary), status).Text("id")
		}
		by := func(who interoptest.Request, method, path, body string) interoptest.Request {
			who.Method, who.At, who.Body = method, path, body
			return who
		}
		us, them, others := interoptest.Request{As: consumer}, interoptest.Request{As: producer}, interoptest.Request{As: stranger}
		secret := seed(o, 30)
		secret["title"], secret["description"], secret["isFreeOfCharge"], secret["freeOfChargeReason"] = canary, canary, true, canary
		secret["riskAnalysisForm"] = object{"version": canary, "answers": object{canary: []string{canary}}}
		path := "/purposes/" + send(201, by(us, "POST", "/purposes", interoptest.JSON(secret)))
		send(409, by(us, "POST", "/purposes", interoptest.JSON(secret)))
		send(403, by(others, "POST", path+"/activate", ""))
		send(400, by(us, "PATCH", path, `{"`+canary+`":1}`))
		send(400, by(us, "PATCH", path, `{"title":"`+strings.Repeat(canary, 9)+`"}`))
		send(400, by(us, "PATCH", path, `{"riskAnalysisForm":{"version":"`+canary+`","answers":{"`+canary+`":1}}}`))
		send(400, by(us, "PATCH", path, canary))
		send(400, by(us, "PATCH", path, `{"isFreeOfCharge":false,"freeOfChargeReason":"`+canary+`"}`))
		send(200, by(us, "PATCH", path, interoptest.JSON(object{"description": canary + ", too", "freeOfChargeReason": canary + "!"})))
		send(200, by(us, "POST", path+"/activate", ""))
		send(400, by(us, "PATCH", path, interoptest.JSON(object{"title": canary + "!"})))
		reject := interoptest.JSON(object{"rejectionReason": canary})
		send(400, by(them, "PUT", path+"/expectedActivationDate", `{"date":"`+canary+`"}`))
		send(400, by(them, "POST", path+"/approve", `{"delegationId":"`+canary+`"}`))
		send(403, by(others, "POST", path+"/reject", reject))
		send(400, by(them, "POST", path+"/reject", `{"rejectionReason":"`+strings.Repeat(canary, 99)+`"}`))
		send(200, by(them, "POST", path+"/reject", reject))
		send(400, by(them, "POST", path+"/reject", reject))
		send(201, by(us, "POST", path+"/versions", `{"dailyCalls":5}`))
		again := "/purposes/" + send(200, by(us, "POST", path+"/clone", interoptest.JSON(object{"eserviceId": o.id})))
		for _, part := range []string{"", "/versions", "/history", "/agreement", "/remainingDailyCalls"} {
			send(200, by(us, "GET", path+part, ""))
			send(200, by(them, "GET", path+part, ""))
			send(403, by(others, "GET", path+part, ""))
		}
		send(200, by(us, "GET", "/purposes?title="+strings.ReplaceAll(canary, " ", "+"), ""))
		send(400, by(us, "GET", "/purposes?states="+strings.ReplaceAll(canary, " ", "+"), ""))
		send(400, by(us, "GET", "/purposes/"+strings.ReplaceAll(canary, " ", "%20"), ""))
		for _, hook := range []hooked.Hook{
			hooked.Broken(0, false), hooked.Broken(1, false),
			func(*hooked.Call) error { return errors.New("broken") },
			func(c *hooked.Call) error {
				if c.Writes() {
					return &table.Refused{Steps: []table.RefusedStep{{Label: "purpose"}}}
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
		send(200, by(us, "PATCH", again, interoptest.JSON(object{"title": canary + ", again", "description": canary})))
		send(200, by(us, "DELETE", again, ""))
		send(200, by(us, "POST", path+"/archive", ""))
		w.NotLogged("canary", 40)
		w.logLines()
	})
}

// logLines fails when a line of a request lacks what every one has.
func (w *world) logLines() {
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
		if who, _ := line["tenant"].(string); status < http.StatusBadRequest && !strings.HasPrefix(who, "00000000-0000-4000-8000-") {
			w.Errorf("the organization is %v in %v", who, line)
		}
	}
}
