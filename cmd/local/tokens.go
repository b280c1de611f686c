package main

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// expiresHeader says until when a token of /_local/token is valid.
const expiresHeader = "X-Token-Expires"

// token mints a token of an issuer: issuerId (several for an aggregator, named by
// subject), scope (d1-api:consumer:full by default); or of an organization:
// organizationId, role (m2m-admin by default), and what the token says about it:
// organizationName, origin and value (of its external id); or of the operator:
// role=operator. A scope or a role that no operation asks for is refused here, because a
// token with it would be refused everywhere later.
func (s *sandbox) token(w http.ResponseWriter, r *http.Request) {
	wanted, mistake := claimsOf(r)
	if mistake != "" {
		text(w, http.StatusBadRequest, mistake)
		return
	}
	token, err := s.issuer.Token(wanted)
	if err != nil {
		text(w, http.StatusBadRequest, err.Error())
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set(expiresHeader, table.Stamp(s.clock.now().Add(devissuer.TTL)))
	text(w, http.StatusOK, token)
}

// claimsOf reads what a token is asked to say; the mistake says what to ask for instead.
func claimsOf(r *http.Request) (wanted devissuer.Claims, mistake string) {
	query := r.URL.Query()
	id, role := query.Get("organizationId"), query.Get("role")
	roles, scopes := scopesOf(interop.Product), scopesOf(consumers.Product)
	switch {
	case id != "" && query.Has("scope"):
		return wanted, "The token of an organization has a role and no scope: leave scope out."
	case id != "" && role != "" && !slices.Contains(roles, role):
		return wanted, "No operation asks for that role. Allowed: " + strings.Join(roles, ", ") + "."
	case id != "":
		return devissuer.Claims{
			Organization: id, Role: cmp.Or(role, interop.RoleAdmin),
			Name: query.Get("organizationName"), Origin: query.Get("origin"), Value: query.Get("value"),
		}, ""
	case role == consumers.RoleOperator:
		return devissuer.Claims{Subject: cmp.Or(query.Get("subject"), role), Role: role}, ""
	case role != "":
		return wanted, "No operation asks for that role. Allowed: " + consumers.RoleOperator + ". The roles " +
			strings.Join(roles, ", ") + " are for organizations: add organizationId."
	}
	wanted.Scope = cmp.Or(query.Get("scope"), consumers.ScopeFull)
	if slices.ContainsFunc(strings.Fields(wanted.Scope), func(scope string) bool { return !slices.Contains(scopes, scope) }) {
		return wanted, "No operation asks for that scope. Allowed: " + strings.Join(scopes, ", ") + "."
	}
	switch issuers := query["issuerId"]; {
	case len(issuers) == 0, slices.ContainsFunc(issuers, func(id string) bool { return !consumers.IsIssuer(id) }):
		return wanted, "Say for whom: /_local/token?issuerId=<10 letters, digits, - or _>&scope=" + consumers.ScopeFull +
			" or /_local/token?organizationId=<uuid>&role=" + interop.RoleAdmin + " or /_local/token?role=" + consumers.RoleOperator
	case len(issuers) == 1 && query.Get("subject") == "":
		wanted.Subject = issuers[0]
	default:
		wanted.Subject, wanted.Issuers = cmp.Or(query.Get("subject"), "aggregator"), issuers
	}
	return wanted, ""
}

// scopesOf returns the scopes that callers of a product can have, sorted. The
// operator's is not among them: a caller has it by its role.
func scopesOf(product *api.Product) []string {
	var all []string
	for _, op := range catalog.Operations() {
		if s := op.Describe(); s.Product == product {
			all = append(all, s.Scopes...)
		}
	}
	all = slices.DeleteFunc(all, func(scope string) bool { return scope == consumers.RoleOperator })
	slices.Sort(all)
	return slices.Compact(all)
}
