package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	pdndCode  = regexp.MustCompile(`^([0-9]{3}-[0-9]{4,5}|00[15]-00[79])$`)
	namedCode = regexp.MustCompile(`^[A-Z][A-Z_]+$`)
)

// TestCodesAreUnique reads the source of each product's codes, so that a code added
// later is checked without being listed here.
func TestCodesAreUnique(t *testing.T) {
	t.Parallel()
	for product, least := range map[string]int{"interop": 100, "services": 15, "consumers": 15} {
		sources, err := filepath.Glob(filepath.Join(root, "shared", product, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, name := range sources {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			checkCodes(t, file, seen)
		}
		if len(seen) < least {
			t.Errorf("%s: found %d codes; the catalogue was not read", product, len(seen))
		}
	}
}

// checkCodes adds the codes that file declares to seen.
func checkCodes(t *testing.T, file ast.Node, seen map[string]bool) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if id, ok := lit.Type.(*ast.SelectorExpr); !ok || id.Sel.Name != "Code" || len(lit.Elts) < 2 {
			return true
		}
		name := strings.Trim(lit.Elts[0].(*ast.KeyValueExpr).Value.(*ast.BasicLit).Value, `"`)
		number := pdndCode.MatchString(name)
		if !number && !namedCode.MatchString(name) {
			t.Errorf("code %q is neither upper case with underscores nor a number of PDND", name)
		}
		if number { // PDND answers some with one status or another, by operation
			status := lit.Elts[1].(*ast.KeyValueExpr).Value.(*ast.SelectorExpr)
			name += " " + status.Sel.Name
		}
		if seen[name] {
			t.Errorf("code %q is declared twice", name)
		}
		seen[name] = true
		return true
	})
}
