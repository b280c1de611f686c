package client_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// onboard records organizations as ones whose users are known.
func onboard(w *world, callers ...*api.Identity) {
	w.Helper()
	for _, caller := range callers {
		profile := tenant.Profile{Organization: interop.Organization{ID: caller.Subject}, OnboardedAt: table.Stamp(w.Clock.Now())}
		if _, err := tenant.NewRegistrar(w.Deps()).Describe(w.Context(), profile); err != nil {
			w.Fatal(err)
		}
	}
}

// addUser makes a user a member of a client.
func addUser(w *world, caller *api.Identity, id, userID string) apitest.Response {
	w.Helper()
	return w.As(caller, "POST", "/clients/"+id+"/users", interoptest.JSON(object{"userId": userID}))
}

// removeUser removes a member of a client.
func removeUser(w *world, caller *api.Identity, id, userID string) apitest.Response {
	w.Helper()
	return w.As(caller, "DELETE", "/clients/"+id+"/users/"+userID, "")
}

// membersOf returns the ids of the users of a client of owner, as they are listed.
func membersOf(w *world, id string) []string {
	w.Helper()
	return interoptest.Members(w.Want(w.As(ownerReader, "GET", "/clients/"+id+"/users", ""), 200), "userId")
}

// TestUsersOfClients adds users to clients of both kinds, lists and removes them.
func TestUsersOfClients(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		onboard(w, owner)
		first, second, unknown := createUser(w, owner, "security", "api"), createUser(w, owner, "admin"), interoptest.UnknownID()
		for _, create := range []func(*world, *api.Identity, object) string{createClient, createAPIClient} {
			id := create(w, owner, object{"members": []any{unknown}})
			for _, userID := range []string{second, first} {
				interoptest.Equal(t, "added", object{}, w.Want(addUser(w, owner, id, userID), 200).Body)
			}
			want := pageOf(
				object{"userId": unknown, "name": "", "familyName": "", "roles": []any{}},
				object{"userId": second, "name": "Ada", "familyName": "Neri", "roles": []any{"admin"}},
				object{"userId": first, "name": "Ada", "familyName": "Neri", "roles": []any{"security", "api"}},
			)
			interoptest.Equal(t, "the users", want, w.As(ownerReader, "GET", "/clients/"+id+"/users", "").Body)
			w.Pages(ownerReader, "/clients/"+id+"/users", "userId", []string{unknown, second, first})
			interoptest.Equal(t, "removed", object{}, w.Want(removeUser(w, owner, id, second), 200).Body)
			interoptest.Equal(t, "the users", []string{unknown, first}, membersOf(w, id))
			w.Want(addUser(w, owner, id, second), 200)
			interoptest.Equal(t, "the users", []string{unknown, first, second}, membersOf(w, id))
			for _, userID := range []string{unknown, first, second} {
				w.Want(removeUser(w, owner, id, userID), 200)
			}
			if got := membersOf(w, id); len(got) > 0 {
				t.Errorf("the users are %v", got)
			}
			w.Want(addUser(w, owner, id, first), 200)
			w.Want(deleteClient(w, owner, id), 200)
			checkConsistent(w, id)
		}
	})
}

