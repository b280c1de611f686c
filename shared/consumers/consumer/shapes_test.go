package consumer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/testing/apitest"
)

// stampPattern is how D1 writes instants.
var stampPattern = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

// sameJSON fails unless the answer's body is exactly that document.
func sameJSON(t testing.TB, what string, res apitest.Response, want string) {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(want), &document); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(document, res.Body); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestShapesOfConsumersAndCards(t *testing.T) {
	embedded(t, func(w *world) {
		res := w.answers(http.StatusNoContent, "PUT", consumerPath("ann"), `{"state":"INACTIVE"}`)
		if res.Raw != "" || res.Header.Get("Content-Type") != "" {
			w.Errorf("204 with a body: %q", res.Raw)
		}
		const none = `{"consumerId":"ann","state":"ACTIVE","createdAt":"2026-11-21T10:00:00.000Z","accounts":0,"cards":0,"digitalCards":0,
			"allowedActions":["register","addChild","delete"]}`
		sameJSON(w.TB, "consumer", w.answers(http.StatusOK, "GET", consumerPath("ann"), ""), none)
		sameJSON(w.TB, "no cards", w.answers(http.StatusOK, "GET", consumerPath("ann")+"/cards", ""), `{"cards":[],"remainingCards":0}`)

		w.answers(http.StatusNoContent, "PUT", consumerPath("ann")+"/cards",
			`{"cards":[{"cardId":"c1","cardProductId":"gold"},{"cardId":"c-2","accountId":"a","state":"INACTIVE"},{"cardId":"c1-"}]}`)
		w.answers(http.StatusNoContent, "PUT", digitalCardPath("c1", "d"), `{"state":"SUSPENDED"}`)
		w.answers(http.StatusNoContent, "PUT", digitalCardPath("c1-", "e"), "{}")
		w.digitalCard("c1", "-")
		for query, want := range map[string]string{
			"": `{"accounts":[{"consumerId":"ann","accountId":"a","state":"ACTIVE"},
				{"consumerId":"ann","accountId":"ann","state":"ACTIVE"}],"remainingAccounts":0}`,
			"?limit=1":          `{"accounts":[{"consumerId":"ann","accountId":"a","state":"ACTIVE"}],"remainingAccounts":1}`,
			"?limit=1&offset=1": `{"accounts":[{"consumerId":"ann","accountId":"ann","state":"ACTIVE"}],"remainingAccounts":0}`,
			"?offset=2":         `{"accounts":[],"remainingAccounts":0}`,
		} {
			sameJSON(w.TB, "accounts"+query, w.answers(http.StatusOK, "GET", consumerPath("ann")+"/accounts"+query, ""), want)
		}
		const (
			c1 = `{"consumerId":"ann","accountId":"ann","cardId":"c1","cardProductId":"gold","state":"ACTIVE",
				"digitalCards":[{"digitalCardId":"-","state":"ACTIVE"},{"digitalCardId":"d","state":"SUSPENDED"}]}`
			c2 = `{"consumerId":"ann","accountId":"a","cardId":"c-2","state":"INACTIVE","digitalCards":[]}`
			c3 = `{"consumerId":"ann","accountId":"ann","cardId":"c1-","state":"ACTIVE","digitalCards":[{"digitalCardId":"e","state":"ACTIVE"}]}`
		)
		for id, want := range map[string]string{"c1": c1, "c-2": c2, "c1-": c3} {
			sameJSON(w.TB, id, w.answers(http.StatusOK, "GET", cardPath(id), ""), want)
		}
		for query, want := range map[string]string{
			"":                  `{"cards":[` + c2 + "," + c1 + "," + c3 + `],"remainingCards":0}`,
			"?limit=1":          `{"cards":[` + c2 + `],"remainingCards":2}`,
			"?limit=1&offset=1": `{"cards":[` + c1 + `],"remainingCards":1}`,
			"?limit=2&offset=1": `{"cards":[` + c1 + "," + c3 + `],"remainingCards":0}`,
			"?offset=2":         `{"cards":[` + c3 + `],"remainingCards":0}`,
			"?offset=3":         `{"cards":[],"remainingCards":0}`,
			"?offset=1000000":   `{"cards":[],"remainingCards":0}`,
		} {
			sameJSON(w.TB, "cards"+query, w.answers(http.StatusOK, "GET", consumerPath("ann")+"/cards"+query, ""), want)
		}
	})
}

