package voucher_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"sync"
)

// signature returns the third part of a token from the first two.
type signature func(text string) []byte

func rs256(key *rsa.PrivateKey) signature {
	return func(text string) []byte {
		hash := sha256.Sum256([]byte(text))
		out, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, hash[:])
		if err != nil {
			panic(err)
		}
		return out
	}
}

func es256(key *ecdsa.PrivateKey) signature {
	return func(text string) []byte {
		hash := sha256.Sum256([]byte(text))
		r, s, err := ecdsa.Sign(rand.Reader, key, hash[:])
		if err != nil {
			panic(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
}

func hs256(secret []byte) signature {
	return func(text string) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
}

func fixed(bytes []byte) signature { return func(string) []byte { return bytes } }

// curves returns private keys on P-256, made once.
var curves = sync.OnceValue(func() []*ecdsa.PrivateKey {
	all := make([]*ecdsa.PrivateKey, 2)
	for i := range all {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		all[i] = key
	}
	return all
})

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// compact returns a token with this header and payload.
func compact(header, payload string, sign signature) string {
	text := b64(header) + "." + b64(payload)
	return text + "." + b64(string(sign(text)))
}

// publicPEM returns the public key as clients send it.
func publicPEM(key crypto.Signer) []byte {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}
