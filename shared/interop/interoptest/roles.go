package interoptest

import (
	"net/http"
	"strings"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// credential is a kind of caller and the roles that one has.
type credential struct {
	kind  string
	roles []string
}

// credentials are the ones that Roles tries.
func credentials() []credential {
	all := []credential{
		{interop.KindOrganization, nil},
		{interop.KindOrganization, []string{interop.RoleReader}},
		{interop.KindOrganization, []string{interop.RoleAdmin}},
		{interop.KindOrganization, []string{interop.RoleCertifier}},
		{interop.KindOrganization, []string{"admin"}},
		{interop.KindOrganization, []string{"M2M", "M2M-ADMIN", "Certifier"}},
	}
	for _, kind := range []string{interop.KindOrganization, "issuer", "aggregator", "manage", ""} {
		all = append(all, credential{kind, []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier}})
	}
	return all
}

// Roles calls every operation with every kind of credential: an organization with one of
// its roles succeeds, and any other caller is refused and changes nothing of what stored
// returns. refusal has the codes by operation that an organization without the role gets
// instead of OperationForbidden. requests makes new requests, after the last ones have
// changed something.
func (w *World) Roles(requests func() map[string]Request, stored func() any, refusal map[string]problem.Code) {
	w.Helper()
	all := requests()
	isUsed := false
	for _, c := range credentials() {
		if isUsed {
			all = requests()
			isUsed = false
		}
		for id, r := range all {
			code, special := refusal[id]
			if !special || c.kind != interop.KindOrganization {
				code = interop.OperationForbidden
			}
			if w.role(r, c, stored, code) && r.Method != http.MethodGet {
				isUsed = true
			}
		}
	}
	before := stored()
	for _, r := range all {
		w.order(r)
	}
	if diff := cmp.Diff(before, stored()); diff != "" {
		w.Errorf("refused requests changed what is stored:\n%s", diff)
	}
}

// role calls an operation with a credential, and returns whether that has to succeed;
// code refuses one that is not enough.
func (w *World) role(r Request, c credential, stored func() any, code problem.Code) bool {
	w.Helper()
	caller := &api.Identity{Subject: r.As.Subject, Tenants: []string{r.As.Subject}, Kind: c.kind, Scopes: c.roles}
	if c.kind == interop.KindOrganization && caller.HasScope(r.Scopes...) {
		if res := w.Send(r.By(caller)); res.Status != r.Status {
			w.Errorf("%s as %q with %v = %d\n%s", r.ID, c.kind, c.roles, res.Status, res.Raw)
		}
		return true
	}
	before := stored()
	res := w.Send(r.By(caller))
	w.Refused(res, code)
	if got := res.Header.Get("WWW-Authenticate"); got != "" {
		w.Errorf("%s as %q with %v is answered WWW-Authenticate %q", r.ID, c.kind, c.roles, got)
	}
	if diff := cmp.Diff(before, stored()); diff != "" {
		w.Errorf("%s as %q with %v changed what is stored:\n%s", r.ID, c.kind, c.roles, diff)
	}
	return false
}

// order checks that a request is refused for its credential first, then for its form,
// then for its role.
func (w *World) order(r Request) {
	w.Helper()
	res := w.Send(r.By(nil))
	w.Refused(res, interop.TokenNotValid)
	if got := res.Header.Get("WWW-Authenticate"); got != "Bearer" {
		w.Errorf("%s without a token is answered WWW-Authenticate %q", r.ID, got)
	}
	malformed := malformed(r)
	w.Refused(w.Send(malformed.By(nil)), interop.TokenNotValid)
	w.Refused(w.Send(malformed.By(Organization(r.As.Subject))), interop.BadRequest)
	w.Refused(w.Send(malformed), interop.BadRequest)
}

// malformed returns the request with a body, query or path that is not well formed.
func malformed(r Request) Request {
	path, query, _ := strings.Cut(r.At, "?")
	switch {
	case r.Body != "":
		r.At = path
		r.Body = "[]"
	case r.Method == http.MethodGet && query != "":
		r.At = path + "?offset=x"
	default:
		r.At = strings.Replace(path, firstID(path), "x", 1)
	}
	return r
}

// firstID returns the first id in a path.
func firstID(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		if len(part) == 36 {
			return part
		}
	}
	return path
}
