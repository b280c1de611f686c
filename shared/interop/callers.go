package interop

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/form"
)

// Organization is what a token says about the organization that it identifies. What the
// token leaves out is empty; an external id has both parts or none.
type Organization struct {
	ID     string // a UUID in lower case
	Name   string
	Origin string // the registry that has given the external id, for example IPA
	Value  string // the external id
}

// Register records an organization. It is called before a caller is let in; when it fails,
// the caller is not.
type Register func(context.Context, Organization) error

// Names of the claims of an organization's token.
const (
	ClaimOrganizationID = "organizationId"
	ClaimRole           = "role"
	ClaimOrganization   = "organization"
	ClaimExternalID     = "externalId"
	ClaimClientID       = "client_id"
	ClaimAdminID        = "adminId"
)

// Settings of the issuer that a deployment is for organizations.
const settingOwnAudience = "SIGN_AUDIENCE"

// IsOrganization tells whether id has the form of an organization's id, a UUID in lower
// case, in which identifiers are stored.
func IsOrganization(id string) bool { return form.IsLowerUUID(id) }

// IsOrganizationName tells whether an organization may have that name, of 1 to 256
// characters.
func IsOrganizationName(name string) bool { return hasLength(name, 1, 256) }

// IsExternalID tells whether an organization may have that id in the registry origin, of
// 3 to 64 characters for the registry and 1 to 256 for the id.
func IsExternalID(origin, value string) bool {
	return hasLength(origin, 3, 64) && hasLength(value, 1, 256)
}

func hasLength(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return least <= n && n <= most
}

// Callers are the callers of the product: organizations. register is called with each of
// them before a request goes on; nil records nothing.
func Callers(register Register) claims.Callers {
	organizations := claims.Kind{
		Name: KindOrganization, Word: "organizations",
		Claims: []string{ClaimOrganizationID, ClaimRole, ClaimOrganization, ClaimExternalID, ClaimClientID, ClaimAdminID},
		Marks:  func(s claims.Set) bool { return s.Has(ClaimOrganizationID) },
		Identify: func(s claims.Set) (api.Identity, error) {
			o, err := organizationOf(s)
			return api.Identity{
				Subject: o.ID, Scopes: []string{s.Text(ClaimRole)}, Kind: KindOrganization,
				Client: idOf(s, ClaimClientID), User: idOf(s, ClaimAdminID),
			}, err
		},
	}
	if register != nil {
		organizations.Admit = func(ctx context.Context, s claims.Set) error {
			o, err := organizationOf(s)
			if err != nil {
				return err
			}
			if err := register(ctx, o); err != nil {
				return fmt.Errorf("register the organization: %w", err)
			}
			return nil
		}
	}
	return claims.Callers{
		Kinds: []claims.Kind{organizations},
		Own:   []claims.Own{{Audience: settingOwnAudience, Kind: KindOrganization}},
	}
}

// idOf returns a claim that is an id of the deployment, "" for another or none: issuers have
// ids of their own for clients.
func idOf(s claims.Set, name string) string {
	if id := strings.ToLower(s.Text(name)); IsOrganization(id) {
		return id
	}
	return ""
}

// organizationOf reads the claims of a PDND token: an organization, the role of its client,
// and optionally its name and its external id.
func organizationOf(s claims.Set) (Organization, error) {
	o := Organization{ID: strings.ToLower(s.Text(ClaimOrganizationID))} // tokens may have it in any case
	if !IsOrganization(o.ID) {
		return o, claims.Refuse("no usable organization id")
	}
	if !form.Is(s.Text(ClaimRole), 1, 32, form.Lower+form.Digits+"-") {
		return o, claims.Refuse("no usable role")
	}
	if s.Has(ClaimOrganization) {
		if o.Name = s.Member(ClaimOrganization, "name"); !IsOrganizationName(o.Name) {
			return o, claims.Refuse("no usable organization name")
		}
	}
	if s.Has(ClaimExternalID) {
		o.Origin = s.Member(ClaimExternalID, "origin")
		o.Value = s.Member(ClaimExternalID, "value")
		if !IsExternalID(o.Origin, o.Value) {
			return o, claims.Refuse("no usable external id")
		}
	}
	return o, nil
}
