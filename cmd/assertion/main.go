// Command assertion prints a client assertion (RFC 7523), by which a client asks for
// a voucher:
//
//	assertion -client <id> -purpose <id> -key private.pem [-audience URL]
//
// or an access token for the interop API, bound to the key of the client (RFC 9449), with
// the answer of the sandbox's GET /_local/client:
//
//	assertion -file client.json
//
// The key is a private RSA key or one on P-256, in PEM (PKCS #8, PKCS #1 or SEC 1);
// its public half must have been uploaded for the client. An assertion is valid for
// ten minutes.
package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/platform/jose"
)

const lifetime = 10 * time.Minute

func main() {
	client := flag.String("client", "", "id of the client")
	purpose := flag.String("purpose", "", "id of the purpose")
	file := flag.String("key", "", "file with the private key, in PEM")
	audience := flag.String("audience", "http://localhost:3000", "the issuer of vouchers, or its token endpoint")
	config := flag.String("file", "", "file with a client of the kind API")
	flag.Parse()
	ask := func() (string, error) { return run(*client, *purpose, *file, *audience, time.Now()) }
	if *config != "" {
		ask = func() (string, error) { return accessToken(context.Background(), *config, time.Now()) }
	}
	token, err := ask()
	if err != nil {
		fmt.Fprintln(os.Stderr, "assertion:", err)
		os.Exit(1)
	}
	fmt.Println(token)
}

func run(client, purpose, file, audience string, now time.Time) (string, error) {
	for name, id := range map[string]string{"CLIENT": client, "PURPOSE": purpose} {
		if _, err := uuid.Parse(id); err != nil {
			return "", fmt.Errorf("%s=%q is not the id of one: make assertion CLIENT=<id> PURPOSE=<id> KEY=<file>", name, id)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("KEY: %w", err)
	}
	key, err := parse(text)
	if err != nil {
		return "", fmt.Errorf("KEY=%s: %w", file, err)
	}
	return assert(key, client, purpose, audience, now)
}

// assert makes an assertion, without a purpose for an access token.
func assert(key crypto.Signer, client, purpose, audience string, now time.Time) (string, error) {
	claims := jwt.MapClaims{
		"iss": client, "sub": client, "aud": audience, "jti": uuid.NewString(), "iat": now.Unix(), "exp": now.Add(lifetime).Unix(),
	}
	if purpose != "" {
		claims["purposeId"] = purpose
	}
	t := jwt.NewWithClaims(signingMethod(key), claims)
	t.Header["kid"] = jose.Thumbprint(key.Public())
	return t.SignedString(key)
}

// signingMethod is that of a key which parse has returned.
func signingMethod(key crypto.Signer) jwt.SigningMethod {
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		return jwt.SigningMethodES256
	}
	return jwt.SigningMethodRS256
}

// parse reads a private key that assertions may be signed with.
func parse(text []byte) (crypto.Signer, error) {
	block, rest := pem.Decode(bytes.TrimPrefix(text, []byte("\ufeff")))
	for block != nil && !strings.HasSuffix(block.Type, "PRIVATE KEY") { // openssl writes EC PARAMETERS before a key
		block, rest = pem.Decode(rest)
	}
	if block == nil {
		return nil, errors.New("no PEM with a private key: make one with openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048")
	}
	for _, read := range []func([]byte) (any, error){
		x509.ParsePKCS8PrivateKey,
		func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
		func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) },
	} {
		key, err := read(block.Bytes)
		if err != nil {
			continue
		}
		switch key := key.(type) {
		case *rsa.PrivateKey:
			return key, nil
		case *ecdsa.PrivateKey:
			if jose.Thumbprint(key.Public()) != "" {
				return key, nil
			}
		}
	}
	return nil, errors.New("not a private RSA key, nor one on P-256")
}
