package operation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

const path = "/issuers/" + issuer + "/consumers/ann/operations"

var reader = apitest.Issuer(issuer, consumers.ScopeRead)

func TestListOverHTTP(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		last, ids := "", []string(nil)
		for range 12 {
			last = w.next(t, owner("ann"), last)
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
			res := w.Call(t, reader, "GET", path+query, "")
			var got []string
			listed, _ := res.Body["operations"].([]any)
			for _, op := range listed {
				got = append(got, op.(map[string]any)["operationId"].(string))
			}
			if res.Status != http.StatusOK || fmt.Sprint(got) != fmt.Sprint(want.IDs) || res.Body["remainingOperations"] != float64(want.Remaining) {
				t.Errorf("%s: %d %s", query, res.Status, res.Raw)
			}
		}
	})
}

// TestListOfNobodyOverHTTP: a consumer that nobody registered has an empty list,
// with both members there.
func TestListOfNobodyOverHTTP(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		res := w.Call(t, reader, "GET", path, "")
		if got := strings.TrimSpace(res.Raw); res.Status != http.StatusOK || got != `{"operations":[],"remainingOperations":0}` {
			t.Errorf("%d %s", res.Status, res.Raw)
		}
	})
}

func TestGetOverHTTP(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		id := w.next(t, owner("ann"), "")
		want := `{"operationId":"` + id + `","operation":"REGISTER","status":"SUCCESSFUL","startTime":"2026-11-21T10:00:00.000Z",` +
			`"endTime":"2026-11-21T10:00:00.000Z","requestorType":"ISSUER","requestorId":"` + issuer + `"}`
		res := w.Call(t, reader, "GET", path+"/"+id, "")
		if got := strings.TrimSpace(res.Raw); res.Status != http.StatusOK || got != want {
			t.Errorf("%d %s; want %s", res.Status, res.Raw, want)
		}
		if line := w.Log.String(); !strings.Contains(line, id) || strings.Contains(line, "ann") {
			t.Errorf("the log must name the operation, not the consumer: %s", line)
		}
		w.Clock.Set(apitest.Start.AddDate(0, 3, 0).Add(-time.Millisecond))
		if res := w.Call(t, reader, "GET", path+"/"+id, ""); res.Status != http.StatusOK {
			t.Errorf("before it expires: %d %s", res.Status, res.Raw)
		}
		w.Clock.Advance(time.Millisecond)
		if res := w.Call(t, reader, "GET", path+"/"+id, ""); res.Status != http.StatusNotFound {
			t.Errorf("when it has expired: %d %s", res.Status, res.Raw)
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		id := w.next(t, owner("ann"), "")
		other := apitest.Issuer("ISSUER-002", consumers.ScopeFull)
		noScope := apitest.Issuer(issuer, "d1-api:card:full")
		for _, c := range []struct {
			as     *api.Identity
			path   string
			status int
			code   string
		}{
			{nil, path, 401, "AUTHORIZER_UNAUTHORIZED"},
			{nil, path + "?limit=0", 401, "AUTHORIZER_UNAUTHORIZED"},
			{other, path + "?limit=0", 400, "FIELD_INVALID_VALUE"},
			{reader, path + "?limit=0", 400, "FIELD_INVALID_VALUE"},
			{reader, path + "?limit=51", 400, "FIELD_INVALID_VALUE"},
			{reader, path + "?offset=-1", 400, "FIELD_INVALID_VALUE"},
			{reader, path + "?limit=", 400, "FIELD_INVALID_FORMAT"},
			{reader, path + "?limit=%2B1", 400, "FIELD_INVALID_FORMAT"},
			{reader, path + "?limit=1.5", 400, "FIELD_INVALID_FORMAT"},
			{reader, path + "?limit=1e1", 400, "FIELD_INVALID_FORMAT"},
			{reader, path + "?offset=%201", 400, "FIELD_INVALID_FORMAT"},
			{reader, path + "?offset=1&offset=1", 400, "FIELD_INVALID_FORMAT"},
			{reader, path + "?offset=99999999999999999999", 400, "FIELD_INVALID_FORMAT"},
			{other, path, 403, "AUTHORIZER_FORBIDDEN"},
			{noScope, path, 403, "AUTHORIZER_FORBIDDEN"},
			{nil, path + "/" + id, 401, "AUTHORIZER_UNAUTHORIZED"},
			{other, path + "/" + id, 403, "AUTHORIZER_FORBIDDEN"},
			{other, path + "/unknown", 403, "AUTHORIZER_FORBIDDEN"},
			{noScope, path + "/" + id, 403, "AUTHORIZER_FORBIDDEN"},
			{reader, path + "/unknown", 404, "OPERATION_NOT_FOUND"},
			{reader, strings.Replace(path, "ann", "bob", 1) + "/" + id, 404, "OPERATION_NOT_FOUND"},
			{reader, path + "/" + strings.Repeat("x", 65), 400, "FIELD_INVALID_FORMAT"},
			{reader, path + "/a%2Fb", 400, "FIELD_INVALID_FORMAT"},
		} {
			res := w.Call(t, c.as, "GET", c.path, "")
			if res.Status != c.status || res.Text("errorCode") != c.code {
				t.Errorf("GET %s: %d %s, want %d %s", c.path, res.Status, res.Raw, c.status, c.code)
			}
		}
	})
}
