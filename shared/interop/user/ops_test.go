package user_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/testing/apitest"
)

// TestUserLife registers, reads, replaces and deletes a user. The first one onboards the
// organization, which stays onboarded.
func TestUserLife(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Register(other)
		w.Refused(w.As(owner, "GET", "/users", ""), interop.MissingSelfcareID, owner.Subject, "PUT /users")
		w.Refused(w.As(owner, "GET", at(anna), ""), interop.MissingSelfcareID, owner.Subject)
		w.Refused(remove(w, anna), interop.MissingSelfcareID, owner.Subject)
		interoptest.Equal(w.TB, "registered", w.Want(put(w, anna), 200).Body, view(anna))
		w.Clock.Advance(time.Hour)
		interoptest.Equal(w.TB, "replaced", w.Want(put(w, anna, "viewer", "admin"), 200).Body, view(anna, "viewer", "admin"))
		interoptest.Equal(w.TB, "read", w.Want(w.As(owner, "GET", at(strings.ToUpper(anna)), ""), 200).Body, view(anna, "viewer", "admin"))
		home := w.Want(w.As(owner, "GET", "/tenants/"+owner.Subject, ""), 200)
		interoptest.Equal(w.TB, "onboarded at", home.Text("onboardedAt"), t0)
		listed := w.Want(w.As(owner, "GET", "/tenants?taxCode="+owner.Subject, ""), 200)
		interoptest.Equal(w.TB, "onboarded at, in the list", interoptest.Members(listed, "onboardedAt"), []string{t0})
		w.Refused(w.As(other, "GET", at(anna), ""), interop.MissingSelfcareID, other.Subject)
		w.Want(w.As(other, "PUT", at(bruno), interoptest.JSON(seed())), 200)
		for _, method := range []string{"GET", "DELETE"} {
			w.Refused(w.As(other, method, at(anna), ""), interop.UserNotFound, anna)
		}
		interoptest.Equal(w.TB, "deleted", w.Want(remove(w, anna), 200).Raw, "{}\n")
		for _, method := range []string{"GET", "DELETE"} {
			w.Refused(w.As(owner, method, at(anna), ""), interop.UserNotFound, anna)
		}
		w.Pages(owner, "/users", "userId", nil)
		w.Pages(other, "/users", "userId", []string{bruno})
	})
}

// TestRegisteringAgain: a repetition writes nothing, neither to the user nor to the tenant.
func TestRegisteringAgain(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Want(put(w, anna, "admin"), 200)
		before := stored(w)
		w.Clock.Advance(time.Hour)
		w.Costs("a repetition", 2, 2, owner, "PUT", at(anna), interoptest.JSON(seed("admin")))
		w.Unchanged("a repetition", before, stored(w))
	})
}

// TestListUsers reads lists by pages and roles, in the order of the names. Its total is true
// past the end.
func TestListUsers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		people := [][3]string{
			{"Bianchi", "Zoe", "admin"},
			{"bianchi", "anna", "api security"},
			{"Bianchi", "Anna", "viewer"},
			{"Abate", "Zoe", ""},
			{"Verdi", "Ugo", "admin api"},
		}
		ids := map[string]string{}
		for i, p := range people {
			id := fmt.Sprintf("00000000-0000-4000-9000-%012d", i)
			ids[fmt.Sprint(i)] = id
			body := object{"familyName": p[0], "name": p[1], "roles": append([]string{}, strings.Fields(p[2])...)}
			w.Want(w.As(owner, "PUT", at(id), interoptest.JSON(body)), 200)
		}
		w.Want(w.As(other, "PUT", at(anna), interoptest.JSON(seed("admin"))), 200)
		for query, order := range map[string]string{
			"": "31204", "?roles=": "31204", "?roles=admin": "04", "?roles=security,viewer": "12", "?roles=api&roles=admin": "104",
			"?roles=admin,api,admin": "104", "?roles=Admin": "", "?roles=owner": "", "?roles[]=viewer": "2",
		} {
			var want []string
			for _, i := range order {
				want = append(want, ids[string(i)])
			}
			w.Pages(owner, "/users"+query, "userId", want)
		}
		past := w.Want(w.As(owner, "GET", "/users?offset=99&limit=1", ""), 200)
		interoptest.Equal(w.TB, "total past the end", interoptest.Total(past), 5)
		w.BadPages(owner, "/users")
	})
}

