package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
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
			own := imported == "ciclo/shared/"+a.Product+"/"+a.PackageName()
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
		"ciclo/shared/interop/door": true, "ciclo/shared/interop/tenant": true,
	},
}

// TestProductsStandOnThePlatform reads who imports whom below shared/: a product imports
// the platform and no other product, the platform and the office import none.
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
	readGo(t, parser.ImportsOnly, []string{"shared"}, func(path string, _ *token.FileSet, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		from := wing(strings.TrimPrefix(path, "shared/"))
		read[from]++
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if to := wing(imported); strings.HasPrefix(imported, module) && products[to] && to != from {
				t.Errorf("%s of %s imports %s", path, from, imported)
			}
		}
	})
	for name := range read {
		if !products[name] && name != "platform" && name != "office" {
			t.Errorf("shared/%s is neither a product, nor the platform, nor the office", name)
		}
	}
	for name := range products {
		if read[name] == 0 {
			t.Errorf("shared/%s has no Go file", name)
		}
	}
}

// productWords are what products are called, and what belongs to one of them alone.
var productWords = regexp.MustCompile(`(?i)pdnd|thales|app[ -]?io|e-?service|agreement|voucher|card[ -]?issuer|\bd1\b`)

// TestPlatformNamesNoProduct: what the platform declares, and the texts in it, name no product.
// A platform that knows the words of a product is changed with it, and the others with the
// platform. Comments may say whose API a rule comes from.
func TestPlatformNamesNoProduct(t *testing.T) {
	t.Parallel()
	readGo(t, parser.SkipObjectResolution, []string{"shared/platform"}, func(path string, files *token.FileSet, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			text := ""
			switch n := n.(type) {
			case *ast.Ident:
				text = n.Name
			case *ast.BasicLit:
				text = n.Value
			}
			if word := productWords.FindString(text); word != "" {
				t.Errorf("%s:%d: %s has the word %q of a product", path, files.Position(n.Pos()).Line, text, word)
			}
			return true
		})
	})
}

// TestSizes: files written by hand have at most 350 lines, and functions at most 65 between
// their braces. The linter has the second limit, but leaves comments out.
func TestSizes(t *testing.T) {
	t.Parallel()
	const longestFile, longestFunction = 350, 65
	folders := []string{"cmd", "shared", "functions"}
	readGo(t, parser.ParseComments|parser.SkipObjectResolution, folders, func(path string, files *token.FileSet, file *ast.File) {
		if ast.IsGenerated(file) {
			return
		}
		if n := files.File(file.Pos()).LineCount(); n > longestFile {
			t.Errorf("%s has %d lines, at most %d", path, n, longestFile)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			n := files.Position(f.Body.Rbrace).Line - files.Position(f.Body.Lbrace).Line - 1
			if n > longestFunction {
				t.Errorf("%s: %s has %d lines, at most %d", path, f.Name.Name, n, longestFunction)
			}
		}
	})
}

// readGo calls visit with each Go file below folders, by its path in the repository.
func readGo(t *testing.T, mode parser.Mode, folders []string, visit func(path string, files *token.FileSet, file *ast.File)) {
	t.Helper()
	for _, folder := range folders {
		found := 0
		err := fs.WalkDir(os.DirFS(root), folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			found++
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(root, path), nil, mode)
			if err != nil {
				return err
			}
			visit(path, files, file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if found == 0 {
			t.Errorf("%s has no Go file", folder)
		}
	}
}

// TestNamedTestsExist: a comment or a page that says which test proves something names a test
// that there is.
func TestNamedTestsExist(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`\bTest[A-Z]\w+`)
	defined := map[string]bool{}
	named := map[string]string{} // where
	eachText(t, func(path, text string) {
		for _, found := range regexp.MustCompile(`(?m)^func (Test[A-Z]\w+)\(`).FindAllStringSubmatch(text, -1) {
			defined[found[1]] = true
		}
		for _, found := range name.FindAllString(text, -1) {
			named[found] = path
		}
	})
	for found, path := range named {
		if !defined[found] {
			t.Errorf("%s names %s, which is no test", path, found)
		}
	}
	if len(named) < 500 {
		t.Errorf("%d tests are named", len(named))
	}
}

// eachText hands every source file and page of the repository to yield, by its path.
func eachText(t *testing.T, yield func(path, text string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != "." && strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".md" {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		yield(path, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
