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
)

// What a caller is answered, in the role tables.
var (
	fine       = problem.Code{}
	unknown    = services.KeyInvalid
	notAllowed = services.NotAllowed
	noScopes   = services.NoValidScopes
)

// sets are the operations that the same callers may call.
var sets = [][]string{
	{"service/info"},
	{"service/topics"},
	{"service/create", "service/list"},
	{"service/get", "service/get-release", "service/get-logo", "service/history", "service/check"},
	{
		"service/update", "service/delete", "service/update-logo", "service/keys", "service/regenerate-key",
		"service/review", "service/withdraw", "service/release", "service/unpublish",
	},
	{"service/approve", "service/reject"},
	{"service/list-reviews"},
}

// of is an identity of owner-1 with a kind and permission groups.
func of(kind string, groups ...string) *api.Identity {
	return &api.Identity{Subject: owner.Subject, Kind: kind, Scopes: groups}
}

// TestRoleMatrix calls every operation as everybody.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	roles := []struct {
		name  string
		as    *api.Identity
		wants [7]problem.Code // by sets
	}{
		{"nobody", nil, [7]problem.Code{fine, unknown, unknown, unknown, unknown, unknown, unknown}},
		{"owner", owner, [7]problem.Code{fine, fine, fine, fine, fine, notAllowed, notAllowed}},
		{"reviewer", reviewer, [7]problem.Code{fine, fine, notAllowed, fine, notAllowed, fine, fine}},
		{"owner who reviews", of(services.KindManage, services.GroupReview, services.GroupWrite), [7]problem.Code{}},
		{"owner whose key reviews", of(services.KindManage, services.GroupReview), [7]problem.Code{fine, fine, notAllowed, fine, notAllowed, fine, fine}},
		{"stranger", stranger, [7]problem.Code{fine, fine, fine, notAllowed, notAllowed, notAllowed, notAllowed}},
		{"stranger's group", &api.Identity{Subject: "owner-2", Kind: services.KindManage, Scopes: services.Owners, Group: "g"}, [7]problem.Code{fine, fine, fine, notAllowed, notAllowed, notAllowed, notAllowed}},
		{"group of the owner", grouped("g"), [7]problem.Code{fine, fine, fine, noScopes, noScopes, notAllowed, notAllowed}},
		{"service", of(services.KindService, services.GroupWrite, services.GroupReview), [7]problem.Code{fine, fine, notAllowed, notAllowed, notAllowed, notAllowed, notAllowed}},
		{"no kind", of("", services.GroupWrite, services.GroupReview), [7]problem.Code{fine, fine, notAllowed, notAllowed, notAllowed, notAllowed, notAllowed}},
		{"no permission group", of(services.KindManage), [7]problem.Code{fine, fine, noScopes, noScopes, noScopes, noScopes, noScopes}},
		{"unknown permission groups", of(services.KindManage, "apiservicewrite", "ApiServiceWrite "), [7]problem.Code{fine, fine, noScopes, noScopes, noScopes, noScopes, noScopes}},
		{"other permission groups", of(services.KindManage, "ApiMessageWrite", "ApiNoRateLimit"), [7]problem.Code{fine, fine, notAllowed, notAllowed, notAllowed, notAllowed, notAllowed}},
	}
	eachEmbedded(t, func(w *world) {
		requests := w.requests()
		for _, role := range roles {
			count := 0
			for i, ids := range sets {
				for _, id := range ids {
					count++
					w.answers(role.as, requests[id], role.wants[i], id+" as "+role.name)
				}
			}
			if count != len(requests) {
				w.Errorf("the sets have %d of %d operations", count, len(requests))
			}
			if role.wants[4] == fine || role.wants[5] == fine {
				requests = w.requests() // those are used up
			}
		}
	})
}

// answers sends a request and looks for a refusal, or none; a refused request
// changes nothing.
func (w *world) answers(as *api.Identity, r request, want problem.Code, what string) apitest.Response {
	w.Helper()
	before := ""
	if r.named() {
		before = fmt.Sprint(w.records(r.path))
	}
	res := w.send(as, r)
	if want == fine {
		if res.Status != r.Status {
			w.Errorf("%s = %d, want %d\n%s", what, res.Status, r.Status, res.Raw)
		}
		return res
	}
	if res.Status != want.Status || res.Text("title") != want.Title || res.Text("type") != problem.URN(want) {
		w.Errorf("%s = %d, want %v\n%s", what, res.Status, want, res.Raw)
	}
	if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
		w.Errorf("%s: Content-Type %s", what, kind)
	}
	if challenge := res.Header.Get("WWW-Authenticate"); (want == unknown) != (challenge == "Subscription-Key") {
		w.Errorf("%s = %d with WWW-Authenticate %q", what, res.Status, challenge)
	}
	if r.named() && fmt.Sprint(w.records(r.path)) != before {
		w.Errorf("%s was refused but changed what is stored", what)
	}
	return res
}

