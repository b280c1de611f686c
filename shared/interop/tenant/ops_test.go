package tenant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

const (
	t0 = "2026-11-21T10:00:00.000Z"
	t1 = "2026-11-21T11:00:00.000Z"
	t2 = "2026-11-21T12:00:00.000Z"
)

// answers checks that the answer is a body with status 200.
func answers(w *world, res apitest.Response, want object) {
	w.Helper()
	w.Want(res, 200)
	if diff := cmp.Diff(want, res.Body); diff != "" {
		w.Errorf("answered (-want +got):\n%s", diff)
	}
}

// lists checks the entries of a list.
func lists(w *world, path string, want ...object) {
	w.Helper()
	res := w.Want(w.As(reader, "GET", path, ""), 200)
	if diff := cmp.Diff(want, interoptest.Results(res)); diff != "" || interoptest.Total(res) != len(want) {
		w.Errorf("%s lists %d (-want +got):\n%s", path, interoptest.Total(res), diff)
	}
}

func TestCertified(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, path := made(w, certifier, "certified"), home+"/certifiedAttributes"
		lists(w, path)
		counted(w, "assigning", 1, func() { answers(w, assign(w, id), object{"id": id, "assignedAt": t0}) })
		lists(w, path, object{"id": id, "assignedAt": t0})
		w.Clock.Advance(time.Hour)
		counted(w, "assigning again", 0, func() { w.Refused(assign(w, id), interop.CertifiedAlreadyAssigned, id, owner.Subject) })
		counted(w, "revoking", 1, func() { answers(w, revoke(w, id), object{"id": id, "assignedAt": t0, "revokedAt": t1}) })
		lists(w, path, object{"id": id, "assignedAt": t0, "revokedAt": t1})
		counted(w, "revoking again", 0, func() { w.Refused(revoke(w, id), interop.AttributeAlreadyRevoked, id, owner.Subject) })
		w.Clock.Advance(time.Hour)
		counted(w, "assigning what was revoked", 1, func() { answers(w, assign(w, id), object{"id": id, "assignedAt": t2}) })
		lists(w, path, object{"id": id, "assignedAt": t2})
		for _, other := range []string{"/declaredAttributes", "/verifiedAttributes"} {
			lists(w, home+other)
		}
	})
}

// TestCertifiedRefusals: the caller is checked first, then the attribute, its certifier,
// the tenant, and what the tenant has.
func TestCertifiedRefusals(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		mine, theirs, declared, missing := made(w, certifier, "certified"), made(w, rival, "certified"), made(w, owner,
			"declared"), interoptest.UnknownID()
		nowhere := "/tenants/" + interoptest.UnknownID()
		for _, verb := range []string{"POST", "DELETE"} {
			call := func(as *api.Identity, tenant, id string) apitest.Response {
				if verb == "POST" {
					return w.As(as, verb, tenant+"/certifiedAttributes", named(id))
				}
				return w.As(as, verb, tenant+"/certifiedAttributes/"+id, "")
			}
			counted(w, verb, 0, func() {
				for _, as := range []*api.Identity{owner, reader, interoptest.Organization(certifier.Subject, interop.RoleAdmin)} {
					w.Refused(call(as, nowhere, missing), interop.TenantNotACertifier, "certifier")
				}
				code := map[string]problem.Code{"POST": interop.TenantAttributeNotValid, "DELETE": interop.TenantAttributeNotFound}[verb]
				for _, id := range []string{missing, declared} {
					w.Refused(call(certifier, nowhere, id), code, id)
				}
				w.Refused(call(certifier, nowhere, theirs), interop.NotTheCertifier, theirs)
				w.Refused(call(certifier, nowhere, mine), interop.TenantNotFound, strings.TrimPrefix(nowhere, "/tenants/"))
			})
		}
		w.Refused(revoke(w, mine), interop.TenantAttributeNotFound, mine, owner.Subject)
	})
}

