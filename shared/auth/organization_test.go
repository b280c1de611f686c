package auth_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/api"
	"ciclo/shared/auth"
)

const organizationID = "0e9e2dab-2e93-4f24-ba59-38d9f11198ca"

// ofOrganization is a valid token of an organization, with changes.
func ofOrganization(changes set) string {
	all := set{"sub": "client", "scope": absent, "organizationId": organizationID, "role": "m2m-admin"}
	maps.Copy(all, changes)
	return "Bearer " + es256(head(nil), claims(all))
}

func TestOrganizations(t *testing.T) {
	t.Parallel()
	of := func(id, role string) api.Identity {
		return api.Identity{Subject: id, Scopes: []string{role}, Kind: "organization"}
	}
	f := newFixture(t)
	for name, tc := range map[string]struct {
		changes set
		want    api.Identity
	}{
		"writer":          {nil, of(organizationID, "m2m-admin")},
		"reader":          {set{"role": "m2m"}, of(organizationID, "m2m")},
		"another role":    {set{"role": "security"}, of(organizationID, "security")},
		"longest role":    {set{"role": strings.Repeat("a", 32)}, of(organizationID, strings.Repeat("a", 32))},
		"no subject":      {set{"sub": absent}, of(organizationID, "m2m-admin")},
		"odd subject":     {set{"sub": 7}, of(organizationID, "m2m-admin")},
		"an issuer, too":  {set{"sub": tenant, "scope": "d1-api:consumer:full", "issuers": "AAAAAAAAAA"}, of(organizationID, "m2m-admin")},
		"roles elsewhere": {set{"role": "m2m", "roles": []string{"m2m-admin"}, "scp": "m2m-admin"}, of(organizationID, "m2m")},
	} {
		got, err := f.Authenticate(t.Context(), ofOrganization(tc.changes))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	// A role alone makes no organization of an issuer.
	got, err := f.Authenticate(t.Context(), "Bearer "+es256(head(nil), claims(set{"role": "m2m-admin", "OrganizationId": organizationID})))
	if err != nil || got.Kind != "issuer" || slices.Contains(got.Scopes, "m2m-admin") {
		t.Errorf("an issuer with a role is %+v, %v", got, err)
	}
}

func TestRefusedOrganizations(t *testing.T) {
	t.Parallel()
	const noID, noRole = "unauthorized: no usable organization id", "unauthorized: no usable role"
	f := newFixture(t)
	refuses := func(name string, changes set, want string) {
		t.Helper()
		got, err := f.Authenticate(t.Context(), ofOrganization(changes))
		if !errors.Is(err, auth.ErrUnauthorized) || err.Error() != want {
			t.Errorf("%s: error is %v, want %s", name, err, want)
		}
		if got.Subject != "" || got.Scopes != nil || got.Kind != "" {
			t.Errorf("%s: identity %+v came with the error", name, got)
		}
	}
	for name, id := range map[string]any{
		"null": nil, "empty": "", "a number": 7, "an array": []string{organizationID}, "an object": set{"id": organizationID},
		"capitals": strings.ToUpper(organizationID), "braces": "{" + organizationID + "}", "a URN": "urn:uuid:" + organizationID,
		"no dashes": strings.ReplaceAll(organizationID, "-", ""), "a digit short": organizationID[1:], "a digit more": organizationID + "0",
		"other digits": "g" + organizationID[1:], "a line break after": organizationID + "\n", "a space before": " " + organizationID, "an issuer": tenant,
	} {
		// Whatever else the token says, it is not an issuer's.
		refuses("id is "+name, set{"organizationId": id, "sub": tenant, "scope": "d1-api:consumer:full"}, noID)
	}
	for i, c := range organizationID { // every letter is one of a few
		if c >= 'a' {
			refuses("one capital", set{"organizationId": organizationID[:i] + "A" + organizationID[i+1:]}, noID)
		}
	}
	for name, role := range map[string]any{
		"missing": absent, "null": nil, "empty": "", "a number": 1, "an array": []string{"m2m"}, "two": "m2m m2m-admin", "two by comma": "m2m,m2m-admin",
		"capitals": "M2M", "too long": strings.Repeat("a", 33), "with a line break": "m2m\n",
	} {
		refuses("role is "+name, set{"role": role}, noRole)
	}
	refuses("date out of range", set{"iat": -1}, "unauthorized: date out of range")
}

func TestIsOrganization(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{organizationID: true, strings.ToUpper(organizationID): false, organizationID + "0": false, "": false, tenant: false} {
		if auth.IsOrganization(id) != want {
			t.Errorf("%q is an organization: %t", id, !want)
		}
	}
}
