package tenant

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Operations lists the operations on tenants and what they own.
func Operations() []api.Op {
	return []api.Op{
		List, Get,
		ListCertified, AssignCertified, RevokeCertified,
		ListDeclared, Declare, RevokeDeclared,
		ListVerified, ListVerifiers, ListRevokers,
	}
}

const (
	tenantsPath   = "/tenants"
	tenantPath    = tenantsPath + "/{tenantId}"
	certifiedPath = tenantPath + "/certifiedAttributes"
	declaredPath  = tenantPath + "/declaredAttributes"
	verifiedPath  = tenantPath + "/verifiedAttributes"
	attributePart = "/{attributeId}"

	tag = "Tenants"
)

// List lists tenants.
var List = api.Operation[Store, ListInput, ListOutput[View]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/list", OperationID: "getTenants", Method: http.MethodGet, Path: tenantsPath, Tag: tag,
			Summary:     "List tenants",
			Description: "The organizations that are registered, by name. With a code, those that have it.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.TaxCodeAndIPACodeConflict},
			Access:   interop.Access("BatchGetItem", "Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*ListOutput[View], error) {
		page, pagination, err := s.list(ctx, in)
		if err != nil {
			return nil, err
		}
		return pageOutput(page, pagination, (*Tenant).View), nil
	},
}

// Get reads a tenant.
var Get = api.Operation[Store, GetInput, Output[View]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/get", OperationID: "getTenant", Method: http.MethodGet, Path: tenantPath, Tag: tag,
			Summary:     "Get a tenant",
			Description: "An organization that is registered: by its first call, or by its first user.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.TenantNotFound},
			Access:   interop.Access(),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *GetInput) (*Output[View], error) {
		t, err := s.get(ctx, in.TenantID)
		if err != nil {
			return nil, err
		}
		return &Output[View]{Body: t.View()}, nil
	},
}

// ListCertified lists the certified attributes of a tenant.
var ListCertified = api.Operation[Store, AttributesInput, ListOutput[AttributeView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/list-certified-attributes", OperationID: "getTenantCertifiedAttributes",
			Method: http.MethodGet, Path: certifiedPath, Tag: tag,
			Summary:     "List the certified attributes of a tenant",
			Description: "The attributes that certifiers assigned to the tenant, including revoked ones, oldest first.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.TenantNotFound},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AttributesInput) (*ListOutput[AttributeView], error) {
		all, err := s.holdings(ctx, in.TenantID, holdingPrefix(attribute.Certified))
		if err != nil {
			return nil, err
		}
		return paged(in.Paged, all, (*Holding).view), nil
	},
}

// ListDeclared lists the declared attributes of a tenant.
var ListDeclared = api.Operation[Store, DeclaredInput, ListOutput[AttributeView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/list-declared-attributes", OperationID: "getTenantDeclaredAttributes",
			Method: http.MethodGet, Path: declaredPath, Tag: tag,
			Summary:     "List the declared attributes of a tenant",
			Description: "The attributes that the tenant declared, including revoked ones, oldest first.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.TenantNotFound},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DeclaredInput) (*ListOutput[AttributeView], error) {
		all, err := s.holdings(ctx, in.TenantID, holdingPrefix(attribute.Declared))
		if err != nil {
			return nil, err
		}
		if in.DelegationID != "" {
			all = nil // delegations are not offered
		}
		return paged(in.Paged, all, (*Holding).view), nil
	},
}

// ListVerified lists the verified attributes of a tenant.
var ListVerified = api.Operation[Store, AttributesInput, ListOutput[VerifiedView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/list-verified-attributes", OperationID: "getTenantVerifiedAttributes",
			Method: http.MethodGet, Path: verifiedPath, Tag: tag,
			Summary:     "List the verified attributes of a tenant",
			Description: "The attributes of the tenant that were verified, including those that expired or were revoked, oldest first.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.TenantNotFound},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AttributesInput) (*ListOutput[VerifiedView], error) {
		all, err := s.verified(ctx, in.TenantID)
		if err != nil {
			return nil, err
		}
		return paged(in.Paged, all, func(v VerifiedView) VerifiedView { return v }), nil
	},
}

// ListVerifiers lists the verifications of an attribute of a tenant.
var ListVerifiers = api.Operation[Store, VerificationsInput, ListOutput[VerifierView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/list-verifiers", OperationID: "getTenantVerifiedAttributeVerifiers",
			Method: http.MethodGet, Path: verifiedPath + attributePart + "/verifiers", Tag: tag,
			Summary: "List the verifiers of an attribute",
			Description: "The organizations that verified an attribute of the tenant and have not revoked that, " +
				"including verifications that expired, oldest first.",
			Product: interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.TenantVerifiedNotFound, interop.TenantNotFound},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VerificationsInput) (*ListOutput[VerifierView], error) {
		all, err := s.verifications(ctx, in, false)
		if err != nil {
			return nil, err
		}
		return paged(in.Paged, all, (*Holding).verifier), nil
	},
}

