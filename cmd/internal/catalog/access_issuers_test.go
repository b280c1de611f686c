package catalog_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
)

// issuers registers a key of an issuer, and has it ask for a token.
func (d *deployment) issuers(t *testing.T) {
	t.Helper()
	pen, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := pen.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	coordinate := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	operator := api.Identity{Subject: "operator", Kind: consumers.KindOperator, Scopes: []string{consumers.RoleOperator}}
	const issuer, path = "ISSUER-001", "/issuers/ISSUER-001/keys"
	d.as(t, operator, "issuer/register-key", path+"/key-1", fmt.Sprintf(
		`{"key":{"kty":"EC","crv":"P-256","x":%q,"y":%q},"scopes":["d1-api:consumer:full"]}`, coordinate(point[1:33]), coordinate(point[33:])))
	d.as(t, operator, "issuer/list-keys", path, "")
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": issuer, "sub": issuer, "jti": "one", "exp": d.now.Unix() + 60})
	token.Header["kid"] = "key-1"
	assertion, err := token.SignedString(pen)
	if err != nil {
		t.Fatal(err)
	}
	d.as(t, api.Identity{}, "issuer/token", "/oauth2/token", fmt.Sprintf(
		`{"grant_type":"urn:ietf:params:oauth:grant-type:jwt-bearer","assertion":%q}`, assertion))
	d.as(t, operator, "issuer/delete-key", path+"/key-1", "")
	d.purge(t, operator)
}

// purge reads the report of the purge and runs it, when operations have expired.
func (d *deployment) purge(t *testing.T, operator api.Identity) {
	t.Helper()
	const path = "/platform/purge"
	d.call(t, "consumer/register", "consumers/dan", "")
	now := d.now
	d.now = d.now.AddDate(0, 3, 0)
	d.as(t, operator, "purge/report", path, "")
	d.as(t, operator, "purge/run", path, `{"dryRun":true}`)
	d.as(t, operator, "purge/run", path, `{"dryRun":false}`)
	d.now = now
	for _, queue := range []string{"cascade", "purge"} {
		d.as(t, operator, queue+"/count-dead-letters", map[string]string{
			"cascade": "/platform/deadLetters/cascade", "purge": "/platform/deadLetters/purge",
		}[queue], "")
	}
}
