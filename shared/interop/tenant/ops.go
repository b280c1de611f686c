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
	ofAttribute   = "/{attributeId}"

	tag = "Tenants"
)

// List lists tenants.
var List = api.Operation[Store, ListInput, ListOutput[View]]{
	Spec: func() api.Spec {
		return interop.Reading("tenant/list", tenantsPath, tag, "List tenants",
			"The organizations that have called, by name; with a code those that have it.", []string{"Query"}, interop.TaxCodeAndIPACodeConflict)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ListInput) (*ListOutput[View], error) {
		all, err := s.list(ctx, in)
		if err != nil {
			return nil, err
		}
		return paged(in.Paged, all, (*Tenant).view), nil
	},
}

// Get reads a tenant.
var Get = api.Operation[Store, GetInput, Output[View]]{
	Spec: func() api.Spec {
		return interop.Reading("tenant/get", tenantPath, tag, "Get a tenant", "An organization that has called.", nil, interop.TenantNotFound)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *GetInput) (*Output[View], error) {
		t, err := s.get(ctx, in.TenantID)
		if err != nil {
			return nil, err
		}
		return &Output[View]{Body: t.view()}, nil
	},
}

// listing is the Spec of a list of what there is about a tenant's attributes, which
// are looked for before the tenant is.
func listing(id, path, summary, description string, problems ...problem.Code) api.Spec {
	return interop.Reading(id, path, tag, summary, description, []string{"Query"}, append(problems, interop.TenantNotFound)...)
}

// ListCertified lists the certified attributes of a tenant.
var ListCertified = api.Operation[Store, AttributesInput, ListOutput[AttributeView]]{
	Spec: func() api.Spec {
		return listing("tenant/list-certified-attributes", certifiedPath, "List the certified attributes of a tenant",
			"What certifiers assigned to the tenant, also what they revoked, oldest first.")
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
		return listing("tenant/list-declared-attributes", declaredPath, "List the declared attributes of a tenant",
			"What the tenant declared, also what it revoked, oldest first.")
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DeclaredInput) (*ListOutput[AttributeView], error) {
		all, err := s.holdings(ctx, in.TenantID, holdingPrefix(attribute.Declared))
		if err != nil {
			return nil, err
		}
		if in.DelegationID != "" {
			all = nil // nothing is declared through a delegation
		}
		return paged(in.Paged, all, (*Holding).view), nil
	},
}

