package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

func TestBodies(t *testing.T) {
	t.Parallel()
	w := world()
	big := `{"colour":"` + strings.Repeat("x", api.MaxBodyBytes) + `"}`
	for name, tc := range map[string]struct {
		body, want, field string
	}{
		"none":            {"", "204 ", ""},
		"null":            {" null\n", "204 ", ""},
		"empty object":    {"{}", "204 ", ""},
		"unknown field":   {`{"later":1}`, "204 ", ""},
		"malformed":       {`{"colour":`, "400 INVALID_FORMAT", "body"},
		"trailing":        {`{} {}`, "400 INVALID_FORMAT", "body"},
		"array":           {`[]`, "400 INVALID_FORMAT", "body"},
		"wrong type":      {`{"size":"big"}`, "400 INVALID_FORMAT", "body.size"},
		"not in enum":     {`{"colour":"green"}`, "400 INVALID_VALUE", "body.colour"},
		"above maximum":   {`{"size":11}`, "400 INVALID_VALUE", "body.size"},
		"against pattern": {`{"secret":"S3CRET"}`, "400 INVALID_FORMAT", "body.secret"},
		"against check":   {`{"size":7}`, "400 INVALID_VALUE", "body.size"},
		"too large":       {big, "413 TOO_LARGE", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := w.Call(t, me, "PUT", "/things/ok", tc.body)
			if got := fmt.Sprint(res.Status, " ", res.Text("errorCode")); got != tc.want {
				t.Fatalf("answer = %s, want %s\n%s", got, tc.want, res.Raw)
			}
			if tc.field == "" {
				return
			}
			fields, _ := res.Body["errors"].([]any)
			if len(fields) != 1 || fields[0].(map[string]any)["field"] != tc.field {
				t.Errorf("errors = %v, want one entry for %s", fields, tc.field)
			}
			if strings.Contains(res.Raw, "S3CRET") || strings.Contains(res.Raw, "green") {
				t.Errorf("the answer repeats the offending value: %s", res.Raw)
			}
		})
	}
	for _, kind := range []string{"Application/JSON", "application/json; charset=UTF-8"} {
		if res := w.Call(t, me, "PUT", "/things/ok", `{}`, "Content-Type", kind); res.Status != 204 {
			t.Errorf("%s = %d %s", kind, res.Status, res.Raw)
		}
	}
	if res := w.Call(t, nil, "PUT", "/things/ok", big); res.Status != 401 {
		t.Errorf("a large body without a caller = %d, want 401 first", res.Status)
	}
	if res := w.Call(t, me, "PUT", "/things/ok", `<x/>`, "Content-Type", "application/xml"); res.Status != 415 {
		t.Errorf("XML = %d %s", res.Status, res.Raw)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	w := world()
	for query, want := range map[string]string{
		"": "200 0 10", "?offset=3&limit=50": "200 3 50", "?limit=1": "200 0 1", "?offset=0": "200 0 10", "?other=1": "200 0 10",
		"?limit=0": "400 query.limit", "?limit=51": "400 query.limit", "?offset=-1": "400 query.offset",
		"?limit=": "400 query.limit", "?offset=": "400 query.offset", "?limit=%2B1": "400 query.limit", "?limit=+1": "400 query.limit",
		"?limit=1.5": "400 query.limit", "?limit=1e1": "400 query.limit", "?limit=01": "400 query.limit", "?limit=0x1": "400 query.limit",
		"?limit=1&limit=2": "400 query.limit", "?limit=%zz": "400 query", "?a;b": "400 query",
		"?limit=99999999999999999999": "400 query.limit", "?limit=ten": "400 query.limit",
	} {
		res := w.Call(t, me, "GET", "/things/ok"+query, "")
		got := fmt.Sprint(res.Status, " ", res.Body["offset"], " ", res.Body["limit"])
		if fields, ok := res.Body["errors"].([]any); ok {
			got = fmt.Sprint(res.Status, " ", fields[0].(map[string]any)["field"])
			if len(fields) != 1 {
				t.Errorf("%s: %d entries for one field: %v", query, len(fields), fields)
			}
		}
		if got != want {
			t.Errorf("%s = %s, want %s", query, got, want)
		}
	}
}

// TestQueryThatCannotBeDecoded checks that the refusal describes a query.
func TestQueryThatCannotBeDecoded(t *testing.T) {
	t.Parallel()
	const want = "expected name=value pairs joined by &, with other characters percent-encoded"
	for _, query := range []string{"?limit=%zz", "?a;b"} {
		res := world().Call(t, me, "GET", "/things/ok"+query, "")
		if res.Status != http.StatusBadRequest || !strings.Contains(res.Text("detail"), want) {
			t.Errorf("%s = %d %s", query, res.Status, res.Raw)
		}
	}
}

// TestCorrelationID checks that a strict product refuses a malformed id and that others
// replace it. An empty id counts as none.
func TestCorrelationID(t *testing.T) {
	t.Parallel()
	strict := *product
	strict.StrictCorrelation = true
	for sent, fits := range map[string]bool{
		"use case 7.b_-": true, strings.Repeat("x", 64): true, "": true,
		strings.Repeat("x", 65): false, "a\tb": false, "é": false, `x","level":"ERROR`: false,
	} {
		for name, p := range map[string]*api.Product{"strict": &strict, "lenient": product} {
			w := apitest.New(nil, []api.Op{sheet(p, fine)})
			res := w.Call(t, me, "PUT", "/sheets/ok", "", "X-Correlation-ID", sent)
			got := res.Header.Get("x-correlation-id")
			if want := map[bool]int{true: 204, false: 400}[fits || p == product]; res.Status != want {
				t.Errorf("%s: correlation id %q = %d, want %d", name, sent, res.Status, want)
			}
			if echoed := got == sent; echoed != (fits && sent != "") || got == "" {
				t.Errorf("%s: correlation id %q answered with %q", name, sent, got)
			}
			line := w.Log.Lines(t)[0]
			if line["correlationId"] != got || (line["invalidCorrelationId"] == true) == fits {
				t.Errorf("%s: log line of %q = %v", name, sent, line)
			}
		}
	}
}
