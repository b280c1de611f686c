package tenant

import (
	"cmp"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Labels of the steps of a transaction. LabelHolding stores what a tenant has of one
// attribute, and refuses when that has changed since it was read.
const (
	LabelHolding        = "holding"
	labelExpiring       = "expiring"
	labelFormerExpiring = "expiring before"
)

// unchangedConds returns the conditions that a holding is as it was read; nil for one
// that did not exist.
func (h *Holding) unchangedConds() []table.Cond {
	if h == nil {
		return []table.Cond{table.NotExists()}
	}
	conds := []table.Cond{table.Equals("assignedAt", h.AssignedAt)}
	for attr, value := range map[string]string{"revokedAt": h.RevokedAt, "expiresAt": h.ExpiresAt} {
		if value == "" {
			conds = append(conds, table.Lacks(attr))
		} else {
			conds = append(conds, table.Equals(attr, value))
		}
	}
	return conds
}

// holdingSteps returns the transaction that replaces a holding: the holding, the entry
// of its end, and the count of changes.
func holdingSteps(tenantID string, before, after *Holding) []table.Step {
	steps := []table.Step{
		table.Put(LabelHolding, holdingKey(tenantID, after), *after, before.unchangedConds()...),
		countStep(tenantID),
	}
	var expiringAt table.Key
	if after.willExpire() {
		expiringAt = expiringKey(tenantID, after)
		steps = append(steps, table.Put(labelExpiring, expiringAt, expiring{TenantID: tenantID}))
	}
	if before != nil && before.willExpire() {
		if former := expiringKey(tenantID, before); former != expiringAt {
			steps = append(steps, table.Delete(labelFormerExpiring, former))
		}
	}
	return steps
}

// willExpire tells whether the holding ends at a date.
func (h *Holding) willExpire() bool { return h.ExpiresAt != "" && h.RevokedAt == "" }

// withRevocation returns the holding revoked at a time.
func (h *Holding) withRevocation(at string) *Holding {
	next := *h
	next.RevokedAt = at
	return &next
}

// verifications returns the verifications of an attribute, and the one of a verifier,
// nil for none.
func (o Owned) verifications(attributeID, verifierID string) (all []*Holding, own *Holding) {
	for _, h := range o.holdings {
		if h.Kind == attribute.Verified && h.AttributeID == attributeID {
			all = append(all, h)
			if h.VerifierID == verifierID {
				own = h
			}
		}
	}
	return all, own
}

// VerificationSteps returns the transaction by which a verifier verifies an attribute of
// the tenant, and the attribute as it is then. It is valid until expiresAt, "" for ever;
// times are as [table.Stamp] writes them. An earlier verification by the verifier is
// replaced, also a revoked one. LabelHolding refuses when that one has changed since Load.
func (o Owned) VerificationSteps(attributeID, verifierID, expiresAt, at string) ([]table.Step, VerifiedView) {
	all, before := o.verifications(attributeID, verifierID)
	after := &Holding{
		AttributeID: attributeID, Kind: attribute.Verified, AssignedAt: at,
		VerifierID: verifierID, ExpiresAt: expiresAt,
	}
	all = slices.DeleteFunc(all, func(h *Holding) bool { return h == before })
	return holdingSteps(o.TenantID, before, after), verifiedView(append(all, after))
}

// RevocationSteps returns the transaction by which a verifier revokes its verification
// of an attribute of the tenant, and the attribute as it is then. It returns a problem
// when the verifier has no verification that is not revoked. LabelHolding refuses when
// the verification has changed since Load.
func (o Owned) RevocationSteps(attributeID, verifierID, at string) ([]table.Step, VerifiedView, error) {
	all, before := o.verifications(attributeID, verifierID)
	switch {
	case len(all) == 0:
		return nil, VerifiedView{}, problem.New(interop.TenantAttributeNotValid,
			"Verified attribute %s for tenant %s not found", attributeID, o.TenantID)
	case before == nil:
		return nil, VerifiedView{}, problem.New(interop.RevocationNotAllowed,
			"Organization %s has not verified attribute %s of tenant %s", verifierID, attributeID, o.TenantID)
	case before.RevokedAt != "":
		return nil, VerifiedView{}, alreadyRevoked(o.TenantID, attributeID)
	}
	return holdingSteps(o.TenantID, before, before.withRevocation(at)), verifiedView(all), nil
}

func alreadyRevoked(tenantID, attributeID string) error {
	return problem.New(interop.AttributeAlreadyRevoked, "Attribute %s of tenant %s has been revoked already", attributeID, tenantID)
}

func verifiedNotFound(tenantID, attributeID string) error {
	return problem.New(interop.TenantVerifiedNotFound, "Verified attribute %s for tenant %s not found", attributeID, tenantID)
}

// verifiedView returns the view of a verified attribute, which is assigned since the
// first of its verifications.
func verifiedView(verifications []*Holding) VerifiedView {
	first := slices.MinFunc(verifications, compareHoldings)
	return VerifiedView{ID: first.AttributeID, AssignedAt: first.AssignedAt}
}

// compareHoldings compares by date, then by ids.
func compareHoldings(a, b *Holding) int {
	return cmp.Or(
		strings.Compare(a.AssignedAt, b.AssignedAt),
		strings.Compare(a.AttributeID, b.AttributeID),
		strings.Compare(a.VerifierID, b.VerifierID),
	)
}
