package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"maps"
	"math/big"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// ecKey makes a public key on a curve.
func ecKey(curve elliptic.Curve) *ecdsa.PublicKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	must(err)
	return &key.PublicKey
}

// modulus returns an odd number of that many bits, which looks like the modulus of a key.
func modulus(bits int) *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	must(err)
	return n.SetBit(n, bits-1, 1).SetBit(n, 0, 1)
}

// spki returns a public key as a SubjectPublicKeyInfo in DER.
func spki(public any) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	must(err)
	return der
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// encodeKey returns a public key as clients send it.
func encodeKey(public any) string { return b64(pemOf("PUBLIC KEY", spki(public))) }

// rsaKey returns an RSA key as clients send it.
func rsaKey(bits, exponent int) string {
	return encodeKey(&rsa.PublicKey{N: modulus(bits), E: exponent})
}

// keySeed returns the body of a new EC key, with changes.
func keySeed(changes object) object {
	s := object{"use": "SIG", "alg": "ES256", "name": "A key"}
	if _, ok := changes["key"]; !ok {
		s["key"] = encodeKey(ecKey(elliptic.P256()))
	}
	maps.Copy(s, changes)
	return s
}
