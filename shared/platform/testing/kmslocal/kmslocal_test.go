package kmslocal_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/testing/kmslocal"
)

const authorization = "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature="

// digest is of 32 bytes, in base64.
const (
	digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	toSign = `{"KeyId":"pen","Message":"` + digest + `","MessageType":"DIGEST","SigningAlgorithm":"RSASSA_PKCS1_V1_5_SHA_256"}`
)

// pen is a key that signs.
var pen = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// post sends one request in the form of KMS, after change has had its way.
func post(t *testing.T, url, action, body string, change func(http.Header)) (int, map[string]string) {
	t.Helper()
	status, b := call(t, url, action, body, change)
	var out map[string]string
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return status, out
}

// call is post with the answer as it came.
func call(t *testing.T, url, action, body string, change func(http.Header)) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "TrentService."+action)
	r.Header.Set("X-Amz-Date", "20260102T030405Z")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", authorization+strings.Repeat("0a", 32))
	if change != nil {
		change(r.Header)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(kmslocal.New("one").WithSigner("pen", pen()).WithMAC("mac"))
	t.Cleanup(server.Close)
	const good = `{"KeyId":"one","KeySpec":"AES_256"}`
	for name, c := range map[string]struct {
		action, body string
		change       func(http.Header)
		want         string
	}{
		"unsigned": {"GenerateDataKey", good, func(h http.Header) { h.Del("Authorization") }, "MissingAuthenticationTokenException"},
		"other form": {
			"GenerateDataKey", good,
			func(h http.Header) { h.Set("Content-Type", "application/json") },
			"SerializationException",
		},
		"no JSON":            {"GenerateDataKey", "{", nil, "SerializationException"},
		"large":              {"GenerateDataKey", good + strings.Repeat(" ", 64<<10), nil, "SerializationException"},
		"other key":          {"GenerateDataKey", `{"KeyId":"two","KeySpec":"AES_256"}`, nil, "NotFoundException"},
		"no key":             {"Decrypt", `{"CiphertextBlob":"AAAA"}`, nil, "NotFoundException"},
		"other length":       {"GenerateDataKey", `{"KeyId":"one","KeySpec":"AES_128"}`, nil, "ValidationException"},
		"no ciphertext":      {"Decrypt", `{"KeyId":"one"}`, nil, "ValidationException"},
		"half of it":         {"Decrypt", `{"KeyId":"one","CiphertextBlob":"AAAA"}`, nil, "InvalidCiphertextException"},
		"seals, key signs":   {"GenerateDataKey", `{"KeyId":"pen","KeySpec":"AES_256"}`, nil, "InvalidKeyUsageException"},
		"opens, key signs":   {"Decrypt", `{"KeyId":"pen","CiphertextBlob":"AAAA"}`, nil, "InvalidKeyUsageException"},
		"signs, key seals":   {"Sign", `{"KeyId":"one"}`, nil, "InvalidKeyUsageException"},
		"public, key seals":  {"GetPublicKey", `{"KeyId":"one"}`, nil, "InvalidKeyUsageException"},
		"no digest":          {"Sign", strings.Replace(toSign, digest, "AAAA", 1), nil, "ValidationException"},
		"a message":          {"Sign", strings.Replace(toSign, "DIGEST", "RAW", 1), nil, "ValidationException"},
		"another padding":    {"Sign", strings.Replace(toSign, "PKCS1_V1_5", "PSS", 1), nil, "ValidationException"},
		"signs, another key": {"Sign", strings.Replace(toSign, "pen", "two", 1), nil, "NotFoundException"},
		"mac, key seals":     {"GenerateMac", `{"KeyId":"one","Message":"AAAA","MacAlgorithm":"HMAC_SHA_256"}`, nil, "InvalidKeyUsageException"},
		"signs, key is mac":  {"Sign", strings.Replace(toSign, "pen", "mac", 1), nil, "InvalidKeyUsageException"},
		"another mac":        {"GenerateMac", `{"KeyId":"mac","Message":"AAAA","MacAlgorithm":"HMAC_SHA_512"}`, nil, "ValidationException"},
		"mac of nothing":     {"GenerateMac", `{"KeyId":"mac","MacAlgorithm":"HMAC_SHA_256"}`, nil, "ValidationException"},
		"another action":     {"Encrypt", good, nil, "UnknownOperationException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, out := post(t, server.URL, c.action, c.body, c.change); status != http.StatusBadRequest || out["__type"] != c.want {
				t.Errorf("got %d %v, want %s", status, out, c.want)
			}
		})
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(kmslocal.New().WithSigner("pen", pen()))
	t.Cleanup(server.Close)
	status, made := post(t, server.URL, "Sign", toSign, nil)
	signature, err := base64.StdEncoding.DecodeString(made["Signature"])
	if status != http.StatusOK || err != nil || made["KeyId"] != "pen" || made["SigningAlgorithm"] != "RSASSA_PKCS1_V1_5_SHA_256" {
		t.Errorf("got %d %v", status, made)
	}
	if err := rsa.VerifyPKCS1v15(&pen().PublicKey, crypto.SHA256, make([]byte, 32), signature); err != nil {
		t.Error(err)
	}
	var public struct {
		KeyUsage          string
		PublicKey         []byte
		SigningAlgorithms []string
	}
	_, body := call(t, server.URL, "GetPublicKey", `{"KeyId":"pen"}`, nil)
	if err := json.Unmarshal(body, &public); err != nil || public.KeyUsage != "SIGN_VERIFY" || len(public.SigningAlgorithms) != 1 {
		t.Errorf("got %s, %v", body, err)
	}
	if key, err := x509.ParsePKIXPublicKey(public.PublicKey); err != nil || !pen().PublicKey.Equal(key) {
		t.Errorf("got %v, %v", key, err)
	}
}

func TestEncryptionContextIsAuthenticated(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(kmslocal.New("one", "two"))
	t.Cleanup(server.Close)
	_, made := post(t, server.URL, "GenerateDataKey", `{"KeyId":"one","KeySpec":"AES_256","EncryptionContext":{"a":"1","b":"2"}}`, nil)
	for _, c := range []struct {
		key, context string
		opens        bool
	}{
		{"one", `{"a":"1","b":"2"}`, true},
		{"one", `{"b":"2","a":"1"}`, true},
		{"one", `{"a":"1"}`, false},
		{"one", `{"a":"2","b":"1"}`, false},
		{"one", `{"a":"1","b":"2","c":"3"}`, false},
		{"one", `{}`, false},
		{"two", `{"a":"1","b":"2"}`, false},
	} {
		body := `{"KeyId":"` + c.key + `","CiphertextBlob":"` + made["CiphertextBlob"] + `","EncryptionContext":` + c.context + `}`
		_, out := post(t, server.URL, "Decrypt", body, nil)
		if opened := out["Plaintext"] != "" && out["Plaintext"] == made["Plaintext"]; opened != c.opens {
			t.Errorf("key %s, context %s: %v", c.key, c.context, out)
		}
	}
}
