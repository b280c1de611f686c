package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/servicestest"
)

// What a caller is answered, in the table of roles; fine stands for success.
var (
	fine       = problem.Code{}
	unknown    = services.KeyInvalid
	notAllowed = services.NotAllowed
	noScopes   = services.NoValidScopes
)

// sets lists sets of operations that the same callers may call.
var sets = [][]string{
	{"service/info"},
	{"service/topics"},
	{"service/create", "service/list"},
	{"service/get", "service/get-release", "service/get-logo", "service/history", "service/check", "service/allowed-actions"},
	{
		"service/update", "service/delete", "service/update-logo", "service/keys", "service/regenerate-key",
		"service/review", "service/withdraw", "service/release", "service/unpublish",
	},
	{"service/approve", "service/reject"},
	{"service/list-reviews", "service/get-review"},
}

// identity is an identity of owner-1 with a kind and permission groups.
func identity(kind string, groups ...string) *api.Identity {
	return &api.Identity{Subject: owner.Subject, Kind: kind, Scopes: groups}
}

// TestRoleMatrix calls every operation as every caller.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	noReviews := [7]problem.Code{fine, fine, fine, notAllowed, notAllowed, notAllowed, notAllowed}
	nothing := [7]problem.Code{fine, fine, notAllowed, notAllowed, notAllowed, notAllowed, notAllowed}
	ungrouped := [7]problem.Code{fine, fine, noScopes, noScopes, noScopes, noScopes, noScopes}
	reviews := [7]problem.Code{fine, fine, notAllowed, fine, notAllowed, fine, fine}
	both := []string{services.GroupWrite, services.GroupReview}
	strangersGroup := servicestest.Manager(stranger.Subject, services.GroupWrite)
	strangersGroup.Group = "g"
	roles := []struct {
		name  string
		as    *api.Identity
		wants [7]problem.Code // by sets
	}{
		{"no caller", nil, [7]problem.Code{fine, unknown, unknown, unknown, unknown, unknown, unknown}},
		{"owner", owner, [7]problem.Code{fine, fine, fine, fine, fine, notAllowed, notAllowed}},
		{"reviewer", reviewer, reviews},
		{"owner with a key for both", identity(services.KindManage, both...), [7]problem.Code{}},
		{"owner with a key for reviews", identity(services.KindManage, services.GroupReview), reviews},
		{"stranger", stranger, noReviews},
		{"stranger's group", strangersGroup, noReviews},
		{"group of the owner", grouped("g"), [7]problem.Code{fine, fine, fine, noScopes, noScopes, notAllowed, notAllowed}},
		{"service", identity(services.KindService, both...), nothing},
		{"no kind", identity("", both...), nothing},
		{"no permission group", identity(services.KindManage), ungrouped},
		{"unknown permission groups", identity(services.KindManage, "apiservicewrite", "ApiServiceWrite "), ungrouped},
		{"other permission groups", identity(services.KindManage, "ApiMessageWrite", "ApiNoRateLimit"), nothing},
	}
	eachEmbedded(t, func(w *world) {
		requests := w.requests()
		for _, role := range roles {
			count := 0
			for i, ids := range sets {
				for _, id := range ids {
					count++
					w.wantAnswer(role.as, requests[id], role.wants[i], id+" as "+role.name)
				}
			}
			if count != len(requests) {
				w.Errorf("the sets have %d of %d operations", count, len(requests))
			}
			if role.wants[4] == fine || role.wants[5] == fine {
				requests = w.requests() // those have been carried out
			}
		}
	})
}

// wantAnswer sends a request and fails unless it is refused with the code, or succeeds; a
// refused request must not change what is stored.
func (w *world) wantAnswer(as *api.Identity, r request, want problem.Code, what string) apitest.Response {
	w.Helper()
	before := ""
	if r.hasService() {
		before = fmt.Sprint(w.records(r.path))
	}
	res := w.send(as, r)
	if want == fine {
		if res.Status != r.Status {
			w.Errorf("%s = %d, want %d\n%s", what, res.Status, r.Status, res.Raw)
		}
		return res
	}
	if res.Status != want.Status || res.Text("title") != want.Title || servicestest.CodeOf(res) != want.Name {
		w.Errorf("%s = %d, want %v\n%s", what, res.Status, want, res.Raw)
	}
	if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
		w.Errorf("%s: Content-Type %s", what, kind)
	}
	if challenge := res.Header.Get("WWW-Authenticate"); (want == unknown) != (challenge == "Subscription-Key") {
		w.Errorf("%s = %d with WWW-Authenticate %q", what, res.Status, challenge)
	}
	if r.hasService() && fmt.Sprint(w.records(r.path)) != before {
		w.Errorf("%s was refused but changed what is stored", what)
	}
	return res
}

// TestUnknownServices calls operations with ids that no service has.
func TestUnknownServices(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		for id, r := range w.requests() {
			if !r.hasService() {
				continue
			}
			known := idOf(r.path)
			for _, other := range []string{
				ulid.Make().String(), strings.ToLower(known), known + "0", known[:25], "x", "SERVICE%23" + known,
				"topics", "%20", "01HCEXAMPLE00000000000000%C3%B0", strings.Repeat("0", 3000), "%2e%2e", known + "%2Flogo",
			} {
				r.path = strings.Replace(r.path, known, other, 1)
				if r.path == "/services/topics" {
					continue // the path of another operation
				}
				for _, as := range []*api.Identity{r.caller(), servicestest.Manager("owner-3", services.GroupWrite, services.GroupReview)} {
					res := w.send(as, r)
					if w.Refused(res, services.ServiceNotFound); !strings.HasSuffix(res.Text("detail"), " not found") {
						w.Errorf("%s of %.40s is refused with %s", id, other, res.Raw)
					}
				}
				r.path = strings.Replace(r.path, other, known, 1)
			}
		}
	})
}

