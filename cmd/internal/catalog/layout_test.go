package catalog_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
)

// TestArtifactsHaveOnePackage reads what the mains import below shared/: host and what
// provides for needs; of products the artifact's own package alone.
func TestArtifactsHaveOnePackage(t *testing.T) {
	t.Parallel()
	platform := regexp.MustCompile(`^ciclo/shared/platform/(host|retention|seal/kms|sign/kms|blob/s3)$`)
	for _, a := range catalog.Artifacts() {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, a.Folder(), "main.go"), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			own := imported == "ciclo/shared/"+a.Product+"/"+a.Resource
			if !own && !platform.MatchString(imported) && !authorizing[a.Name()][imported] {
				t.Errorf("%s imports %s", a.Folder(), imported)
			}
		}
	}
}

// authorizing are the packages that the authorizers of access tokens are put together of.
// They know the callers of both products that take such tokens: the other's have no rights.
var authorizing = map[string]map[string]bool{
	"consumers-authorizer": {
		"ciclo/shared/platform/api": true, "ciclo/shared/platform/auth": true, "ciclo/shared/consumers": true, "ciclo/shared/interop": true,
	},
	"interop-authorizer": {
		"ciclo/shared/platform/api": true, "ciclo/shared/platform/auth": true, "ciclo/shared/consumers": true, "ciclo/shared/interop": true,
		"ciclo/shared/interop/tenant": true,
	},
}

// TestProductsStandOnThePlatform reads who imports whom below shared/: a product imports
// the platform and no other product, the platform imports none.
func TestProductsStandOnThePlatform(t *testing.T) {
	t.Parallel()
	const module = "ciclo/shared/"
	products := map[string]bool{}
	for _, p := range catalog.Products() {
		products[p.Name] = true
	}
	wing := func(path string) string {
		first, _, _ := strings.Cut(strings.TrimPrefix(path, module), "/")
		return first
	}
	read := map[string]int{}
	err := filepath.WalkDir(filepath.Join(root, "shared"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		from := wing(strings.TrimPrefix(filepath.ToSlash(path), root+"/shared/"))
		read[from]++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if to := wing(imported); strings.HasPrefix(imported, module) && products[to] && to != from {
				t.Errorf("%s of %s imports %s", path, from, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range read {
		if !products[name] && name != "platform" {
			t.Errorf("shared/%s is neither a product nor the platform", name)
		}
	}
	for name := range products {
		if read[name] == 0 {
			t.Errorf("shared/%s has no Go file", name)
		}
	}
}
