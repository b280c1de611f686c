package client_test

import (
	"maps"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// createUser stores a user of the organization of caller with these roles and returns its id.
func createUser(w *world, caller *api.Identity, roles ...string) string {
	w.Helper()
	u := user.User{ID: interoptest.UnknownID(), Name: "Ada", FamilyName: "Neri", Roles: roles, Version: 1}
	u.Admin = u.IsAdmin()
	u.ManagesKeys = u.MayManageKeys()
	if err := w.Tap.DB.Write(w.Context(), table.Put("user", user.Key(caller.Subject, u.ID), u)); err != nil {
		w.Fatal(err)
	}
	return u.ID
}

// setAdmin makes a user the admin of a client.
func setAdmin(w *world, caller *api.Identity, id, userID string) apitest.Response {
	w.Helper()
	return w.As(caller, "POST", "/clients/"+id+"/admin", interoptest.JSON(object{"adminId": userID}))
}

// removeAdmin removes the admin of a client.
func removeAdmin(w *world, caller *api.Identity, id, userID string) apitest.Response {
	w.Helper()
	return w.As(caller, "DELETE", "/clients/"+id+"/admin/"+userID, "")
}

// checkAdmin checks that a client is stored with this admin, "" for none, and that among the
// users it is stored with this one alone.
func checkAdmin(w *world, id, admin string, users ...string) {
	w.Helper()
	got, _ := w.Items("CLIENT#" + id)["CLIENT"]["adminId"].(string)
	if got != admin {
		w.Errorf("client %s has the admin %q, want %q", id, got, admin)
	}
	for _, userID := range users {
		_, has := w.Items("USERS#" + owner.Subject + "#" + userID)[id]
		if has != (userID == admin) {
			w.Errorf("client %s of the admin %s is stored with user %s: %t", id, admin, userID, has)
		}
	}
}

// TestAPIClientStory makes an API client, sets its admin, replaces and removes it.
func TestAPIClientStory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, two := createUser(w, owner, "admin"), createUser(w, owner, "api", "admin")
		res := w.Want(w.As(owner, "POST", "/clientsApi", interoptest.JSON(seed(object{
			"description": "What it is for", "members": []any{one, two},
		}))), 200)
		id := res.Text("id")
		interoptest.Equal(t, "made", object{"id": id}, res.Body)
		full := object{
			"id": id, "consumerId": owner.Subject, "name": "A client", "description": "What it is for",
			"createdAt": "2026-11-21T10:00:00.000Z", "kind": "API", "members": []any{one, two}, "adminId": one,
		}
		checkAdmin(w, id, "", one, two)
		interoptest.Equal(t, "with an admin", full, w.Want(setAdmin(w, owner, id, one), 200).Body)
		checkAdmin(w, id, one, one, two)
		full["adminId"] = two
		interoptest.Equal(t, "with another", full, w.Want(setAdmin(w, owner, id, two), 200).Body)
		checkAdmin(w, id, two, one, two)
		interoptest.Equal(t, "without", object{}, w.Want(removeAdmin(w, owner, id, two), 200).Body)
		checkAdmin(w, id, "", one, two)
		w.Refused(removeAdmin(w, owner, id, two), interop.NotTheClientAdmin, two, id)
		w.Want(setAdmin(w, owner, id, two), 200)
		w.Want(deleteClient(w, owner, id), 200)
		checkAdmin(w, id, "", one, two)
		checkConsistent(w, id)
	})
}

