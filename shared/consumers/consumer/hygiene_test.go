package consumer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// canary is in all personal and secret data of TestLogHygiene.
const canary = "Canary"

// TestLogHygiene makes calls of all kinds, failures included, with a canary in all personal and
// secret data. The log must not contain it.
func TestLogHygiene(t *testing.T) {
	embedded(t, func(w *world) {
		w = w.withReuse()
		const ann, bob = canary + "-ann", canary + "-bob"
		secret := jwe(map[int]string{3: canary})
		send := func(status int, method, path, body string) {
			w.Helper()
			res := w.As(writer, method, path, body, "Authorization", "Bearer "+canary, "Cookie", canary, "User-Agent", canary)
			if res.Status != status {
				w.Errorf("%s %s = %d, want %d\n%s", method, path, res.Status, status, res.Raw)
			}
		}
		cards := fmt.Sprintf(`{"cards":[{"cardId":%q,"accountId":%[1]q,"cardProductId":%[1]q,"encryptedData":%q}],%[1]q:1}`, canary+"-card",
			secret)
		reason := fmt.Sprintf(`{"reason":"%s was here","reasonCode":"USER_DECISION"}`, canary)

		send(204, "PUT", consumerPath(ann), "")
		send(204, "PUT", consumerPath(ann)+"/cards", cards)
		send(204, "PUT", consumerPath(ann)+"/cards", cards)
		send(204, "PUT", digitalCardPath(canary+"-card", canary), "")
		send(409, "PUT", consumerPath(bob)+"/cards", cards)
		send(204, "PUT", consumerPath(bob), `{"state":"`+canary+`"}`)
		send(409, "PUT", accountPath(canary+"-card"), accountBody(bob))
		for _, path := range []string{
			consumerPath(ann), consumerPath(ann) + "/cards", cardPath(canary + "-card"),
			consumerPath(ann) + "/operations",
		} {
			send(200, "GET", path, "")
		}
		send(400, "POST", consumerPath(ann)+"/operations:delete", `{"reason":"`+canary+`!"}`)
		send(400, "POST", consumerPath(ann)+"/operations:delete", `{"reasonCode":"`+canary+`"}`)
		send(400, "POST", consumerPath(ann)+"/operations:delete", canary)
		send(400, "PUT", consumerPath(ann)+"/cards", strings.ReplaceAll(cards, secret, secret+canary+"="))
		send(400, "GET", consumerPath(ann)+"/operations?limit="+canary, "")
		send(400, "GET", consumerPath(canary+"!"), "")
		send(404, "GET", consumerPath(ann)+"/operations/"+canary, "")
		w.As(stranger, "GET", consumerPath(ann), "", "Authorization", canary)
		w.As(nobody, "GET", consumerPath(ann), "", "Authorization", canary)
		w.As(writer, "GET", consumerPath(ann), "", api.CorrelationHeader, canary+"/")

		w.Tap.Set(blind)
		send(200, "POST", consumerPath(ann)+"/operations:delete", reason)
		w.Tap.Set(unremovable("CARD"))
		if err := w.cascade(ann); err == nil || strings.Contains(err.Error(), canary) {
			w.Errorf("the cascade ends with %v", err)
		}
		w.Tap.Set(down)
		send(503, "POST", consumerPath(ann)+"/operations:delete", reason)
		w.Tap.Set(func(*call) error { return errors.New("broken") })
		send(500, "GET", consumerPath(ann), "")
		w.Tap.Set(func(*call) error { return &table.Refused{Steps: []table.RefusedStep{{Label: "remove-0"}}} })
		send(503, "PUT", accountPath(canary), accountBody(bob))
		w.Tap.Set(nil)
		send(200, "POST", consumerPath(ann)+"/operations:delete", reason)
		send(404, "POST", consumerPath(ann)+"/operations:delete", reason)

		for line := range strings.Lines(w.Logged()) {
			if strings.Contains(strings.ToLower(line), strings.ToLower(canary)) {
				w.Errorf("logged: %s", line)
			}
		}
		w.logIsComplete()
	})
}

