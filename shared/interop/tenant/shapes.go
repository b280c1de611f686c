package tenant

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// TenantPath is embedded by the inputs that name a tenant in their path.
type TenantPath struct {
	TenantID string `path:"tenantId" format:"uuid" doc:"Id of the tenant"`
	api.Correlated
}

// AttributePath is embedded by the inputs that name an attribute of a tenant.
type AttributePath struct {
	TenantPath
	AttributeID string `path:"attributeId" format:"uuid" doc:"Id of the attribute"`
}

// GetInput names a tenant.
type GetInput struct{ TenantPath }

// ListInput selects a page of the tenants that match; without a code all match.
type ListInput struct {
	IPACode string `query:"IPACode" doc:"With this external id in IPA"`
	TaxCode string `query:"taxCode" doc:"With this external id in any registry, IPA too"`
	interop.Paged
	api.Correlated
}

// AttributesInput selects a page of a tenant's attributes.
type AttributesInput struct {
	TenantPath
	interop.Paged
}

// DeclaredInput selects a page of what a tenant declared.
type DeclaredInput struct {
	TenantPath
	DelegationID string `query:"delegationId" format:"uuid" doc:"Declared through this delegation; delegations are not offered"`
	interop.Paged
}

// AssignInput is a certified attribute for a tenant.
type AssignInput struct {
	TenantPath
	Body struct {
		_  struct{} `json:"-" additionalProperties:"false"`
		ID string   `json:"id" format:"uuid" doc:"Id of the attribute"`
	}
}

// DeclareInput is an attribute that a tenant declares.
type DeclareInput struct {
	TenantPath
	Body struct {
		_            struct{} `json:"-" additionalProperties:"false"`
		ID           string   `json:"id" format:"uuid" doc:"Id of the attribute"`
		DelegationID string   `json:"delegationId,omitempty" format:"uuid" doc:"Refused: delegations are not offered"`
	}
}

// AttributeInput names an attribute of a tenant.
type AttributeInput struct{ AttributePath }

// VerificationsInput selects a page of the verifications of an attribute.
type VerificationsInput struct {
	AttributePath
	interop.Paged
}

// View is a tenant in answers (PDND, Tenant).
type View struct {
	ID         string       `json:"id" format:"uuid" doc:"Id of the organization"`
	ExternalID ExternalView `json:"externalId"`
	CreatedAt  string       `json:"createdAt" format:"date-time" doc:"When it was registered"`
	UpdatedAt  string       `json:"updatedAt,omitempty" format:"date-time" doc:"When something of it last changed"`
	Name       string       `json:"name" doc:"Name"`

	Kind        string `json:"kind,omitempty" enum:"PA,PRIVATE,GSP,SCP" doc:"Public administration, private, provider of public services or company controlled by a public body"`
	OnboardedAt string `json:"onboardedAt,omitempty" format:"date-time" doc:"When it was onboarded; without, its users are not known"`
	SubUnitType string `json:"subUnitType,omitempty" enum:"AOO,UO" doc:"The part of a public body that it is"`
	// PDND declares the next one and never answers it.
	SelfcareInstitutionType string `json:"selfcareInstitutionType,omitempty" doc:"Its type in Self Care"`
}

// ExternalView is the id of an organization in an external registry (PDND, ExternalId).
type ExternalView struct {
	Origin string `json:"origin" minLength:"3" maxLength:"64" doc:"The registry"`
	Value  string `json:"value" doc:"The id there"`
}

// View returns the tenant as answers show it.
func (t *Tenant) View() View {
	return View{
		ID: t.ID, ExternalID: ExternalView(t.ExternalID), CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Name: t.Name,
		Kind: t.Kind, OnboardedAt: t.OnboardedAt, SubUnitType: t.SubUnitType, SelfcareInstitutionType: t.SelfcareInstitutionType,
	}
}

// AttributeView is a certified or declared attribute of a tenant in answers (PDND,
// TenantCertifiedAttribute and TenantDeclaredAttribute).
type AttributeView struct {
	ID         string `json:"id" format:"uuid" doc:"Id of the attribute"`
	AssignedAt string `json:"assignedAt" format:"date-time" doc:"When it was last assigned or declared"`
	RevokedAt  string `json:"revokedAt,omitempty" format:"date-time" doc:"When it was revoked"`
}

func (h *Holding) view() AttributeView {
	return AttributeView{ID: h.AttributeID, AssignedAt: h.AssignedAt, RevokedAt: h.RevokedAt}
}

// VerifiedView is a verified attribute of a tenant in answers (PDND,
// TenantVerifiedAttribute).
type VerifiedView struct {
	ID         string `json:"id" format:"uuid" doc:"Id of the attribute"`
	AssignedAt string `json:"assignedAt" format:"date-time" doc:"The earliest verification"`
}

// VerifierView is a verifier of an attribute (PDND, TenantVerifiedAttributeVerifier).
type VerifierView struct {
	ID         string `json:"id" format:"uuid" doc:"Id of the verifier"`
	VerifiedAt string `json:"verifiedAt" format:"date-time" doc:"When it last verified the attribute"`
	ExpiresAt  string `json:"expiresAt,omitempty" format:"date-time" doc:"When the verification expires"`
}

func (h *Holding) verifier() VerifierView {
	return VerifierView{ID: h.VerifierID, VerifiedAt: h.AssignedAt, ExpiresAt: h.ExpiresAt}
}

// RevokerView is a verifier that revoked its verification (PDND,
// TenantVerifiedAttributeRevoker).
type RevokerView struct {
	VerifierView
	RevokedAt string `json:"revokedAt" format:"date-time" doc:"When it revoked the verification"`
}

func (h *Holding) revoker() RevokerView {
	return RevokerView{VerifierView: h.verifier(), RevokedAt: h.RevokedAt}
}

// Output is a tenant, or an attribute of one.
type Output[V any] struct{ Body V }

// ListOutput is a page of tenants, or of records about the attributes of one.
type ListOutput[V any] struct {
	Body struct {
		Results    []V                `json:"results" nullable:"false"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// paged returns the page of a list that p selects; show makes the views.
func paged[T, V any](p interop.Paged, all []T, show func(T) V) *ListOutput[V] {
	page, pagination := interop.Page(p, all)
	return pageOutput(page, pagination, show)
}

// pageOutput returns a page, each entry as show returns it.
func pageOutput[T, V any](page []T, pagination interop.Pagination, show func(T) V) *ListOutput[V] {
	out := &ListOutput[V]{}
	out.Body.Pagination = pagination
	out.Body.Results = make([]V, len(page))
	for i, one := range page {
		out.Body.Results[i] = show(one)
	}
	return out
}
