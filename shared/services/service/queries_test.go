package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/services"
)

// TestQueries sends queries of lists, and types of keys.
func TestQueries(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		path := w.create(complete(nil))
		other := w.create(complete(nil))
		w.Want(w.call("PUT", other, complete(nil)), http.StatusOK)
		foreign := w.Want(w.call("GET", other+"/history?limit=1", ""), http.StatusOK).Text("continuationToken")
		const largest = "9223372036854775807"
		for _, list := range []struct {
			as        *api.Identity
			path      string
			offset    bool
			good, bad []string
		}{
			{owner, "/services", true, nil, nil},
			{reviewer, "/reviews", true, nil, nil},
			{owner, path + "/history", false, []string{"order=ASC", "order=DESC", "order=ASC&limit=100", "offset=x"}, []string{
				"order=asc", "order=", "order=ASC&order=ASC", "order=ASC%20", "continuationToken=", "continuationToken=x",
				"continuationToken=SElTVE9SWSM",
				"continuationToken=" + foreign, "continuationToken=" + foreign + "&continuationToken=" + foreign,
				"continuationToken=" + strings.Repeat("A", 257), "continuationToken=%00", "continuationToken==",
			}},
		} {
			good := append([]string{"limit=1", "limit=100", "limit=20.0", "limit=1e2", ""}, list.good...)
			bad := append([]string{
				"limit=0", "limit=101", "limit=-1", "limit=%2B1", "limit=+1", "limit=", "limit=1&limit=1", "limit=1.5",
				"limit=1e-1", "limit=1e400", "limit=01", "limit=x", "limit=" + largest + "0", "limit=%zz",
			}, list.bad...)
			if list.offset {
				good = append(good, "offset=0", "offset=1", "offset="+largest, "offset="+largest+"&limit=100", "offset=2147483648")
				bad = append(bad, "offset=-1", "offset=", "offset=%2B0", "offset=0&offset=0", "offset=1.5")
				bad = append(bad, "offset=9223372036854775808", "offset=x", "offset=00")
			}
			for _, query := range good {
				// Not through As: the checker of the document takes numbers for floats.
				w.Want(w.Call(w.TB, list.as, "GET", services.Base+list.path+"?"+query, ""), http.StatusOK)
			}
			for _, query := range bad {
				res := w.As(list.as, "GET", list.path+"?"+query, "")
				errs, _ := res.Body["errors"].([]any)
				if res.Status != http.StatusBadRequest || len(errs) == 0 || res.Text("title") != "Invalid request" {
					w.Errorf("%s?%.60s: %d %s", list.path, query, res.Status, res.Raw)
				}
			}
		}
		for _, which := range []string{"Primary", "tertiary", "primary%20", "%00", "primary%2Fsecondary"} {
			res := w.call("PUT", path+"/keys/"+which, "")
			if res.Status != http.StatusBadRequest || res.Text("title") != "Invalid SubscriptionKeyType" {
				w.Errorf("key %s: %d %s", which, res.Status, res.Raw)
			}
		}
	})
}

// TestIfMatch sends changes with several values of If-Match.
func TestIfMatch(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		path := w.create(complete(nil))
		version := 1
		for _, tc := range []struct {
			header string // %d is the version
			status int
		}{
			{`"%d"`, http.StatusOK},
			{`*`, http.StatusOK},
			{` * `, http.StatusOK},
			{`"999", "%d"`, http.StatusOK},
			{`W/"999","%d"`, http.StatusOK},
			{`W/"%d"`, http.StatusPreconditionFailed},
			{`"999"`, http.StatusPreconditionFailed},
			{`"0"`, http.StatusPreconditionFailed},
			{`"-%d"`, http.StatusPreconditionFailed},
			{`"+%d"`, http.StatusPreconditionFailed},
			{`"0%d"`, http.StatusPreconditionFailed},
			{`"x%d"`, http.StatusPreconditionFailed},
			{`""`, http.StatusPreconditionFailed},
			{`"*"`, http.StatusPreconditionFailed},
			{`"99999999999999999999"`, http.StatusPreconditionFailed},
			{`%d`, http.StatusBadRequest},
			{`"%d`, http.StatusBadRequest},
			{`"%d",`, http.StatusOK},
			{`w/"%d"`, http.StatusBadRequest},
			{`"`, http.StatusBadRequest},
			{strings.Repeat(`"999",`, 43) + `"%d"`, http.StatusBadRequest},
		} {
			header := strings.ReplaceAll(tc.header, "%d", fmt.Sprint(version))
			res := w.call("PUT", path, complete(nil), "If-Match", header)
			switch {
			case res.Status != tc.status:
				w.Errorf("If-Match: %s of version %d: %d %s", header, version, res.Status, res.Raw)
			case res.Status == http.StatusOK:
				version++
			case res.Status == http.StatusPreconditionFailed:
				hasVersion := res.Body["version"] == float64(version) && res.Header.Get("ETag") == api.ETag(int64(version))
				if !hasVersion || res.Body["state"] != "draft" {
					w.Errorf("If-Match: %s of version %d: %v %s", header, version, res.Header, res.Raw)
				}
			}
		}
		for _, op := range [][3]string{{"DELETE", "", ""}, {"PUT", "/review", `{"auto_publish":true}`}} {
			if res := w.call(op[0], path+op[1], op[2], "If-Match", `"999"`); res.Status != http.StatusPreconditionFailed {
				w.Errorf("%s%s: %d", op[0], op[1], res.Status)
			}
		}
		w.audit(path)
	})
}
