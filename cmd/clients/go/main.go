// Command clients gets a voucher with golang.org/x/oauth2, and shows what it raises on a
// refusal. The environment is that of prepare.go. It is a module of its own, so that the
// library is no dependency of Ciclo's.
package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	for name, style := range map[string]oauth2.AuthStyle{
		"as it finds out": oauth2.AuthStyleAutoDetect,
		"by parameters":   oauth2.AuthStyleInParams,
	} {
		token, err := voucher(ctx, os.Getenv("PURPOSE"), style)
		if err != nil {
			return err
		}
		if token.AccessToken == "" || !token.Valid() {
			return fmt.Errorf("the token is %+v", token)
		}
		fmt.Printf("  voucher, %s: %s, %d s\n", name, token.TokenType, int(time.Until(token.Expiry).Seconds()))
	}
	_, err := voucher(ctx, "00000000-0000-4000-8000-00000000dead", oauth2.AuthStyleInParams)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != "unauthorized_client" ||
		!strings.Contains(refused.ErrorDescription, "link them first") {
		return fmt.Errorf("the refusal is %w", err)
	}
	fmt.Printf("  voucher for a purpose that the client is not linked to: %s: %s\n", refused.ErrorCode, refused.ErrorDescription)
	return nil
}

// voucher asks for a voucher for a purpose.
func voucher(ctx context.Context, purpose string, style oauth2.AuthStyle) (*oauth2.Token, error) {
	issuer, client := os.Getenv("ISSUER"), os.Getenv("CLIENT")
	assertion, err := sign(map[string]any{
		"iss": client, "sub": client, "aud": issuer, "jti": rand.Text(), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		"purposeId": purpose,
	})
	if err != nil {
		return nil, err
	}
	config := clientcredentials.Config{
		ClientID: client, TokenURL: issuer + "/token.oauth2", AuthStyle: style,
		EndpointParams: url.Values{
			"client_assertion":      {assertion},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		},
	}
	return config.Token(ctx)
}

// sign makes a JWT by the key of the client.
func sign(claims map[string]any) (string, error) {
	raw, err := os.ReadFile(os.Getenv("KEY"))
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(raw)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return "", err
	}
	header, err := json.Marshal(map[string]any{"alg": "RS256", "typ": "JWT", "kid": os.Getenv("KID")})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key.(*rsa.PrivateKey), crypto.SHA256, digest[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}