func TestDeclared(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, path := made(w, owner, "declared"), home+"/declaredAttributes"
		lists(w, path)
		counted(w, "revoking nothing", 0, func() { w.Refused(undeclare(w, id), interop.TenantAttributeNotValid, id, owner.Subject) })
		counted(w, "declaring", 1, func() { answers(w, declare(w, id), object{"id": id, "assignedAt": t0}) })
		w.Clock.Advance(time.Hour)
		counted(w, "declaring again", 0, func() { answers(w, declare(w, id), object{"id": id, "assignedAt": t0}) })
		lists(w, path, object{"id": id, "assignedAt": t0})
		lists(w, path+"?delegationId=", object{"id": id, "assignedAt": t0})
		lists(w, path+"?delegationId="+interoptest.UnknownID())
		counted(w, "revoking", 1, func() { answers(w, undeclare(w, id), object{"id": id, "assignedAt": t0, "revokedAt": t1}) })
		lists(w, path, object{"id": id, "assignedAt": t0, "revokedAt": t1})
		w.Clock.Advance(time.Hour)
		counted(w, "revoking again", 1, func() { answers(w, undeclare(w, id), object{"id": id, "assignedAt": t0, "revokedAt": t2}) })
		lists(w, path, object{"id": id, "assignedAt": t0, "revokedAt": t2})
		counted(w, "declaring what was revoked", 1, func() { answers(w, declare(w, id), object{"id": id, "assignedAt": t2}) })
		for _, other := range []string{"/certifiedAttributes", "/verifiedAttributes"} {
			lists(w, home+other)
		}
	})
}

func TestDeclaredRefusals(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, certified, missing := made(w, owner, "declared"), made(w, certifier, "certified"), interoptest.UnknownID()
		stranger := interoptest.Organization(interoptest.UnknownID(), interop.RoleAdmin)
		counted(w, "what is refused", 0, func() {
			for _, tenant := range []string{home, "/tenants/" + interoptest.UnknownID()} {
				w.Refused(w.As(stranger, "POST", tenant+"/declaredAttributes", named(missing)), interop.DeclaredByOthers, tenant[9:])
				w.Refused(w.As(stranger, "DELETE", tenant+"/declaredAttributes/"+missing, ""), interop.DeclaredByOthers, tenant[9:])
			}
			delegation := interoptest.UnknownID()
			for _, as := range []*api.Identity{owner, stranger} {
				w.Refused(w.As(as, "POST", home+"/declaredAttributes", `{"id":"`+id+`","delegationId":"`+delegation+`"}`),
					interop.DelegationNotFound, delegation)
			}
			for _, id := range []string{missing, certified} {
				w.Refused(declare(w, id), interop.TenantAttributeNotFound, id)
				w.Refused(undeclare(w, id), interop.TenantAttributeNotValid, id)
			}
			// The authorizer registers callers, so none is unknown in production.
			w.Refused(w.As(stranger, "POST", "/tenants/"+stranger.Subject+"/declaredAttributes", named(missing)),
				interop.TenantAttributeNotFound, missing)
			w.Refused(w.As(stranger, "POST", "/tenants/"+stranger.Subject+"/declaredAttributes", named(id)), interop.TenantNotFound,
				stranger.Subject)
		})
		if n := len(w.Items("TENANT#" + stranger.Subject)); n > 0 {
			t.Errorf("%d records are left of a stranger", n)
		}
	})
}

// TestFields sends good and bad values of all members of bodies.
func TestFields(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := requests(w)
		for id, as := range map[string]*api.Identity{"tenant/assign-certified-attribute": certifier, "tenant/declare-attribute": owner} {
			r := all[id]
			kind := strings.TrimSuffix(interoptest.LastID(r.At), "Attributes")
			good := made(w, as, kind)
			delegation := interoptest.ID(interoptest.UnknownID())
			delegation.Good = nil
			if kind == "certified" {
				delegation.Bad = append(delegation.Bad, `"`+interoptest.UnknownID()+`"`)
			}
			fields := map[string]interoptest.Field{"id": interoptest.ID(good), "delegationId": delegation}
			body := func() object { return object{"id": made(w, as, kind)} }
			counted(w, id, 1, func() {
				w.Accepts(r, body, "id", fields, func(res apitest.Response, _, _ string) {
					interoptest.Equal(t, id, w.Want(res, 200).Text("id"), good)
				})
			})
		}
	})
}

// TestBadPaths sends malformed ids and queries.
func TestBadPaths(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, r := range requests(w) {
			path, query, _ := strings.Cut(r.At, "?")
			if query != "" {
				w.BadPages(reader, path)
			}
			for part := range strings.SplitSeq(path, "/") {
				if len(part) == 36 {
					w.Refused(w.As(r.As, r.Method, strings.Replace(path, part, part[1:], 1), r.Body), interop.BadRequest)
				}
			}
		}
		for _, query := range []string{
			"delegationId=x",
			"delegationId=" + interoptest.UnknownID() + "," + interoptest.UnknownID(),
			"delegationId=" + interoptest.UnknownID() + "&delegationId=" + interoptest.UnknownID(),
		} {
			w.Refused(w.As(reader, "GET", home+"/declaredAttributes?"+query, ""), interop.BadRequest)
		}
	})
}

