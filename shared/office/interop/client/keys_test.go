package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
)

// TestPrivateKeysStay: private keys in all the forms that tools write are seen as such, and
// what is not a PEM of a public key is not sent.
func TestPrivateKeysStay(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ofRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ofRSA)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	public := publicPEM(t, key.Public())
	for what, text := range map[string]string{
		"PKCS #8":                    block("PRIVATE KEY", pkcs8),
		"PKCS #1":                    block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(ofRSA)),
		"SEC 1":                      block("EC PRIVATE KEY", sec1),
		"sealed":                     block("ENCRYPTED PRIVATE KEY", pkcs8),
		"OpenSSH":                    block("OPENSSH PRIVATE KEY", []byte("openssh-key-v1")),
		"in lower case":              strings.ToLower(block("PRIVATE KEY", pkcs8)),
		"behind a public one":        public + block("PRIVATE KEY", pkcs8),
		"broken":                     "-----BEGIN RSA PRIVATE KEY-----\nx",
		"called public":              block("PUBLIC KEY", pkcs8),
		"called public, SEC 1":       block("PUBLIC KEY", sec1),
		"second, and called public":  public + "\n" + block("PUBLIC KEY", x509.MarshalPKCS1PrivateKey(ofRSA)),
		"DER":                        string(pkcs8),
		"base64 of DER":              base64.StdEncoding.EncodeToString(pkcs8),
		"base64 of DER, in lines":    lines(base64.StdEncoding.EncodeToString(sec1)),
		"PuTTY":                      "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 14\nAAAA",
		"JWK":                        `{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}`,
		"a set of JWK":               `{"keys":[{"kty":"EC","d":"c"}]}`,
		"PEM in a text around it":    "here it is:\n" + block("PRIVATE KEY", pkcs8),
		"with a byte order mark":     "\ufeff" + block("PRIVATE KEY", pkcs8),
		"with the line ends of DOS":  strings.ReplaceAll(block("PRIVATE KEY", pkcs8), "\n", "\r\n"),
		"a public name and a secret": block("RSA PUBLIC KEY", x509.MarshalPKCS1PrivateKey(ofRSA)),
	} {
		if !isPrivate(text) {
			t.Errorf("%s is not seen as private", what)
		}
		if keyMistake(text).IT == "" {
			t.Errorf("%s would be sent", what)
		}
	}
	for what, text := range map[string]string{
		"nothing": "", "words": "my key", "a certificate": block("CERTIFICATE", []byte("x")), "ssh": "ssh-rsa AAAA me@example.it",
		"a public JWK": `{"kty":"EC","crv":"P-256","x":"a","y":"b"}`,
	} {
		if keyMistake(text).EN == "" || isPrivate(text) {
			t.Errorf("%s would be sent, or is called private", what)
		}
	}
}

// TestPublicKeysGo: public keys go, with their algorithm.
func TestPublicKeysGo(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ofRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&ofRSA.PublicKey)}))
	for text, alg := range map[string]string{
		publicPEM(t, key.Public()): "ES256", publicPEM(t, ofRSA.Public()): "RS256", pkcs1: "RS256",
		"a note\r\n" + strings.ReplaceAll(publicPEM(t, key.Public()), "\n", "\r\n"): "ES256",
	} {
		if wrong := keyMistake(text); wrong.IT != "" {
			t.Errorf("%s is refused: %s", text, wrong.EN)
		}
		if got := keyAlgorithm(text); got != alg {
			t.Errorf("%s is for %s, want %s", text, got, alg)
		}
	}
}

// lines breaks a text as PEM does.
func lines(text string) string {
	var b strings.Builder
	for len(text) > 64 {
		b.WriteString(text[:64] + "\n")
		text = text[64:]
	}
	return b.String() + text
}

func publicPEM(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
