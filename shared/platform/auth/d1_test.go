package auth_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
)

const (
	d1Issuer  = ownIssuer + "/oauth2"
	wrongKind = "wrong kind of caller for this issuer"
	noOrg     = "no usable organization id"
)

// d1Claims is the payload of an access token that the deployment issues to a card
// issuer, with changes.
func d1Claims(changes set) string {
	return object(set{
		"iss": d1Issuer, "aud": audience, "sub": tenant, "scope": "d1-api:consumer:full", "jti": "x",
		"exp": time.Now().Add(time.Minute).Unix(),
	}, changes)
}

// TestThreeIssuers tells tokens of the configured issuer, of the deployment and of
// its token endpoint of D1 apart, whose keys are the same in two.
func TestThreeIssuers(t *testing.T) {
	t.Parallel()
	var told []string
	b := ownFromEnv(t, &told)
	later := time.Now().Add(time.Minute).Unix()
	own := func(changes set) string {
		all := set{"iat": absent, "exp": later}
		maps.Copy(all, changes)
		return ownClaims(all)
	}
	signed := func(payload string) string { return by(keys().rsa, "rsa", payload) }
	for name, tc := range map[string]struct {
		payload string
		want    api.Identity
	}{
		"a card issuer's":        {d1Claims(nil), issuerOf("d1-api:consumer:full")},
		"with two scopes":        {d1Claims(set{"scope": "a b"}), issuerOf("a", "b")},
		"an organization's":      {own(nil), api.Identity{Subject: organizationID, Scopes: []string{"m2m"}, Kind: "organization"}},
		"a role is nothing here": {d1Claims(set{"role": "operator"}), issuerOf("d1-api:consumer:full")},
		"role is nobody's own":   {d1Claims(set{"role": "m2m"}), issuerOf("d1-api:consumer:full")},
	} {
		got, err := b.Authenticate(t.Context(), signed(tc.payload))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	for name, tc := range map[string]struct{ header, reason string }{
		"of D1, for organizations":            {signed(d1Claims(set{"aud": ownAudience})), notHere + audience},
		"of D1, an organization":              {signed(d1Claims(set{"organizationId": organizationID, "role": "m2m-admin"})), wrongKind},
		"of D1, an organization without role": {signed(d1Claims(set{"organizationId": organizationID})), "no usable role"},
		"of D1, no organization":              {signed(d1Claims(set{"organizationId": nil})), noOrg},
		"of D1, an aggregator":                {signed(d1Claims(set{"issuers": []string{tenant, "AAAAAAAAAA"}})), wrongKind},
		"of D1, no issuer":                    {signed(d1Claims(set{"sub": "client"})), noTenants},
		"of D1, expired":                      {signed(d1Claims(set{"exp": later - 3600})), "expired at 20"},
		"of D1, key of a stranger":            {by(ownKey(), "rsa", d1Claims(nil)), unsigned},
		"of D1, unknown key":                  {by(keys().rsa, "other", d1Claims(nil)), unknown},
		"a voucher for D1's audience":         {signed(own(set{"aud": audience})), notHere + ownAudience},
		"a voucher that names a card issuer": {
			signed(own(set{
				"aud": audience, "organizationId": absent, "role": absent, "sub": tenant, "scope": "d1-api:consumer:full",
			})),
			notHere + ownAudience,
		},
		"one for both audiences": {
			signed(own(set{"aud": []string{audience, ownAudience}, "organizationId": absent, "sub": tenant})),
			noOrg,
		},
		"the operator, of the deployment": {signed(own(set{"organizationId": absent, "role": "operator"})), noOrg},
		"D1's with a slash behind":        {signed(d1Claims(set{"iss": d1Issuer + "/"})), "wrong issuer"},
		"D1's of another deployment":      {signed(d1Claims(set{"iss": "https://third.example/oauth2"})), "wrong issuer"},
	} {
		got, err := b.Authenticate(t.Context(), tc.header)
		refused := errors.Is(err, auth.ErrUnauthorized) && strings.HasPrefix(err.Error(), "unauthorized: "+tc.reason)
		if !refused || got.Subject != "" || got.Tenants != nil || got.Kind != "" {
			t.Errorf("%s: got %+v, %v, want %s", name, got, err, tc.reason)
		}
	}
	if len(told) != 1 { // nobody who was not let in
		t.Errorf("told of %v", told)
	}
}

// TestNoIssuerOfItsOwn: where the deployment issues nothing, its token endpoint of D1 is no issuer.
func TestNoIssuerOfItsOwn(t *testing.T) {
	t.Parallel()
	b, err := auth.FromEnv(environment(nil), everybody(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Authenticate(t.Context(), by(keys().rsa, "rsa", d1Claims(nil))); !errors.Is(err, auth.ErrUnauthorized) {
		t.Errorf("without SIGN_ISSUER: %v", err)
	}
}

// TestOperators reads the operator of the platform, who is nobody else.
func TestOperators(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	token := func(changes set) string {
		all := set{"sub": "ops@example", "role": "operator", "scope": absent}
		maps.Copy(all, changes)
		return "Bearer " + es256(head(nil), payload(all))
	}
	operator := func(subject string) api.Identity {
		return api.Identity{Subject: subject, Scopes: []string{"operator"}, Kind: "operator"}
	}
	issuer := api.Identity{Subject: tenant, Tenants: []string{tenant}, Kind: "issuer"}
	scoped := issuer
	scoped.Scopes = []string{"operator"}
	for name, tc := range map[string]struct {
		changes set
		want    api.Identity
	}{
		"an operator":                 {nil, operator("ops@example")},
		"with a scope":                {set{"scope": "d1-api:consumer:full", "scp": 7}, operator("ops@example")},
		"with the id of an issuer":    {set{"sub": tenant}, operator(tenant)},
		"another role":                {set{"sub": tenant, "role": "operators"}, issuer},
		"the role in capitals":        {set{"sub": tenant, "role": "Operator"}, issuer},
		"in a list of roles":          {set{"role": []string{"m2m", "operator"}}, operator("ops@example")},
		"in a list of others":         {set{"sub": tenant, "role": []any{"operators", 7, nil, set{}}}, issuer},
		"among words of a text":       {set{"sub": tenant, "role": "m2m operator"}, issuer},
		"an object of roles":          {set{"sub": tenant, "role": set{"operator": true}}, issuer},
		"roles elsewhere":             {set{"sub": tenant, "role": absent, "roles": "operator", "Role": "operator"}, issuer},
		"an issuer with such a scope": {set{"sub": tenant, "role": absent, "scope": "operator"}, scoped},
		"an organization with that role": {
			set{"organizationId": organizationID},
			api.Identity{Subject: organizationID, Scopes: []string{"operator"}, Kind: "organization"},
		},
	} {
		got, err := f.Authenticate(t.Context(), token(tc.changes))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	for name, tc := range map[string]struct {
		changes set
		reason  string
	}{
		"issuers":           {set{"issuers": []string{tenant}}, "an operator with issuers"},
		"issuers are null":  {set{"issuers": nil}, "an operator with issuers"},
		"no subject":        {set{"sub": absent}, noSubject},
		"an odd subject":    {set{"sub": 7}, noSubject},
		"a subject of two":  {set{"sub": "a b"}, noSubject},
		"no organization":   {set{"organizationId": nil}, noOrg},
		"date out of range": {set{"iat": -1}, badDate},
		"over":              {set{"exp": start.Add(-time.Hour).Unix()}, "expired at 2026-05-04T09:00:00Z, it is 2026-05-04T10:00:00Z"},
	} {
		got, err := f.Authenticate(t.Context(), token(tc.changes))
		if !errors.Is(err, auth.ErrUnauthorized) || err.Error() != "unauthorized: "+tc.reason || got.Subject != "" || got.Scopes != nil {
			t.Errorf("%s: got %+v, %v, want %s", name, got, err, tc.reason)
		}
	}
}