// TestRefusalsOfUsers checks the refusals in their published order. PDND answers 500 where
// the users of the organization are not known; here it is MissingSelfcareID.
func TestRefusalsOfUsers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		member, plain, foreign := createUser(w, owner, "security"), createUser(w, owner, "api"), createUser(w, other, "admin")
		id, missing := createClient(w, owner, object{"members": []any{member}}), interoptest.UnknownID()
		list := func(caller *api.Identity, id string) apitest.Response {
			return w.As(caller, "GET", "/clients/"+id+"/users", "")
		}
		for _, at := range []string{id, missing} {
			w.Refused(list(owner, at), interop.MissingSelfcareID, owner.Subject)
			w.Refused(list(other, at), interop.MissingSelfcareID, other.Subject)
		}
		w.Refused(addUser(w, owner, missing, member), interop.ClientNotFound, missing)
		w.Refused(addUser(w, other, id, member), interop.NotTheClientOwner, id)
		for _, userID := range []string{member, plain, foreign, missing} {
			w.Refused(addUser(w, owner, id, userID), interop.MissingSelfcareID, owner.Subject)
		}
		onboard(w, owner, other)
		w.Refused(list(owner, missing), interop.ClientNotFound, missing)
		w.Refused(list(other, id), interop.NotTheClientOwner, id)
		w.Refused(addUser(w, owner, missing, plain), interop.ClientNotFound, missing)
		w.Refused(addUser(w, other, id, foreign), interop.NotTheClientOwner, id)
		for _, userID := range []string{plain, foreign, missing} {
			w.Refused(addUser(w, owner, id, userID), interop.UserWithoutRole, userID)
		}
		w.Refused(addUser(w, owner, id, member), interop.AlreadyAMember, member, id)
		w.Refused(removeUser(w, owner, missing, member), interop.ClientNotFound, missing)
		w.Refused(removeUser(w, other, id, member), interop.NotTheClientOwner, id)
		w.Refused(removeUser(w, owner, id, plain), interop.NotAMember, plain, id)
		w.Refused(addUser(w, ownerReader, id, member), interop.OperationForbidden)
		w.Refused(removeUser(w, ownerReader, id, member), interop.OperationForbidden)
		interoptest.Equal(t, "the users", []string{member}, membersOf(w, id))
	})
}

// TestMostUsers adds a user to a client that has as many as it may have.
func TestMostUsers(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		onboard(w, owner)
		all := make([]any, 999)
		for i := range all {
			all[i] = interoptest.UnknownID()
		}
		id := createClient(w, owner, object{"members": all})
		w.Want(addUser(w, owner, id, createUser(w, owner, "admin")), 200)
		w.Refused(addUser(w, owner, id, createUser(w, owner, "admin")), interop.BadRequest, id, "1000")
	})
}

// userRequests returns a request for each operation on the users of a client.
func userRequests(w *world) map[string]interoptest.Request {
	w.Helper()
	one, two := createUser(w, owner, "admin"), createUser(w, owner, "security")
	at := "/clients/" + createClient(w, owner, object{"members": []any{one}}) + "/users"
	return w.Requests(map[string]interoptest.Request{
		"client/list-users":  {As: ownerReader, At: at + "?limit=3&offset=0"},
		"client/add-user":    {As: owner, At: at, Body: interoptest.JSON(object{"userId": two})},
		"client/remove-user": {As: owner, At: at + "/" + one},
	})
}

// TestUserOperations checks roles, fields and declared codes of the operations on the users of
// a client.
func TestUserOperations(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		onboard(w, owner, other)
		w.Succeed(userRequests(w))
		w.Roles(func() map[string]interoptest.Request { return userRequests(w) }, func() any {
			all := map[string]any{}
			for id := range listedIn(w, "CLIENTS") {
				all[id] = w.Items("CLIENT#" + id)
			}
			return all
		}, nil)
		unknown := interoptest.UnknownID()
		w.Accepts(userRequests(w)["client/add-user"], func() object { return object{"userId": unknown} }, "userId",
			map[string]interoptest.Field{"userId": interoptest.ID(unknown)}, func(res apitest.Response, _, _ string) {
				w.Refused(res, interop.UserWithoutRole, unknown)
			})
		w.BadPages(ownerReader, userRequests(w)["client/list-users"].At[:len("/clients//users")+36])
		all, stranger := userRequests(w), interoptest.UnknownID()
		w.Succeed(all) // so that changes are refused from now on
		w.DeclaredCodes(all, func(r interoptest.Request) []apitest.Response {
			id := strings.Split(r.At, "/")[2]
			answers := []apitest.Response{
				w.Send(r.By(interoptest.Organization(r.As.Subject, "admin"))), w.Send(r.Replace(id, interoptest.UnknownID())),
				w.Send(r.By(interoptest.Organization(other.Subject, r.As.Scopes...))), w.Send(r.Replace(id, "x")),
			}
			switch r.ID {
			case "client/list-users":
				return append(answers, w.Send(r.By(interoptest.Organization(stranger, r.As.Scopes...))))
			case "client/add-user":
				notOnboarded := interoptest.Organization(stranger, r.As.Scopes...)
				answers = append(answers, addUser(w, notOnboarded, createClient(w, notOnboarded, nil), stranger), addUser(w, owner, id, stranger))
			}
			return append(answers, w.Send(r))
		})
	})
}

