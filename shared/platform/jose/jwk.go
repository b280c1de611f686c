package jose

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"math"
	"math/big"
	"slices"
)

// Values of members of a JWK.
const (
	TypeRSA = "RSA"
	TypeEC  = "EC"
	P256    = "P-256"
	UseSig  = "sig"
)

// JWK is a public key as JSON has it. The order of the members is that of published sets.
type JWK struct {
	Type      string `json:"kty"`
	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	ID        string `json:"kid,omitempty"`
	N         string `json:"n,omitempty"`
	E         string `json:"e,omitempty"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
}

// NewJWK returns the JWK of an RSA key or one on P-256, with its algorithm and with its
// thumbprint as its ID. It does not check the length of an RSA key. ok is false for every
// other key.
func NewJWK(key crypto.PublicKey) (k JWK, ok bool) {
	var required string // the members of RFC 7638 §3.2, in the order of their names
	switch key := key.(type) {
	case *rsa.PublicKey:
		k = JWK{Type: TypeRSA, Algorithm: RS256, N: Encode(key.N.Bytes()), E: Encode(big.NewInt(int64(key.E)).Bytes())}
		required = `{"e":"` + k.E + `","kty":"RSA","n":"` + k.N + `"}`
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			return JWK{}, false
		}
		point, err := key.Bytes()
		if err != nil {
			return JWK{}, false
		}
		coordinates := point[1:] // after the byte for uncompressed
		k = JWK{Type: TypeEC, Algorithm: ES256, Curve: P256, X: Encode(coordinates[:fieldBytes]), Y: Encode(coordinates[fieldBytes:])}
		required = `{"crv":"P-256","kty":"EC","x":"` + k.X + `","y":"` + k.Y + `"}`
	default:
		return JWK{}, false
	}
	sum := sha256.Sum256([]byte(required))
	k.ID = Encode(sum[:])
	return k, true
}

// Thumbprint returns the SHA-256 thumbprint of an RSA key or one on P-256 (RFC 7638), ""
// for every other key.
func Thumbprint(key crypto.PublicKey) string {
	k, _ := NewJWK(key)
	return k.ID
}

// Public returns the key that n and e or crv, x and y are, nil if they are none. Members of
// the other type do not count.
//
// They must be in their one spelling, as NewJWK writes them. Otherwise one key would have
// several thumbprints, and a proof could be used once for each of them
// (TestOneSpelling).
func (k JWK) Public() crypto.PublicKey {
	key := k.lenient()
	again, ok := NewJWK(key)
	switch {
	case !ok:
		return nil
	case again.Type == TypeRSA && (again.N != k.N || again.E != k.E):
		return nil
	case again.Type == TypeEC && (again.X != k.X || again.Y != k.Y):
		return nil
	}
	return key
}

// lenient is Public for keys as issuers publish them: with padding, leading zeros, or
// without those of a coordinate.
func (k JWK) lenient() crypto.PublicKey {
	switch k.Type {
	case TypeRSA:
		n, okN := DecodeLenient(k.N)
		e, okE := DecodeLenient(k.E)
		modulus := new(big.Int).SetBytes(n)
		exponent := new(big.Int).SetBytes(e)
		if okN && okE && modulus.Sign() > 0 && exponent.IsInt64() && 2 <= exponent.Int64() && exponent.Int64() <= math.MaxInt32 {
			return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}
		}
	case TypeEC:
		x, okX := coordinate(k.X)
		y, okY := coordinate(k.Y)
		if k.Curve != P256 || !okX || !okY {
			return nil
		}
		// Four is for uncompressed.
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err == nil {
			return key
		}
	}
	return nil
}

// coordinate decodes a coordinate to the length that it has on P-256.
func coordinate(text string) ([]byte, bool) {
	raw, ok := DecodeLenient(text)
	raw = bytes.TrimLeft(raw, "\x00")
	if !ok || len(raw) > fieldBytes {
		return nil, false
	}
	return append(make([]byte, fieldBytes-len(raw)), raw...), true
}

// NewP256 returns the public key with these coordinates, as a JWK has them, nil if they are
// no point of P-256 or in another spelling.
func NewP256(x, y string) *ecdsa.PublicKey {
	key, _ := JWK{Type: TypeEC, Curve: P256, X: x, Y: y}.Public().(*ecdsa.PublicKey)
	return key
}

// privateMembers are those that a JWK has when it is private, or no key pair.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// IsPrivate reports whether a JWK has members of a private or secret key.
func IsPrivate(jwk Object) bool {
	return slices.ContainsFunc(privateMembers, func(name string) bool { _, has := jwk[name]; return has })
}

// ReadKey returns the public key of a JWK, as Public does.
func ReadKey(jwk Object) crypto.PublicKey {
	text := func(name string) string {
		value, _ := jwk.Text(name)
		return value
	}
	k := JWK{Type: text("kty"), N: text("n"), E: text("e"), Curve: text("crv"), X: text("x"), Y: text("y")}
	return k.Public()
}
