package catalog_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// linked is a package that functions link.
type linked struct {
	ImportPath, Dir string
	GoFiles         []string
}

// linkedPackages returns every package that a function links.
func linkedPackages(t *testing.T) []linked {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Dir,GoFiles",
		"-tags=lambda.norpc,nethttpomithttp2", "./functions/...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []linked
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p linked
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestFunctionsLink: clients of AWS other than DynamoDB's, and the search for credentials,
// cost a function's start more than they save it.
func TestFunctionsLink(t *testing.T) {
	t.Parallel()
	const sdk = "github.com/aws/aws-sdk-go-v2/"
	for _, p := range linkedPackages(t) {
		service, of := strings.CutPrefix(p.ImportPath, sdk+"service/")
		service, _, _ = strings.Cut(service, "/")
		switch {
		case of && service != "dynamodb" && service != "dynamodbstreams" && service != "internal",
			strings.HasPrefix(p.ImportPath, sdk+"config"), strings.HasPrefix(p.ImportPath, sdk+"credentials"),
			strings.HasPrefix(p.ImportPath, "github.com/getkin/"), strings.HasPrefix(p.ImportPath, "go.etcd.io/bbolt"):
			t.Errorf("a function links %s", p.ImportPath)
		}
	}
}

// TestNoExpressionsAtStart: no package of ours that functions link compiles a regular
// expression in a package variable, which every start would pay for. Package form checks
// short texts; sync.OnceValue is for the rest.
func TestNoExpressionsAtStart(t *testing.T) {
	t.Parallel()
	files := 0
	for _, p := range linkedPackages(t) {
		if !strings.HasPrefix(p.ImportPath, "ciclo/") {
			continue
		}
		for _, name := range p.GoFiles {
			files++
			for _, at := range expressionsAtStart(t, filepath.Join(p.Dir, name)) {
				t.Errorf("%s compiles a regular expression at every start", at)
			}
		}
	}
	if files < 100 {
		t.Errorf("only %d files are looked at", files)
	}
}

// expressionsAtStart returns where a file calls package regexp in a package variable.
func expressionsAtStart(t *testing.T, name string) (found []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, declared := range file.Decls {
		variables, ok := declared.(*ast.GenDecl)
		if !ok || variables.Tok != token.VAR {
			continue
		}
		ast.Inspect(variables, func(n ast.Node) bool {
			if _, later := n.(*ast.FuncLit); later {
				return false
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); ok {
				if p, ok := f.X.(*ast.Ident); ok && p.Name == "regexp" {
					found = append(found, set.Position(call.Pos()).String())
				}
			}
			return true
		})
	}
	return found
}

// TestPatterns: the tag patternDescription has the published pattern of a field, which is
// what its tags pattern, minLength and maxLength say together.
func TestPatterns(t *testing.T) {
	t.Parallel()
	whole := regexp.MustCompile(`^\^(\[.+\])\{(\d+),(\d+)\}\$$`)
	seen := 0
	readGo(t, parser.SkipObjectResolution, []string{"shared"}, func(path string, _ *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil {
				return true
			}
			tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
			published, described := tag.Lookup("patternDescription")
			if !described {
				return true
			}
			seen++
			parts := whole.FindStringSubmatch(published)
			if len(parts) == 0 || tag.Get("pattern") != "^"+parts[1]+"*$" || tag.Get("minLength") != parts[2] || tag.Get("maxLength") != parts[3] {
				t.Errorf("%s: pattern, minLength and maxLength of %s are not its patternDescription", path, tag)
			}
			return true
		})
	})
	if seen == 0 {
		t.Error("no field has a patternDescription")
	}
}
