package tenant

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/problem"
)

// noAttribute refuses an attribute that there is not, or not of that kind. PDND's
// status depends on the operation.
func noAttribute(code problem.Code, attributeID string) error {
	return problem.New(code, "Attribute %s not found", attributeID)
}

// certifies refuses what is not there, an attribute with that code, and attributes
// of other certifiers.
func (f facts) certifies(caller, tenantID, attributeID string, missing problem.Code) error {
	switch {
	case f.attribute == nil:
		return noAttribute(missing, attributeID)
	case f.attribute.Origin != caller:
		return problem.New(interop.NotTheCertifier, "Attribute %s belongs to another certifier", attributeID)
	case f.tenant == nil:
		return notFound(tenantID)
	}
	return nil
}

// assign says that a tenant has a certified attribute.
func assign(caller, tenantID, attributeID string) decision {
	return func(f facts, at string) (*Holding, error) {
		if err := f.certifies(caller, tenantID, attributeID, interop.TenantAttributeNotValid); err != nil {
			return nil, err
		}
		if f.holding != nil && f.holding.RevokedAt == "" {
			return nil, problem.New(interop.CertifiedAlreadyAssigned, "Certified attribute %s is assigned to tenant %s already", attributeID, tenantID)
		}
		return &Holding{AttributeID: attributeID, Kind: attribute.Certified, AssignedAt: at}, nil
	}
}

// unassign says that a tenant no longer has a certified attribute.
func unassign(caller, tenantID, attributeID string) decision {
	return func(f facts, at string) (*Holding, error) {
		if err := f.certifies(caller, tenantID, attributeID, interop.TenantAttributeNotFound); err != nil {
			return nil, err
		}
		switch {
		case f.holding == nil:
			return nil, problem.New(interop.TenantAttributeNotFound, "Certified attribute %s for tenant %s not found", attributeID, tenantID)
		case f.holding.RevokedAt != "":
			return nil, alreadyRevoked(tenantID, attributeID)
		}
		return f.holding.revoked(at), nil
	}
}

// declaredBy refuses others than the tenant itself.
func declaredBy(ctx context.Context, tenantID string) error {
	if interop.Caller(ctx) != tenantID {
		return problem.New(interop.DeclaredByOthers, "Attributes of tenant %s are declared by the tenant itself", tenantID)
	}
	return nil
}

// declare says that a tenant has a declared attribute.
func declare(tenantID, attributeID string) decision {
	return func(f facts, at string) (*Holding, error) {
		switch {
		case f.attribute == nil:
			return nil, noAttribute(interop.TenantAttributeNotFound, attributeID)
		case f.tenant == nil:
			return nil, notFound(tenantID)
		case f.holding != nil && f.holding.RevokedAt == "":
			return f.holding, nil
		}
		return &Holding{AttributeID: attributeID, Kind: attribute.Declared, AssignedAt: at}, nil
	}
}

// undeclare says that a tenant no longer has a declared attribute. Who revokes it
// again changes the date.
func undeclare(tenantID, attributeID string) decision {
	return func(f facts, at string) (*Holding, error) {
		switch {
		case f.holding == nil:
			return nil, problem.New(interop.TenantAttributeNotValid, "Declared attribute %s for tenant %s not found", attributeID, tenantID)
		case f.holding.RevokedAt == at:
			return f.holding, nil
		}
		return f.holding.revoked(at), nil
	}
}
