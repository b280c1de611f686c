package user_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// endings are the calls that end a user's being admin.
var endings = map[string]func(*world) apitest.Response{
	"delete":  func(w *world) apitest.Response { return remove(w, anna) },
	"degrade": func(w *world) apitest.Response { return put(w, anna, "security") },
}

// TestEndOfAnAdmin: who is deleted or loses the role admin is the admin of no API client,
// however many there were; other changes leave the clients alone, and so do others' users.
func TestEndOfAnAdmin(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for name, end := range endings {
			for _, n := range []int{1, 46, 100} {
				w.Want(put(w, anna, "admin"), 200)
				w.Want(put(w, bruno, "admin"), 200)
				all := appointed(w, anna, n)
				if err := appoint(w, bruno, "another"); err != nil {
					t.Fatal(err)
				}
				w.Want(put(w, anna, "admin", "api"), 200)
				checkAdmin(w, anna, all, all...)
				w.Want(end(w), 200)
				checkAdmin(w, anna, all)
				interoptest.Equal(w.TB, name+": the admin of another client", adminOf(w, "another"), bruno)
				if err := appoint(w, anna, all[0]); !refusedBy(err, user.LabelAdmin) {
					t.Errorf("%s: appointing the user again: %v", name, err)
				}
			}
		}
	})
}

func refusedBy(err error, label string) bool {
	refused := table.AsRefused(err)
	if refused == nil {
		return false
	}
	_, ok := refused.By(label)
	return ok
}

// TestAppointing: an admin of an API client is a user with the role admin; who may manage
// keys has that or the role security.
func TestAppointing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		check := func(what string, admin, member bool) {
			w.Helper()
			for label, want := range map[string]bool{user.LabelAdmin: admin, user.LabelMember: member} {
				steps := user.AdminSteps(owner.Subject, anna, "c", clientKey("c"))
				if label == user.LabelMember {
					steps = []table.Step{user.MemberCheck(owner.Subject, anna), table.Put("c", clientKey("d"), object{"id": "d"})}
				}
				if err := w.DB.Write(w.Context(), steps...); (err == nil) != want || err != nil && !refusedBy(err, label) {
					t.Errorf("%s of %s: %v", label, what, err)
				}
			}
		}
		check("an unknown user", false, false)
		for _, c := range []struct {
			roles         []string
			admin, member bool
		}{
			{nil, false, false},
			{[]string{"api", "viewer"}, false, false},
			{[]string{"security"}, false, true},
			{[]string{"api", "admin"}, true, true},
		} {
			w.Want(put(w, anna, c.roles...), 200)
			check(fmt.Sprint("a user with the roles ", c.roles), c.admin, c.member)
		}
		w.Want(remove(w, anna), 200)
		check("a deleted user", false, false)
	})
}

// TestStaleClients: an entry for a client that has another admin by now, or is gone, is
// removed, and the client stays as it is.
func TestStaleClients(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for name, end := range endings {
			w.Want(put(w, anna, "admin"), 200)
			w.Want(put(w, bruno, "admin"), 200)
			all := appointed(w, anna, 2)
			if err := appoint(w, bruno, all[0]); err != nil {
				t.Fatal(err)
			}
			if err := w.DB.Write(w.Context(), table.Delete("client", clientKey(all[1]))); err != nil {
				t.Fatal(err)
			}
			w.Want(end(w), 200)
			checkAdmin(w, anna, all)
			interoptest.Equal(w.TB, name+": the admin of the first", adminOf(w, all[0]), bruno)
			interoptest.Equal(w.TB, name+": items of the deleted client", len(w.Items("CLIENT#"+all[1])), 0)
		}
	})
}

