package sign

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
)

const (
	// EnvJWKS names the environment variable with the published keys.
	EnvJWKS = "SIGN_JWKS"
	// EnvKeyID names the environment variable with the key that signs. Where EnvJWKS is
	// empty, its public half is what is published.
	EnvKeyID = "SIGN_KEY_ID"

	keyType   = "RSA"
	use       = "sig"
	algorithm = "RS256"

	maxKeys  = 2
	minBits  = 2048
	maxBits  = 4096 // of an RSA key of KMS
	exponent = 65537
)

// Keys are the public keys of an issuer: the first is that of the key that signs.
// They do not change.
type Keys struct {
	all  []published
	jwks []byte
}

// published is a key as a member of a JWKS (RFC 7517, RFC 7518 §6.3.1).
type published struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`

	public rsa.PublicKey
}

type keySet struct {
	Keys []published `json:"keys"`
}

// NewKeys returns the keys of an issuer that signs with the first, and publishes
// at most one more. The error tells which is not acceptable.
func NewKeys(public ...*rsa.PublicKey) (*Keys, error) {
	if len(public) == 0 || len(public) > maxKeys {
		return nil, fmt.Errorf("sign: %d public keys, want 1 to %d", len(public), maxKeys)
	}
	all := make([]published, len(public))
	for i, key := range public {
		if err := check(key); err != nil {
			return nil, fmt.Errorf("sign: public key %d: %w", i+1, err)
		}
		all[i] = publish(key)
		if i > 0 && all[i].KeyID == all[0].KeyID {
			return nil, errors.New("sign: the same public key twice")
		}
	}
	jwks, err := json.Marshal(keySet{all})
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return &Keys{all, jwks}, nil
}

// HasKeys tells whether the environment names keys at all. A deployment without any
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
// refused, those of a private key too, without telling what they are.
func ParseKeys(jwks []byte) (*Keys, error) {
	var set keySet
	d := json.NewDecoder(bytes.NewReader(jwks))
	d.DisallowUnknownFields()
	if d.Decode(&set) != nil {
		return nil, errors.New("sign: no JWKS of public RSA keys with kty, use, alg, kid, n and e alone")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("sign: something follows the JWKS")
	}
	public := make([]*rsa.PublicKey, len(set.Keys))
	for i, key := range set.Keys {
		var err error
		if public[i], err = key.decode(); err != nil {
			return nil, fmt.Errorf("sign: public key %d: %w", i+1, err)
		}
	}
	return NewKeys(public...)
}

// JWKS returns the JSON Web Key Set to publish. The caller must not change it.
func (k *Keys) JWKS() []byte { return k.jwks }

func check(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < minBits || bits > maxBits || key.E != exponent {
		return fmt.Errorf("%d bits and exponent %d, want %d to %d and %d", bits, key.E, minBits, maxBits, exponent)
	}
	return nil
}

func publish(key *rsa.PublicKey) published {
	p := published{
		Type: keyType, Use: use, Algorithm: algorithm,
		Modulus:  base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		Exponent: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		public:   *key,
	}
	p.KeyID = p.thumbprint()
	return p
}

func (p published) decode() (*rsa.PublicKey, error) {
	if p.Type != keyType || p.Use != use || p.Algorithm != algorithm {
		return nil, fmt.Errorf("want kty %s, use %s and alg %s", keyType, use, algorithm)
	}
	n, err := integer(p.Modulus)
	if err != nil {
		return nil, fmt.Errorf("n: %w", err)
	}
	e, err := integer(p.Exponent)
	if err != nil || !e.IsInt64() {
		return nil, fmt.Errorf("e is not %d", exponent)
	}
	if p.KeyID != p.thumbprint() {
		return nil, errors.New("kid is not the thumbprint of the key")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

// integer decodes an unsigned number, which has one form only (RFC 7518 §2).
func integer(text string) (*big.Int, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) == 0 || raw[0] == 0 {
		return nil, errors.New("not a number in base64url")
	}
	return new(big.Int).SetBytes(raw), nil
}

// thumbprint is the id of the key after RFC 7638: the digest of its required
// members in their order.
func (p published) thumbprint() string {
	digest := sha256.Sum256([]byte(`{"e":"` + p.Exponent + `","kty":"` + p.Type + `","n":"` + p.Modulus + `"}`))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}
