package consumer_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/testing/apitest"
)

// TestDocumentedDifferencesAreFound makes sure that the check above can fail.
func TestDocumentedDifferencesAreFound(t *testing.T) {
	t.Parallel()
	const fine = `{"operationId":"1","operation":"DELETE","status":"FAILED","startTime":"2026-11-21T10:00:00.000Z",
		"requestorType":"ISSUER","requestorId":"ISSUER-001","expiresAt":"2027-02-21T10:00:00.000Z"}`
	answer := func(status int, contentType, body string) apitest.Response {
		res := apitest.Response{Status: status, Header: http.Header{"Content-Type": {contentType}}, Raw: body}
		if err := json.Unmarshal([]byte(body), &res.Body); err != nil {
			t.Fatal(err)
		}
		return res
	}
	path := consumerPath("ann") + "/operations/1"
	if found := suite.Document().Check("GET", path, answer(200, "application/json", fine)); found != nil {
		t.Errorf("a documented answer has findings: %v", found)
	}
	for name, res := range map[string]apitest.Response{
		"status":       answer(418, "application/json", fine),
		"content type": answer(200, "text/plain", fine),
		"enum":         answer(200, "application/json", strings.Replace(fine, "FAILED", "BROKEN", 1)),
		"type":         answer(200, "application/json", strings.Replace(fine, `"ISSUER-001"`, "1", 1)),
		"pattern":      answer(200, "application/json", strings.Replace(fine, `"1"`, `"a b"`, 1)),
		"required":     answer(200, "application/json", strings.Replace(fine, "requestorId", "errorCode", 1)),
		"unknown":      answer(200, "application/json", strings.Replace(fine, "{", `{"extra":1,`, 1)),
		"length":       answer(200, "application/json", strings.Replace(fine, "{", `{"error":"`+strings.Repeat("x", 257)+`",`, 1)),
		"nested":       answer(200, "application/json", strings.Replace(fine, "{", `{"details":{"deletedCards":1.5},`, 1)),
	} {
		if found := suite.Document().Check("GET", path, res); len(found) != 1 {
			t.Errorf("%s: findings = %v, want one", name, found)
		}
	}
}