// TestDeleteAgainstAdmin makes a user the admin of another API client, or of one fewer, in
// the middle of the call that ends its being admin: in the end it is the admin of none, and
// no other client has changed.
func TestDeleteAgainstAdmin(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for name, end := range endings {
			for what, act := range map[string]func() error{
				"a client more": func() error { return appoint(w, anna, "more") },
				"a client less": func() error {
					without := table.Changes{Remove: []string{user.AdminAttribute}}
					return w.Tap.DB.Write(w.Context(), user.ReleaseStep(owner.Subject, anna, "client-000"),
						table.Update("client", clientKey("client-000"), without))
				},
				"a client gone": func() error {
					gone := table.Delete("client", clientKey("client-001"))
					return w.Tap.DB.Write(w.Context(), user.ReleaseStep(owner.Subject, anna, "client-001"), gone)
				},
				"a client of another": func() error {
					steps := append(user.AdminSteps(owner.Subject, bruno, "client-001", clientKey("client-001")),
						user.ReleaseStep(owner.Subject, anna, "client-001"),
						table.Update("client", clientKey("client-001"), table.Changes{Set: map[string]any{user.AdminAttribute: bruno}}))
					return w.Tap.DB.Write(w.Context(), steps...)
				},
			} {
				w.Want(put(w, anna, "admin"), 200)
				w.Want(put(w, bruno, "admin"), 200)
				all := append(appointed(w, anna, 2), "more")
				w.Tap.During(0, (*hooked.Call).Writes, func() {
					w.Tap.Set(nil)
					if err := act(); err != nil {
						t.Errorf("%s, %s: %v", name, what, err)
					}
				})
				w.Want(end(w), 200)
				checkAdmin(w, anna, all)
				if n := len(w.Items("CLIENT#client-001")); (n == 0) != (what == "a client gone") {
					t.Errorf("%s, %s: there are %d items of the client", name, what, n)
				}
				if got := adminOf(w, "client-001"); (got == bruno) != (what == "a client of another") {
					t.Errorf("%s, %s: the admin of the client is %q", name, what, got)
				}
			}
		}
	})
}

// TestAdminRaces appoints an admin to many clients at once while the user is deleted or
// replaced: whoever is answered with success, nobody without the role is an admin.
func TestAdminRaces(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for name, end := range endings {
			w.Want(put(w, anna, "admin"), 200)
			all := make([]string, 8)
			for i := range all {
				all[i] = fmt.Sprint("raced-", i)
			}
			got := w.Race(9, 9, func(i int) string {
				if i == 8 {
					return interoptest.Answered(end(w))
				}
				return fmt.Sprint(appoint(w, anna, all[i]) == nil)
			})
			switch {
			case got["200"] == 1:
				checkAdmin(w, anna, all)
			case got[interop.Unavailable.Name] != 1:
				t.Errorf("%s: %v", name, got)
			}
			w.Want(put(w, anna, "api"), 200)
			checkAdmin(w, anna, all)
		}
	})
}

// TestUserRaces registers and deletes one user many times at once: it is stored once, as one
// of the calls that succeeded said, or is gone.
func TestUserRaces(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		roles := []string{"admin", "security"}
		got := w.Race(2, 2, func(i int) string { return interoptest.Answered(put(w, anna, roles[i])) })
		interoptest.Equal(w.TB, "two first registrations", got, map[string]int{"200": 2})
		interoptest.Equal(w.TB, "version", w.Items("USERS#" + owner.Subject)[anna]["version"], any(2.0))
		got = w.Race(2, 2, func(i int) string { return interoptest.Answered(put(w, []string{anna, bruno}[i], "api")) })
		interoptest.Equal(w.TB, "two users", got, map[string]int{"200": 2})
		for range 4 {
			got = w.Race(8, 2, func(i int) string {
				if i%2 == 0 {
					return "put " + interoptest.Answered(put(w, anna, roles[i/2%2]))
				}
				return "delete " + interoptest.Answered(remove(w, anna))
			})
			for answer := range got {
				verb, code, _ := strings.Cut(answer, " ")
				allowed := []string{"200", interop.Unavailable.Name}
				if verb == "delete" {
					allowed = append(allowed, interop.UserNotFound.Name)
				}
				if !slices.Contains(allowed, code) {
					t.Errorf("the answers are %v", got)
				}
			}
			there := slices.Contains(usersOf(w, owner), anna)
			if res := w.As(owner, "GET", at(anna), ""); (res.Status == 200) != there || there && !contains(res, "Rossi") {
				t.Errorf("after %v it is stored: %t, and read: %s", got, there, res.Raw)
			}
		}
	})
}

