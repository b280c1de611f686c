package operation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

const path = "/issuers/" + issuer + "/consumers/ann/operations"

var reader = apitest.Issuer(issuer, consumers.ScopeRead)

func TestListOverHTTP(t *testing.T) {
	each(t, func(w *world) {
		last := ""
		var ids []string
		for range 12 {
			last = w.next(owner("ann"), last)
			ids = append(ids, last)
		}
		for query, want := range map[string]page{
			"":                   cut(ids, 0, 10),
			"?limit=50":          cut(ids, 0, 50),
			"?limit=1":           cut(ids, 0, 1),
			"?offset=11&limit=2": cut(ids, 11, 2),
			"?offset=12":         cut(ids, 12, 10),
			"?offset=1000000000": cut(ids, 1000000000, 10),
		} {
			res := w.As(reader, "GET", path+query, "")
			var got []string
			listed, _ := res.Body["operations"].([]any)
			for _, op := range listed {
				got = append(got, op.(map[string]any)["operationId"].(string))
			}
			if res.Status != http.StatusOK || fmt.Sprint(got) != fmt.Sprint(want.IDs) || res.Body["remainingOperations"] != float64(want.Remaining) {
				w.Errorf("%s: %d %s", query, res.Status, res.Raw)
			}
		}
	})
}

// TestEmptyListOverHTTP: the list of a consumer that was never registered is empty and has
// both members.
func TestEmptyListOverHTTP(t *testing.T) {
	each(t, func(w *world) {
		res := w.As(reader, "GET", path, "")
		if got := strings.TrimSpace(res.Raw); res.Status != http.StatusOK || got != `{"operations":[],"remainingOperations":0}` {
			w.Errorf("%d %s", res.Status, res.Raw)
		}
	})
}

func TestGetOverHTTP(t *testing.T) {
	each(t, func(w *world) {
		id := w.next(owner("ann"), "")
		want := `{"operationId":"` + id + `","operation":"REGISTER","status":"SUCCESSFUL","startTime":"2026-11-21T10:00:00.000Z",` +
			`"endTime":"2026-11-21T10:00:00.000Z","requestorType":"ISSUER","requestorId":"` + issuer + `","expiresAt":"2027-02-21T10:00:00.000Z"}`
		res := w.As(reader, "GET", path+"/"+id, "")
		if got := strings.TrimSpace(res.Raw); res.Status != http.StatusOK || got != want {
			w.Errorf("%d %s; want %s", res.Status, res.Raw, want)
		}
		if line := w.Logged(); !strings.Contains(line, id) || strings.Contains(line, "ann") {
			w.Errorf("the log must name the operation, not the consumer: %s", line)
		}
		w.Clock.Set(apitest.Start.AddDate(0, 3, 0).Add(-time.Millisecond))
		if res := w.As(reader, "GET", path+"/"+id, ""); res.Status != http.StatusOK {
			w.Errorf("before it expires: %d %s", res.Status, res.Raw)
		}
		w.Clock.Advance(time.Millisecond)
		if res := w.As(reader, "GET", path+"/"+id, ""); res.Status != http.StatusNotFound {
			w.Errorf("when it has expired: %d %s", res.Status, res.Raw)
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(w *world) {
		id := w.next(owner("ann"), "")
		other := apitest.Issuer("ISSUER-002", consumers.ScopeFull)
		noScope := apitest.Issuer(issuer, "d1-api:card:full")
		for _, c := range []struct {
			as   *api.Identity
			path string
			code problem.Code
		}{
			{nil, path, consumers.AuthorizerUnauthorized},
			{nil, path + "?limit=0", consumers.AuthorizerUnauthorized},
			{other, path + "?limit=0", consumers.FieldInvalidValue},
			{reader, path + "?limit=0", consumers.FieldInvalidValue},
			{reader, path + "?limit=51", consumers.FieldInvalidValue},
			{reader, path + "?offset=-1", consumers.FieldInvalidValue},
			{reader, path + "?limit=", consumers.FieldInvalidFormat},
			{reader, path + "?limit=%2B1", consumers.FieldInvalidFormat},
			{reader, path + "?limit=1.5", consumers.FieldInvalidFormat},
			{reader, path + "?limit=1e1", consumers.FieldInvalidFormat},
			{reader, path + "?offset=%201", consumers.FieldInvalidFormat},
			{reader, path + "?offset=1&offset=1", consumers.FieldInvalidFormat},
			{reader, path + "?offset=99999999999999999999", consumers.FieldInvalidFormat},
			{other, path, consumers.AuthorizerForbidden},
			{noScope, path, consumers.AuthorizerForbidden},
			{nil, path + "/" + id, consumers.AuthorizerUnauthorized},
			{other, path + "/" + id, consumers.AuthorizerForbidden},
			{other, path + "/unknown", consumers.AuthorizerForbidden},
			{noScope, path + "/" + id, consumers.AuthorizerForbidden},
			{reader, path + "/unknown", consumers.OperationNotFound},
			{reader, strings.Replace(path, "ann", "bob", 1) + "/" + id, consumers.OperationNotFound},
			{reader, path + "/" + strings.Repeat("x", 65), consumers.FieldInvalidFormat},
			{reader, path + "/a%2Fb", consumers.FieldInvalidFormat},
		} {
			w.Refused("GET "+c.path, w.As(c.as, "GET", c.path, ""), c.code, "")
		}
	})
}
