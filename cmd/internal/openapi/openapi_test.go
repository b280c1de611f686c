package openapi_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/openapi"
	"ciclo/shared/platform/api"
)

type object = map[string]any

// in returns a part of a document by the names of members.
func in(v any, names ...string) any {
	for _, name := range names {
		members, _ := v.(object)
		v = members[name]
	}
	return v
}

func parsed(t *testing.T, text []byte, err error) object {
	t.Helper()
	doc := object{}
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func documentOf(t *testing.T, p catalog.Product, address string) object {
	t.Helper()
	text, err := openapi.Document(p, address)
	return parsed(t, text, err)
}

// all returns the documents of the products, and the one of all together.
func all(t *testing.T) map[string]object {
	t.Helper()
	text, err := openapi.Together(catalog.Products(), "")
	documents := map[string]object{"all": parsed(t, text, err)}
	for _, p := range catalog.Products() {
		documents[p.Name] = documentOf(t, p, openapi.Address)
	}
	return documents
}

// operation returns what a document says of an operation.
func operation(doc object, spec api.Spec) object {
	op, _ := in(doc, "paths", spec.Path, strings.ToLower(spec.Method)).(object)
	return op
}

// TestOperationsAreDocumented checks that each document has the operations of its product
// and no others, with their ids, described tags, and the ways to authenticate, which are
// said to be none where there are none.
func TestOperationsAreDocumented(t *testing.T) {
	t.Parallel()
	documents := all(t)
	for _, p := range catalog.Products() {
		for name, doc := range map[string]object{p.Name: documents[p.Name], "all": documents["all"]} {
			for _, op := range p.Operations {
				checkOperation(t, name, doc, op.Describe())
			}
		}
		if n := count(documents[p.Name]); n != len(p.Operations) {
			t.Errorf("%s: %d operations are documented, the product has %d", p.Name, n, len(p.Operations))
		}
	}
	if n := count(documents["all"]); n != len(catalog.Operations()) {
		t.Errorf("together: %d operations are documented, there are %d", n, len(catalog.Operations()))
	}
}

func count(doc object) (n int) {
	paths, _ := doc["paths"].(object)
	for _, methods := range paths {
		n += len(methods.(object)) //nolint:forcetypeassert // a test
	}
	return n
}

func checkOperation(t *testing.T, document string, doc object, spec api.Spec) {
	t.Helper()
	op := operation(doc, spec)
	if op["operationId"] != spec.OperationID {
		t.Errorf("%s: %s has the operationId %v, want %s", document, spec.ID, op["operationId"], spec.OperationID)
	}
	security, declared := op["security"].([]any)
	if !declared || (len(security) == 0) != spec.Public {
		t.Errorf("%s: %s has the security %v, public is %t", document, spec.ID, op["security"], spec.Public)
	}
	for _, one := range security {
		for scheme := range one.(object) { //nolint:forcetypeassert // a test
			if in(doc, "components", "securitySchemes", scheme) == nil {
				t.Errorf("%s: %s has the scheme %s, which is not declared", document, spec.ID, scheme)
			}
		}
	}
	tags, _ := doc["tags"].([]any)
	if !slices.ContainsFunc(tags, func(tag any) bool { return in(tag, "name") == spec.Tag && in(tag, "description") != "" }) {
		t.Errorf("%s: %s has the tag %s, which is not described", document, spec.ID, spec.Tag)
	}
}

// TestServers checks where operations are said to be: under every edition, the published one
// first, except for those that an edition lacks and those that have no editions.
func TestServers(t *testing.T) {
	t.Parallel()
	plain := []string{"http://localhost:3000"}
	editions := []string{"http://localhost:3000/v3", "http://localhost:3000/v2", "http://localhost:3000"}
	d1 := []string{"http://localhost:3000/banking/v1", plain[0]}
	tokens := []string{"http://localhost:3000/authz/v1", plain[0]}
	for _, p := range catalog.Products() {
		doc := documentOf(t, p, "http://localhost:3000")
		want := map[string][]string{"consumers": d1, "services": plain, "interop": editions}[p.Name]
		if diff := cmp.Diff(want, urls(doc["servers"])); diff != "" {
			t.Errorf("%s: servers differ (-want +document):\n%s", p.Name, diff)
		}
		for _, op := range p.Operations {
			spec := op.Describe()
			want := []string(nil)
			switch {
			case p.Name == "interop" && len(spec.Product.Editions) == 0:
				want = plain
			case slices.Contains(spec.Without, "v3") && slices.Contains(spec.Without, "v2"):
				want = plain
			case slices.Contains(spec.Without, "v2"):
				want = []string{editions[0], editions[2]}
			case strings.HasPrefix(spec.Path, "/oauth2/"):
				want = tokens
			case p.Name == "consumers" && !strings.HasPrefix(spec.Path, "/issuers/"):
				want = plain
			}
			if diff := cmp.Diff(want, urls(operation(doc, spec)["servers"])); diff != "" {
				t.Errorf("%s: servers differ (-want +document):\n%s", spec.ID, diff)
			}
		}
	}
	together := all(t)["all"]
	for _, op := range catalog.Operations() {
		if got := urls(operation(together, op.Describe())["servers"]); got != nil {
			t.Errorf("together: %s is at %q, want the plain path alone", op.Describe().ID, got)
		}
	}
	if got := urls(documentOf(t, catalog.Products()[1], "")["servers"]); !slices.Equal(got, []string{"/"}) {
		t.Errorf("without an address the servers are %q, want /", got)
	}
}

func urls(servers any) (found []string) {
	list, _ := servers.([]any)
	for _, server := range list {
		url, _ := in(server, "url").(string)
		found = append(found, url)
	}
	return found
}

// TestReferences checks that what is referred to is there, and that all that is there is
// referred to.
func TestReferences(t *testing.T) {
	t.Parallel()
	for name, doc := range all(t) {
		used := map[string]bool{}
		references(doc, used)
		for _, kind := range []string{"schemas", "responses", "headers"} {
			components, _ := in(doc, "components", kind).(object)
			for component := range components {
				at := "#/components/" + kind + "/" + component
				if !used[at] {
					t.Errorf("%s: %s is not used", name, at)
				}
				delete(used, at)
			}
		}
		for at := range used {
			t.Errorf("%s: %s is used and not there", name, at)
		}
	}
}

func references(part any, used map[string]bool) {
	switch part := part.(type) {
	case []any:
		for _, element := range part {
			references(element, used)
		}
	case object:
		if ref, ok := part["$ref"].(string); ok {
			used[ref] = true
		}
		for _, member := range part {
			references(member, used)
		}
	}
}

// schemaName is a name that a generator makes a type of.
var schemaName = regexp.MustCompile(`^[A-Z][A-Za-z]*$`)

func TestSchemasHaveReadableNames(t *testing.T) {
	t.Parallel()
	for name, doc := range all(t) {
		schemas, _ := in(doc, "components", "schemas").(object)
		for _, schema := range slices.Sorted(maps.Keys(schemas)) {
			if !schemaName.MatchString(schema) || strings.HasSuffix(schema, "Body") || strings.HasSuffix(schema, "View") {
				t.Errorf("%s: a schema is called %s; name it in schemas.go", name, schema)
			}
		}
	}
}

// TestExtensionsAreMarked checks members that the published contract does not have, one of
// which is itself a schema.
func TestExtensionsAreMarked(t *testing.T) {
	t.Parallel()
	doc := documentOf(t, catalog.Products()[2], "")
	for member, extension := range map[string]bool{"expectedActivationDate": true, "thresholdCheck": true, "fitsNow": true, "state": false} {
		schema := in(doc, "components", "schemas", "PurposeVersion", "properties", member)
		description, _ := in(schema, "description").(string)
		if (in(schema, "x-extension") == true) != extension || strings.Contains(description, "Prefer:") != extension {
			t.Errorf("%s is documented as %v, extension is %t", member, schema, extension)
		}
	}
}
