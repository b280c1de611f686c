package voucher

import (
	"cmp"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// apiTokens is what the deployment says of the vouchers of API clients.
type apiTokens struct {
	audience string
	seconds  int64 // how long they are valid
}

const (
	apiLifespan = 10 * time.Minute
	apiPath     = "/m2m" // of the default audience, below the issuer, where no producer's audience is
)

func apiTokensFrom(setting func(string) string, issuer string) (apiTokens, error) {
	lifespan, err := api.Seconds(setting, settingAPISeconds, apiLifespan)
	return apiTokens{
		audience: cmp.Or(setting(settingAPIAudience), issuer+apiPath),
		seconds:  int64(cmp.Or(lifespan, apiLifespan).Seconds()),
	}, err
}

// apiClaims are the claims of the voucher of an API client, an access token for this API
// (PDND, M2M token). It names no purpose and no e-service.
type apiClaims struct {
	JTI            string            `json:"jti"`
	Issuer         string            `json:"iss"`
	Audience       string            `json:"aud"` // one text, as published
	ClientID       string            `json:"client_id"`
	Subject        string            `json:"sub"`
	IssuedAt       int64             `json:"iat"`
	NotBefore      int64             `json:"nbf"`
	Expires        int64             `json:"exp"`
	OrganizationID string            `json:"organizationId"`
	Role           string            `json:"role"`
	AdminID        string            `json:"adminId,omitempty"` // with the role m2m-admin alone
	Confirmation   map[string]string `json:"cnf,omitempty"`
}

// apiClaims returns the claims of the voucher of an API client. Its role follows from the
// client's admin as it was read; when the admin has changed since, the door refuses the
// voucher.
func (s *Store) apiClaims(x *examination, id string, confirmation map[string]string) *apiClaims {
	now := s.now().Unix()
	c := &apiClaims{
		JTI:            id,
		Issuer:         s.issuer,
		Audience:       s.api.audience,
		ClientID:       x.client.ID,
		Subject:        x.client.ID,
		IssuedAt:       now,
		NotBefore:      now,
		Expires:        now + s.api.seconds,
		OrganizationID: x.client.ConsumerID,
		Role:           interop.RoleReader,
		Confirmation:   confirmation,
	}
	if x.client.AdminID != "" {
		c.Role = interop.RoleAdmin
		c.AdminID = x.client.AdminID
	}
	return c
}
