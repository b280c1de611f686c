// Package integrity signs answers, as PDND does: the header Digest has the digest of the
// body, Agid-JWT-Signature a token over that digest and over what else the caller relies on.
//
// The key is made once for each deployment, inside [Keeper]. Its private half is stored
// sealed by a data key (package seal), so that a call of KMS opens it. A process opens it once
// and keeps it in memory: a signature costs no call. The environment variable INTEGRITY_ISSUER
// names the deployment in the signatures.
package integrity

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/platform/jose"
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

const (
	// lifetime is that of a signature.
	lifetime = 100 * time.Second
	// refresh is how long a process goes without reading the item, and thus how long it may
	// sign with a key that has been replaced at once.
	refresh = time.Hour
	// pause is the time after a failure in which the key is not asked for again, so that an
	// outage does not delay every answer.
	pause = 5 * time.Second
	// loadLimit is how long one attempt to get the key delays an answer.
	loadLimit = time.Second
)

// Config is what a Signer needs. Everything is required.
type Config struct {
	DB     table.DB
	Key    table.Key // of the item with the keys
	Sealer seal.Sealer
	Now    func() time.Time
	Issuer string
}

// Signer signs answers. It is safe for concurrent use.
type Signer struct {
	config Config

	mu   sync.Mutex
	key  *signingKey // nil before the first one is opened
	next time.Time   // when the item is read again
	err  error       // of the last attempt to read it
}

// signingKey is an open key.
type signingKey struct {
	id      string
	header  []byte // of its tokens
	private *rsa.PrivateKey
}

// New returns a Signer. It reads nothing yet.
func New(c Config) *Signer { return &Signer{config: c} }

// Load gets the key ahead of the first answer.
func (s *Signer) Load(ctx context.Context) error {
	_, err := s.current(ctx)
	return err
}

// current returns the key that signs now. It reads the item when the process has none, when
// the next key begins to sign, and every hour. While that fails, the key that the process has
// goes on signing.
func (s *Signer) current(ctx context.Context) (*signingKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.config.Now(); !now.Before(s.next) {
		s.err = s.load(ctx, now)
		if s.err != nil && ctx.Err() == nil {
			s.next = now.Add(pause)
		}
	}
	if s.key == nil {
		return nil, s.err
	}
	return s.key, nil
}

func (s *Signer) load(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	r, err := read(ctx, s.config.DB, s.config.Key)
	if err != nil {
		return err
	}
	k, until := r.signing(now)
	if s.key == nil || s.key.id != k.ID {
		private, err := k.open(ctx, s.config.Sealer)
		if err != nil {
			return err
		}
		header, err := json.Marshal(header{Algorithm: jose.RS256, Use: jose.UseSig, Type: "at+jwt", KeyID: k.ID})
		if err != nil {
			return fmt.Errorf("integrity: %w", err)
		}
		s.key = &signingKey{id: k.ID, header: header, private: private}
	}
	s.next = now.Add(refresh)
	if !until.IsZero() && until.Before(s.next) {
		s.next = until
	}
	return nil
}

// header is what the published signatures begin with.
type header struct {
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid"`
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
	key, err := s.current(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	now := s.config.Now()
	c := claims{
		ID: uuid.NewString(), Issuer: s.config.Issuer, IssuedAt: now.Unix(), ExpiresAt: now.Add(lifetime).Unix(), Client: client,
		Headers: signedHeaders(h, digest),
	}
	token, err := key.sign(c)
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

func (k *signingKey) sign(c claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("integrity: %w", err)
	}
	input := jose.SigningInput(k.header, payload, k.private.Size())
	digest := sha256.Sum256(input)
	signature, err := rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("integrity: %w", err)
	}
	return jose.AppendSignature(input, signature), nil
}
