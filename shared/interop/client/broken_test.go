package client_test

import (
	"fmt"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
)

// appointed is a client of the kind API with the users of its organization that the changes
// of TestBrokenAppointments are about.
type appointed struct {
	id, admin, next, member string
	key                     object
}

func newAppointed(w *world) appointed {
	w.Helper()
	a := appointed{
		admin: createUser(w, owner, "admin"), next: createUser(w, owner, "admin"), member: createUser(w, owner, "security"), key: rs256Seed(),
	}
	a.id = createAPIClient(w, owner, object{"members": []any{a.member}})
	w.Want(setAdmin(w, owner, a.id, a.admin), 200)
	return a
}

// appointments are changes of a client: how many calls to the engine each makes, and how a
// repetition is answered after it was carried out.
var appointments = map[string]struct {
	calls int
	done  string
	make  func(w *world, a appointed) apitest.Response
}{
	"set an admin": {2, interop.AlreadyTheAdmin.Name, func(w *world, a appointed) apitest.Response {
		return setAdmin(w, owner, a.id, a.next)
	}},
	"remove the admin": {1, interop.NotTheClientAdmin.Name, func(w *world, a appointed) apitest.Response {
		return removeAdmin(w, owner, a.id, a.admin)
	}},
	"add a user": {2, interop.AlreadyAMember.Name, func(w *world, a appointed) apitest.Response {
		return addUser(w, owner, a.id, a.next)
	}},
	"remove a user": {2, interop.NotAMember.Name, func(w *world, a appointed) apitest.Response {
		return removeUser(w, owner, a.id, a.member)
	}},
	"delete": {2, interop.ClientNotFound.Name, func(w *world, a appointed) apitest.Response {
		return deleteClient(w, owner, a.id)
	}},
	"add a key as a member": {2, interop.KeyAlreadyExists.Name, func(w *world, a appointed) apitest.Response {
		s, by := strict(w, owner, a.member)
		return addKey(s, by, a.id, a.key)
	}},
}

// storedOf returns what is stored of a client and of its admins.
func storedOf(w *world, a appointed) []any {
	w.Helper()
	all := []any{w.Items("CLIENT#" + a.id)}
	for _, id := range []string{a.admin, a.next} {
		all = append(all, w.Items("USERS#"+owner.Subject+"#"+id))
	}
	return all
}

// TestBrokenAppointments fails every call to the engine of every change of users and admins,
// before and after the call is carried out: each change is made completely or not at all.
func TestBrokenAppointments(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		onboard(w, owner)
		for name, c := range appointments {
			for k := range c.calls {
				for _, after := range []bool{false, true} {
					a := newAppointed(w)
					before := storedOf(w, a)
					w.Unavailable(w.Break(k, after, func() apitest.Response { return c.make(w, a) }).Response)
					want := c.done
					if k < c.calls-1 || !after {
						want = "200"
						interoptest.Equal(t, fmt.Sprintf("%s, call %d failed: what is stored", name, k), storedOf(w, a), before)
					}
					if got := interoptest.Answered(c.make(w, a)); got != want {
						t.Errorf("%s, call %d failed (carried out: %t): the repetition is answered %s, want %s", name, k, after, got, want)
					}
					admin, _ := w.Items("CLIENT#" + a.id)["CLIENT"]["adminId"].(string)
					checkAdmin(w, a.id, admin, a.admin, a.next)
					checkConsistent(w, a.id)
				}
			}
		}
		a := newAppointed(w)
		for _, path := range []string{"/clientsApi", "/clients/" + a.id + "/users"} {
			for k := range 2 {
				w.Unavailable(w.Break(k, true, func() apitest.Response { return w.As(ownerReader, "GET", path, "") }).Response)
			}
		}
	})
}