// TestOnboardingRaces registers the first users of an organization at once, by many calls and
// against the first call of the organization: it is onboarded once, and has its entries.
func TestOnboardingRaces(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		got := w.Race(9, 9, func(i int) string {
			if i == 8 {
				w.Register(owner)
				return "200"
			}
			return interoptest.Answered(put(w, fmt.Sprintf("00000000-0000-4000-9000-%012d", i), "api"))
		})
		delete(got, "200")
		delete(got, interop.Unavailable.Name)
		interoptest.Equal(w.TB, "other answers", got, map[string]int{})
		w.Clock.Advance(time.Hour)
		w.Want(put(w, anna), 200)
		for _, path := range []string{"/tenants", "/tenants?taxCode=" + owner.Subject} {
			res := w.Want(w.As(owner, "GET", path, ""), 200)
			interoptest.Equal(w.TB, path, interoptest.Members(res, "onboardedAt"), []string{t0})
		}
	})
}

// TestBrokenCalls fails every call of every change, before and after it is carried out:
// nothing is half done, and a repetition completes it.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	suite.Embedded(t, func(w *world) {
		for name, end := range endings {
			for k := 0; ; k++ {
				reached := false
				for _, after := range []bool{false, true} {
					w.Want(put(w, anna, "admin"), 200)
					all := appointed(w, anna, 60)
					broken := w.Break(k, after, func() apitest.Response { return end(w) })
					if !broken.Reached {
						continue
					}
					reached = true
					w.Unavailable(broken.Response)
					checkAdmin(w, anna, all, slices.Sorted(maps.Keys(w.Items("USERS#"+owner.Subject+"#"+anna)))...)
					if res := end(w); res.Status != 200 && interoptest.CodeOf(res) != interop.UserNotFound.Name {
						t.Errorf("%s, call %d lost: the repetition is answered %s", name, k, res.Raw)
					}
					checkAdmin(w, anna, all)
				}
				if !reached {
					interoptest.Equal(w.TB, name+": calls", k, 8)
					break
				}
			}
		}
	})
}

// TestEndIsGivenUp: an end that loses every round is a conflict, and changes nothing.
func TestEndIsGivenUp(t *testing.T) {
	t.Parallel()
	suite.Embedded(t, func(w *world) {
		w.Want(put(w, anna, "admin"), 200)
		for _, end := range endings {
			before, rounds := stored(w), 0
			w.Tap.Set(func(c *hooked.Call) error {
				if !c.Writes() {
					return c.Run()
				}
				rounds++
				return &table.Refused{Steps: []table.RefusedStep{{Label: "user"}}}
			})
			res := end(w)
			w.Tap.Set(nil)
			w.Refused(res, interop.Unavailable)
			interoptest.Equal(w.TB, "rounds", rounds, 8)
			w.Unchanged("it", before, stored(w))
		}
	})
}

// TestAPIClients makes a user the admin of a client by the operations on clients, and ends
// it by those on users: the client has no admin then.
func TestAPIClients(t *testing.T) {
	t.Parallel()
	interoptest.New(user.Operations(), client.Operations()).Each(t, func(w *world) {
		for name, end := range endings {
			w.Want(put(w, anna, "admin"), 200)
			id := w.OK(owner, "POST", "/clientsApi", `{"name":"A client","members":[]}`).Text("id")
			admin := "/clients/" + id + "/admin"
			w.OK(owner, "POST", admin, `{"adminId":"`+anna+`"}`)
			interoptest.Equal(w.TB, name+": admin", w.Items("CLIENT#" + id)["CLIENT"][user.AdminAttribute], any(anna))
			w.Want(end(w), 200)
			w.Refused(w.As(owner, "DELETE", admin+"/"+anna, ""), interop.NotTheClientAdmin, anna)
			w.Refused(w.As(owner, "POST", admin, `{"adminId":"`+anna+`"}`), interop.UserWithoutRole, anna)
			w.Want(put(w, anna, "admin"), 200)
			w.OK(owner, "POST", admin, `{"adminId":"`+anna+`"}`)
			w.OK(owner, "DELETE", "/clients/"+id, "")
			interoptest.Equal(w.TB, name+": clients of the admin", len(w.Items("USERS#"+owner.Subject+"#"+anna)), 0)
		}
	})
}
