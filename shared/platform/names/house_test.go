package names_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// comparing matches a comparison of names with functions of the standard library.
var comparing = regexp.MustCompile(`strings\.(ToLower|EqualFold)\([^)]*\.\w*(Name|Title)\b`)

// TestNamesAreComparedHere: no other package compares names with functions of the standard
// library. The sort keys of lists are not comparisons.
func TestNamesAreComparedHere(t *testing.T) {
	t.Parallel()
	root := "."
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		root = filepath.Join("..", root)
	}
	looked := 0
	err := filepath.WalkDir(filepath.Join(root, "shared"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if looked++; comparing.Match(source) {
			t.Errorf("%s compares names with the standard library, use names.Fold or names.Filter: %s", path, comparing.Find(source))
		}
		return err
	})
	if err != nil || looked < 100 {
		t.Errorf("%d files, %v", looked, err)
	}
}
