package agreement_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// fine is no refusal.
var fine = problem.Code{}

// TestRoleMatrix calls every operation as everybody.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	kinds := func(kind string, roles ...string) func(*api.Identity) *api.Identity {
		return func(who *api.Identity) *api.Identity {
			return &api.Identity{Subject: who.Subject, Tenants: []string{who.Subject}, Kind: kind, Scopes: roles}
		}
	}
	forbidden, unknown := interop.OperationForbidden, interop.TokenNotValid
	embedded(t, func(w *world) {
		var requests map[string]request // anew when the last ones are done
		done := false
		for name, role := range map[string]struct {
			as            func(*api.Identity) *api.Identity
			reads, writes problem.Code
		}{
			"nobody":       {func(*api.Identity) *api.Identity { return nil }, unknown, unknown},
			"organization": {kinds(interop.KindOrganization, interop.RoleAdmin), fine, fine},
			"organization, all roles": {
				kinds(interop.KindOrganization, interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier), fine,
				fine,
			},
			"organization that reads":      {kinds(interop.KindOrganization, interop.RoleReader), fine, forbidden},
			"organization that certifies":  {kinds(interop.KindOrganization, interop.RoleCertifier), fine, forbidden},
			"organization of another role": {kinds(interop.KindOrganization, "admin"), forbidden, forbidden},
			"organization in capitals":     {kinds(interop.KindOrganization, "M2M", "M2M-ADMIN"), forbidden, forbidden},
			"organization without a role":  {kinds(interop.KindOrganization), forbidden, forbidden},
			"issuer of consumers":          {kinds("issuer", "d1-api:consumer:full"), forbidden, forbidden},
			"issuer that says m2m":         {kinds("issuer", interop.RoleReader, interop.RoleAdmin), forbidden, forbidden},
			"key of a service":             {kinds("manage", "ApiServiceWrite"), forbidden, forbidden},
			"no kind":                      {kinds("", interop.RoleReader, interop.RoleAdmin), forbidden, forbidden},
		} {
			if requests == nil || done {
				requests = w.requests()
			}
			done = role.writes == fine
			before := w.everything()
			for id, r := range requests {
				code := role.reads
				if r.writes() {
					code = role.writes
				}
				res := w.answers(role.as(r.as), r, code, id+" as "+name)
				if challenge := res.Header.Get("WWW-Authenticate"); (code == unknown) != (challenge == "Bearer") {
					w.Errorf("%s as %s = %d with WWW-Authenticate %q", id, name, res.Status, challenge)
				}
			}
			if !done {
				w.unchanged(before)
			}
		}
		w.consistent()
	})
}

// answers sends a request and looks for a refusal, or none.
func (w *world) answers(as *api.Identity, r request, code problem.Code, what string) apitest.Response {
	w.Helper()
	res := w.send(as, r)
	switch {
	case code == fine && res.Status != r.Status:
		w.Errorf("%s = %d, want %d\n%s", what, res.Status, r.Status, res.Raw)
	case code != fine && (interoptest.CodeOf(res) != code.Name || res.Status != code.Status):
		w.Errorf("%s = %d %s, want %s", what, res.Status, interoptest.CodeOf(res), code.Name)
	}
	return res
}

// TestWhoReads gets agreements in each situation, and their histories, as everybody
// with each role that reads: either side, a draft the consumer alone.
func TestWhoReads(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, situation := range []string{"DRAFT", "PENDING", "ACTIVE", "CPA", "MISSING", "REJECTED", "ARCHIVED"} {
			path := "/agreements/" + w.situated(consumer, situation).id
			for name, caller := range callers {
				for _, role := range []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier} {
					for _, part := range []string{"", "/history"} {
						res := w.As(interoptest.Organization(caller.Subject, role), "GET", path+part, "")
						if name == "consumer" || name == "producer" && situation != "DRAFT" {
							w.Want(res, 200)
						} else {
							w.Refused(res, interop.AgreementNotAllowed)
						}
					}
				}
			}
		}
		own := "/agreements/" + w.situated(producer, "DRAFT").id
		w.Want(w.As(producer, "GET", own, ""), 200)
		w.Refused(w.As(consumer, "GET", own, ""), interop.AgreementNotAllowed)
		for _, part := range []string{"", "/history"} {
			w.Refused(w.As(consumer, "GET", "/agreements/"+uuid.NewString()+part, ""), interop.AgreementNotFound)
		}
	})
}

// TestOrderOfRefusals sends requests that are wrong in several ways.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		requests := w.requests()
		before := w.everything()
		for id, r := range requests {
			malformed := r
			switch {
			case r.named():
				malformed = r.about("x")
			case r.writes() && r.body != "":
				malformed = r.saying("[]")
			case r.writes():
				malformed.path = strings.Replace(r.path, "agreementId=", "agreementId=x", 1)
			default:
				malformed.path = "/agreements?offset=x"
			}
			other := interoptest.Organization(r.as.Subject, "admin")
			w.answers(nil, malformed, interop.TokenNotValid, id+": nobody, malformed")
			w.answers(other, malformed, interop.BadRequest, id+": no role, malformed")
			w.answers(r.as, malformed, interop.BadRequest, id+": malformed")
			if r.named() {
				nowhere := r.about(uuid.NewString())
				w.answers(other, nowhere, interop.OperationForbidden, id+": no role, no agreement")
				w.answers(r.as, nowhere, interop.AgreementNotFound, id+": no agreement")
			}
		}
		w.unchanged(before)
	})
}
