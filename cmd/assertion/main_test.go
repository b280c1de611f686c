package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/jose"
)

const (
	clientID  = "5f8d7a10-0000-4000-8000-000000000001"
	purposeID = "5f8d7a10-0000-4000-8000-000000000002"
	issuer    = "http://localhost:3000"
)

// file writes a PEM.
func file(t *testing.T, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAssertions makes assertions with keys of every form, which the token endpoint
// would believe.
func TestAssertions(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, tc := range map[string]struct {
		path   func() string
		public crypto.PublicKey
		alg    string
	}{
		"RSA, PKCS #1": {func() string {
			return file(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil)
		}, rsaKey.Public(), jose.RS256},
		"RSA, PKCS #8": {func() string {
			der, err := x509.MarshalPKCS8PrivateKey(rsaKey)
			return file(t, "PRIVATE KEY", der, err)
		}, rsaKey.Public(), jose.RS256},
		"EC, PKCS #8": {func() string {
			der, err := x509.MarshalPKCS8PrivateKey(ecKey)
			return file(t, "PRIVATE KEY", der, err)
		}, ecKey.Public(), jose.ES256},
		"EC, SEC 1": {func() string {
			der, err := x509.MarshalECPrivateKey(ecKey)
			return file(t, "EC PRIVATE KEY", der, err)
		}, ecKey.Public(), jose.ES256},
		"EC, with a mark, text and parameters before": {func() string {
			der, err := x509.MarshalECPrivateKey(ecKey)
			path := file(t, "EC PRIVATE KEY", der, err)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			before := "\ufeffkey of the portal\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
			if err := os.WriteFile(path, append([]byte(before), text...), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, ecKey.Public(), jose.ES256},
	} {
		token, err := run(clientID, purposeID, tc.path(), issuer, now)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		a, failures := assertion.Parse(assertion.Request{
			ClientID: clientID, ClientAssertion: token, ClientAssertionType: assertion.Type, GrantType: assertion.Grant,
		}, assertion.Expected{Audiences: []string{issuer}, Algorithms: []string{jose.RS256, jose.ES256}})
		failures = append(failures, a.SignedBy(tc.public, tc.alg)...)
		failures = append(failures, a.Current(now)...)
		if len(failures) > 0 || a.PurposeID != purposeID || a.Kid != jose.Thumbprint(tc.public) {
			t.Errorf("%s: %+v %v", name, a, failures)
		}
	}
}

// TestRefusals says what is missing, and never what is in a key.
func TestRefusals(t *testing.T) {
	t.Parallel()
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(other)
	curve := file(t, "PRIVATE KEY", der, err)
	text := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(text, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ client, purpose, key, want string }{
		{"", purposeID, curve, "CLIENT"},
		{clientID, "x", curve, "PURPOSE"},
		{clientID, purposeID, "", "KEY"},
		{clientID, purposeID, text, "openssl"},
		{clientID, purposeID, curve, "P-256"},
	} {
		token, err := run(tc.client, tc.purpose, tc.key, issuer, time.Now())
		if err == nil || token != "" || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: %q, %v", tc, token, err)
		}
	}
}
