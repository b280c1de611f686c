package assertion

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"slices"
)

// The algorithms there are.
const (
	RS256 = "RS256"
	ES256 = "ES256"
)

const (
	minRSABits = 2048
	maxRSABits = 8192 // of a key that a client has uploaded

	// A proof brings its key along, which may be made to take long to verify.
	maxProofBits  = 4096
	proofExponent = 65537
	fieldBytes    = 32 // of a coordinate and of half a signature on P-256
)

// algorithmOf is the one algorithm that a key may verify, "" for none.
func algorithmOf(key crypto.PublicKey) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); minRSABits <= bits && bits <= maxRSABits {
			return RS256
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return ES256
		}
	}
	return ""
}

// verifies tells whether the signature is one of the text by the key, with the one
// algorithm of the key's type.
func verifies(key crypto.PublicKey, text string, signature []byte) bool {
	hash := sha256.Sum256([]byte(text))
	if key, ok := key.(*rsa.PublicKey); ok {
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, hash[:], signature) == nil
	}
	ec, ok := key.(*ecdsa.PublicKey)
	if !ok || len(signature) != 2*fieldBytes {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:fieldBytes]), new(big.Int).SetBytes(signature[fieldBytes:])
	return ecdsa.Verify(ec, hash[:], r, s) // which refuses 0 and what is not below the order
}

// Thumbprint is the SHA-256 thumbprint of an RSA key or one on P-256 (RFC 7638),
// which is also the kid that PDND gives to a key; "" for other keys.
func Thumbprint(key crypto.PublicKey) string {
	var canonical string
	switch key := key.(type) {
	case *rsa.PublicKey:
		canonical = `{"e":"` + encode(big.NewInt(int64(key.E)).Bytes()) + `","kty":"RSA","n":"` + encode(key.N.Bytes()) + `"}`
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil || len(point) != 1+2*fieldBytes {
			return ""
		}
		canonical = `{"crv":"P-256","kty":"EC","x":"` + encode(point[1:1+fieldBytes]) + `","y":"` + encode(point[1+fieldBytes:]) + `"}`
	default:
		return ""
	}
	hash := sha256.Sum256([]byte(canonical))
	return encode(hash[:])
}

// Members that a JWK has when it is private, or no key pair.
var secretMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// parseJWK reads the public key of a proof. What is wrong comes as a sentence.
func parseJWK(jwk object) (key crypto.PublicKey, fault string) {
	for _, name := range secretMembers {
		if _, ok := jwk[name]; ok {
			return nil, "The header's jwk has private members: it must be the public key alone. Whoever saw it can sign: make a new key pair."
		}
	}
	switch kty, _ := jwk.text("kty"); kty {
	case "RSA":
		key = rsaKey(jwk)
	case "EC":
		key = ecKey(jwk)
	}
	alg := algorithmOf(key)
	if rsaKey, ok := key.(*rsa.PublicKey); alg == "" || ok && (rsaKey.N.BitLen() > maxProofBits || rsaKey.E != proofExponent) {
		return nil, "The header's jwk must be a public key, RSA of 2048 to 4096 bits with the exponent 65537 (kty, n, e) or EC on P-256 (kty, crv, x, y), in base64url without leading zeros."
	}
	if !meantFor(jwk, alg) {
		return nil, "The header's jwk says by alg, use or key_ops that it is not for signatures of its kind: leave these out, or set them to " + alg + ", sig and verify."
	}
	return key, ""
}

// rsaKey is nil when the members are none of an RSA key. They have one spelling,
// so that a key has one thumbprint.
func rsaKey(jwk object) crypto.PublicKey {
	n, hasN := number(jwk, "n")
	e, hasE := number(jwk, "e")
	// crypto/rsa takes odd exponents from 3 on, of 31 bits.
	if !hasN || !hasE || e.BitLen() > 31 || e.Int64() < 3 || e.Bit(0) == 0 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}
}

// number reads a positive number without leading zeros.
func number(jwk object, name string) (*big.Int, bool) {
	value, _ := jwk.text(name)
	raw, ok := decode(value)
	return new(big.Int).SetBytes(raw), ok && raw[0] != 0
}

// ecKey is nil when the members are no point of P-256.
func ecKey(jwk object) crypto.PublicKey {
	if crv, _ := jwk.text("crv"); crv != "P-256" {
		return nil
	}
	x, _ := jwk.text("x")
	y, _ := jwk.text("y")
	if key := P256(x, y); key != nil {
		return key
	}
	return nil
}

// P256 is the public key with these coordinates, as a JWK has them (RFC 7518
// §6.2.1), nil when they are no point of P-256.
func P256(x, y string) *ecdsa.PublicKey {
	point := []byte{4} // uncompressed
	for _, value := range []string{x, y} {
		raw, _ := decode(value)
		if len(raw) != fieldBytes {
			return nil
		}
		point = append(point, raw...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil
	}
	return key
}

// meantFor tells whether the key may verify signatures of the algorithm by what it
// says of itself.
func meantFor(jwk object, alg string) bool {
	for _, m := range [...]struct{ name, want string }{{"alg", alg}, {"use", "sig"}} {
		if value, _ := jwk.text(m.name); jwk[m.name] != nil && value != m.want {
			return false
		}
	}
	operations, _ := jwk.texts("key_ops")
	return jwk["key_ops"] == nil || slices.Contains(operations, "verify")
}
