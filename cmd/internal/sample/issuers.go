package sample

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
)

// Kids of the issuer's keys: the first signs <grant>, the second is there to be deleted.
const (
	kidThatSigns = "key-1"
	kidToDelete  = "key-2"
)

// newGrantPen makes the key by which <grant> is signed.
func newGrantPen() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// issuerKeys registers the keys of the issuer.
func (s *seeder) issuerKeys(ctx context.Context, pen *ecdsa.PrivateKey) {
	k, _ := jose.NewJWK(&pen.PublicKey)
	body := fmt.Sprintf(`{"key":{"kty":"EC","crv":"P-256","x":%q,"y":%q},"scopes":["d1-api:consumer:full"]}`, k.X, k.Y)
	operator := api.WithIdentity(ctx, api.Identity{
		Subject: "operator", Kind: consumers.KindOperator, Scopes: []string{consumers.RoleOperator},
	})
	for _, kid := range []string{kidThatSigns, kidToDelete} {
		s.send(operator, http.MethodPut, "/issuers/"+issuerID+"/keys/"+kid, body)
	}
}

// grant makes an assertion of the issuer.
func grant(pen *ecdsa.PrivateKey, now time.Time) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": issuerID, "sub": issuerID, "aud": "https://api.d1.thalescloud.io", "iat": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
	})
	t.Header["kid"] = kidThatSigns
	return t.SignedString(pen)
}
