package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"math"
	"math/big"
)

// Algorithms of signatures. There are no others: a token that names another one is refused.
const (
	RS256 = "RS256"
	ES256 = "ES256"
)

// Bounds of RSA keys in bits. Verifying takes longer with every bit, so how long a key may
// be depends on who chose it. EC keys are on P-256 alone.
const (
	// MinBits is the minimum of every RSA key.
	MinBits = 2048
	// MaxBits is the maximum of a key that comes with the message it verifies, which
	// anybody may choose, and of a key that signs here (AWS KMS has no longer ones).
	MaxBits = 4096
	// MaxRegisteredBits is the maximum of a key that its owner registered before, which
	// takes an account and is done once.
	MaxRegisteredBits = 8192
	// anyBits is for the sets of issuers. The operator who configures an issuer trusts its
	// keys, and the length of a set is limited by its reader.
	anyBits = math.MaxInt
)

const fieldBytes = 32 // of a coordinate and of half of a signature on P-256

// Algorithm returns the one algorithm whose signatures the key may verify: RS256 for RSA
// of MinBits to maxBits, ES256 for EC on P-256, "" for any other key.
func Algorithm(key crypto.PublicKey, maxBits int) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); MinBits <= bits && bits <= maxBits {
			return RS256
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return ES256
		}
	}
	return ""
}

// Verify reports whether the signature is one of the text by the key, with the one
// algorithm of the key's type. It does not check the bounds of the key.
func Verify(key crypto.PublicKey, text string, signature []byte) bool {
	digest := sha256.Sum256([]byte(text))
	return VerifyDigest(key, digest[:], signature)
}

// VerifyDigest is Verify for the SHA-256 digest of a text.
func VerifyDigest(key crypto.PublicKey, digest, signature []byte) bool {
	if key, ok := key.(*rsa.PublicKey); ok {
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature) == nil
	}
	ec, ok := key.(*ecdsa.PublicKey)
	if !ok || len(signature) != 2*fieldBytes {
		return false
	}
	r := new(big.Int).SetBytes(signature[:fieldBytes])
	s := new(big.Int).SetBytes(signature[fieldBytes:])
	return ecdsa.Verify(ec, digest, r, s) // which refuses 0 and what is not below the order
}
