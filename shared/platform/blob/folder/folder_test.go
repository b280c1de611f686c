package folder_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/blob/folder"
)

func open(t *testing.T, dir string) *folder.Store {
	t.Helper()
	s, err := folder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestFilesOutliveTheStore(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	s := open(t, dir)
	if err := s.Put(t.Context(), "services/a.svg", blob.Blob{Type: "image/svg+xml", Bytes: []byte("<svg/>")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, ok, err := open(t, dir).Get(t.Context(), "services/a.svg")
	if err != nil || !ok || b.Type != "image/svg+xml" || string(b.Bytes) != "<svg/>" {
		t.Errorf("got %q, %t, %v", b, ok, err)
	}
	var files []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			files = append(files, filepath.Base(path))
		}
		return nil
	})
	if !slices.Equal(files, []string{"a.svg"}) {
		t.Errorf("the folder has %q", files)
	}
}

func TestExtensionIsTheType(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	for name, want := range map[string]string{
		"a.png": "image/png", "a.jpg": "image/jpeg", "a.jpeg": "image/jpeg", "a.gif": "image/gif", "a.webp": "image/webp",
		"a.svg": "image/svg+xml", "a.json": "application/json", "a.other": "application/octet-stream", "a": "application/octet-stream",
	} {
		if err := s.Put(t.Context(), name, blob.Blob{Type: want}); err != nil {
			t.Error(err)
		}
		if b, ok, err := s.Get(t.Context(), name); err != nil || !ok || b.Type != want {
			t.Errorf("%s is %q, %t, %v, want %s", name, b.Type, ok, err, want)
		}
		if err := s.Put(t.Context(), name, blob.Blob{Type: "text/plain"}); err == nil {
			t.Errorf("%s is kept as text/plain", name)
		}
	}
}

func TestFailuresLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	if err := os.MkdirAll(filepath.Join(dir, "a.png", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "a.png", blob.Blob{Type: "image/png"}); err == nil {
		t.Error("a folder was replaced")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}

func TestLinksDoNotLeadOutOfTheFolder(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "a.png"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if b, ok, err := s.Get(t.Context(), "out/a.png"); err == nil {
		t.Errorf("read %q, %t", b, ok)
	}
	if err := s.Put(t.Context(), "out/b.png", blob.Blob{Type: "image/png"}); err == nil {
		t.Error("a file was written outside")
	}
}

func TestLargeFileIsNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.png"), make([]byte, blob.MaxBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := open(t, dir).Get(t.Context(), "a.png"); err == nil {
		t.Error("no error")
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := folder.Open(dir); err == nil {
			t.Errorf("%s is no folder, and opens", dir)
		}
	}
}
