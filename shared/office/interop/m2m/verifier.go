package m2m

import (
	"net/url"
	"time"

	"ciclo/shared/office"
)

// Verifier is an organization that has verified an attribute of another one (PDND,
// TenantVerifiedAttributeVerifier). The API lists also verifications that have expired.
type Verifier struct {
	ID        string `json:"id"`
	ExpiresAt string `json:"expiresAt"` // "" for a verification that does not expire
}

// Valid reports whether the verification has not expired at a time.
func (b Verifier) Valid(now time.Time) bool {
	expires, err := time.Parse(time.RFC3339Nano, b.ExpiresAt)
	return err != nil || now.Before(expires)
}

// Verifiers reads who has verified an attribute of an organization and has not revoked that.
func Verifiers(v *office.Visit, tenantID, attributeID string) ([]Verifier, error) {
	return All[Verifier](v, "/tenants/"+url.PathEscape(tenantID)+"/verifiedAttributes/"+url.PathEscape(attributeID)+"/verifiers")
}
