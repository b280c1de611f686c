// Package tenant is the registry of organizations and the attributes they own (PDND M2M
// v3, tenants).
package tenant

import (
	"context"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// Tenant is an organization that was registered: by its first call, by its first user, or
// by a [Profile].
type Tenant struct {
	ID         string   `dynamodbav:"id"`
	Name       string   `dynamodbav:"name"`
	ExternalID External `dynamodbav:"externalId"`
	// What no token says; each is "" until it is known:
	Kind                    string `dynamodbav:"kind,omitempty"`        // PDND, TenantKind
	OnboardedAt             string `dynamodbav:"onboardedAt,omitempty"` // set once its users are known; kept from then on
	SubUnitType             string `dynamodbav:"subUnitType,omitempty"` // PDND, TenantSubUnitType
	SelfcareInstitutionType string `dynamodbav:"selfcareInstitutionType,omitempty"`
	// Certifier says that the API clients of the tenant may define and assign certified
	// attributes when they change things (role m2m-admin). It is in no published answer.
	Certifier bool `dynamodbav:"certifier,omitempty"`

	CreatedAt string `dynamodbav:"createdAt"`
	UpdatedAt string `dynamodbav:"updatedAt,omitempty"`
	Version   int64  `dynamodbav:"version"` // counts its changes
	// Listed is the stamp of its entry in the list of all.
	Listed list.Stamp `dynamodbav:"listed,omitempty"`
}

// External is the id of an organization in an external registry, such as IPA.
type External struct {
	Origin string `dynamodbav:"origin"`
	Value  string `dynamodbav:"value"`
}

// Holding is an attribute that a tenant owns or has owned.
type Holding struct {
	AttributeID string         `dynamodbav:"attributeId"`
	Kind        attribute.Kind `dynamodbav:"kind"`
	AssignedAt  string         `dynamodbav:"assignedAt"`
	RevokedAt   string         `dynamodbav:"revokedAt,omitempty"`
	// Of verified attributes alone, which have a holding for each verifier:
	VerifierID string `dynamodbav:"verifierId,omitempty"`
	ExpiresAt  string `dynamodbav:"expiresAt,omitempty"`
}

// tenant           TENANT#<id>     TENANT
// version          TENANT#<id>     ATTRIBUTES                        counts the changes of the holdings
// certified        TENANT#<id>     CERTIFIED#<attribute>
// declared         TENANT#<id>     DECLARED#<attribute>
// verified         TENANT#<id>     VERIFIED#<attribute>#<verifier>
// list entry       TENANTS         see package list
// entry by code    TENANTS#<hash>  <id>                              hash of the external id
// expiring         EXPIRING        <time>#<tenant>#<attribute>#<verifier>
const (
	tenantSK   = "TENANT"
	versionSK  = "ATTRIBUTES" // sorts before the holdings, which Load relies on
	tenantsPK  = "TENANTS"
	expiringPK = "EXPIRING"
)

func tenantPK(id string) string { return "TENANT#" + id }

// Key returns the key of a tenant.
func Key(id string) table.Key { return interop.Key(tenantPK(id), tenantSK) }

// As decodes the item of a tenant, see [table.As].
func As(item table.Item) (*Tenant, error) { return table.As[Tenant](item) }

// originIPA is the origin of the external ids of public bodies.
const originIPA = "IPA"

// codePK returns the partition of the tenants with an external id of that value. IPA's
// codes are apart from those of all other registries.
func codePK(ipa bool, value string) string {
	registry := "OTHER"
	if ipa {
		registry = originIPA
	}
	return tenantsPK + "#" + interop.Hash(registry+"#"+value)
}

// codeKey returns the key of the tenant's entry by its external id.
func (t *Tenant) codeKey() table.Key {
	return interop.Key(codePK(t.ExternalID.Origin == originIPA, t.ExternalID.Value), t.ID)
}

func holdingKey(tenantID string, h *Holding) table.Key {
	sk := holdingPrefix(h.Kind) + h.AttributeID
	if h.VerifierID != "" {
		sk += "#" + h.VerifierID
	}
	return interop.Key(tenantPK(tenantID), sk)
}

func holdingPrefix(kind attribute.Kind) string { return string(kind) + "#" }

// expiringKey returns the key at which the job finds a verification that has expired.
func expiringKey(tenantID string, h *Holding) table.Key {
	return interop.Key(expiringPK, h.ExpiresAt+"#"+tenantID+"#"+h.AttributeID+"#"+h.VerifierID)
}

// Owned is what a tenant owns and has owned, as of a version.
type Owned struct {
	TenantID string
	version  int64
	holdings []*Holding
}

// Load reads what a tenant owns, with strong consistency. An unknown tenant owns
// nothing.
//
// The version is read before the holdings, as a query does not read its items at one
// moment: holdings that are newer than the version make VersionCheck refuse.
func Load(ctx context.Context, db table.DB, tenantID string) (Owned, error) {
	o := Owned{TenantID: tenantID}
	q := table.Query{Table: interop.Table.Name, PK: tenantPK(tenantID), Consistent: true}
	err := table.All(ctx, db, q, func(item table.Item) error {
		var at struct {
			SK      string `dynamodbav:"sk"`
			Version int64  `dynamodbav:"version"`
		}
		if err := table.Decode(item, &at); err != nil {
			return err
		}
		switch {
		case at.SK == versionSK:
			o.version = at.Version
		case strings.Contains(at.SK, "#"):
			var h Holding
			if err := table.Decode(item, &h); err != nil {
				return err
			}
			o.holdings = append(o.holdings, &h)
		}
		return nil
	})
	return o, err
}

// Has tells whether the tenant owns an attribute at a time. A verified attribute has to
// be verified by that verifier.
func (o Owned) Has(kind attribute.Kind, id, verifier, at string) bool {
	for _, h := range o.holdings {
		if h.Kind == kind && h.AttributeID == id && h.isValid(at) && (kind != attribute.Verified || h.VerifierID == verifier) {
			return true
		}
	}
	return false
}

// isValid tells whether the holding is neither revoked nor expired at a time.
func (h *Holding) isValid(at string) bool {
	return h.RevokedAt == "" && (h.ExpiresAt == "" || at < h.ExpiresAt)
}

// LabelOwned is the label of the step that VersionCheck returns.
const LabelOwned = "owned attributes"

// VersionCheck returns the step LabelOwned, which refuses when an attribute of the tenant
// was assigned, revoked or expired since Load.
func (o Owned) VersionCheck() table.Step {
	unchanged := table.NotExists()
	if o.version > 0 {
		unchanged = table.Equals("version", o.version)
	}
	return table.Check(LabelOwned, versionKey(o.TenantID), unchanged)
}

// countStep returns the step that counts a change of what a tenant owns. The stream
// brings it to the platform, which looks at the agreements of the tenant again.
func countStep(tenantID string) table.Step {
	return table.Update(LabelOwned, versionKey(tenantID), table.Changes{Add: map[string]int64{"version": 1}})
}

func versionKey(tenantID string) table.Key { return interop.Key(tenantPK(tenantID), versionSK) }

// ChangedOwner returns the id of the tenant whose attributes have changed when the item
// at a key changes, "" for other items.
func ChangedOwner(key table.Key) string {
	if id, ok := strings.CutPrefix(key.PK, tenantPK("")); ok && key.SK == versionSK {
		return id
	}
	return ""
}
