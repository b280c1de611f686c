package tenant

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// snapshot is what a change of a tenant's attribute is decided on. Records that do not
// exist are nil.
type snapshot struct {
	holding   *Holding
	tenant    *Tenant
	attribute *attribute.Attribute // of the kind in question
	at        string               // the time of the change, as table.Stamp writes it
}

// decision returns what becomes of the holding of a snapshot, or the problem that
// refuses the action. It is pure. The same holding means that nothing changes.
type decision func(snapshot) (*Holding, error)

// change decides on what a tenant has of an attribute and writes the difference.
func (s *Store) change(ctx context.Context, tenantID, attributeID string, kind attribute.Kind, decide decision) (*Holding, error) {
	var last snapshot
	return change.Do(ctx, s.db, change.Change[snapshot, *Holding]{
		Read: func(ctx context.Context, r change.Round) (snapshot, error) {
			var err error
			if item, refused := r.Item(LabelHolding); refused { // attribute and tenant stay as they are
				last.holding, err = table.As[Holding](item)
			} else {
				last, err = s.snapshot(ctx, tenantID, attributeID, kind)
			}
			last.at = table.Stamp(s.now())
			return last, err
		},
		Decide: decide,
		Steps: func(before snapshot, after *Holding) ([]table.Step, error) {
			if after == before.holding {
				return nil, nil
			}
			return holdingSteps(tenantID, before.holding, after), nil
		},
	})
}

// snapshot reads the records about an attribute of a kind in one call.
func (s *Store) snapshot(ctx context.Context, tenantID, attributeID string, kind attribute.Kind) (snapshot, error) {
	var found snapshot
	items, err := s.db.BatchGet(ctx, []table.Key{
		attribute.Key(attributeID), Key(tenantID), holdingKey(tenantID, &Holding{Kind: kind, AttributeID: attributeID}),
	})
	if err != nil {
		return found, err
	}
	if found.attribute, err = table.As[attribute.Attribute](items[0]); err != nil {
		return found, err
	}
	if found.attribute != nil && found.attribute.Kind != kind {
		found.attribute = nil
	}
	if found.tenant, err = table.As[Tenant](items[1]); err != nil {
		return found, err
	}
	found.holding, err = table.As[Holding](items[2])
	return found, err
}

// checkCertifier returns a problem unless the attribute exists, the caller is its
// certifier and the tenant exists. missing is the code of an unknown attribute.
func (s snapshot) checkCertifier(caller, tenantID, attributeID string, missing problem.Code) error {
	switch {
	case s.attribute == nil:
		return attributeNotFound(missing, attributeID)
	case s.attribute.Origin != caller:
		return problem.New(interop.NotTheCertifier, "Attribute %s belongs to another certifier", attributeID)
	case s.tenant == nil:
		return notFound(tenantID)
	}
	return nil
}

// attributeNotFound returns the problem of an attribute that is not in the registry, or
// is of another kind. PDND's status depends on the operation.
func attributeNotFound(code problem.Code, attributeID string) error {
	return problem.New(code, "Attribute %s not found", attributeID)
}

// assign gives a tenant a certified attribute.
func assign(caller, tenantID, attributeID string) decision {
	return func(before snapshot) (*Holding, error) {
		if err := before.checkCertifier(caller, tenantID, attributeID, interop.TenantAttributeNotValid); err != nil {
			return nil, err
		}
		if before.holding != nil && before.holding.RevokedAt == "" {
			return nil, problem.New(interop.CertifiedAlreadyAssigned,
				"Certified attribute %s is assigned to tenant %s already", attributeID, tenantID)
		}
		return &Holding{AttributeID: attributeID, Kind: attribute.Certified, AssignedAt: before.at}, nil
	}
}

// revokeCertified takes a certified attribute from a tenant.
func revokeCertified(caller, tenantID, attributeID string) decision {
	return func(before snapshot) (*Holding, error) {
		if err := before.checkCertifier(caller, tenantID, attributeID, interop.TenantAttributeNotFound); err != nil {
			return nil, err
		}
		switch {
		case before.holding == nil:
			return nil, problem.New(interop.TenantAttributeNotFound,
				"Certified attribute %s for tenant %s not found", attributeID, tenantID)
		case before.holding.RevokedAt != "":
			return nil, alreadyRevoked(tenantID, attributeID)
		}
		return before.holding.withRevocation(before.at), nil
	}
}

// requireTenant returns DeclaredByOthers unless the caller is the tenant.
func requireTenant(ctx context.Context, tenantID string) error {
	if interop.Caller(ctx) != tenantID {
		return problem.New(interop.DeclaredByOthers, "Attributes of tenant %s are declared by the tenant itself", tenantID)
	}
	return nil
}

// declare gives a tenant a declared attribute.
func declare(tenantID, attributeID string) decision {
	return func(before snapshot) (*Holding, error) {
		switch {
		case before.attribute == nil:
			return nil, attributeNotFound(interop.TenantAttributeNotFound, attributeID)
		case before.tenant == nil:
			return nil, notFound(tenantID)
		case before.holding != nil && before.holding.RevokedAt == "":
			return before.holding, nil
		}
		return &Holding{AttributeID: attributeID, Kind: attribute.Declared, AssignedAt: before.at}, nil
	}
}

// revokeDeclared takes a declared attribute from a tenant. Repeating it moves the date.
func revokeDeclared(tenantID, attributeID string) decision {
	return func(before snapshot) (*Holding, error) {
		switch {
		case before.holding == nil:
			return nil, problem.New(interop.TenantAttributeNotValid,
				"Declared attribute %s for tenant %s not found", attributeID, tenantID)
		case before.holding.RevokedAt == before.at:
			return before.holding, nil
		}
		return before.holding.withRevocation(before.at), nil
	}
}
