// Package tenant is the organizations that take part and the attributes they own
// (PDND M2M v3, tenants).
package tenant

import (
	"context"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/table"
)

// Tenant is an organization that has called at least once.
type Tenant struct {
	ID         string   `dynamodbav:"id"`
	Name       string   `dynamodbav:"name"`
	ExternalID External `dynamodbav:"externalId"`
	CreatedAt  string   `dynamodbav:"createdAt"`
	UpdatedAt  string   `dynamodbav:"updatedAt,omitempty"`
	Version    int64    `dynamodbav:"version"` // counts its changes
}

// External is the id of an organization in a registry outside, such as IPA.
type External struct {
	Origin string `dynamodbav:"origin"`
	Value  string `dynamodbav:"value"`
}

// Holding is an attribute that somebody has said a tenant owns.
type Holding struct {
	AttributeID string         `dynamodbav:"attributeId"`
	Kind        attribute.Kind `dynamodbav:"kind"`
	AssignedAt  string         `dynamodbav:"assignedAt"`
	RevokedAt   string         `dynamodbav:"revokedAt,omitempty"`
	// Of verified ones, of which there is one of each verifier:
	VerifierID string `dynamodbav:"verifierId,omitempty"`
	ExpiresAt  string `dynamodbav:"expiresAt,omitempty"`
}

// tenant           TENANT#<id>     TENANT
// version          TENANT#<id>     ATTRIBUTES                        counts the changes of what follows
// certified        TENANT#<id>     CERTIFIED#<attribute>
// declared         TENANT#<id>     DECLARED#<attribute>
// verified         TENANT#<id>     VERIFIED#<attribute>#<verifier>
// list entry       TENANTS         <name>#<id>                       of a long name the beginning
// entry by code    TENANTS#<hash>  <id>                              the value of the external id, and whether it is IPA's
// will expire      EXPIRING        <instant>#<tenant>#<attribute>#<verifier>
const (
	tenantSK   = "TENANT"
	versionSK  = "ATTRIBUTES" // sorts before what it counts, which Load relies on
	tenantsPK  = "TENANTS"
	expiringPK = "EXPIRING"
)

func tenantPK(id string) string { return "TENANT#" + id }

func tenantKey(id string) table.Key { return interop.Key(tenantPK(id), tenantSK) }

// originIPA is the origin of the external ids of public bodies.
const originIPA = "IPA"

// codePK is where the tenants with an external id of that value are: IPA's codes
// apart from those of all other registries.
func codePK(ipa bool, value string) string {
	registry := "OTHER"
	if ipa {
		registry = originIPA
	}
	return tenantsPK + "#" + interop.Hash(registry+"#"+value)
}

// entries are where lists have the tenant.
func (t *Tenant) entries() []table.Key {
	return []table.Key{
		interop.Key(tenantsPK, interop.NameSortKey(t.Name, t.ID)),
		interop.Key(codePK(t.ExternalID.Origin == originIPA, t.ExternalID.Value), t.ID),
	}
}

func holdingKey(tenantID string, h *Holding) table.Key {
	sk := holdingPrefix(h.Kind) + h.AttributeID
	if h.VerifierID != "" {
		sk += "#" + h.VerifierID
	}
	return interop.Key(tenantPK(tenantID), sk)
}

func holdingPrefix(kind attribute.Kind) string { return string(kind) + "#" }

// expiringKey is where the job finds a verification when it has expired.
func expiringKey(tenantID string, h *Holding) table.Key {
	return interop.Key(expiringPK, h.ExpiresAt+"#"+tenantID+"#"+h.AttributeID+"#"+h.VerifierID)
}

// Owned is what was said about the attributes of a tenant, as of a version.
type Owned struct {
	TenantID string
	version  int64
	holdings []*Holding
}

// Load reads what a tenant owns, with strong consistency. A tenant that never
// called owns nothing.
func Load(ctx context.Context, db table.DB, tenantID string) (Owned, error) {
	o := Owned{TenantID: tenantID}
	// The version is read first, as a query is no snapshot: what is read after it
	// may be newer, and then VersionCheck refuses.
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

// Has tells whether the tenant owns an attribute at an instant; a verified one as
// verified by that producer.
func (o Owned) Has(kind attribute.Kind, id, verifier, at string) bool {
	for _, h := range o.holdings {
		if h.Kind == kind && h.AttributeID == id && h.holds(at) && (kind != attribute.Verified || h.VerifierID == verifier) {
			return true
		}
	}
	return false
}

func (h *Holding) holds(at string) bool {
	return h.RevokedAt == "" && (h.ExpiresAt == "" || at < h.ExpiresAt)
}

// LabelOwned is the step of VersionCheck.
const LabelOwned = "owned attributes"

// VersionCheck is the step that refuses when something was assigned to the tenant,
// revoked or expired since Load.
func (o Owned) VersionCheck() table.Step {
	key := interop.Key(tenantPK(o.TenantID), versionSK)
	if o.version == 0 {
		return table.Check(LabelOwned, key, table.NotExists())
	}
	return table.Check(LabelOwned, key, table.Equals("version", o.version))
}

// changed is the step that says that what a tenant owns has changed; the platform
// looks at its agreements again.
func changed(tenantID string) table.Step {
	return table.Update(LabelOwned, interop.Key(tenantPK(tenantID), versionSK), table.Changes{Add: map[string]int64{"version": 1}})
}

// ChangedOwner tells whose attributes a change of the table is about, "" when nobody's.
func ChangedOwner(key table.Key) string {
	if id, ok := strings.CutPrefix(key.PK, tenantPK("")); ok && key.SK == versionSK {
		return id
	}
	return ""
}