// TestUnknownServices calls what names a service with ids that none has.
func TestUnknownServices(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		for id, r := range w.requests() {
			if !r.named() {
				continue
			}
			known := idOf(r.path)
			for _, other := range []string{
				ulid.Make().String(), strings.ToLower(known), known + "0", known[:25], "x", "SERVICE%23" + known,
				"topics", "%20", "01HCEXAMPLE00000000000000%C3%B0", strings.Repeat("0", 3000), "%2e%2e", known + "%2Flogo",
			} {
				r.path = strings.Replace(r.path, known, other, 1)
				if r.path == "/services/topics" {
					continue // another operation's path, whatever its methods
				}
				for _, as := range []*api.Identity{r.by(), manager("owner-3", services.GroupWrite, services.GroupReview)} {
					res := w.send(as, r)
					if res.Status != http.StatusNotFound || res.Text("type") != problem.URN(services.ServiceNotFound) || !strings.HasSuffix(res.Text("detail"), " not found") {
						w.Errorf("%s of %.40s = %d\n%s", id, other, res.Status, res.Raw)
					}
				}
				r.path = strings.Replace(r.path, other, known, 1)
			}
		}
	})
}

// TestGroupKeys follows App IO's group rule: a group's key makes and sees the
// services of its group alone, the owner's key sees all.
func TestGroupKeys(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		create := func(as *api.Identity, claims string) string {
			w.Clock.Advance(time.Millisecond) // lists are in that order
			res := w.want(w.as(as, "POST", "/services", complete(map[string]any{"name": fmt.Sprint(unique.Add(1)), "metadata.group_id": claims})), http.StatusCreated)
			return "/services/" + res.Text("id")
		}
		group := func(path string) any {
			res := w.want(w.call("GET", path, ""), http.StatusOK)
			metadata, _ := res.Body["metadata"].(map[string]any)
			return metadata["group_id"]
		}
		a, b, root := create(grouped("a"), "b"), create(grouped("b"), "a"), create(owner, "a")
		other := create(&api.Identity{Subject: "owner-2", Kind: services.KindManage, Scopes: services.Owners, Group: "a"}, "a")
		if group(a) != "a" || group(b) != "b" || group(root) != nil {
			w.Errorf("groups = %v, %v, %v, want those of the keys", group(a), group(b), group(root))
		}
		// The owner's edit leaves the group, whatever it says; so does the group's own.
		for _, as := range []*api.Identity{owner, grouped("a")} {
			w.want(w.as(as, "PUT", a, complete(map[string]any{"name": fmt.Sprint(unique.Add(1)), "metadata.group_id": "b"})), http.StatusOK)
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
			{"group a of another owner", &api.Identity{Subject: "owner-2", Kind: services.KindManage, Scopes: services.Owners, Group: "a"}, []string{other}},
			{"another owner", stranger, []string{other}},
		} {
			ids, count := w.listed(c.as)
			if !slices.Equal(ids, c.ids) || count != len(c.ids) {
				w.Errorf("%s lists %v of %d, want %v", c.name, ids, count, c.ids)
			}
		}
		// Another owner may have a group of the same name.
		for _, as := range []*api.Identity{stranger, {Subject: "owner-2", Kind: services.KindManage, Scopes: services.Owners, Group: "a"}} {
			if res := w.as(as, "GET", a, ""); res.Status != http.StatusForbidden || res.Text("title") != "You are not allowed here" {
				w.Errorf("another owner reads a service of group a: %d\n%s", res.Status, res.Raw)
			}
		}
		w.groupsOwn(a, root)
	})
}

// groupsOwn takes a service of group a through its life with the group's key, and
// tries the same with a service that has no group.
func (w *world) groupsOwn(own, root string) {
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
			w.tellsGroup(own)
			continue
		}
		w.want(w.as(key, step.method, own+step.path, step.body), step.status)
		if res := w.as(key, step.method, root+step.path, step.body); res.Status != http.StatusForbidden || res.Text("title") != "User has no valid scopes" {
			w.Errorf("%s %s of a service without a group = %d\n%s", step.method, step.path, res.Status, res.Raw)
		}
	}
}

// tellsGroup finds the group in the history of the service, and not in that of
// its publication.
func (w *world) tellsGroup(own string) {
	w.Helper()
	items, _ := w.want(w.call("GET", own+"/history?limit=100&order=ASC", ""), http.StatusOK).Body["items"].([]any)
	if len(items) != 11 {
		w.Errorf("the history has %d rows, want 11", len(items))
	}
	for _, item := range items {
		row, _ := item.(map[string]any)
		metadata, _ := row["metadata"].(map[string]any)
		status, _ := row["status"].(map[string]any)
		if (metadata["group_id"] == "a") != (status["kind"] == "lifecycle") {
			w.Errorf("the history tells the group %v in %v", metadata["group_id"], status)
		}
	}
}

// listed is the paths of the caller's services, and their count.
func (w *world) listed(as *api.Identity) (paths []string, count int) {
	w.Helper()
	res := w.want(w.as(as, "GET", "/services", ""), http.StatusOK)
	value, _ := res.Body["value"].([]any)
	for _, v := range value {
		service, _ := v.(map[string]any)
		paths = append(paths, fmt.Sprint("/services/", service["id"]))
	}
	pagination, _ := res.Body["pagination"].(map[string]any)
	n, _ := pagination["count"].(float64)
	return paths, int(n)
}
