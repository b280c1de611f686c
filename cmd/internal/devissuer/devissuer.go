// Package devissuer issues tokens for the sandbox and for tests, signed by a key that
// lives as long as the process, or in a file. No function may link it.
package devissuer

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/jose/keyfile"
)

// What the tokens say by default. Nothing is ever fetched from URL.
const (
	URL      = "https://issuer.ciclo.invalid"
	Audience = "ciclo-sandbox"
	TTL      = time.Hour
)

const keyIDBytes = 6 // of the hash of the public key

// operator is the claim of the platform's operator.
var operator = claims.Claim{Name: "role", Value: consumers.RoleOperator}

// Claims is what a token says about its bearer.
type Claims struct {
	Subject string // an issuer id, or an aggregator's id
	// Of an organization's token, which has no subject of its own:
	Organization string        // a UUID
	Role         string        // without an organization that of who looks after the platform
	Name         string        // "" leaves it out
	Origin       string        // of the id in a registry outside; "" with Value leaves that out
	Value        string        // the id there
	Issuers      []string      // issuer ids that an aggregator acts for; empty for an issuer
	Scope        string        // space separated
	Audience     string        // "" means the constant Audience
	TTL          time.Duration // from now to the expiry; 0 means the constant TTL
}

// Issuer issues tokens and tells how to verify them.
type Issuer struct {
	key   *ecdsa.PrivateKey
	keyID string
	jwks  []byte
	now   func() time.Time
}

// New returns an Issuer with a new ES256 key, whose tokens count from now.
func New(now func() time.Time) (*Issuer, error) { return Open("", now) }

// Open returns an Issuer with the ES256 key in the file at path, in PEM, which is made,
// for its owner's eyes only, when there is none: its tokens outlive the process. Without
// a path the key is gone with the process. The error tells that the file cannot be read,
// made, or has no key; such a file stays as it is.
func Open(path string, now func() time.Time) (*Issuer, error) {
	key, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("devissuer: %w", err)
	}
	i := &Issuer{key: key, now: now}
	if i.keyID, i.jwks, err = publish(key); err != nil {
		return nil, fmt.Errorf("devissuer: jwks: %w", err)
	}
	return i, nil
}

// JWKS returns the public key as a JSON Web Key Set. The caller must not change it.
func (i *Issuer) JWKS() []byte { return i.jwks }

// Bearer returns a Bearer of callers that verifies the issuer's tokens by the code that a
// function runs, and accepts the tokens of others too. The error tells which of these is
// not acceptable.
func (i *Issuer) Bearer(callers claims.Callers, others ...auth.Issuer) (*auth.Bearer, error) {
	own := auth.Issuer{URL: URL, JWKSURL: URL + "/jwks.json", Audience: Audience, Operator: operator}
	for _, kind := range callers.Kinds {
		own.Kinds = append(own.Kinds, kind.Name)
	}
	b, err := auth.New(auth.Config{
		Issuers: append([]auth.Issuer{own}, others...), Kinds: callers.Kinds,
		Now: i.now, Transport: answer(i.jwks),
	})
	if err != nil {
		return nil, fmt.Errorf("devissuer: %w", err)
	}
	return b, nil
}

// Token returns a signed token. The error tells a subject or an issuer id that
// no Bearer would accept.
func (i *Issuer) Token(c Claims) (string, error) {
	if c.Organization != "" {
		return i.organizationToken(c)
	}
	if c.Role != "" {
		return i.operatorToken(c)
	}
	tenants := c.Issuers
	if len(tenants) == 0 {
		tenants = []string{c.Subject}
	}
	for _, id := range tenants {
		if !consumers.IsIssuer(id) {
			return "", fmt.Errorf("devissuer: %q is not an issuer id: 10 of A-Z a-z 0-9 _ -", id)
		}
	}
	if c.Subject == "" {
		return "", errors.New("devissuer: no subject")
	}
	return i.sign(i.payload(c))
}

func (i *Issuer) organizationToken(c Claims) (string, error) {
	if c.Organization = strings.ToLower(c.Organization); !interop.IsOrganization(c.Organization) || c.Role == "" {
		return "", fmt.Errorf("devissuer: %q is not an organization's id, a UUID, or there is no role", c.Organization)
	}
	c.Subject = c.Organization
	payload := i.payload(c)
	delete(payload, "scope")
	payload["organizationId"], payload["role"] = c.Organization, c.Role
	if c.Name != "" {
		if !interop.IsOrganizationName(c.Name) {
			return "", errors.New("devissuer: the name of an organization has 1 to 256 characters")
		}
		payload["organization"] = map[string]string{"name": c.Name}
	}
	if c.Origin != "" || c.Value != "" {
		if !interop.IsExternalID(c.Origin, c.Value) {
			return "", errors.New("devissuer: an external id has an origin of 3 to 64 characters and a value of 1 to 256")
		}
		payload["externalId"] = map[string]string{"origin": c.Origin, "value": c.Value}
	}
	return i.sign(payload)
}

// operatorToken is a token of somebody who looks after the platform.
func (i *Issuer) operatorToken(c Claims) (string, error) {
	if c.Subject == "" {
		return "", errors.New("devissuer: no subject")
	}
	payload := i.payload(c)
	delete(payload, "scope")
	payload["role"] = c.Role
	return i.sign(payload)
}

func (i *Issuer) sign(payload jwt.MapClaims) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodES256, payload)
	t.Header["kid"] = i.keyID
	token, err := t.SignedString(i.key)
	if err != nil {
		return "", fmt.Errorf("devissuer: sign: %w", err)
	}
	return token, nil
}

func (i *Issuer) payload(c Claims) jwt.MapClaims {
	if c.Audience == "" {
		c.Audience = Audience
	}
	if c.TTL == 0 {
		c.TTL = TTL
	}
	now := i.now()
	m := jwt.MapClaims{
		"iss": URL, "aud": c.Audience, "sub": c.Subject, "scope": c.Scope,
		"iat": now.Unix(), "exp": now.Add(c.TTL).Unix(),
	}
	if len(c.Issuers) > 0 {
		m["issuers"] = c.Issuers
	}
	return m
}

// open returns the key in the file at path, or a new one.
func open(path string) (*ecdsa.PrivateKey, error) {
	key, err := keyfile.Private(path, func() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })
	if err != nil {
		return nil, err
	}
	if key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%s has no key on P-256; delete the file to get a new one", path)
	}
	return key, nil
}

// publish returns the id of a key and its JWKS. The id follows from the key, so that a
// token of another process is refused for its key and not for its signature.
func publish(key *ecdsa.PrivateKey) (id string, jwks []byte, err error) {
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(point)
	jwk, _ := jose.NewJWK(&key.PublicKey)
	jwk.ID = "sandbox-" + hex.EncodeToString(sum[:keyIDBytes])
	jwk.Use = jose.UseSig
	jwks, err = json.Marshal(jose.Set{Keys: []jose.JWK{jwk}})
	return jwk.ID, jwks, err
}

// answer is a network on which every request gets this body.
type answer []byte

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(bytes.NewReader(a)),
	}, nil
}