// logIsComplete fails unless every request has one line with the members that operators need.
func (w *world) logIsComplete() {
	w.Helper()
	for _, line := range w.LogLines() {
		if line["msg"] != "request" {
			continue
		}
		for name, kind := range map[string]any{
			"operation": "", "method": "", "correlationId": "", "status": 0.0, "latencyMs": 0.0,
			"roundTrips": 0.0, "itemsRead": 0.0, "readUnits": 0.0, "writeUnits": 0.0,
		} {
			if got := line[name]; fmt.Sprintf("%T", got) != fmt.Sprintf("%T", kind) || got == "" {
				w.Errorf("%s is %v in %v", name, got, line)
			}
		}
		if _, refused := line["problem"].(string); refused != (line["status"].(float64) >= 400) {
			w.Errorf("problem is %v in %v", line["problem"], line)
		}
	}
}

// TestLogLine follows single calls into their lines.
func TestLogLine(t *testing.T) {
	embedded(t, func(w *world) {
		for _, tc := range []struct {
			method, path, body          string
			operation, problem, level   string
			status, reads, writes, time float64
		}{
			{"PUT", consumerPath("ann"), "", "consumer-register", "", "INFO", 204, 0, 1, 250},
			{"GET", consumerPath("ann"), "", "consumer-get", "", "INFO", 200, 1, 0, 250},
			{"GET", consumerPath("bob"), "", "consumer-get", "CONSUMER_NOT_FOUND", "INFO", 404, 1, 0, 250},
			{"GET", consumerPath("!"), "", "consumer-get", "FIELD_INVALID_FORMAT", "INFO", 400, 0, 0, 0},
		} {
			before := len(w.LogLines())
			w.Tap.Set(func(c *call) error {
				w.Clock.Advance(250e6)
				return c.Run()
			})
			res := w.As(writer, tc.method, tc.path, tc.body, api.CorrelationHeader, "use case 1")
			w.Tap.Set(nil)
			lines := w.LogLines()[before:]
			if len(lines) != 1 {
				w.Fatalf("%d lines for one call", len(lines))
			}
			line := lines[0]
			if line["operation"] != tc.operation || line["status"] != tc.status || line["correlationId"] != "use case 1" ||
				line["level"] != tc.level || line["latencyMs"] != tc.time {
				w.Errorf("%s %s is logged as %v", tc.method, tc.path, line)
			}
			if problem, _ := line["problem"].(string); problem != tc.problem || problem != res.Text("errorCode") {
				w.Errorf("%s %s: problem %q", tc.method, tc.path, problem)
			}
			if (line["readUnits"].(float64) > 0) != (tc.reads > 0) || (line["writeUnits"].(float64) > 0) != (tc.writes > 0) {
				w.Errorf("%s %s: units %v and %v", tc.method, tc.path, line["readUnits"], line["writeUnits"])
			}
		}
	})
}

// TestEncryptedDataIsNotStored looks for a canary of the data in every item.
func TestEncryptedDataIsNotStored(t *testing.T) {
	embedded(t, func(w *world) {
		secret := jwe(map[int]string{3: canary})
		body := fmt.Sprintf(`{"cards":[{"cardId":"c1","encryptedData":%q}]}`, secret)
		var written []string
		w.Tap.Set(func(c *call) error {
			for _, s := range c.Steps {
				written = append(written, fmt.Sprintf("%+v", s))
			}
			return c.Run()
		})
		w.answers(204, "PUT", consumerPath("ann")+"/cards", body)
		w.answers(204, "PUT", consumerPath("ann")+"/cards", strings.Replace(body, `"c1"`, `"c1","state":"INACTIVE"`, 1))
		w.Tap.Set(nil)
		if len(written) != 6+2 { // consumer, card, account, operation with its two counters; consumer, card
			w.Errorf("%d items written, want 8: %v", len(written), written)
		}
		for _, step := range written {
			for _, part := range append(strings.Split(secret, "."), canary, secret) {
				if part != "" && strings.Contains(step, part) {
					w.Errorf("stored: %s", step)
				}
			}
		}
	})
}
