//go:build contracts

package openapi_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/openapi"
)

// contracts are the files of the published contracts by product, and what precedes their
// paths here.
var contracts = map[string]map[string]string{
	"interop":  {"pdnd-m2m-v3.yml": "", "pdnd-authorization-server.yml": ""},
	"services": {"io-manage.yml": "/api/v1/manage"},
}

// otherNames are schemas that are called differently here, because one of them stands for
// several published ones or has more members.
var otherNames = map[string]string{
	"EServiceDescriptorSeed": "DescriptorSeedForEServiceCreation",
	"ListedJWK":              "JWK",
	"TokenProblem":           "Problem",
	"Status":                 "Problem",
}

// TestPublishedSchemas compares the names of schemas with those that the published contracts
// have for the same bodies. The contracts are no part of the project: make conformance runs
// the test where they are, with the folder in CONTRACTS.
func TestPublishedSchemas(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("CONTRACTS")
	if folder == "" {
		t.Fatal("CONTRACTS names no folder with the published contracts")
	}
	for _, p := range catalog.Products() {
		c := comparison{T: t, ours: documentOf(t, p, openapi.Address), compared: map[string]string{}}
		for file, base := range contracts[p.Name] {
			text, err := os.ReadFile(filepath.Join(folder, file))
			if err != nil {
				t.Fatal(err)
			}
			c.published = object{}
			if err := yaml.Unmarshal(text, &c.published); err != nil {
				t.Fatal(err)
			}
			c.operations(base)
		}
		t.Logf("%s: %d schemas have published names", p.Name, len(c.compared))
		if len(contracts[p.Name]) > 0 && len(c.compared) == 0 {
			t.Errorf("%s: no schema was compared", p.Name)
		}
	}
}

// comparison compares a document with a published contract.
type comparison struct {
	*testing.T
	ours, published object
	compared        map[string]string // published names by ours
}

var braces = regexp.MustCompile(`\{[^}]+\}`)

// operations compares the operations that both have.
func (c *comparison) operations(base string) {
	ours := map[string]any{}
	paths, _ := c.ours["paths"].(object)
	for path, methods := range paths {
		ours[braces.ReplaceAllString(path, "{}")] = methods
	}
	paths, _ = c.published["paths"].(object)
	for path, methods := range paths {
		for method, op := range methods.(object) { //nolint:forcetypeassert // as OpenAPI has it
			known := in(ours[braces.ReplaceAllString(base+path, "{}")], method)
			if known == nil {
				continue
			}
			at := strings.ToUpper(method) + " " + base + path
			c.bodies(at, in(known, "requestBody"), in(op, "requestBody"))
			responses, _ := in(op, "responses").(object)
			for status, response := range responses {
				c.bodies(at+" "+status, in(known, "responses", status), response)
			}
		}
	}
}

// bodies compares the JSON of a request or an answer.
func (c *comparison) bodies(at string, ours, published any) {
	ours, _ = resolve(c.ours, ours)
	published, _ = resolve(c.published, published)
	one, other := jsonOf(ours), jsonOf(published)
	if one != nil && other != nil {
		c.schemas(at, one, other)
	}
}

func jsonOf(body any) any {
	content, _ := in(body, "content").(object)
	for kind, media := range content {
		if strings.Contains(kind, "json") {
			return in(media, "schema")
		}
	}
	return nil
}

// resolve follows references and returns the name of the last.
func resolve(doc object, part any) (resolved any, name string) {
	for {
		ref, ok := in(part, "$ref").(string)
		if !ok {
			return part, name
		}
		path := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		name = path[len(path)-1]
		part = in(doc, path...)
	}
}

// schemas compares the names of schemas, and of those inside.
func (c *comparison) schemas(at string, ours, published any) {
	one, name := resolve(c.ours, ours)
	other, want := resolve(c.published, published)
	if name != "" && want != "" {
		if _, done := c.compared[name+" "+want]; done {
			return
		}
		if name != want && otherNames[name] != want {
			c.Errorf("%s: the schema %s is published as %s", at, name, want)
		}
		c.compared[name+" "+want] = at
	}
	c.members(at, one, other)
}

// members compares what is inside of two schemas; a published one may be composed of others.
func (c *comparison) members(at string, one, other any) {
	members, _ := in(one, "properties").(object)
	for member, schema := range members {
		if known := in(other, "properties", member); known != nil {
			c.schemas(at+" "+member, schema, known)
		}
	}
	if in(one, "items") != nil && in(other, "items") != nil {
		c.schemas(at+" []", in(one, "items"), in(other, "items"))
	}
	parts, _ := in(other, "allOf").([]any)
	for _, part := range parts {
		part, _ = resolve(c.published, part)
		c.members(at, one, part)
	}
}
