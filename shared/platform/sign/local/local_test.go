package local_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/local"
)

func open(t *testing.T, path string) *sign.Signer {
	t.Helper()
	s, err := local.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// kids are the ids of the published keys, the signing one first.
func kids(t *testing.T, s *sign.Signer) []string {
	t.Helper()
	var set struct{ Keys []struct{ KID string } }
	if err := json.Unmarshal(s.Keys().JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, key := range set.Keys {
		ids = append(ids, key.KID)
	}
	if _, err := s.Sign(t.Context(), "at+jwt", struct{}{}); err != nil {
		t.Error(err)
	}
	return ids
}

func same(a, b []string) bool { return strings.Join(a, " ") == strings.Join(b, " ") }

func TestKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "sign.key")
	first := kids(t, open(t, path))
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	if next := kids(t, open(t, path)); len(first) != 1 || !same(next, first) {
		t.Errorf("the next process has keys %v, the first had %v", next, first)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}

func TestFirstUsesAtOnceGetOneKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sign.key")
	var work sync.WaitGroup
	var all [4]*sign.Signer
	for i := range all {
		work.Go(func() { all[i], _ = local.Open(path) })
	}
	work.Wait()
	for i, s := range all {
		if s == nil || !same(kids(t, s), kids(t, all[0])) {
			t.Fatalf("signer %d has another key", i)
		}
	}
}

func TestWithoutPathKeysDiffer(t *testing.T) {
	t.Parallel()
	if same(kids(t, open(t, "")), kids(t, open(t, ""))) {
		t.Error("two processes have one key")
	}
}

// TestRotation moves files as an operator of a sandbox would.
func TestRotation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sign.key")
	first := kids(t, open(t, path))
	if err := os.Rename(path, path+".other"); err != nil {
		t.Fatal(err)
	}
	both := kids(t, open(t, path))
	if len(both) != 2 || both[0] == first[0] || both[1] != first[0] {
		t.Fatalf("published %v after %v", both, first)
	}
	if again := kids(t, open(t, path)); !same(again, both) {
		t.Errorf("the next process publishes %v, not %v", again, both)
	}
	if err := os.Remove(path + ".other"); err != nil {
		t.Fatal(err)
	}
	if last := kids(t, open(t, path)); !same(last, both[:1]) {
		t.Errorf("published %v at last, want %v", last, both[:1])
	}
}

func TestFilesThatAreNoKeyStay(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "sign.key")
	open(t, good)
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(content)
	for name, odd := range map[string][]byte{
		"empty":        {},
		"text":         []byte("something dear to its owner"),
		"DER":          block.Bytes,
		"two":          append(bytes.Clone(content), content...),
		"more":         append(bytes.Clone(content), "more"...),
		"curve":        pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"cut":          pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: block.Bytes[:len(block.Bytes)-1]}),
		"another type": pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: block.Bytes}),
	} {
		for which, suffix := range map[string]string{"the signing key": "", "the other key": ".other"} {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path+suffix, odd, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := local.Open(path)
			if err == nil || !strings.Contains(err.Error(), path+suffix+" has no") {
				t.Errorf("%s as %s: error is %v", name, which, err)
			}
			if now, err := os.ReadFile(path + suffix); err != nil || !bytes.Equal(now, odd) {
				t.Errorf("%s as %s: the file has changed, %v", name, which, err)
			}
		}
	}
	if err := os.WriteFile(good+".other", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := local.Open(good); err == nil || !strings.Contains(err.Error(), good) || !strings.Contains(err.Error(), "twice") {
		t.Errorf("one key in both files: %v", err)
	}
}

func TestFilesOutOfReach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sign.key")
	if err := os.Mkdir(path+".other", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{
		"a folder":          dir,
		"below a file":      filepath.Join(dir, "file", "below"),
		"a folder as other": path,
	} {
		if _, err := local.Open(path); err == nil {
			t.Errorf("%s opens", what)
		}
	}
}
