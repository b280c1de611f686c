package client

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/form"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/problem"
)

// JWK is a public key (RFC 7517) as it is stored and as clients read it (PDND, JWK).
type JWK struct {
	Type      string `json:"kty" enum:"RSA,EC" dynamodbav:"kty" doc:"RSA or EC"`
	Use       string `json:"use" enum:"sig,enc" dynamodbav:"use" doc:"What it is for: signing or encrypting"`
	Algorithm string `json:"alg" enum:"RS256,ES256" dynamodbav:"alg" doc:"The algorithm it is used with"`
	ID        string `json:"kid" dynamodbav:"kid" doc:"Its thumbprint (RFC 7638, SHA-256)"`
	N         string `json:"n,omitempty" dynamodbav:"n,omitempty" doc:"Of RSA: modulus"`
	E         string `json:"e,omitempty" dynamodbav:"e,omitempty" doc:"Of RSA: exponent"`
	Curve     string `json:"crv,omitempty" enum:"P-256" dynamodbav:"crv,omitempty" doc:"Of EC: curve"`
	X         string `json:"x,omitempty" dynamodbav:"x,omitempty" doc:"Of EC: first coordinate"`
	Y         string `json:"y,omitempty" dynamodbav:"y,omitempty" doc:"Of EC: second coordinate"`
}

// Bounds of what is sent. Those of a key's length are jose.MinBits, which PDND says, and
// jose.MaxRegisteredBits.
const (
	maxExponent = math.MaxInt32 // verifiers take no greater ones
	maxEncoded  = 8 << 10       // a PEM of the longest key is far shorter
)

// isKid reports whether a text looks like a thumbprint.
func isKid(text string) bool { return form.Is(text, 43, 43, form.Base64URL) }

const expected = "Expected the base64 of a PEM with one block, PUBLIC KEY (SubjectPublicKeyInfo) or RSA PUBLIC KEY (PKCS #1), " +
	"with an RSA key of 2048 to 8192 bits or an EC key on P-256."

// refuse is the problem of a key, of which it says nothing.
func refuse(code problem.Code, what string) error {
	return problem.New(code, "body.key: %s. %s", what, expected)
}

// parseKey makes a JWK without use of the base64 of a PEM, with or without padding;
// what is in a PEM is the same in both alphabets.
func parseKey(encoded string) (*JWK, error) {
	if len(encoded) > maxEncoded {
		return nil, refuse(interop.KeyNotValid, "It is too long")
	}
	text, ok := decode(encoded)
	if !ok {
		return nil, refuse(interop.KeyNotBase64, "It is not base64")
	}
	block, err := unwrap(text)
	if err != nil {
		return nil, err
	}
	public, again, err := parsers[block.Type](block.Bytes)
	if err != nil {
		return nil, refuse(interop.KeyNotValid, "Its content is no public key")
	}
	// The parser overlooks what follows within; what is written anew has nothing more.
	if !bytes.Equal(again, block.Bytes) {
		return nil, refuse(interop.KeyNotValid, "Its content is more than a public key, or not in DER")
	}
	switch key := public.(type) {
	case *rsa.PublicKey:
		return rsaJWK(key)
	case *ecdsa.PublicKey:
		return ecJWK(key)
	}
	return nil, refuse(interop.KeyTypeNotAllowed, "It is neither an RSA nor an EC key")
}

// parsers are those of the kinds of blocks that public keys come in: they read a key and
// write it anew.
var parsers = map[string]func(der []byte) (public any, again []byte, err error){
	"PUBLIC KEY": func(der []byte) (any, []byte, error) {
		public, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			return nil, nil, err
		}
		again, err := x509.MarshalPKIXPublicKey(public)
		return public, again, err
	},
	"RSA PUBLIC KEY": func(der []byte) (any, []byte, error) { // RFC 8017, appendix A.1.1
		public, err := x509.ParsePKCS1PublicKey(der)
		if err != nil {
			return nil, nil, err
		}
		return public, x509.MarshalPKCS1PublicKey(public), nil
	},
}

func decode(encoded string) ([]byte, bool) {
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
		if text, err := form.Strict().DecodeString(encoded); err == nil {
			return text, true
		}
	}
	return nil, false
}

// unwrap returns the one block of a PEM. Text around it is skipped (RFC 7468 §2), and so is
// a byte order mark: tools write both.
func unwrap(text []byte) (*pem.Block, error) {
	const begin = "-----BEGIN "
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if bytes.Count(text, []byte(begin)) > 1 {
		return nil, refuse(interop.MultipleKeysNotAllowed, "It has several PEM blocks")
	}
	if bytes.Contains(text, []byte("PRIVATE KEY-----")) {
		return nil, refuse(interop.PrivateKeyNotAllowed, "It is a private key, which never leaves its owner: make a new one")
	}
	block, _ := pem.Decode(bytes.TrimSpace(text)) // which wants a line of its own
	switch {
	case block == nil || len(block.Headers) > 0 || bytes.IndexByte(text, 0) >= 0:
		return nil, refuse(interop.KeyNotValid, "It is no PEM block, or has headers or zero bytes")
	case strings.Contains(block.Type, "CERTIFICATE"):
		return nil, refuse(interop.CertificateNotAllowed, "It is a certificate")
	case parsers[block.Type] == nil:
		return nil, refuse(interop.KeyNotValid, "It is a PEM block of another kind")
	}
	return block, nil
}

func rsaJWK(key *rsa.PublicKey) (*JWK, error) {
	if jose.Algorithm(key, jose.MaxRegisteredBits) == "" {
		return nil, refuse(interop.KeyLengthNotAllowed, "It is an RSA key of another length")
	}
	if key.E < 3 || key.E > maxExponent || key.E%2 == 0 || key.N.Bit(0) == 0 {
		return nil, refuse(interop.KeyNotValid,
			"It is an RSA key whose modulus or exponent is even, or whose exponent is not from 3 to 2147483647")
	}
	return newJWK(key), nil
}

func ecJWK(key *ecdsa.PublicKey) (*JWK, error) {
	k := newJWK(key)
	if k == nil {
		return nil, refuse(interop.KeyTypeNotAllowed, "It is an EC key on another curve")
	}
	return k, nil
}

// newJWK returns the JWK of a key, nil if it has none.
func newJWK(key crypto.PublicKey) *JWK {
	k, ok := jose.NewJWK(key)
	if !ok {
		return nil
	}
	return (*JWK)(&k)
}

// Public returns the key itself, an *rsa.PublicKey or an *ecdsa.PublicKey, nil if it is
// none.
func (k *JWK) Public() crypto.PublicKey { return jose.JWK(*k).Public() }
