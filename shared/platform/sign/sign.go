// Package sign issues tokens of this deployment: JWTs signed with RS256 by a key
// that only its backend has (sign/kms, sign/local), and the public keys that
// verify them.
//
// The environment variable SIGN_JWKS has the public keys. Its first key is that of the
// private key that signs; the other is the next one or the previous one and verifies
// only. A function that has it asks KMS for no key. Where it is empty, as in the first
// deployment, each function asks KMS for the public half of the key that SIGN_KEY_ID
// names, once: when it starts, or, in an authorizer, with the first token of the
// deployment's own. In AWS a function has therefore:
//
//   - issuing tokens: SIGN_KEY_ID (the ARN: an alias would change keys under a JWKS
//     that does not), SIGN_JWKS, kms:Sign and kms:GetPublicKey with that one key;
//   - publishing keys: SIGN_KEY_ID, SIGN_JWKS, and kms:GetPublicKey;
//   - the authorizer: the same, SIGN_ISSUER and SIGN_AUDIENCE;
//   - making the JWKS ([NewKeys] of what kms.Key.Public returns), when keys of the
//     deployment change: kms:GetPublicKey with both keys.
//
// A key is replaced in three deployments. The first publishes the next key as the other
// one. When everyone who caches the JWKS has it, the second swaps the two. When the last
// token of the previous key has expired, the third stops publishing it.
//
// Every signature is verified with the first published key before the token is returned.
// Otherwise a deployment that signs with one key and publishes another would issue tokens
// that nothing accepts (TestForeignSignaturesAreNotHandedOut).
package sign

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"ciclo/shared/platform/jose"
)

var (
	// ErrUnavailable is wrapped by the error of a Key that failed or did not
	// answer in time; the same call may succeed later.
	ErrUnavailable = errors.New("signer is unavailable")
	// ErrMismatch is wrapped by the error of a signature that the first published
	// key does not verify.
	ErrMismatch = errors.New("signed by another key than the first that is published")
)

// Key signs with one private RSA key. It is safe for concurrent use.
type Key interface {
	// SignDigest returns the RSASSA-PKCS1-v1_5 signature of a SHA-256 digest.
	SignDigest(ctx context.Context, digest []byte) ([]byte, error)
}

// Signer issues tokens. It is safe for concurrent use.
type Signer struct {
	key  Key
	keys *Keys
}

// New returns a Signer. The public half of key is the first of keys.
func New(key Key, keys *Keys) *Signer { return &Signer{key, keys} }

// Keys returns the public keys that verify the Signer's tokens.
func (s *Signer) Keys() *Keys { return s.keys }

// header is what the published tokens begin with (PDND, interop-token).
type header struct {
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid"`
}

// Sign returns a JWT in compact form of this type, at+jwt for an access token,
// with claims, which are a JSON object. The error wraps ErrUnavailable when the
// same call may succeed later; it never contains a claim.
func (s *Signer) Sign(ctx context.Context, typ string, claims any) (string, error) {
	keys := s.keys
	head, err := json.Marshal(header{Algorithm: jose.RS256, Use: jose.UseSig, Type: typ, KeyID: keys.id})
	if err != nil {
		return "", fmt.Errorf("sign: header: %w", err)
	}
	payload, err := json.Marshal(claims)
	if err != nil || payload[0] != '{' { // the error of json may quote a claim
		return "", fmt.Errorf("sign: claims of type %T are no JSON object", claims)
	}
	input := jose.SigningInput(head, payload, keys.first.Size())
	digest := sha256.Sum256(input)
	signature, err := s.key.SignDigest(ctx, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	if !jose.VerifyDigest(&keys.first, digest[:], signature) {
		return "", fmt.Errorf("sign: %w", ErrMismatch)
	}
	return jose.AppendSignature(input, signature), nil
}
