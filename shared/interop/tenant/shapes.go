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

// ListInput asks for a page of the tenants that match; without a code all do.
type ListInput struct {
	IPACode string `query:"IPACode" doc:"With this external id in IPA"`
	TaxCode string `query:"taxCode" doc:"With this external id in any registry, IPA too"`
	interop.Paged
	api.Correlated
}

// AttributesInput asks for a page of a tenant's attributes.
type AttributesInput struct {
	TenantPath
	interop.Paged
}

// DeclaredInput asks for a page of what a tenant declared.
type DeclaredInput struct {
	TenantPath
	DelegationID string `query:"delegationId" format:"uuid" doc:"Declared through this delegation, which nothing is"`
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

// DeclareInput is an attribute that a tenant says it has.
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

// VerificationsInput asks for a page of the verifications of an attribute.
type VerificationsInput struct {
	AttributePath
	interop.Paged
}

// View is a tenant as clients read it (PDND, Tenant).
type View struct {
	ID         string       `json:"id" format:"uuid" doc:"Id of the organization"`
	ExternalID ExternalView `json:"externalId"`
	CreatedAt  string       `json:"createdAt" format:"date-time" doc:"When it called first"`
	UpdatedAt  string       `json:"updatedAt,omitempty" format:"date-time" doc:"When its name or external id changed last"`
	Name       string       `json:"name" doc:"Name"`
}

// ExternalView is the id of an organization in a registry outside (PDND, ExternalId).
type ExternalView struct {
	Origin string `json:"origin" minLength:"3" maxLength:"64" doc:"The registry"`
	Value  string `json:"value" doc:"The id there"`
}

func (t *Tenant) view() View {
	return View{ID: t.ID, ExternalID: ExternalView(t.ExternalID), CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Name: t.Name}
}

// AttributeView is a certified or declared attribute of a tenant as clients read it
// (PDND, TenantCertifiedAttribute and TenantDeclaredAttribute).
type AttributeView struct {
	ID         string `json:"id" format:"uuid" doc:"Id of the attribute"`
	AssignedAt string `json:"assignedAt" format:"date-time" doc:"When it was assigned or declared last"`
	RevokedAt  string `json:"revokedAt,omitempty" format:"date-time" doc:"Since when it is revoked"`
}

func (h *Holding) view() AttributeView {
	return AttributeView{ID: h.AttributeID, AssignedAt: h.AssignedAt, RevokedAt: h.RevokedAt}
}

// VerifiedView is a verified attribute of a tenant as clients read it (PDND,
// TenantVerifiedAttribute).
type VerifiedView struct {
	ID         string `json:"id" format:"uuid" doc:"Id of the attribute"`
	AssignedAt string `json:"assignedAt" format:"date-time" doc:"The earliest verification"`
}

// VerifierView is who vouches for an attribute (PDND, TenantVerifiedAttributeVerifier).
type VerifierView struct {
	ID         string `json:"id" format:"uuid" doc:"Id of the verifier"`
	VerifiedAt string `json:"verifiedAt" format:"date-time" doc:"When it verified the attribute last"`
	ExpiresAt  string `json:"expiresAt,omitempty" format:"date-time" doc:"Until when that holds"`
}

func (h *Holding) verifier() VerifierView {
	return VerifierView{ID: h.VerifierID, VerifiedAt: h.AssignedAt, ExpiresAt: h.ExpiresAt}
}

// RevokerView is who no longer vouches for an attribute (PDND,
// TenantVerifiedAttributeRevoker).
type RevokerView struct {
	VerifierView
	RevokedAt string `json:"revokedAt" format:"date-time" doc:"When it took the verification back"`
}

func (h *Holding) revoker() RevokerView {
	return RevokerView{VerifierView: h.verifier(), RevokedAt: h.RevokedAt}
}

// Output is a tenant, or an attribute of one.
type Output[V any] struct{ Body V }

// ListOutput is a page of tenants, or of what there is about the attributes of one.
type ListOutput[V any] struct {
	Body struct {
		Results    []V                `json:"results" nullable:"false"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// paged is the part of a list that was asked for, as show shows it.
func paged[T, V any](p interop.Paged, all []T, show func(T) V) *ListOutput[V] {
	page, pagination := interop.Page(p, all)
	out := &ListOutput[V]{}
	out.Body.Pagination, out.Body.Results = pagination, make([]V, len(page))
	for i, one := range page {
		out.Body.Results[i] = show(one)
	}
	return out
}
