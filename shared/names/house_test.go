package names_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// comparing finds a comparison of names in the manner of the standard library.
var comparing = regexp.MustCompile(`strings\.(ToLower|ToUpper|EqualFold)\([^)]*(Name|Title)\b`)

// earlier are the places that compare as stored keys were made.
var earlier = map[string]string{
	"eservice/keys.go": "claims of earlier releases",
	"purpose/keys.go":  "claims of earlier releases",
	"service/names.go": "claims of earlier releases",
}

// TestNamesAreComparedHere finds packages that compare names by themselves.
func TestNamesAreComparedHere(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		name := filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
		if comparing.Match(source) {
			if found[name] = true; earlier[name] == "" {
				t.Errorf("%s compares names by itself, use names.Fold: %s", name, comparing.Find(source))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range earlier {
		if !found[name] {
			t.Errorf("%s no longer compares names", name)
		}
	}
}
