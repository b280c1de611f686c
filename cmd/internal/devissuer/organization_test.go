package devissuer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
)

const organizationID = "0e9e2dab-2e93-4f24-ba59-38d9f11198ca"

func TestOrganizationToken(t *testing.T) {
	t.Parallel()
	i, _ := newIssuer(t)
	for _, c := range []devissuer.Claims{
		{Organization: organizationID, Role: "m2m"},
		{Organization: organizationID, Role: "m2m", Subject: "AAAAAAAAAA", Scope: scope},
		{Organization: strings.ToUpper(organizationID), Role: "m2m"},
	} {
		got, err := bearer(t, i, nil).Authenticate(t.Context(), mint(t, i, c))
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
		"in braces":    {Organization: "{" + organizationID + "}", Role: "m2m"},
		"a role alone": {Role: "m2m"},
	} {
		if token, err := i.Token(c); err == nil || token != "" {
			t.Errorf("%s: token %q, error %v", name, token, err)
		}
	}
}

// TestOthersTokens are accepted beside the issuer's own, by their own keys.
func TestOthersTokens(t *testing.T) {
	t.Parallel()
	i, _ := newIssuer(t)
	other, _ := newIssuer(t)
	const url = "https://other.example"
	bearer, err := i.Bearer(everybody(nil), auth.Issuer{URL: url, JWKS: other.JWKS(), Audience: "b", Kinds: []string{"organization"}})
	if err != nil {
		t.Fatal(err)
	}
	claims := devissuer.Claims{Organization: organizationID, Role: "m2m"}
	if _, err := bearer.Authenticate(t.Context(), mint(t, i, claims)); err != nil {
		t.Error(err)
	}
	if _, err := bearer.Authenticate(t.Context(), mint(t, other, claims)); !errors.Is(err, auth.ErrUnauthorized) {
		t.Errorf("a key of the other issuer signs for this one: %v", err)
	}
	for what, unacceptable := range map[string]auth.Issuer{
		"without keys":    {URL: url, Audience: "b", Kinds: []string{"organization"}},
		"of this one":     {URL: devissuer.URL, JWKS: other.JWKS(), Audience: "b", Kinds: []string{"organization"}},
		"for no audience": {URL: url, JWKS: other.JWKS(), Kinds: []string{"organization"}},
		"of no callers":   {URL: url, JWKS: other.JWKS(), Audience: "b"},
	} {
		if _, err := i.Bearer(everybody(nil), unacceptable); err == nil {
			t.Errorf("an issuer %s is accepted", what)
		}
	}
}

// TestOrganizationTokenSays what it is told to say, and no Bearer would refuse.
func TestOrganizationTokenSays(t *testing.T) {
	t.Parallel()
	i, _ := newIssuer(t)
	var told interop.Organization
	bearer, err := i.Bearer(everybody(func(_ context.Context, o interop.Organization) error {
		told = o
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []interop.Organization{
		{ID: organizationID},
		{ID: organizationID, Name: "Comune"},
		{ID: organizationID, Origin: "IPA", Value: "c_1"},
		{ID: organizationID, Name: strings.Repeat("à", 256), Origin: strings.Repeat("O", 64), Value: strings.Repeat("v", 256)},
	} {
		c := devissuer.Claims{Organization: want.ID, Role: "m2m", Name: want.Name, Origin: want.Origin, Value: want.Value}
		if _, err := bearer.Authenticate(t.Context(), mint(t, i, c)); err != nil || told != want {
			t.Errorf("told %+v, %v, want %+v", told, err, want)
		}
	}
	for name, c := range map[string]devissuer.Claims{
		"a long name":    {Name: strings.Repeat("n", 257)},
		"an origin":      {Origin: "IPA"},
		"a value":        {Value: "c_1"},
		"a short origin": {Origin: "IP", Value: "c_1"},
		"a long value":   {Origin: "IPA", Value: strings.Repeat("v", 257)},
	} {
		c.Organization, c.Role = organizationID, "m2m"
		if token, err := i.Token(c); err == nil || token != "" {
			t.Errorf("%s: token %q, error %v", name, token, err)
		}
	}
}
