package devissuer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/api"
	"ciclo/shared/auth/devissuer"
)

const organizationID = "0e9e2dab-2e93-4f24-ba59-38d9f11198ca"

func TestOrganizationToken(t *testing.T) {
	t.Parallel()
	i, _ := newIssuer(t)
	for _, c := range []devissuer.Claims{
		{Organization: organizationID, Role: "m2m"},
		{Organization: organizationID, Role: "m2m", Subject: "AAAAAAAAAA", Scope: scope},
	} {
		got, err := i.Bearer().Authenticate(t.Context(), mint(t, i, c))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(api.Identity{Subject: organizationID, Scopes: []string{"m2m"}, Kind: "organization"}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	for name, c := range map[string]devissuer.Claims{
		"no role":      {Organization: organizationID},
		"no UUID":      {Organization: "AAAAAAAAAA", Role: "m2m"},
		"in capitals":  {Organization: strings.ToUpper(organizationID), Role: "m2m"},
		"a role alone": {Role: "m2m"},
	} {
		if token, err := i.Token(c); err == nil || token != "" {
			t.Errorf("%s: token %q, error %v", name, token, err)
		}
	}
}