// ListVerified lists the verified attributes of a tenant.
var ListVerified = api.Operation[Store, AttributesInput, ListOutput[VerifiedView]]{
	Spec: func() api.Spec {
		return listing("tenant/list-verified-attributes", verifiedPath, "List the verified attributes of a tenant",
			"What somebody verified of the tenant, also what expired or was revoked, oldest first.")
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

// ListVerifiers lists who vouches for an attribute of a tenant.
var ListVerifiers = api.Made{By: func() api.Op {
	return verifications("tenant/list-verifiers", "/verifiers", "List the verifiers of an attribute",
		"Who verified an attribute of the tenant and has not revoked that, also when it expired, oldest first.", false, (*Holding).verifier)
}}

// ListRevokers lists who no longer vouches for an attribute of a tenant.
var ListRevokers = api.Made{By: func() api.Op {
	return verifications("tenant/list-revokers", "/revokers", "List the revokers of an attribute",
		"Who verified an attribute of the tenant and revoked that, oldest first.", true, (*Holding).revoker)
}}

func verifications[V any](id, path, summary, description string, revoked bool, show func(*Holding) V) api.Operation[Store, VerificationsInput, ListOutput[V]] {
	return api.Operation[Store, VerificationsInput, ListOutput[V]]{
		Spec: func() api.Spec {
			return listing(id, verifiedPath+ofAttribute+path, summary, description, interop.TenantVerifiedNotFound)
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *VerificationsInput) (*ListOutput[V], error) {
			all, err := s.verifications(ctx, in, revoked)
			if err != nil {
				return nil, err
			}
			return paged(in.Paged, all, show), nil
		},
	}
}

// changing is the Spec of an operation that changes what a tenant owns.
func changing(id, method, path, summary, description string, roles []string, problems ...problem.Code) api.Spec {
	s := interop.Writing(id, method, path, tag, summary, description, []string{"BatchGetItem", "PutItem", "UpdateItem"}, problems...)
	s.Scopes = roles
	return s
}

// AssignCertified assigns a certified attribute to a tenant.
var AssignCertified = api.Operation[Store, AssignInput, Output[AttributeView]]{
	Spec: func() api.Spec {
		return changing("tenant/assign-certified-attribute", http.MethodPost, certifiedPath, "Assign a certified attribute",
			"Says that the tenant has a certified attribute of the caller's, also when that was revoked before.", interop.Certifiers,
			interop.TenantNotACertifier, interop.NotTheCertifier, interop.TenantAttributeNotValid, interop.TenantNotFound, interop.CertifiedAlreadyAssigned)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AssignInput) (*Output[AttributeView], error) {
		return s.changing(ctx, in.TenantID, in.Body.ID, attribute.Certified, assign(interop.Caller(ctx), in.TenantID, in.Body.ID))
	},
}

// RevokeCertified revokes a certified attribute of a tenant.
var RevokeCertified = api.Operation[Store, AttributeInput, Output[AttributeView]]{
	Spec: func() api.Spec {
		return changing("tenant/revoke-certified-attribute", http.MethodDelete, certifiedPath+ofAttribute, "Revoke a certified attribute",
			"Says that the tenant no longer has a certified attribute of the caller's.", interop.Certifiers,
			interop.TenantNotACertifier, interop.NotTheCertifier, interop.TenantAttributeNotFound, interop.TenantNotFound, interop.AttributeAlreadyRevoked)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AttributeInput) (*Output[AttributeView], error) {
		return s.changing(ctx, in.TenantID, in.AttributeID, attribute.Certified, unassign(interop.Caller(ctx), in.TenantID, in.AttributeID))
	},
}

// Declare declares an attribute of the caller.
var Declare = api.Operation[Store, DeclareInput, Output[AttributeView]]{
	Spec: func() api.Spec {
		return changing("tenant/declare-attribute", http.MethodPost, declaredPath, "Declare an attribute",
			"Says that the caller, which is the tenant, has a declared attribute; where it has, nothing changes.", interop.Writers,
			interop.DelegationNotFound, interop.DeclaredByOthers, interop.TenantAttributeNotFound, interop.TenantNotFound)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *DeclareInput) (*Output[AttributeView], error) {
		if err := interop.NoDelegation(in.Body.DelegationID); err != nil {
			return nil, err
		}
		if err := declaredBy(ctx, in.TenantID); err != nil {
			return nil, err
		}
		return s.changing(ctx, in.TenantID, in.Body.ID, attribute.Declared, declare(in.TenantID, in.Body.ID))
	},
}

// RevokeDeclared revokes a declared attribute of the caller.
var RevokeDeclared = api.Operation[Store, AttributeInput, Output[AttributeView]]{
	Spec: func() api.Spec {
		return changing("tenant/revoke-declared-attribute", http.MethodDelete, declaredPath+ofAttribute, "Revoke a declared attribute",
			"Says that the caller, which is the tenant, no longer has a declared attribute; where it has been revoked, that is so from now on.", interop.Writers,
			interop.DeclaredByOthers, interop.TenantAttributeNotValid)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AttributeInput) (*Output[AttributeView], error) {
		if err := declaredBy(ctx, in.TenantID); err != nil {
			return nil, err
		}
		return s.changing(ctx, in.TenantID, in.AttributeID, attribute.Declared, undeclare(in.TenantID, in.AttributeID))
	},
}

func (s *Store) changing(ctx context.Context, tenantID, attributeID string, kind attribute.Kind, decide decision) (*Output[AttributeView], error) {
	h, err := s.change(ctx, tenantID, attributeID, kind, decide)
	if err != nil {
		return nil, err
	}
	return &Output[AttributeView]{Body: h.view()}, nil
}
