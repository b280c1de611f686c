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

// LabelHolding is the step that stores what is said about one attribute.
const LabelHolding = "holding"

// unchanged are the conditions that nothing was said since h was read; nil when
// nothing had been.
func (h *Holding) unchanged() []table.Cond {
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

// replace is the transaction that says after of a tenant where before was said: the
// holding, when it expires, and that something has changed.
func replace(tenantID string, before, after *Holding) []table.Step {
	steps := []table.Step{
		table.Put(LabelHolding, holdingKey(tenantID, after), *after, before.unchanged()...),
		changed(tenantID),
	}
	var stays table.Key
	if after.expires() {
		stays = expiringKey(tenantID, after)
		steps = append(steps, table.Put("will expire", stays, expiring{tenantID}))
	}
	if before != nil && before.expires() {
		if gone := expiringKey(tenantID, before); gone != stays {
			steps = append(steps, table.Delete("will not expire", gone))
		}
	}
	return steps
}

// expires tells whether the holding ends by itself.
func (h *Holding) expires() bool { return h.ExpiresAt != "" && h.RevokedAt == "" }

// revoked is the holding after it was revoked.
func (h *Holding) revoked(at string) *Holding {
	next := *h
	next.RevokedAt = at
	return &next
}

// verification returns what a verifier said about an attribute, nil for nothing, and
// all that verifiers said about it.
func (o Owned) verification(attributeID, verifierID string) (own *Holding, all []*Holding) {
	for _, h := range o.holdings {
		if h.Kind == attribute.Verified && h.AttributeID == attributeID {
			all = append(all, h)
			if h.VerifierID == verifierID {
				own = h
			}
		}
	}
	return own, all
}

// Verify is the transaction by which a verifier vouches for an attribute of the
// tenant, until expiresAt, "" for ever; both instants are as [table.Stamp] writes
// them. What the verifier said before is replaced, also when it was revoked. It
// returns the attribute as it is afterwards. LabelHolding refuses when the verifier
// has said something else about it since Load.
func (o Owned) Verify(attributeID, verifierID, expiresAt, at string) ([]table.Step, VerifiedView) {
	before, all := o.verification(attributeID, verifierID)
	after := &Holding{AttributeID: attributeID, Kind: attribute.Verified, AssignedAt: at, VerifierID: verifierID, ExpiresAt: expiresAt}
	all = slices.DeleteFunc(all, func(h *Holding) bool { return h == before })
	return replace(o.TenantID, before, after), earliest(append(all, after))
}

// RevokeVerification is the transaction by which a verifier takes back that it
// vouches for an attribute of the tenant, and the attribute as it is afterwards.
// It is refused where the verifier has done so already, or never vouched.
func (o Owned) RevokeVerification(attributeID, verifierID, at string) ([]table.Step, VerifiedView, error) {
	before, all := o.verification(attributeID, verifierID)
	switch {
	case len(all) == 0:
		return nil, VerifiedView{}, problem.New(interop.TenantAttributeNotValid, "Verified attribute %s for tenant %s not found", attributeID, o.TenantID)
	case before == nil:
		return nil, VerifiedView{}, problem.New(interop.RevocationNotAllowed, "Organization %s has not verified attribute %s of tenant %s", verifierID, attributeID, o.TenantID)
	case before.RevokedAt != "":
		return nil, VerifiedView{}, alreadyRevoked(o.TenantID, attributeID)
	}
	return replace(o.TenantID, before, before.revoked(at)), earliest(all), nil
}

func alreadyRevoked(tenantID, attributeID string) error {
	return problem.New(interop.AttributeAlreadyRevoked, "Attribute %s of tenant %s has been revoked already", attributeID, tenantID)
}

func verifiedNotFound(tenantID, attributeID string) error {
	return problem.New(interop.TenantVerifiedNotFound, "Verified attribute %s for tenant %s not found", attributeID, tenantID)
}

// earliest is a verified attribute as its verifications say: owned since the first.
func earliest(verifications []*Holding) VerifiedView {
	first := slices.MinFunc(verifications, byAssignment)
	return VerifiedView{ID: first.AttributeID, AssignedAt: first.AssignedAt}
}

// byAssignment compares by date, then by id.
func byAssignment(a, b *Holding) int {
	return cmp.Or(strings.Compare(a.AssignedAt, b.AssignedAt), strings.Compare(a.AttributeID, b.AttributeID), strings.Compare(a.VerifierID, b.VerifierID))
}
