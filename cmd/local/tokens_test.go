package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestIssuersTokens has the operator register a key of a card issuer, who gets a token
// for an assertion and registers a consumer with it; with nothing else.
func TestIssuersTokens(t *testing.T) {
	t.Parallel()
	c := open(t, embedded(t))
	pen, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := pen.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	coordinate := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	key := fmt.Sprintf(`{"key":{"kty":"EC","crv":"P-256","x":%q,"y":%q},"scopes":["d1-api:consumer:full"]}`,
		coordinate(point[1:33]), coordinate(point[33:]))
	c.call(t, http.StatusForbidden, "PUT", "/issuers/ISSUER-001/keys/key-1", key) // by the issuer itself
	c.token = c.call(t, http.StatusOK, "GET", "/_local/token?role=operator", "")
	c.call(t, http.StatusNoContent, "PUT", "/issuers/ISSUER-001/keys/key-1", key)
	c.call(t, http.StatusForbidden, "PUT", "/issuers/ISSUER-001/consumers/ann", "")

	assertion := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": "ISSUER-001", "sub": "ISSUER-001", "exp": time.Now().Add(time.Minute).Unix(),
	})
	assertion.Header["kid"] = "key-1"
	signed, err := assertion.SignedString(pen)
	if err != nil {
		t.Fatal(err)
	}
	c.token = ""
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	answer := c.call(t, http.StatusOK, "POST", "/oauth2/token",
		fmt.Sprintf(`{"grant_type":"urn:ietf:params:oauth:grant-type:jwt-bearer","assertion":%q}`, signed))
	if err := json.Unmarshal([]byte(answer), &granted); err != nil {
		t.Fatal(err)
	}
	c.token = granted.AccessToken
	c.call(t, http.StatusNoContent, "PUT", "/issuers/ISSUER-001/consumers/ann", "")
	c.call(t, http.StatusForbidden, "PUT", "/issuers/ISSUER-002/consumers/ann", "")
	c.call(t, http.StatusForbidden, "GET", "/eservices", "")
}

// TestAuthorizationServer reads what is public of it, and the ledger.
func TestAuthorizationServer(t *testing.T) {
	t.Parallel()
	c := open(t, embedded(t))
	c.token = ""
	metadata := c.call(t, http.StatusOK, "GET", "/.well-known/oauth-authorization-server", "")
	for _, said := range []string{`"issuer":"http://localhost:3000"`, `"token_endpoint":"http://localhost:3000/token.oauth2"`} {
		if !strings.Contains(metadata, said) {
			t.Errorf("the metadata lacks %s: %s", said, metadata)
		}
	}
	jwks := c.call(t, http.StatusOK, "GET", "/.well-known/jwks.json", "")
	if strings.Count(jwks, `"kid"`) != 2 || // of vouchers and of answers
		strings.Contains(jwks, `"d"`) {
		t.Errorf("the keys are %s", jwks)
	}
	if report := c.call(t, http.StatusOK, "GET", "/_local/ledger", ""); !strings.Contains(report, `"differences":[]`) {
		t.Errorf("the ledger is said to be %s", report)
	}
}