// TestSeeds: which bodies register a user.
func TestSeeds(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		r := requests(w)["user/register"]
		roles := interoptest.Field{
			Good: []string{`[]`, `["viewer"]`, `["admin","security","api","support","reviewer","viewer"]`},
			Bad:  []string{`null`, `"admin"`, `["Admin"]`, `["owner"]`, `[""]`, `["admin","admin"]`, `[null]`, `[1]`, `{}`},
		}
		fields := map[string]interoptest.Field{"name": interoptest.Text(1, 256), "familyName": interoptest.Text(1, 256), "roles": roles}
		w.Accepts(r, func() object { return seed("admin") }, "name familyName roles", fields, func(res apitest.Response, member, value string) {
			w.Want(res, 200)
			if got := interoptest.JSON(res.Body[member]); got != value {
				w.Errorf("%s %s is answered %s", member, value, got)
			}
			if got := interoptest.JSON(w.Want(w.As(owner, "GET", at(anna), ""), 200).Body[member]); got != value {
				w.Errorf("%s %s is stored as %s", member, value, got)
			}
		})
	})
}

func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Roles(func() map[string]interoptest.Request { return requests(w) }, func() any { return stored(w) }, nil)
	})
}

func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		stranger := interoptest.Organization(interoptest.UnknownID(), interop.RoleAdmin)
		w.DeclaredCodes(requests(w), func(r interoptest.Request) []apitest.Response {
			answers := []apitest.Response{w.Send(r.By(interoptest.Organization(owner.Subject, interop.RoleReader)))}
			switch r.ID {
			case "user/list":
				answers = append(answers, w.Send(r.By(stranger)))
			case "user/get", "user/delete":
				answers = append(answers, w.Send(r.By(stranger)), w.Send(r.Replace(r.At[len("/users/"):], interoptest.UnknownID())))
			}
			return answers
		})
	})
}

// TestCosts: round trips and items read.
func TestCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		api := interoptest.JSON(seed("api"))
		w.Costs("list without users", 2, 0, owner, "GET", "/users", "")
		w.Costs("register the first", 2, 0, owner, "PUT", at(anna), api)
		w.Costs("register another", 2, 1, owner, "PUT", at(bruno), api)
		w.Costs("replace", 2, 2, owner, "PUT", at(bruno), interoptest.JSON(seed("admin")))
		w.Costs("replace an admin", 3, 2, owner, "PUT", at(bruno), api)
		w.Costs("list", 1, 2, owner, "GET", "/users?roles=api", "")
		w.Costs("get", 1, 1, owner, "GET", at(anna), "")
		w.Costs("get an unknown one", 2, 1, owner, "GET", at(interoptest.UnknownID()), "")
		w.Costs("delete", 2, 2, owner, "DELETE", at(bruno), "")
		w.Costs("delete an unknown one", 1, 1, owner, "DELETE", at(bruno), "")
		w.Want(put(w, bruno, "admin"), 200)
		appointed(w, bruno, 3)
		w.Costs("delete the admin of clients", 4, 8, owner, "DELETE", at(bruno), "")
	})
}

// TestLogHygiene looks in the log for names.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	suite.Embedded(t, func(w *world) {
		const canary = "Canary"
		body := object{"name": canary, "familyName": canary, "roles": []string{"admin"}}
		w.Want(w.As(owner, "PUT", at(anna), interoptest.JSON(body)), 200)
		for _, member := range []string{"name", "familyName", "roles"} {
			bad := object{"name": canary, "familyName": canary, "roles": []string{canary}, member: []any{canary}}
			w.Want(w.As(owner, "PUT", at(anna), interoptest.JSON(bad)), 400)
		}
		w.Want(w.As(owner, "GET", "/users?roles="+canary, ""), 200)
		w.Want(w.As(owner, "GET", at(canary), ""), 400)
		for k := range 3 {
			w.Unavailable(w.Break(min(k, 2), k == 2, func() apitest.Response { return put(w, anna, "api") }).Response)
		}
		w.NotLogged(canary, 9)
	})
}

// TestViewOfRoles: a user that is stored without roles is answered with none.
func TestViewOfRoles(t *testing.T) {
	t.Parallel()
	if v := (&user.User{}).View(); v.Roles == nil || !slices.Equal(v.Roles, []string{}) {
		t.Errorf("roles are %#v", v.Roles)
	}
}
