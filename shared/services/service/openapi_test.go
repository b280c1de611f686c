package service_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
)

// TestEveryOperationIsAnsweredAsDocumented sends every operation a request that
// it carries out; [servicestest.World.As] compares the answers.
func TestEveryOperationIsAnsweredAsDocumented(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		for id, r := range w.requests() {
			res := w.Want(w.send(r.caller(), r), r.Status)
			if id == "service/get" {
				for amount, findings := range map[float64]int{0: 0, -1: 1, 9999999999: 0, 10000000000: 1} {
					res.Body["max_allowed_payment_amount"] = amount
					if found := suite.Document().Check(r.Method, services.Base+r.path, res); len(found) != findings {
						t.Errorf("an amount of %v has findings %v, want %d", amount, found, findings)
					}
				}
			}
			if tag := res.Header.Get("ETag"); (tag != "") != strings.Contains(versioned, id+" ") {
				t.Errorf("%s is answered with ETag %q", id, tag)
			}
		}
	})
}

// versioned names the operations whose answers have a version. A deletion has none: the
// service cannot be changed any more.
const versioned = "service/create service/get service/get-review service/update service/get-release service/review service/withdraw " +
	"service/approve service/reject service/release service/unpublish "

// TestDocumentedDifferencesAreFound makes sure that the comparison can fail, in parts of the
// document that other products do not have.
func TestDocumentedDifferencesAreFound(t *testing.T) {
	t.Parallel()
	const (
		topics = `{"topics":[{"id":0,"name":"Altro"}]}`
		logo   = "PNG"
	)
	answer := func(contentType, body string) apitest.Response {
		res := apitest.Response{Status: 200, Header: http.Header{"Content-Type": {contentType}}, Raw: body}
		if strings.HasPrefix(body, "{") {
			if err := json.Unmarshal([]byte(body), &res.Body); err != nil {
				t.Fatal(err)
			}
		}
		return res
	}
	for _, c := range []struct {
		name, path string
		res        apitest.Response
		findings   int
	}{
		{"topics", "/services/topics", answer("application/json", topics), 0},
		{"another id of a topic", "/services/topics", answer("application/json", strings.Replace(topics, "0", `"0"`, 1)), 1},
		{"logo", "/services/x/logo", answer("image/png", logo), 0},
		{"another logo", "/services/x/logo", answer("image/jpeg", logo), 1},
		{"no path", "/services/x/y/z", answer("application/json", topics), 1},
	} {
		if found := suite.Document().Check("GET", services.Base+c.path, c.res); len(found) != c.findings {
			t.Errorf("%s: findings = %v, want %d", c.name, found, c.findings)
		}
	}
}
