package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/jose"
)

// apiClient is a client of the kind API, which gets its access tokens by itself.
type apiClient struct {
	world         *world
	id, user, kid string
	audience      string
	key           *rsa.PrivateKey
	proofKey      *ecdsa.PrivateKey // nil asks for tokens that are bound to no key

	token string
	until time.Time // when to ask for another one
}

// newAPIClient has the sandbox make an API client of an organization.
func (w *world) newAPIClient(ctx context.Context, organization, role string, bound bool) (*apiClient, error) {
	text, err := w.text(ctx, "/_local/client?kind=API&organizationId="+organization+"&role="+role)
	if err != nil {
		return nil, err
	}
	var file struct{ ClientID, UserID, KID, PrivateKey, Audience string }
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		return nil, fmt.Errorf("/_local/client: %w", err)
	}
	c := &apiClient{world: w, id: file.ClientID, user: file.UserID, kid: file.KID, audience: file.Audience}
	var ok bool
	if c.key, ok = jose.ParsePrivatePEM([]byte(file.PrivateKey)).(*rsa.PrivateKey); !ok {
		return nil, errors.New("/_local/client answers no RSA key")
	}
	if bound {
		c.proofKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return c, err
}

// renewAfter is the part of a token's lifetime after which another one is asked for.
const renewAfter = 2

// access returns a valid access token.
func (c *apiClient) access(ctx context.Context) (string, error) {
	now := time.Now()
	if now.Before(c.until) {
		return c.token, nil
	}
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": c.id, "sub": c.id, "aud": c.audience, "jti": uuid.NewString(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	})
	t.Header["kid"] = c.kid
	signed, err := t.SignedString(c.key)
	if err != nil {
		return "", err
	}
	ask := call{method: http.MethodPost, body: []byte(url.Values{
		"client_id": {c.id}, "client_assertion": {signed}, "client_assertion_type": {assertion.Type}, "grant_type": {assertion.Grant},
	}.Encode()), header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
	address := c.world.url + tokenPath
	if c.proofKey != nil {
		proof, err := prove(c.proofKey, http.MethodPost, address, "")
		if err != nil {
			return "", err
		}
		ask.header["DPoP"] = []string{proof}
	}
	a, err := c.world.exchange(ctx, ask, address)
	if err != nil {
		return "", err
	}
	var issued struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if a.status != http.StatusOK || json.Unmarshal(a.raw, &issued) != nil {
		return "", fmt.Errorf("no access token for an API client: %d %s", a.status, a.raw)
	}
	c.token, c.until = issued.AccessToken, now.Add(time.Duration(issued.ExpiresIn)*time.Second/renewAfter)
	return c.token, nil
}

// authorize puts the access token, and a proof, into a request.
func (c *apiClient) authorize(r *http.Request) error { return c.authorizeWith(r) }

// authorizeWith makes a proof with changed claims.
func (c *apiClient) authorizeWith(r *http.Request, changes ...func(claims jwt.MapClaims)) error {
	token, err := c.access(r.Context())
	if err != nil {
		return err
	}
	if c.proofKey == nil {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	proof, err := prove(c.proofKey, r.Method, address(r), token, changes...)
	r.Header.Set("Authorization", "DPoP "+token)
	r.Header.Set("DPoP", proof)
	return err
}

// address is the URL of a request without its query.
func address(r *http.Request) string {
	u := *r.URL
	u.RawQuery = ""
	return u.String()
}
