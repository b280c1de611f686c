package kms_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/platform/testing/kmslocal"
)

func deriveAt(t *testing.T, url, key string) seal.Derive {
	t.Helper()
	env := map[string]string{"AWS_ENDPOINT_URL_KMS": url, "DERIVE_KEY_ID": key}
	derive, err := kms.DeriveFromEnv(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return derive
}

// TestDerive: all processes have the same key for a name, and another one for another name or
// by another key of KMS.
func TestDerive(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(kmslocal.New("box").WithMAC("one").WithMAC("two"))
	t.Cleanup(server.Close)
	get := func(key, name string) []byte {
		derived, err := deriveAt(t, server.URL, key)(t.Context(), name)
		if err != nil || len(derived) != seal.KeyBytes {
			t.Fatalf("%d bytes, %v", len(derived), err)
		}
		return derived
	}
	first, again := get("one", "sessions"), get("one", "sessions")
	if !bytes.Equal(first, again) || bytes.Equal(first, get("one", "sessions 2")) || bytes.Equal(first, get("two", "sessions")) {
		t.Error("keys are not those of their names")
	}
	if _, err := deriveAt(t, server.URL, "box")(t.Context(), "sessions"); err == nil || errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("a key for another use: %v", err)
	}
	if _, err := deriveAt(t, server.URL, "one")(t.Context(), ""); err == nil {
		t.Error("a key has no name")
	}
	if _, err := kms.DeriveFromEnv(func(string) string { return "" }); err == nil {
		t.Error("nothing is configured")
	}
	short := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"Mac":"AAAA"}`)) }))
	t.Cleanup(short.Close)
	if _, err := deriveAt(t, short.URL, "one")(t.Context(), "sessions"); err == nil {
		t.Error("a short key is accepted")
	}
}
