package user_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

type (
	world  = interoptest.World
	object = interoptest.Object
)

var (
	suite = interoptest.New(user.Operations(), tenant.Operations())
	owner = interoptest.Admin(1)
	other = interoptest.Admin(2)
)

const (
	t0    = "2026-11-21T10:00:00.000Z"
	t1    = "2026-11-21T11:00:00.000Z"
	anna  = "00000000-0000-4000-9000-00000000000a"
	bruno = "00000000-0000-4000-9000-00000000000b"
)

func at(id string) string { return "/users/" + id }

// seed returns the body of a user with those roles.
func seed(roles ...string) object {
	return object{"name": "Anna", "familyName": "Rossi", "roles": append([]string{}, roles...)}
}

// view returns a user with those roles as an answer shows it.
func view(id string, roles ...string) object {
	all := []any{}
	for _, role := range roles {
		all = append(all, role)
	}
	return object{"userId": id, "name": "Anna", "familyName": "Rossi", "roles": all}
}

// put registers a user of owner.
func put(w *world, id string, roles ...string) apitest.Response {
	w.Helper()
	return w.As(owner, "PUT", at(id), interoptest.JSON(seed(roles...)))
}

func remove(w *world, id string) apitest.Response {
	w.Helper()
	return w.As(owner, "DELETE", at(id), "")
}

// usersOf returns the ids of the stored users of an organization.
func usersOf(w *world, who *api.Identity) []string {
	w.Helper()
	return slices.Sorted(maps.Keys(w.Items("USERS#" + who.Subject)))
}

// stored returns all that is stored.
func stored(w *world) map[table.Key]object {
	w.Helper()
	return w.Stored(nil)
}

// clientKey returns the key of the item that stands for an API client here.
func clientKey(id string) table.Key { return interop.Key("CLIENT#"+id, "CLIENT") }

// appoint makes a user of owner the admin of an API client.
func appoint(w *world, userID, clientID string) error {
	w.Helper()
	steps := user.AdminSteps(owner.Subject, userID, clientID, clientKey(clientID))
	set := table.Changes{Set: map[string]any{user.AdminAttribute: userID}, Add: map[string]int64{"version": 1}}
	return w.DB.Write(w.Context(), append(steps, table.Update("client", clientKey(clientID), set))...)
}

// appointed makes a user of owner the admin of n API clients, as so many calls of appoint do.
func appointed(w *world, userID string, n int) []string {
	w.Helper()
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("client-%03d", i)
	}
	for some := range slices.Chunk(all, table.MaxSteps/2) {
		var steps []table.Step
		for _, id := range some {
			link := interop.Key("USERS#"+owner.Subject+"#"+userID, id)
			steps = append(steps,
				table.Put("link "+id, link, user.Administered{ClientID: id, PK: clientKey(id).PK, SK: clientKey(id).SK}),
				table.Put(id, clientKey(id), object{"id": id, "version": 1, user.AdminAttribute: userID}))
		}
		if err := w.DB.Write(w.Context(), steps...); err != nil {
			w.Fatal(err)
		}
	}
	return all
}

// adminOf returns the admin that an API client names, "" for none.
func adminOf(w *world, clientID string) string {
	w.Helper()
	id, _ := w.Items("CLIENT#" + clientID)["CLIENT"][user.AdminAttribute].(string)
	return id
}

// checkAdmin checks that a user of owner is the admin of exactly those of the clients, on
// both sides.
func checkAdmin(w *world, userID string, all []string, want ...string) {
	w.Helper()
	var named []string
	for _, id := range all {
		if adminOf(w, id) == userID {
			named = append(named, id)
		}
	}
	listed := slices.Sorted(maps.Keys(w.Items("USERS#" + owner.Subject + "#" + userID)))
	if !slices.Equal(named, want) || !slices.Equal(listed, want) {
		w.Errorf("%s is named by %v and lists %v, want %v", userID, named, listed, want)
	}
}

// requests is a request for each operation.
func requests(w *world) map[string]interoptest.Request {
	w.Helper()
	w.Want(put(w, anna, "admin"), 200)
	w.Want(put(w, bruno, "api"), 200)
	return w.Requests(map[string]interoptest.Request{
		"user/list":     {As: owner, At: "/users?limit=3&offset=0"},
		"user/get":      {As: owner, At: at(anna)},
		"user/register": {As: owner, At: at(anna), Body: interoptest.JSON(seed("admin"))},
		"user/delete":   {As: owner, At: at(bruno)},
	})
}

// each runs a test on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, test)
}

func contains(res apitest.Response, text string) bool { return strings.Contains(res.Raw, text) }
