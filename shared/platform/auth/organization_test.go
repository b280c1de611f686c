package auth_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
)

const organizationID = "0e9e2dab-2e93-4f24-ba59-38d9f11198ca"

// ofOrganization is a valid token of an organization, with changes.
func ofOrganization(changes set) string {
	all := set{"sub": "client", "scope": absent, "organizationId": organizationID, "role": "m2m-admin"}
	maps.Copy(all, changes)
	return "Bearer " + es256(head(nil), payload(all))
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
		"in capitals":     {set{"organizationId": strings.ToUpper(organizationID)}, of(organizationID, "m2m-admin")},
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
	got, err := f.Authenticate(t.Context(), "Bearer "+es256(head(nil), payload(set{"role": "m2m-admin", "OrganizationId": organizationID})))
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
		"braces": "{" + organizationID + "}", "a URN": "urn:uuid:" + organizationID,
		"no dashes": strings.ReplaceAll(organizationID, "-", ""), "a digit short": organizationID[1:], "a digit more": organizationID + "0",
		"other digits": "g" + organizationID[1:], "a line break after": organizationID + "\n",
		"a space before": " " + organizationID, "an issuer": tenant,
	} {
		// Whatever else the token says, it is not an issuer's.
		refuses("id is "+name, set{"organizationId": id, "sub": tenant, "scope": "d1-api:consumer:full"}, noID)
	}
	for name, role := range map[string]any{
		"missing": absent, "null": nil, "empty": "", "a number": 1, "an array": []string{"m2m"},
		"two": "m2m m2m-admin", "two by comma": "m2m,m2m-admin",
		"capitals": "M2M", "too long": strings.Repeat("a", 33), "with a line break": "m2m\n",
	} {
		refuses("role is "+name, set{"role": role}, noRole)
	}
	refuses("date out of range", set{"iat": -1}, "unauthorized: date out of range")
}

func TestIsOrganization(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		organizationID:                  true,
		strings.ToUpper(organizationID): false,
		organizationID + "0":            false,
		"":                              false,
		tenant:                          false,
	} {
		if interop.IsOrganization(id) != want {
			t.Errorf("%q is an organization: %t", id, !want)
		}
	}
}

// TestRegister is told what tokens say about organizations, and about nobody else.
func TestRegister(t *testing.T) {
	t.Parallel()
	var told []interop.Organization
	var failure error
	f := newRegistering(t, func(_ context.Context, o interop.Organization) error {
		told = append(told, o)
		return failure
	})
	long := strings.Repeat("à", 256)
	for name, tc := range map[string]struct {
		changes set
		want    interop.Organization
	}{
		"nothing": {nil, interop.Organization{ID: organizationID}},
		"a name":  {set{"organization": set{"name": "Comune"}}, interop.Organization{ID: organizationID, Name: "Comune"}},
		"a name among others": {
			set{"organization": set{"name": "Comune", "id": 7, "roles": []string{"x"}}},
			interop.Organization{ID: organizationID, Name: "Comune"},
		},
		"the shortest": {
			set{"organization": set{"name": "C"}, "externalId": set{"origin": "IPA", "value": "c"}},
			interop.Organization{ID: organizationID, Name: "C", Origin: "IPA", Value: "c"},
		},
		"the longest": {
			set{"organization": set{"name": long}, "externalId": set{"origin": long[:128], "value": long}},
			interop.Organization{ID: organizationID, Name: long, Origin: long[:128], Value: long},
		},
		"an external id": {
			set{"externalId": set{"origin": "IPA", "value": "c_1", "other": 1}},
			interop.Organization{ID: organizationID, Origin: "IPA", Value: "c_1"},
		},
	} {
		told = nil
		if _, err := f.Authenticate(t.Context(), ofOrganization(tc.changes)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff([]interop.Organization{tc.want}, told); diff != "" {
			t.Errorf("%s: -want +told\n%s", name, diff)
		}
	}
	told, failure = nil, errors.New("no storage")
	id, err := f.Authenticate(t.Context(), ofOrganization(nil))
	if !errors.Is(err, failure) || errors.Is(err, auth.ErrUnauthorized) || id.Subject != "" || len(told) != 1 {
		t.Errorf("when that fails: %+v, %v", id, err)
	}
	told = nil
	f.accepts(t, "Bearer "+es256(head(nil), payload(set{"organization": set{"name": "C"}})))
	for _, changes := range []set{{"role": absent}, {"exp": start.Unix() - 3600}, {"externalId": nil}} {
		if _, err := f.Authenticate(t.Context(), ofOrganization(changes)); !errors.Is(err, auth.ErrUnauthorized) {
			t.Errorf("%v: %v", changes, err)
		}
	}
	if told != nil {
		t.Errorf("told of others: %v", told)
	}
}

func TestRefusedDescriptions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	long := strings.Repeat("à", 257)
	refuses := func(what string, changes set, want string) {
		t.Helper()
		got, err := f.Authenticate(t.Context(), ofOrganization(changes))
		if !errors.Is(err, auth.ErrUnauthorized) || err.Error() != "unauthorized: "+want || got.Subject != "" {
			t.Errorf("%s: %+v, %v, want %s", what, got, err, want)
		}
	}
	for name, claim := range map[string]any{
		"null": nil, "a text": "Comune", "an array": []string{"Comune"}, "empty": set{},
		"no name": set{"id": "x"}, "an empty name": set{"name": ""},
		"a number": set{"name": 1}, "null in it": set{"name": nil}, "too long": set{"name": long}, "in capitals": set{"Name": "Comune"},
	} {
		refuses("organization is "+name, set{"organization": claim}, "no usable organization name")
	}
	for name, claim := range map[string]any{
		"null": nil, "a text": "IPA", "an array": []string{"IPA", "c_1"}, "empty": set{},
		"no value": set{"origin": "IPA"}, "no origin": set{"value": "c_1"},
		"an empty value": set{"origin": "IPA", "value": ""},
		"a short origin": set{"origin": "IP", "value": "c_1"}, "a long origin": set{"origin": long[:130], "value": "c_1"},
		"a long value": set{"origin": "IPA", "value": long}, "a number": set{"origin": "IPA", "value": 1},
	} {
		refuses("externalId is "+name, set{"externalId": claim}, "no usable external id")
	}
}
