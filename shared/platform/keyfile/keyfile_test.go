package keyfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"ciclo/shared/platform/keyfile"
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
