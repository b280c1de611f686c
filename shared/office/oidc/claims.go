package oidc

import (
	"cmp"
	"slices"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/form"
)

// The claims of tokens that say for whom a person acts, as the authorizers of the APIs read
// them.
const (
	claimOrganizationID = "organizationId"
	claimOrganization   = "organization" // an object with the name
	claimIssuers        = "issuers"      // ids of card issuers
)

// identityClaims may have the prefix of the deployment.
var identityClaims = []string{claimOrganizationID, claimOrganization, claimIssuers, "role", "scope", "scp"}

// identify sets for whom the person of a session acts, and the areas that follow. They decide
// which pages there are; what a person may do there is what the APIs answer.
func (p *Provider) identify(s *office.Session, set claims.Set) {
	if id := strings.ToLower(set.Text(claimOrganizationID)); p.Organizations && form.IsLowerUUID(id) {
		s.Areas = append(s.Areas, office.Interop)
		s.Organization, s.OrganizationName = id, set.Member(claimOrganization, "name")
	}
	issuers, ok := set.Words(claimIssuers)
	if !set.Has(claimIssuers) {
		issuers, ok = []string{set.Text("sub")}, true
	}
	isNone := func(id string) bool { return !form.Is(id, 10, 10, form.Base64URL) }
	switch {
	case p.Operator.IsIn(set) && !set.Has(claimIssuers):
		s.Areas = append(s.Areas, office.Platform)
	case p.CardIssuers && ok && len(issuers) > 0 && !slices.ContainsFunc(issuers, isNone):
		s.Areas = append(s.Areas, office.Consumers)
		s.Organization, s.Issuers = cmp.Or(s.Organization, issuers[0]), issuers
	}
}

// nameOf returns what a person is called.
func nameOf(said claims.Set) string {
	whole := strings.TrimSpace(said.Text("given_name") + " " + said.Text("family_name"))
	return cmp.Or(
		said.Text("name"), whole, said.Text("preferred_username"), said.Text("cognito:username"), said.Text("email"), said.Text("sub"),
	)
}

// word returns an error code of an issuer for the log, where nothing else of its text goes.
func word(code string) string {
	if form.Is(code, 1, 64, form.Lower+"_") {
		return code
	}
	return "other"
}