// TestShapesOfDeletions reads a consumer whose deletion fails halfway: how much is gone, and
// what each caller may do.
func TestShapesOfDeletions(t *testing.T) {
	embedded(t, func(w *world) {
		id := w.deleting("ann")
		const consumer = `{"consumerId":"ann","state":%q,"createdAt":"2026-11-21T10:00:00.000Z",%s,%s,
			"deletion":{"operationId":%q,"startTime":"2026-11-21T10:00:00.000Z",%s}}`
		const (
			all     = `"accounts":1,"cards":1,"digitalCards":1`
			none    = `"deletedAccounts":0,"deletedCards":0,"deletedDigitalCards":0`
			mayAct  = `"allowedActions":["delete"]`
			mayRead = `"allowedActions":[],"detail":"It is up to %s now."`
		)
		sameJSON(w.TB, "DELETING", w.answers(http.StatusOK, "GET", consumerPath("ann"), ""),
			fmt.Sprintf(consumer, "DELETING", all, mayAct, id, none))
		sameJSON(w.TB, "DELETING for a reader", w.As(reader, "GET", consumerPath("ann"), ""), fmt.Sprintf(consumer, "DELETING", all,
			fmt.Sprintf(mayRead, "the issuer (delete) or the worker (removeChildren, finish, fail)"), id, none))
		w.Tap.Set(unremovable("CARD"))
		if err := w.cascade("ann"); err == nil {
			w.Error("the cascade hid that it failed")
		}
		w.Tap.Set(nil)
		sameJSON(w.TB, "DELETE_FAILED", w.answers(http.StatusOK, "GET", consumerPath("ann"), ""),
			fmt.Sprintf(consumer, "DELETE_FAILED", `"accounts":1,"cards":1,"digitalCards":0`, mayAct, id,
				`"deletedAccounts":0,"deletedCards":0,"deletedDigitalCards":1`))
	})
}

func TestShapesOfOperations(t *testing.T) {
	embedded(t, func(w *world) {
		w.cards("ann", "c1")
		registered := w.operations("ann")[0].OperationID
		path := consumerPath("ann") + "/operations"
		first := fmt.Sprintf(`{"operationId":%q,"operation":"REGISTER","status":"SUCCESSFUL",
			"startTime":"2026-11-21T10:00:00.000Z","endTime":"2026-11-21T10:00:00.000Z",
			"requestorType":"ISSUER","requestorId":"ISSUER-001","expiresAt":"2027-02-21T10:00:00.000Z"}`, registered)
		sameJSON(w.TB, "REGISTER", w.answers(http.StatusOK, "GET", path+"/"+registered, ""), first)
		w.Clock.Set(apitest.Start.Add(492e6))
		res := w.answers(http.StatusOK, "POST", path+":delete", `{"reason":"customer was contacted on June 28","reasonCode":"USER_DECISION"}`)
		id := res.Text("operationId")
		sameJSON(w.TB, "delete", res, fmt.Sprintf(`{"operationId":%q,"status":"SUCCESSFUL"}`, id))
		second := fmt.Sprintf(`{"operationId":%q,"operation":"DELETE","status":"SUCCESSFUL",
			"startTime":"2026-11-21T10:00:00.492Z","endTime":"2026-11-21T10:00:00.492Z","requestorType":"ISSUER","requestorId":"ISSUER-001",
			"reason":"customer was contacted on June 28","reasonCode":"USER_DECISION",
			"details":{"deletedAccounts":1,"deletedCards":1,"deletedDigitalCards":0},"expiresAt":"2027-02-21T10:00:00.492Z"}`, id)
		sameJSON(w.TB, "DELETE", w.answers(http.StatusOK, "GET", path+"/"+id, ""), second)
		sameJSON(w.TB, "both", w.answers(http.StatusOK, "GET", path, ""), `{"operations":[`+second+","+first+`],"remainingOperations":0}`)
		sameJSON(w.TB, "one", w.answers(http.StatusOK, "GET", path+"?limit=1", ""), `{"operations":[`+second+`],"remainingOperations":1}`)
		sameJSON(w.TB, "none", w.answers(http.StatusOK, "GET", consumerPath("nobody")+"/operations", ""),
			`{"operations":[],"remainingOperations":0}`)

		// An aggregator acts for the issuer; the issuer is the requestor.
		for id, body := range map[string]string{"bob": "", "cid": "{}", "dan": "null"} {
			w.register(id)
			if res := w.As(aggregator(consumers.ScopeFull, issuer), "POST", consumerPath(id)+"/operations:delete",
				body); res.Status != http.StatusOK {
				w.Fatalf("delete by an aggregator = %d", res.Status)
			}
			op := w.operations(id)[0]
			if op.RequestorType != "ISSUER" || op.RequestorID != issuer || op.ReasonCode != "ISSUER_DECISION" || op.Reason != "" {
				w.Errorf("a delete with body %q by an aggregator is recorded as %+v", body, op)
			}
		}
	})
}

