package main

import (
	"context"
	"crypto"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/platform/jose"
)

// config is what is needed of a client of the kind API, as GET /_local/client of the sandbox
// answers it.
type config struct {
	ClientID      string `json:"clientId"`
	PrivateKey    string `json:"privateKey"` // in PEM
	TokenEndpoint string `json:"tokenEndpoint"`
	Audience      string `json:"audience"`
}

// accessToken gets an access token for the interop API with the configuration in a file. The
// token is bound to the key of the client, so the same key makes the proofs of the calls.
func accessToken(ctx context.Context, file string, now time.Time) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("FILE: %w", err)
	}
	var c config
	if err := json.Unmarshal(text, &c); err != nil {
		return "", fmt.Errorf("FILE=%s must be the answer of GET /_local/client?organizationId=<uuid>&kind=API: %w", file, err)
	}
	key, err := parse([]byte(c.PrivateKey))
	if err != nil {
		return "", fmt.Errorf("FILE=%s: privateKey: %w", file, err)
	}
	assertion, err := assert(key, c.ClientID, "", c.Audience, now)
	if err != nil {
		return "", err
	}
	proof, err := prove(key, http.MethodPost, c.TokenEndpoint, now)
	if err != nil {
		return "", err
	}
	return askForToken(ctx, c, assertion, proof)
}

// prove makes a DPoP proof (RFC 9449 §4.2) of a request for a token.
func prove(key crypto.Signer, method, address string, now time.Time) (string, error) {
	k, _ := jose.NewJWK(key.Public()) // parse returns no other keys
	t := jwt.NewWithClaims(signingMethod(key), jwt.MapClaims{"htm": method, "htu": address, "iat": now.Unix(), "jti": uuid.NewString()})
	t.Header["typ"] = "dpop+jwt"
	members := map[string]string{"kty": k.Type, "n": k.N, "e": k.E, "crv": k.Curve, "x": k.X, "y": k.Y}
	for name, value := range members {
		if value == "" {
			delete(members, name)
		}
	}
	t.Header["jwk"] = members
	return t.SignedString(key)
}

// askForToken sends the request for a token.
func askForToken(ctx context.Context, c config, assertion, proof string) (string, error) {
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"client_id":             {c.ClientID},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {assertion},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.TokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("DPoP", proof)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Token == "" {
		return "", fmt.Errorf("%s answers %d %s", c.TokenEndpoint, res.StatusCode, text)
	}
	return answer.Token, nil
}
