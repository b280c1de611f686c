package sample

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/interop"
	"ciclo/shared/platform/jose"
)

// examined is the address that the event of the interop product's authorizer asks for.
const examined = "https://" + domain + "/" + stage + "/eservices"

// bound makes an access token of an API client, signed by the key of the deployment and bound
// to a new key, and a proof of that key for a GET of examined.
func bound(signing *rsa.PrivateKey, now time.Time) (token, proof string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	public, _ := jose.NewJWK(key.Public())
	id := sampleID(0xf8)
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": voucherIssuer, "aud": devissuer.Audience, "client_id": id, "sub": id, "jti": uuid.NewString(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
		"organizationId": producer, "role": interop.RoleReader, "cnf": map[string]string{"jkt": public.ID},
	})
	t.Header["kid"] = jose.Thumbprint(signing.Public())
	t.Header["typ"] = "at+jwt"
	if token, err = t.SignedString(signing); err != nil {
		return "", "", err
	}
	proof, err = prove(key, http.MethodGet, examined, token, now)
	return token, proof, err
}

// prove makes a DPoP proof for a request; token is the access token that comes with it, "" for
// none.
func prove(key *ecdsa.PrivateKey, method, url, token string, now time.Time) (string, error) {
	claims := jwt.MapClaims{"htm": method, "htu": url, "iat": now.Unix(), "jti": uuid.NewString()}
	if token != "" {
		hash := sha256.Sum256([]byte(token))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(hash[:])
	}
	public, _ := jose.NewJWK(key.Public()) // P-256, which it takes
	p := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	p.Header["typ"] = "dpop+jwt"
	p.Header["jwk"] = map[string]string{"kty": public.Type, "crv": public.Curve, "x": public.X, "y": public.Y}
	return p.SignedString(key)
}

// TokenProof makes a DPoP proof of a new key for a request to the token endpoint of interop.
func (s *Surroundings) TokenProof() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	return prove(key, http.MethodPost, voucherIssuer+"/token.oauth2", "", s.now())
}
