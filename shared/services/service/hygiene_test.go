package service_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// canary is in all data of TestLogHygiene that must not be logged.
const canary = "Canary"

// TestLogHygiene runs through the life of a service, including failures. All texts of owners
// and reviewers contain the canary, which must not be in the log, nor may the keys.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		changes := map[string]any{
			"name": canary, "organization.name": canary, "authorized_recipients": []string{"BBBBBB00A00A000A"},
			"authorized_cidrs": []string{"203.0.113.77"}, "organization.fiscal_code": "99988877766",
		}
		for _, name := range plainTexts {
			changes[name] = "https://" + canary + "@example.it/"
		}
		changes["metadata.email"] = canary + "@example.it"
		changes["metadata.pec"] = canary + ".pec@example.it"
		changes["metadata.group_id"] = canary
		body := complete(changes)
		send := func(status int, as *api.Identity, method, path, body string) string {
			w.Helper()
			header := []string{api.KeyHeader, canary, "Authorization", canary, "Cookie", canary, "User-Agent", canary}
			return w.Want(w.As(as, method, path, body, header...), status).Raw
		}
		path := w.create(body)
		other := w.create(body)
		send(200, owner, "PUT", path, body)
		send(400, owner, "PUT", path, body+canary)
		send(400, owner, "PUT", path, strings.Replace(body, `"LOCAL"`, `"`+canary+`"`, 1))
		send(400, owner, "PUT", path, strings.Replace(body, `"name"`, `"`+canary+`":1,"Name"`, 1))
		send(400, owner, "PUT", path, complete(map[string]any{"description": []string{canary}}))
		send(204, owner, "PUT", path+"/review", `{"auto_publish":true}`)
		send(204, owner, "PUT", other+"/review", `{"auto_publish":true}`)
		send(200, owner, "GET", other+"/review/check", "")
		send(409, owner, "PUT", path, body)
		send(200, reviewer, "GET", "/reviews", "")
		send(400, reviewer, "POST", path+"/review/reject", `{"reason":"`+canary+`","code":"`+canary+`"}`)
		send(204, reviewer, "POST", path+"/review/reject", `{"reason":"`+canary+`"}`)
		send(403, stranger, "GET", path, "")
		send(400, owner, "GET", path+"/history?continuationToken="+canary, "")
		send(400, owner, "GET", "/services?limit="+canary, "")
		send(404, owner, "GET", "/services/"+canary, "")
		send(400, owner, "PUT", path+"/keys/"+canary, "")
		send(400, owner, "PUT", path+"/logo", `{"logo":"`+canary+`"}`)
		send(400, owner, "PUT", path+"/review", canary)
		keys := send(200, owner, "GET", path+"/keys", "") + send(200, owner, "PUT", path+"/keys/primary", "")
		for _, hook := range []hooked.Hook{
			hooked.Broken(0, false), hooked.Broken(1, true),
			func(*hooked.Call) error { return errors.New("broken") },
			func(c *hooked.Call) error {
				if c.Writes() {
					return &table.Refused{Steps: []table.RefusedStep{{Label: "history"}}}
				}
				return c.Run()
			},
		} {
			w.Tap.Set(hook)
			if res := w.call("PUT", path, body); res.Status < http.StatusInternalServerError {
				w.Errorf("%d %s", res.Status, res.Raw)
			}
		}
		w.Tap.Set(nil)
		send(204, owner, "DELETE", path, "")
		parts := strings.FieldsFunc(keys, func(r rune) bool { return strings.ContainsRune(`{}":,.`, r) })
		w.wantNotLogged(append(parts, canary, "99988877766", "BBBBBB00A00A000A", "203.0.113.77"))
	})
}

// wantNotLogged fails when one of words is in the log, or a line of a request is not complete.
func (w *world) wantNotLogged(words []string) {
	w.Helper()
	log := w.World.World.Log.String()
	for line := range strings.Lines(log) {
		for _, word := range words {
			isPublic := strings.HasPrefix(word, "01") || word == "primary_key" || word == "secondary_key" || strings.TrimSpace(word) == ""
			if !isPublic && strings.Contains(strings.ToLower(line), strings.ToLower(word)) {
				w.Errorf("logged %q: %s", word, line)
			}
		}
	}
	for _, line := range w.LogLines() {
		if line["msg"] != "request" {
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
	}
	if strings.Count(log, "\n") < 20 {
		w.Error("the log is too short")
	}
}