// TestAdminRefusals checks the refusals in their published order. A request that has a fault
// and all later ones is refused for the first.
func TestAdminRefusals(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		admin, plain, foreign := createUser(w, owner, "admin"), createUser(w, owner, "security", "api"), createUser(w, other, "admin")
		consumer, id, missing := createClient(w, owner, nil), createAPIClient(w, owner, nil), interoptest.UnknownID()
		w.Want(setAdmin(w, owner, id, admin), 200)
		for _, userID := range []string{plain, foreign, missing} {
			for _, clientID := range []string{id, consumer, missing} {
				w.Refused(setAdmin(w, owner, clientID, userID), interop.UserWithoutRole, userID)
			}
		}
		w.Refused(setAdmin(w, owner, missing, admin), interop.ClientNotFound, missing)
		w.Refused(setAdmin(w, other, missing, foreign), interop.ClientNotFound, missing)
		w.Refused(setAdmin(w, owner, consumer, admin), interop.ClientKindNotAllowed, consumer)
		w.Refused(setAdmin(w, other, consumer, foreign), interop.ClientKindNotAllowed, consumer)
		w.Refused(setAdmin(w, other, id, foreign), interop.NotTheClientOwner, id)
		w.Refused(setAdmin(w, owner, id, admin), interop.AlreadyTheAdmin, admin, id)
		checkAdmin(w, id, admin, admin)

		w.Refused(removeAdmin(w, owner, missing, admin), interop.ClientNotFound, missing)
		w.Refused(removeAdmin(w, other, consumer, admin), interop.NotTheClientOwner, consumer)
		w.Refused(removeAdmin(w, other, id, admin), interop.NotTheClientOwner, id)
		w.Refused(removeAdmin(w, owner, consumer, admin), interop.ClientKindNotAllowed, consumer)
		w.Refused(removeAdmin(w, owner, id, plain), interop.NotTheClientAdmin, plain, id)
		w.Refused(removeAdmin(w, owner, createAPIClient(w, owner, nil), admin), interop.NotTheClientAdmin, admin)
		w.Refused(w.As(ownerReader, "POST", "/clientsApi", interoptest.JSON(seed(nil))), interop.OperationForbidden)
		w.Refused(setAdmin(w, ownerReader, id, admin), interop.OperationForbidden)
		w.Refused(removeAdmin(w, ownerReader, id, admin), interop.OperationForbidden)
		checkAdmin(w, id, admin, admin)
	})
}

// adminRequests returns a request for each operation on the admin of a client.
func adminRequests(w *world) map[string]interoptest.Request {
	w.Helper()
	one, two := createUser(w, owner, "admin"), createUser(w, owner, "admin")
	id, next := createAPIClient(w, owner, nil), createAPIClient(w, owner, nil)
	w.Want(setAdmin(w, owner, id, one), 200)
	return w.Requests(map[string]interoptest.Request{
		"client/get-api":      {As: ownerReader, At: "/clientsApi/" + next},
		"client/list-api":     {As: ownerReader, At: "/clientsApi?limit=3&offset=0"},
		"client/set-admin":    {As: owner, At: "/clients/" + next + "/admin", Body: interoptest.JSON(object{"adminId": two})},
		"client/remove-admin": {As: owner, At: "/clients/" + id + "/admin/" + one},
	})
}

// TestAdminOperations checks roles, fields and declared codes of the operations on admins.
func TestAdminOperations(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.Succeed(adminRequests(w))
		w.Roles(func() map[string]interoptest.Request { return adminRequests(w) }, func() any {
			all := map[string]any{}
			for _, id := range listedAPIClients(w) {
				all[id] = w.Items("CLIENT#" + id)
			}
			return all
		}, nil)
		admin := createUser(w, owner, "admin")
		w.Accepts(adminRequests(w)["client/set-admin"], func() object { return object{"adminId": admin} }, "adminId",
			map[string]interoptest.Field{"adminId": interoptest.ID(admin)}, func(res apitest.Response, _, value string) {
				if res.Status != 200 || `"`+res.Text("adminId")+`"` != value {
					t.Errorf("%s = %s", value, res.Raw)
				}
			})
		consumer, all := createClient(w, owner, nil), adminRequests(w)
		w.Succeed(all) // so that they are refused from now on
		w.DeclaredCodes(all, func(r interoptest.Request) []apitest.Response {
			if r.ID == "client/list-api" {
				return []apitest.Response{w.As(ownerReader, "GET", "/clientsApi?limit=0", "")}
			}
			id := strings.Split(r.At, "/")[2]
			answers := []apitest.Response{
				w.Send(r.By(interoptest.Organization(r.As.Subject, "admin"))), w.Send(r.Replace(id, interoptest.UnknownID())),
				w.Send(r.Replace(id, consumer)), w.Send(r.Replace(id, "x")),
			}
			if r.ID != "client/get-api" { // which can be read again
				answers = append(answers, w.Send(r))
			}
			if r.ID == "client/set-admin" {
				return append(answers, setAdmin(w, other, id, createUser(w, other, "admin")), setAdmin(w, owner, id, interoptest.UnknownID()))
			}
			return append(answers, w.Send(r.By(other)))
		})
	})
}