// ListRevokers lists the revoked verifications of an attribute of a tenant.
var ListRevokers = api.Operation[Store, VerificationsInput, ListOutput[RevokerView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/list-revokers", OperationID: "getTenantVerifiedAttributeRevokers",
			Method: http.MethodGet, Path: verifiedPath + attributePart + "/revokers", Tag: tag,
			Summary:     "List the revokers of an attribute",
			Description: "The organizations that verified an attribute of the tenant and revoked that, oldest first.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
			Problems: []problem.Code{interop.TenantVerifiedNotFound, interop.TenantNotFound},
			Access:   interop.Access("Query"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VerificationsInput) (*ListOutput[RevokerView], error) {
		all, err := s.verifications(ctx, in, true)
		if err != nil {
			return nil, err
		}
		return paged(in.Paged, all, (*Holding).revoker), nil
	},
}

// AssignCertified assigns a certified attribute to a tenant.
var AssignCertified = api.Operation[Store, AssignInput, Output[AttributeView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/assign-certified-attribute", OperationID: "assignTenantCertifiedAttribute",
			Method: http.MethodPost, Path: certifiedPath, Tag: tag,
			Summary:     "Assign a certified attribute",
			Description: "Assigns a certified attribute of the caller to the tenant, also when it was revoked before.",
			Product:     interop.Product, Scopes: interop.Certifiers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.TenantNotACertifier, interop.NotTheCertifier, interop.TenantAttributeNotValid, interop.TenantNotFound,
				interop.CertifiedAlreadyAssigned,
			},
			Access: interop.Access("BatchGetItem", "PutItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AssignInput) (*Output[AttributeView], error) {
		decide := assign(interop.Caller(ctx), in.TenantID, in.Body.ID)
		return attributeOutput(s.change(ctx, in.TenantID, in.Body.ID, attribute.Certified, decide))
	},
}

// RevokeCertified revokes a certified attribute of a tenant.
var RevokeCertified = api.Operation[Store, AttributeInput, Output[AttributeView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/revoke-certified-attribute", OperationID: "revokeTenantCertifiedAttribute",
			Method: http.MethodDelete, Path: certifiedPath + attributePart, Tag: tag,
			Summary:     "Revoke a certified attribute",
			Description: "Revokes a certified attribute of the caller that the tenant has.",
			Product:     interop.Product, Scopes: interop.Certifiers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.TenantNotACertifier, interop.NotTheCertifier, interop.TenantAttributeNotFound, interop.TenantNotFound,
				interop.AttributeAlreadyRevoked,
			},
			Access: interop.Access("BatchGetItem", "PutItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AttributeInput) (*Output[AttributeView], error) {
		decide := revokeCertified(interop.Caller(ctx), in.TenantID, in.AttributeID)
		return attributeOutput(s.change(ctx, in.TenantID, in.AttributeID, attribute.Certified, decide))
	},
}

// Declare declares an attribute of the caller.
var Declare = api.Operation[Store, DeclareInput, Output[AttributeView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/declare-attribute", OperationID: "assignTenantDeclaredAttribute",
			Method: http.MethodPost, Path: declaredPath, Tag: tag,
			Summary:     "Declare an attribute",
			Description: "Declares that the caller, which is the tenant, has an attribute. Repeating it changes nothing.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.DelegationNotFound, interop.DeclaredByOthers, interop.TenantAttributeNotFound, interop.TenantNotFound,
			},
			Access: interop.Access("BatchGetItem", "PutItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DeclareInput) (*Output[AttributeView], error) {
		if err := interop.NoDelegation(in.Body.DelegationID); err != nil {
			return nil, err
		}
		if err := requireTenant(ctx, in.TenantID); err != nil {
			return nil, err
		}
		decide := declare(in.TenantID, in.Body.ID)
		return attributeOutput(s.change(ctx, in.TenantID, in.Body.ID, attribute.Declared, decide))
	},
}

// RevokeDeclared revokes a declared attribute of the caller.
var RevokeDeclared = api.Operation[Store, AttributeInput, Output[AttributeView]]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/revoke-declared-attribute", OperationID: "revokeTenantDeclaredAttribute",
			Method: http.MethodDelete, Path: declaredPath + attributePart, Tag: tag,
			Summary:     "Revoke a declared attribute",
			Description: "Revokes a declared attribute of the caller, which is the tenant. Repeating it moves the date of the revocation.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{interop.DeclaredByOthers, interop.TenantAttributeNotValid},
			Access:   interop.Access("BatchGetItem", "PutItem", "UpdateItem"),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AttributeInput) (*Output[AttributeView], error) {
		if err := requireTenant(ctx, in.TenantID); err != nil {
			return nil, err
		}
		decide := revokeDeclared(in.TenantID, in.AttributeID)
		return attributeOutput(s.change(ctx, in.TenantID, in.AttributeID, attribute.Declared, decide))
	},
}

// attributeOutput answers a holding.
func attributeOutput(h *Holding, err error) (*Output[AttributeView], error) {
	if err != nil {
		return nil, err
	}
	return &Output[AttributeView]{Body: h.view()}, nil
}
