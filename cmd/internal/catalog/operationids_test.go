package catalog_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"ciclo/cmd/internal/catalog"
)

// operationID is the style of published operation ids, of which generators make names of
// methods.
var operationID = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)

// TestOperationIDs checks that every operation has an id in the published style that no
// other operation has, of other products either: the sandbox's document has them all.
func TestOperationIDs(t *testing.T) {
	t.Parallel()
	taken := map[string]string{}
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		if !operationID.MatchString(spec.OperationID) {
			t.Errorf("%s: its OperationID is %q, want one in lower camel case", spec.ID, spec.OperationID)
		}
		if other, ok := taken[spec.OperationID]; ok {
			t.Errorf("%s and %s have the same OperationID %s", other, spec.ID, spec.OperationID)
		}
		taken[spec.OperationID] = spec.ID
	}
}

// contract is the file of a published contract, and what precedes its paths here.
type contract struct{ file, base string }

// contracts are the published contracts by product. Of those that have the same operation,
// the first counts.
var contracts = map[string][]contract{
	"interop":  {{"pdnd-m2m-v3.yml", ""}, {"pdnd-authorization-server.yml", ""}},
	"services": {{"io-manage.yml", "/api/v1/manage"}},
}

// TestPublishedOperationIDs compares ids with those of the published contracts, which are
// no part of the project: CONTRACTS names the folder that has them.
func TestPublishedOperationIDs(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("CONTRACTS")
	if folder == "" {
		t.Skip("CONTRACTS names no folder with the published contracts")
	}
	for _, product := range catalog.Products() {
		published := publishedIDs(t, folder, contracts[product.Name])
		found := 0
		for _, op := range product.Operations {
			spec := op.Describe()
			want, ok := published[spec.Method+" "+anyParameter(spec.Path)]
			if !ok {
				continue
			}
			found++
			if spec.OperationID != want {
				t.Errorf("%s: its OperationID is %q, published is %q", spec.ID, spec.OperationID, want)
			}
		}
		t.Logf("%s: %d of %d operations are published", product.Name, found, len(product.Operations))
		if len(published) > 0 && found == 0 {
			t.Errorf("%s: no operation is in the published contract", product.Name)
		}
	}
}

// publishedIDs reads operation ids by method and path from files in a folder.
func publishedIDs(t *testing.T, folder string, files []contract) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, c := range slices.Backward(files) {
		text, err := os.ReadFile(filepath.Join(folder, c.file))
		if err != nil {
			t.Fatal(err)
		}
		var document struct {
			Paths map[string]map[string]yaml.Node `yaml:"paths"`
		}
		if err := yaml.Unmarshal(text, &document); err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		for path, methods := range document.Paths {
			for method, node := range methods {
				var op struct {
					OperationID string `yaml:"operationId"`
				}
				if node.Decode(&op) == nil && op.OperationID != "" { // parameters of all methods are a list
					all[strings.ToUpper(method)+" "+anyParameter(c.base+path)] = op.OperationID
				}
			}
		}
	}
	return all
}

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// anyParameter returns a path without the names of its parameters.
func anyParameter(path string) string { return parameter.ReplaceAllString(path, "{}") }
