package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

const minRSABits = 2048

// keyID names a key together with the one algorithm it may verify, so that the
// type of a key always is that of the token's algorithm.
type keyID struct{ kid, alg string }

// fixedKeys are keys that do not change while the process lives.
type fixedKeys map[keyID]crypto.PublicKey

func (f fixedKeys) get(_ context.Context, id keyID) (crypto.PublicKey, error) {
	if key, ok := f[id]; ok {
		return key, nil
	}
	return nil, refuse("unknown key")
}

func (fixedKeys) refresh(context.Context) error { return nil }

// errNoKey is the error for a well-formed set that has no key for our tokens.
var errNoKey = errors.New("no usable key")

// parseKeys reads the keys of a JWKS that can verify our tokens. Others are
// skipped: an issuer may publish keys for other uses, and one that is broken
// must not take the rest along.
func parseKeys(body []byte) (map[keyID]crypto.PublicKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("not a JWKS: %w", err)
	}
	if set.Keys == nil { // RFC 7517 §5.1: a set has the member
		return nil, errors.New("not a JWKS: no keys member")
	}
	keys := map[keyID]crypto.PublicKey{}
	for _, raw := range set.Keys {
		jwk, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			continue
		}
		id := keyID{kid: jwk.Marshal().KID, alg: algorithm(jwk.Key())}
		if _, taken := keys[id]; !taken && usable(jwk.Marshal(), id) {
			keys[id] = jwk.Key()
		}
	}
	if len(keys) == 0 {
		return keys, errNoKey
	}
	return keys, nil
}

// algorithm returns the one algorithm that key may verify, "" for none.
func algorithm(key any) string {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return jwt.SigningMethodES256.Name
		}
	case *rsa.PublicKey:
		if key.N.BitLen() >= minRSABits {
			return jwt.SigningMethodRS256.Name
		}
	}
	return ""
}

// usable tells whether the key is meant for signatures of id's algorithm.
func usable(m jwkset.JWKMarshal, id keyID) bool {
	return id.alg != "" &&
		(m.ALG == "" || m.ALG.String() == id.alg) &&
		(m.USE == "" || m.USE == jwkset.UseSig) &&
		(len(m.KEYOPS) == 0 || slices.Contains(m.KEYOPS, jwkset.KeyOpsVerify))
}
