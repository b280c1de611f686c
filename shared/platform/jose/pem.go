package jose

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
)

const (
	pemPublic  = "PUBLIC KEY"
	pemPrivate = "PRIVATE KEY"
)

// PublicPEM returns the key in PEM, as SubjectPublicKeyInfo.
func PublicPEM(key crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: der}), nil
}

// PrivatePEM returns the key in PEM, as PKCS #8.
func PrivatePEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPrivate, Bytes: der}), nil
}

// ParsePrivatePEM returns the key that PrivatePEM wrote, nil if the content is anything
// else. It gives no reason: one of crypto/x509 may quote the key.
func ParsePrivatePEM(content []byte) crypto.Signer {
	block, rest := pem.Decode(content)
	if block == nil || block.Type != pemPrivate || len(rest) > 0 {
		return nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil
	}
	key, _ := parsed.(crypto.Signer)
	return key
}
