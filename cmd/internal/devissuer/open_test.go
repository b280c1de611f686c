package devissuer_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/platform/auth"
)

func TestOpenKeepsTheKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "issuer.key")
	reopen := func() *devissuer.Issuer {
		i, err := devissuer.Open(path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	first := reopen()
	token := mint(t, first, devissuer.Claims{Subject: "AAAAAAAAAA"})
	second := reopen()
	if _, err := bearer(t, second, nil).Authenticate(t.Context(), token); err != nil || !bytes.Equal(first.JWKS(), second.JWKS()) {
		t.Errorf("after a restart: %v, keys %s and %s", err, first.JWKS(), second.JWKS())
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	other, err := devissuer.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = bearer(t, other, nil).Authenticate(t.Context(), token)
	if !errors.Is(err, auth.ErrUnauthorized) || !strings.HasSuffix(err.Error(), "unknown key") {
		t.Errorf("with a key of its own: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const pkcs8 = "-----BEGIN PRIVATE KEY-----\n%\n-----END PRIVATE KEY-----\n"
	for name, content := range map[string]string{
		"nothing":      "",
		"text":         "secret",
		"no key":       strings.ReplaceAll(pkcs8, "%", "c2VjcmV0"),
		"another type": strings.ReplaceAll(pkcs8, "PRIVATE", "PUBLIC"),
		"Ed25519":      strings.ReplaceAll(pkcs8, "%", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"),
	} {
		path := filepath.Join(t.TempDir(), "issuer.key")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := devissuer.Open(path, time.Now)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "delete the file") ||
			strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("%s: %v", name, err)
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != content {
			t.Errorf("%s: the file is %q now, %v", name, kept, err)
		}
	}
	if _, err := devissuer.Open(t.TempDir(), time.Now); err == nil {
		t.Error("a folder has a key")
	}
}
