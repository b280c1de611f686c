package main

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/platform/jose"
)

// prove makes a DPoP proof for a request. token is the access token that is sent with it,
// "" for none.
func prove(key *ecdsa.PrivateKey, method, url, token string, changes ...func(claims jwt.MapClaims)) (string, error) {
	public, ok := jose.NewJWK(&key.PublicKey)
	if !ok {
		return "", errors.New("a proof is signed by a key on P-256")
	}
	claims := jwt.MapClaims{"htm": method, "htu": url, "iat": time.Now().Unix(), "jti": uuid.NewString()}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = jose.Encode(sum[:])
	}
	for _, change := range changes {
		change(claims)
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["typ"] = "dpop+jwt"
	t.Header["jwk"] = object{"kty": public.Type, "crv": public.Curve, "x": public.X, "y": public.Y}
	return t.SignedString(key)
}
