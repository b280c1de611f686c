package jose_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"sync"

	"ciclo/shared/platform/jose"
)

// keyring has private keys, made once because RSA takes its time.
type keyring struct {
	rsa  *rsa.PrivateKey
	weak *rsa.PrivateKey
	ec   *ecdsa.PrivateKey
	p384 *ecdsa.PrivateKey
}

var keys = sync.OnceValue(func() keyring {
	return keyring{
		rsa:  must(rsa.GenerateKey(rand.Reader, 2048)),
		weak: must(rsa.GenerateKey(rand.Reader, 2040)),
		ec:   must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		p384: must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
	}
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// set changes members of a JSON object; absent removes one.
type set map[string]any

var absent = new(int)

// jwk writes a public key by hand, so that the tests have their own reading of RFC 7518.
func jwk(public any, changes set) set {
	var m set
	switch key := public.(type) {
	case *rsa.PublicKey:
		m = set{"kty": "RSA", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}
	case *ecdsa.PublicKey:
		point := must(key.Bytes())[1:]
		half := len(point) / 2
		m = set{"kty": "EC", "crv": key.Params().Name, "x": b64(point[:half]), "y": b64(point[half:])}
	}
	maps.Copy(m, changes)
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == absent })
	return m
}

func object(m set) jose.Object {
	o, ok := jose.ReadObject(must(json.Marshal(m)))
	if !ok {
		panic("no object")
	}
	return o
}

// ofBits is an RSA key of so many bits, which has no private half.
func ofBits(bits uint) *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1), E: 65537}
}

// shortKey is a key on P-256 whose first coordinate begins with a zero.
var shortKey = sync.OnceValue(func() *ecdsa.PublicKey {
	for {
		key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
		if must(key.PublicKey.Bytes())[1] == 0 {
			return &key.PublicKey
		}
	}
})
