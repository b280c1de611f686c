package kmslocal_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ciclo/shared/seal/kms/kmslocal"
)

const authorization = "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature="

// post sends one request in the form of KMS, after change has had its way.
func post(t *testing.T, url, action, body string, change func(http.Header)) (int, map[string]string) {
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
	var out map[string]string
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return res.StatusCode, out
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(kmslocal.New("one"))
	t.Cleanup(server.Close)
	const good = `{"KeyId":"one","KeySpec":"AES_256"}`
	for name, c := range map[string]struct {
		action, body string
		change       func(http.Header)
		want         string
	}{
		"unsigned":       {"GenerateDataKey", good, func(h http.Header) { h.Del("Authorization") }, "MissingAuthenticationTokenException"},
		"other form":     {"GenerateDataKey", good, func(h http.Header) { h.Set("Content-Type", "application/json") }, "SerializationException"},
		"no JSON":        {"GenerateDataKey", "{", nil, "SerializationException"},
		"large":          {"GenerateDataKey", good + strings.Repeat(" ", 64<<10), nil, "SerializationException"},
		"other key":      {"GenerateDataKey", `{"KeyId":"two","KeySpec":"AES_256"}`, nil, "NotFoundException"},
		"no key":         {"Decrypt", `{"CiphertextBlob":"AAAA"}`, nil, "NotFoundException"},
		"other length":   {"GenerateDataKey", `{"KeyId":"one","KeySpec":"AES_128"}`, nil, "ValidationException"},
		"no ciphertext":  {"Decrypt", `{"KeyId":"one"}`, nil, "ValidationException"},
		"half of it":     {"Decrypt", `{"KeyId":"one","CiphertextBlob":"AAAA"}`, nil, "InvalidCiphertextException"},
		"another action": {"Encrypt", good, nil, "UnknownOperationException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, out := post(t, server.URL, c.action, c.body, c.change); status != http.StatusBadRequest || out["__type"] != c.want {
				t.Errorf("got %d %v, want %s", status, out, c.want)
			}
		})
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
		_, out := post(t, server.URL, "Decrypt", `{"KeyId":"`+c.key+`","CiphertextBlob":"`+made["CiphertextBlob"]+`","EncryptionContext":`+c.context+`}`, nil)
		if opened := out["Plaintext"] != "" && out["Plaintext"] == made["Plaintext"]; opened != c.opens {
			t.Errorf("key %s, context %s: %v", c.key, c.context, out)
		}
	}
}