// TestAdminRaces sets admins of one client at once and removes one: each request is carried
// out as a whole, one after the other, so different admins replace each other, and of those
// that set or remove the same one, one succeeds.
func TestAdminRaces(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, two := createUser(w, owner, "admin"), createUser(w, owner, "admin")
		race := func(what string, n int, want map[string]int, call func(i int) apitest.Response) {
			t.Helper()
			if got := w.Race(n, n, func(i int) string { return interoptest.Answered(call(i)) }); !maps.Equal(got, want) {
				t.Errorf("%s is answered %v, want %v", what, got, want)
			}
		}
		id := createAPIClient(w, owner, nil)
		race("the same admin", 16, map[string]int{"200": 1, interop.AlreadyTheAdmin.Name: 15}, func(int) apitest.Response {
			return setAdmin(w, owner, id, one)
		})
		checkAdmin(w, id, one, one, two)
		race("removal", 16, map[string]int{"200": 1, interop.NotTheClientAdmin.Name: 15}, func(int) apitest.Response {
			return removeAdmin(w, owner, id, one)
		})
		checkAdmin(w, id, "", one, two)
		race("two admins", 2, map[string]int{"200": 2}, func(i int) apitest.Response {
			return setAdmin(w, owner, id, []string{one, two}[i])
		})
		admin, _ := w.Items("CLIENT#" + id)["CLIENT"]["adminId"].(string)
		if admin != one && admin != two {
			t.Errorf("the admin is %q", admin)
		}
		checkAdmin(w, id, admin, one, two)
	})
}

// TestAdminOvertaken changes user and client right before the transaction that sets an admin,
// and the admin right before the transaction that deletes the client.
func TestAdminOvertaken(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		during := func(act func(), send func() apitest.Response) apitest.Response {
			w.Tap.During(0, (*call).Writes, func() { w.Tap.Set(nil); act() })
			defer w.Tap.Set(nil)
			return send()
		}
		one, two := createUser(w, owner, "admin"), createUser(w, owner, "admin")
		id := createAPIClient(w, owner, nil)
		set := func() apitest.Response { return setAdmin(w, owner, id, one) }
		w.Want(during(func() { w.Want(setAdmin(w, owner, id, two), 200) }, set), 200)
		checkAdmin(w, id, one, one, two)
		remove := func() apitest.Response { return removeAdmin(w, owner, id, one) }
		w.Refused(during(func() { w.Want(setAdmin(w, owner, id, two), 200) }, remove), interop.NotTheClientAdmin)
		checkAdmin(w, id, two, one, two)
		w.Want(during(func() { createKey(w, owner, id) }, set), 200)
		checkAdmin(w, id, one, one, two)
		w.Want(removeAdmin(w, owner, id, one), 200)
		w.Refused(during(func() {
			if err := w.Tap.DB.Write(w.Context(), table.Delete("user", user.Key(owner.Subject, one))); err != nil {
				t.Error(err)
			}
		}, set), interop.UserWithoutRole, one)
		checkAdmin(w, id, "", one, two)
		w.Want(during(func() { w.Want(setAdmin(w, owner, id, two), 200) }, func() apitest.Response { return deleteClient(w, owner, id) }), 200)
		checkAdmin(w, id, "", one, two)
		checkConsistent(w, id)
	})
}

// TestAdminOfBusyClient sets the admin of a client while it is deleted and its version changes
// before every transaction: nothing of the admin remains stored.
func TestAdminOfBusyClient(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := createAPIClient(w, owner, nil)
		admins := []string{createUser(w, owner, "admin"), createUser(w, owner, "admin"), createUser(w, owner, "admin")}
		busy, n := false, 0
		w.Tap.Set(func(c *call) error {
			if c.Writes() && !busy && n < len(admins) {
				busy = true
				w.Want(setAdmin(w, owner, id, admins[n]), 200)
				busy = false
				n++
			}
			return c.Run()
		})
		res := deleteClient(w, owner, id)
		w.Tap.Set(nil)
		w.Want(res, 200)
		checkAdmin(w, id, "", admins...)
		checkConsistent(w, id)
	})
}

// TestAdminCosts checks the costs of the operations on admins.
func TestAdminCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, two := createUser(w, owner, "admin"), createUser(w, owner, "admin")
		w.Costs("create", 1, 0, owner, "POST", "/clientsApi", interoptest.JSON(seed(nil)))
		id := createAPIClient(w, owner, nil)
		at, body := "/clients/"+id+"/admin", interoptest.JSON(object{"adminId": one})
		w.Costs("set", 2, 2, owner, "POST", at, body)
		w.Costs("set again", 1, 2, owner, "POST", at, body)
		w.Costs("replace", 2, 2, owner, "POST", at, interoptest.JSON(object{"adminId": two}))
		w.Costs("remove", 1, 0, owner, "DELETE", at+"/"+two, "")
		w.Costs("remove again", 1, 0, owner, "DELETE", at+"/"+two, "")
	})
}