// TestGroupKeys tests App IO's rule on groups: the key of a group makes and reads only the
// services of its group, the owner's key reads all.
func TestGroupKeys(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		create := func(as *api.Identity, groupID string) string {
			w.Clock.Advance(time.Millisecond) // lists are in that order
			body := complete(map[string]any{"name": fmt.Sprint(unique.Add(1)), "metadata.group_id": groupID})
			res := w.Want(w.As(as, "POST", "/services", body), http.StatusCreated)
			return "/services/" + res.Text("id")
		}
		group := func(path string) any {
			res := w.Want(w.call("GET", path, ""), http.StatusOK)
			metadata, _ := res.Body["metadata"].(map[string]any)
			return metadata["group_id"]
		}
		strangersGroup := servicestest.Manager(stranger.Subject, services.GroupWrite)
		strangersGroup.Group = "a"
		a := create(grouped("a"), "b")
		b := create(grouped("b"), "a")
		root := create(owner, "a")
		other := create(strangersGroup, "a")
		if group(a) != "a" || group(b) != "b" || group(root) != nil {
			w.Errorf("groups = %v, %v, %v, want those of the keys", group(a), group(b), group(root))
		}
		// An edit does not change the group, the owner's or the group's own.
		for _, as := range []*api.Identity{owner, grouped("a")} {
			body := complete(map[string]any{"name": fmt.Sprint(unique.Add(1)), "metadata.group_id": "b"})
			w.Want(w.As(as, "PUT", a, body), http.StatusOK)
			if group(a) != "a" {
				w.Errorf("an edit moved the service to the group %v", group(a))
			}
		}
		for _, c := range []struct {
			name string
			as   *api.Identity
			ids  []string
		}{
			{"owner", owner, []string{a, b, root}},
			{"group a", grouped("a"), []string{a}},
			{"group b", grouped("b"), []string{b}},
			{"another group", grouped("c"), nil},
			{"group a of another owner", strangersGroup, []string{other}},
			{"another owner", stranger, []string{other}},
		} {
			ids, count := w.list(c.as)
			if !slices.Equal(ids, c.ids) || count != len(c.ids) {
				w.Errorf("%s lists %v of %d, want %v", c.name, ids, count, c.ids)
			}
		}
		// Another owner may have a group with the same name.
		for _, as := range []*api.Identity{stranger, strangersGroup} {
			if res := w.As(as, "GET", a, ""); res.Status != http.StatusForbidden || res.Text("title") != "You are not allowed here" {
				w.Errorf("another owner reads a service of group a: %d\n%s", res.Status, res.Raw)
			}
		}
		w.wantGroupAccess(a, root)
	})
}

// wantGroupAccess calls every operation on a service of group a with the group's key, and
// tries the same with a service that has no group.
func (w *world) wantGroupAccess(own, root string) {
	w.Helper()
	key := grouped("a")
	for _, step := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "", "", 200},
		{"PUT", "/logo", pixel, 204},
		{"GET", "/logo", "", 200},
		{"GET", "/keys", "", 200},
		{"PUT", "/keys/primary", "", 200},
		{"GET", "/history", "", 200},
		{"GET", "/review/check", "", 200},
		{"GET", "/allowedActions", "", 200},
		{"PUT", "/review", `{"auto_publish":true}`, 204},
		{"DELETE", "/review", "", 204},
		{"PUT", "/review", `{"auto_publish":true}`, 204},
		{"APPROVE", "", "", 0},
		{"GET", "/release", "", 200},
		{"DELETE", "/release", "", 204},
		{"POST", "/release", "", 204},
		{"PUT", "", named("again %d", unique.Add(1)), 200},
		{"HISTORY", "", "", 0},
		{"DELETE", "", "", 204},
	} {
		switch step.method {
		case "APPROVE":
			w.decide(own, "approve")
			continue
		case "HISTORY":
			w.wantGroupInHistory(own)
			continue
		}
		w.Want(w.As(key, step.method, own+step.path, step.body), step.status)
		w.Refused(w.As(key, step.method, root+step.path, step.body), services.NoValidScopes)
	}
}

// wantGroupInHistory fails unless the rows of the service have the group, and those of its
// publication do not.
func (w *world) wantGroupInHistory(own string) {
	w.Helper()
	items, _ := w.Want(w.call("GET", own+"/history?limit=100&order=ASC", ""), http.StatusOK).Body["items"].([]any)
	if len(items) != 11 {
		w.Errorf("the history has %d rows, want 11", len(items))
	}
	for _, item := range items {
		row, _ := item.(map[string]any)
		metadata, _ := row["metadata"].(map[string]any)
		status, _ := row["status"].(map[string]any)
		if (metadata["group_id"] == "a") != (status["kind"] == "lifecycle") {
			w.Errorf("the history has the group %v in %v", metadata["group_id"], status)
		}
	}
}

// list returns the paths of the caller's services, and their count.
func (w *world) list(as *api.Identity) (paths []string, count int) {
	w.Helper()
	res := w.Want(w.As(as, "GET", "/services", ""), http.StatusOK)
	value, _ := res.Body["value"].([]any)
	for _, v := range value {
		service, _ := v.(map[string]any)
		paths = append(paths, fmt.Sprint("/services/", service["id"]))
	}
	pagination, _ := res.Body["pagination"].(map[string]any)
	n, _ := pagination["count"].(float64)
	return paths, int(n)
}