// TestUserRaces adds one user to a client, removes one and adds many, at once.
func TestUserRaces(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		onboard(w, owner)
		race := func(what string, n int, want map[string]int, call func(i int) apitest.Response) {
			t.Helper()
			if got := w.Race(n, n, func(i int) string { return interoptest.Answered(call(i)) }); !maps.Equal(got, want) {
				t.Errorf("%s is answered %v, want %v", what, got, want)
			}
		}
		id, one := createClient(w, owner, nil), createUser(w, owner, "admin")
		race("adding one", 16, map[string]int{"200": 1, interop.AlreadyAMember.Name: 15}, func(int) apitest.Response {
			return addUser(w, owner, id, one)
		})
		race("removing one", 16, map[string]int{"200": 1, interop.NotAMember.Name: 15}, func(int) apitest.Response {
			return removeUser(w, owner, id, one)
		})
		all := make([]string, 4)
		for i := range all {
			all[i] = createUser(w, owner, "security")
		}
		race("adding many", len(all), map[string]int{"200": len(all)}, func(i int) apitest.Response { return addUser(w, owner, id, all[i]) })
		got := membersOf(w, id)
		if slices.Sort(got); !cmp.Equal(got, slices.Sorted(slices.Values(all))) {
			t.Errorf("the users are %v, want %v", got, all)
		}
	})
}

// TestUserOvertaken changes user and client right before the transaction that adds the user:
// nobody without the role becomes a member, and a deleted client stays deleted.
func TestUserOvertaken(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		onboard(w, owner)
		during := func(act func(), send func() apitest.Response) apitest.Response {
			w.Tap.During(0, (*call).Writes, func() { w.Tap.Set(nil); act() })
			defer w.Tap.Set(nil)
			return send()
		}
		id, one, two := createClient(w, owner, nil), createUser(w, owner, "security"), createUser(w, owner, "admin")
		add := func() apitest.Response { return addUser(w, owner, id, one) }
		w.Refused(during(func() {
			err := w.Tap.DB.Write(w.Context(), table.Delete("user", user.Key(owner.Subject, one)))
			if err != nil {
				t.Error(err)
			}
		}, add), interop.UserWithoutRole, one)
		one = createUser(w, owner, "security")
		w.Want(during(func() { w.Want(addUser(w, owner, id, two), 200) }, add), 200)
		interoptest.Equal(t, "the users", []string{two, one}, membersOf(w, id))
		remove := func() apitest.Response { return removeUser(w, owner, id, one) }
		w.Want(during(func() { w.Want(removeUser(w, owner, id, two), 200) }, remove), 200)
		interoptest.Equal(t, "the users", 0, len(membersOf(w, id)))
		w.Refused(during(func() { w.Want(deleteClient(w, owner, id), 200) }, add), interop.ClientNotFound, id)
		checkConsistent(w, id)
		id = createClient(w, owner, nil) // whose members have not changed yet
		w.Refused(during(func() { w.Want(deleteClient(w, owner, id), 200) }, add), interop.ClientNotFound, id)
		checkConsistent(w, id)
	})
}

// TestUserCosts checks the costs of the operations on the users of a client.
func TestUserCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		onboard(w, owner)
		id, one := createClient(w, owner, nil), createUser(w, owner, "security")
		at, body := "/clients/"+id+"/users", interoptest.JSON(object{"userId": one})
		w.Costs("no users", 1, 2, ownerReader, "GET", at, "")
		w.Costs("add", 2, 3, owner, "POST", at, body)
		w.Costs("add again", 1, 3, owner, "POST", at, body)
		w.Costs("users", 2, 3, ownerReader, "GET", at, "")
		w.Costs("a page past the end", 1, 2, ownerReader, "GET", at+"?offset=5", "")
		w.Costs("remove", 2, 1, owner, "DELETE", at+"/"+one, "")
		w.Costs("remove again", 1, 1, owner, "DELETE", at+"/"+one, "")
	})
}
