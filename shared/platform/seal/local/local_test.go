package local_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/seal/local"
)

func open(t *testing.T, path string) *local.Sealer {
	t.Helper()
	s, err := local.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMasterKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "master.key")
	k, err := open(t, path).NewKey(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 || info.Size() != 32 {
		t.Errorf("the file is %v, %v", info, err)
	}
	if _, err := open(t, path).OpenKey(t.Context(), "a", k.Wrapped); err != nil {
		t.Errorf("the next process does not open the key: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}

func TestFirstUsesAtOnceGetOneKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	var work sync.WaitGroup
	var all [8]*local.Sealer
	for i := range all {
		work.Go(func() { all[i], _ = local.Open(path) })
	}
	work.Wait()
	for i, s := range all {
		if s == nil {
			t.Fatalf("sealer %d did not open", i)
		}
		k, err := s.NewKey(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := all[0].OpenKey(t.Context(), "a", k.Wrapped); err != nil {
			t.Errorf("sealer %d has another key: %v", i, err)
		}
	}
}

func TestWithoutPathKeysDiffer(t *testing.T) {
	t.Parallel()
	k, err := open(t, "").NewKey(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, "").OpenKey(t.Context(), "a", k.Wrapped); err == nil {
		t.Error("two processes have one key")
	}
}

func TestFileThatIsNoMasterKeyStays(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"empty": {}, "short": make([]byte, 31), "long": make([]byte, 33), "text": []byte("something dear to its owner"),
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := local.Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error is %v", name, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Errorf("%s: the file is now %q, %v", name, now, err)
		}
	}
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "file", "below")} {
		_ = os.WriteFile(filepath.Join(dir, "file"), nil, 0o600)
		if _, err := local.Open(path); err == nil {
			t.Errorf("%s opens", path)
		}
	}
}