// TestShapesOfUnfinishedOperations follows one deletion from PENDING to FAILED
// and another, while the clock goes back, to SUCCESSFUL.
func TestShapesOfUnfinishedOperations(t *testing.T) {
	embedded(t, func(w *world) {
		path := consumerPath("ann") + "/operations/"
		id := w.deleting("ann")
		pending := fmt.Sprintf(`{"operationId":%q,"operation":"DELETE","status":"PENDING",
			"startTime":"2026-11-21T10:00:00.000Z","requestorType":"ISSUER",
			"requestorId":"ISSUER-001","reasonCode":"ISSUER_DECISION","expiresAt":"2027-02-21T10:00:00.000Z"}`, id)
		sameJSON(w.TB, "PENDING", w.answers(http.StatusOK, "GET", path+id, ""), pending)

		w.Clock.Advance(1500e6)
		w.Tap.Set(unremovable("CARD"))
		if err := w.cascade("ann"); err == nil {
			w.Error("the cascade hid that it failed")
		}
		w.Tap.Set(nil)
		failed := w.answers(http.StatusOK, "GET", path+id, "")
		text := failed.Text("error")
		sameJSON(w.TB, "FAILED", failed, fmt.Sprintf(`{"operationId":%q,"operation":"DELETE","status":"FAILED",
			"startTime":"2026-11-21T10:00:00.000Z","endTime":"2026-11-21T10:00:01.500Z","requestorType":"ISSUER",
			"requestorId":"ISSUER-001","reasonCode":"ISSUER_DECISION",
			"errorCode":"CASCADE_CARD_FAILED","error":%q,"expiresAt":"2027-02-21T10:00:00.000Z"}`, id, text))
		if !regexp.MustCompile(`^[a-zA-Z0-9_ /\\\[\],.'#;:{}()?!*-]{1,256}$`).MatchString(text) {
			w.Errorf("error = %q, which D1's pattern refuses", text)
		}

		w.Tap.Set(blind)
		id = w.deleted("ann", operation.Pending)
		w.Tap.Set(nil)
		w.Clock.Advance(-1e9)
		if err := w.cascade("ann"); err != nil {
			w.Fatal(err)
		}
		for _, op := range w.operations("ann") {
			if !stampPattern.MatchString(op.StartTime) || !stampPattern.MatchString(op.EndTime) || op.EndTime < op.StartTime {
				w.Errorf("%s %s from %s to %s", op.Operation, op.Status, op.StartTime, op.EndTime)
			}
		}
		if got := w.kinds("ann"); got != "DELETE SUCCESSFUL, DELETE FAILED, REGISTER SUCCESSFUL" || w.operations("ann")[0].OperationID != id {
			w.Errorf("operations = %s", got)
		}
		if got := w.removed("ann"); got != "1 1 1" {
			w.Errorf("both deletions removed %s, want 1 1 1", got)
		}
	})
}
