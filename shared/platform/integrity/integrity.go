// Package integrity signs answers, as PDND does: the header Digest has the digest of the
// body, Agid-JWT-Signature a token over that digest and over what else the caller relies on.
//
// The key is one of package keyring: a signature costs no call of KMS. The environment variable
// INTEGRITY_ISSUER names the deployment in the signatures.
package integrity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/table"
)

// EnvIssuer names the environment variable with the issuer in signatures.
const EnvIssuer = "INTEGRITY_ISSUER"

// Names of the headers that Sign sets.
const (
	HeaderDigest    = "Digest"
	HeaderSignature = "Agid-Jwt-Signature" // in the form of http.Header
)

// lifetime is that of a signature.
const lifetime = 100 * time.Second

// notice is how long a key is published before it signs, and after it has signed. Clients
// keep the JWKS for minutes, and processes keep a key for an hour.
const notice = 24 * time.Hour

// Keys returns where the keys of signed answers are.
func Keys(db table.DB, key table.Key, sealer seal.Sealer, now func() time.Time) keyring.Config {
	return keyring.Config{DB: db, Key: key, About: "integrity", Sealer: sealer, Now: now, Notice: notice, Overlap: notice}
}

// Signer signs answers. It is safe for concurrent use.
type Signer struct {
	keys   *keyring.Ring
	now    func() time.Time
	issuer string
}

// New returns a Signer, which reads nothing yet.
func New(keys keyring.Config, issuer string) *Signer {
	return &Signer{keys: keyring.New(keys), now: keys.Now, issuer: issuer}
}

// Load gets the key ahead of the first answer.
func (s *Signer) Load(ctx context.Context) error {
	_, err := s.keys.Current(ctx)
	return err
}

// claims are those of a signature. It has neither aud nor sub: what verifies a token by
// the same JWKS must not accept a signature as one (TestSignaturesAreNoTokens).
type claims struct {
	ID        string         `json:"jti"`
	Issuer    string         `json:"iss"`
	IssuedAt  int64          `json:"iat"`
	ExpiresAt int64          `json:"exp"`
	Headers   []signedHeader `json:"signed_headers"`
	Client    string         `json:"client_id,omitempty"`
}

// signedHeader has one member.
type signedHeader struct {
	Digest          string `json:"digest,omitempty"`
	CorrelationID   string `json:"x-correlation-id,omitempty"`
	ContentType     string `json:"content-type,omitempty"`
	ContentEncoding string `json:"content-encoding,omitempty"`
}

// Sign adds the headers Digest and Agid-JWT-Signature to those of an answer, which must be
// complete. The client is that of the caller, "" if it is not known. When there is no key,
// Sign returns an error and changes nothing.
func (s *Signer) Sign(ctx context.Context, h http.Header, body []byte, client string) error {
	key, err := s.keys.Current(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	now := s.now()
	c := claims{
		ID: uuid.NewString(), Issuer: s.issuer, IssuedAt: now.Unix(), ExpiresAt: now.Add(lifetime).Unix(), Client: client,
		Headers: signedHeaders(h, digest),
	}
	token, err := key.Sign(c)
	if err != nil {
		return err
	}
	h[HeaderDigest] = []string{digest}
	h[HeaderSignature] = []string{token}
	return nil
}

// signedHeaders returns the headers that are signed, in the published order.
func signedHeaders(h http.Header, digest string) []signedHeader {
	all := append(make([]signedHeader, 0, 4), signedHeader{Digest: digest})
	if v := h.Get("X-Correlation-Id"); v != "" {
		all = append(all, signedHeader{CorrelationID: v})
	}
	if v := h.Get("Content-Type"); v != "" {
		all = append(all, signedHeader{ContentType: v})
	}
	if v := h.Get("Content-Encoding"); v != "" {
		all = append(all, signedHeader{ContentEncoding: v})
	}
	return all
}