// TestUnknownTenants: an organization that was never registered is unknown.
func TestUnknownTenants(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		missing := interoptest.UnknownID()
		for _, r := range requests(w) {
			if r.Method == "GET" && strings.HasPrefix(r.At, home) {
				w.Refused(w.Send(r.Replace(owner.Subject, missing)), interop.TenantNotFound, missing)
			}
			if strings.Contains(r.At, "verifiedAttributes/") {
				other := made(w, owner, "verified")
				path := home + "/verifiedAttributes/" + other + r.At[strings.LastIndex(r.At, "/"):]
				w.Refused(w.As(reader, "GET", path, ""), interop.TenantVerifiedNotFound, other, owner.Subject)
			}
		}
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := requests(w)
		w.Succeed(all)
		undo := map[string]func(*world, string) apitest.Response{
			"tenant/assign-certified-attribute": revoke, "tenant/revoke-certified-attribute": assign,
			"tenant/declare-attribute": undeclare, "tenant/revoke-declared-attribute": declare,
		}
		again := func() map[string]interoptest.Request {
			for id, reverse := range undo {
				attribute := all[id].At[strings.LastIndex(all[id].At, "/")+1:]
				if body := all[id].Body; body != "" {
					attribute = body[len(`{"id":"`) : len(body)-len(`"}`)]
				}
				reverse(w, attribute)
			}
			return all
		}
		w.Roles(again, func() any { return stored(w) }, map[string]problem.Code{
			"tenant/assign-certified-attribute": interop.TenantNotACertifier, "tenant/revoke-certified-attribute": interop.TenantNotACertifier,
		})
		if len(all) != len(tenant.Operations()) {
			t.Errorf("%d requests for %d operations", len(all), len(tenant.Operations()))
		}
	})
}

func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		theirs, unused := made(w, rival, "certified"), made(w, certifier, "certified")
		gone := made(w, certifier, "certified")
		w.Want(assign(w, gone), 200)
		w.Want(revoke(w, gone), 200)
		held := made(w, certifier, "certified")
		w.Want(assign(w, held), 200)
		stranger := interoptest.Organization(interoptest.UnknownID(), interop.RoleAdmin)
		w.DeclaredCodes(requests(w), func(r interoptest.Request) []apitest.Response {
			id := r.At[strings.LastIndex(r.At, "/")+1:]
			if r.Body != "" {
				id = r.Body[len(`{"id":"`) : len(r.Body)-len(`"}`)]
			}
			answers := []apitest.Response{w.Send(r.By(interoptest.Organization(r.As.Subject, "admin")))}
			send := func(all ...interoptest.Request) []apitest.Response {
				for _, r := range all {
					answers = append(answers, w.Send(r))
				}
				return answers
			}
			elsewhere := r.Replace(owner.Subject, interoptest.UnknownID())
			switch r.ID {
			case "tenant/list":
				return send(r.Replace("?", "?IPACode=a&taxCode=b&"))
			case "tenant/assign-certified-attribute":
				return send(elsewhere, r.Replace(id, interoptest.UnknownID()), r.Replace(id, theirs), r.Replace(id, held))
			case "tenant/revoke-certified-attribute":
				return send(elsewhere, r.Replace(id, interoptest.UnknownID()), r.Replace(id, theirs), r.Replace(id, unused), r.Replace(id, gone))
			case "tenant/declare-attribute":
				return send(elsewhere, r.Replace(id, interoptest.UnknownID()), r.By(stranger).Replace(owner.Subject, stranger.Subject),
					r.Replace(`{`, `{"delegationId":"`+interoptest.UnknownID()+`",`))
			case "tenant/revoke-declared-attribute":
				return send(elsewhere, r.Replace(id, interoptest.UnknownID()))
			case "tenant/list-verifiers", "tenant/list-revokers":
				verified := strings.Split(r.At, "/")[4]
				return send(elsewhere, r.Replace(verified, interoptest.UnknownID()))
			}
			return send(elsewhere)
		})
	})
}
