package sign

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"ciclo/shared/platform/jose"
)

const (
	// EnvJWKS names the environment variable with the published keys.
	EnvJWKS = "SIGN_JWKS"
	// EnvKeyID names the environment variable with the key that signs. Where EnvJWKS is
	// empty, its public half is what is published.
	EnvKeyID = "SIGN_KEY_ID"

	maxKeys         = 2
	exponent        = 65537
	encodedExponent = "AQAB"
)

var errNoSet = errors.New("no JWKS of public RSA keys with kty, use, alg, kid, n and e alone")

// Keys are the public keys of an issuer: the first is that of the key that signs.
// They do not change.
type Keys struct {
	first rsa.PublicKey
	id    string // of the first
	jwks  []byte
}

// NewKeys returns the keys of an issuer that signs with the first, and publishes
// at most one more. The error names the key that is not acceptable.
func NewKeys(public ...*rsa.PublicKey) (*Keys, error) {
	if len(public) == 0 || len(public) > maxKeys {
		return nil, fmt.Errorf("sign: %d public keys, want 1 to %d", len(public), maxKeys)
	}
	set := jose.Set{Keys: make([]jose.JWK, len(public))}
	for i, key := range public {
		if err := check(key); err != nil {
			return nil, fmt.Errorf("sign: public key %d: %w", i+1, err)
		}
		set.Keys[i] = publish(key)
		if i > 0 && set.Keys[i].ID == set.Keys[0].ID {
			return nil, errors.New("sign: the same public key twice")
		}
	}
	jwks, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return &Keys{first: *public[0], id: set.Keys[0].ID, jwks: jwks}, nil
}

// HasKeys reports whether the environment names keys at all. A deployment without any
// issues no tokens.
func HasKeys(getenv func(string) string) bool {
	return getenv(EnvJWKS) != "" || getenv(EnvKeyID) != ""
}

// KeysFromEnv returns the keys in the environment variable SIGN_JWKS. The error
// names it.
func KeysFromEnv(getenv func(string) string) (*Keys, error) {
	k, err := ParseKeys([]byte(getenv(EnvJWKS)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", EnvJWKS, err)
	}
	return k, nil
}

// ParseKeys returns the keys of what JWKS returned. Other keys and members are
// refused, including those of a private key. The error does not quote them.
func ParseKeys(jwks []byte) (*Keys, error) {
	var set jose.Set
	d := json.NewDecoder(bytes.NewReader(jwks))
	d.DisallowUnknownFields()
	if d.Decode(&set) != nil {
		return nil, fmt.Errorf("sign: %w", errNoSet)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("sign: something follows the JWKS")
	}
	public := make([]*rsa.PublicKey, len(set.Keys))
	for i, key := range set.Keys {
		var err error
		if public[i], err = decode(key); err != nil {
			return nil, fmt.Errorf("sign: public key %d: %w", i+1, err)
		}
	}
	return NewKeys(public...)
}

// JWKS returns the JSON Web Key Set to publish. The caller must not change it.
func (k *Keys) JWKS() []byte { return k.jwks }

func check(key *rsa.PublicKey) error {
	if jose.Algorithm(key, jose.MaxBits) == "" || key.E != exponent {
		return fmt.Errorf("%d bits and exponent %d, want %d to %d and %d", key.N.BitLen(), key.E, jose.MinBits, jose.MaxBits, exponent)
	}
	return nil
}

func publish(key *rsa.PublicKey) jose.JWK {
	k, _ := jose.NewJWK(key)
	k.Use = jose.UseSig
	return k
}

// decode returns the key of a member of a JWKS, which must be as publish makes it.
func decode(k jose.JWK) (*rsa.PublicKey, error) {
	if k.Type != jose.TypeRSA || k.Use != jose.UseSig || k.Algorithm != jose.RS256 {
		return nil, fmt.Errorf("want kty %s, use %s and alg %s", jose.TypeRSA, jose.UseSig, jose.RS256)
	}
	if k.Curve+k.X+k.Y != "" {
		return nil, errNoSet
	}
	if k.E != encodedExponent {
		return nil, fmt.Errorf("e is not %d", exponent)
	}
	key, ok := k.Public().(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("n: not a number in base64url")
	}
	if k.ID != jose.Thumbprint(key) {
		return nil, errors.New("kid is not the thumbprint of the key")
	}
	return key, nil
}
