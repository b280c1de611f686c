package keyfile_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/jose/keyfile"
)

func fixed(content string, err error) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(content), err }
}

func TestRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b", "key")
	full := errors.New("no randomness")
	if content, err := keyfile.Read(path, fixed("half", full)); content != nil || !errors.Is(err, full) {
		t.Errorf("got %q, %v", content, err)
	}
	for _, fresh := range []string{"first", "second"} {
		if content, err := keyfile.Read(path, fixed(fresh, nil)); err != nil || string(content) != "first" {
			t.Errorf("got %q, %v", content, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	if content, err := keyfile.Read(filepath.Dir(path), fixed("x", nil)); err == nil {
		t.Errorf("a folder has content %q", content)
	}
}

// TestReadAtOnce lets all find no file before any makes one.
func TestReadAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	var work, all sync.WaitGroup
	var got [8]string
	all.Add(len(got))
	for i := range got {
		work.Go(func() {
			content, err := keyfile.Read(path, func() ([]byte, error) {
				all.Done()
				all.Wait()
				return []byte{byte('a' + i)}, nil
			})
			if err != nil {
				t.Error(err)
			}
			got[i] = string(content)
		})
	}
	work.Wait()
	for _, content := range got {
		if len(content) != 1 || content != got[0] {
			t.Errorf("read %q", got)
		}
	}
}

func onP256() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func TestPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	full := errors.New("no randomness")
	fails := func() (*ecdsa.PrivateKey, error) { return nil, full }
	for _, at := range []string{path, ""} {
		if key, err := keyfile.Private(at, fails); key != nil || !errors.Is(err, full) {
			t.Errorf("at %q: %v, %v", at, key, err)
		}
	}
	first, err := keyfile.Private(path, onP256)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := keyfile.Private(path, fails); err != nil || !again.Equal(first) {
		t.Errorf("read again: %v", err)
	}
	one, _ := keyfile.Private("", onP256)
	if two, err := keyfile.Private("", onP256); err != nil || one.Equal(two) {
		t.Errorf("without a path: %v, or one key twice", err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = keyfile.Private(path, func() (ed25519.PrivateKey, error) { return nil, full })
	if err == nil || !strings.Contains(err.Error(), path) || !strings.HasSuffix(err.Error(), "delete the file to get a new one") {
		t.Errorf("a key of another kind: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file has changed: %v", err)
	}
}
