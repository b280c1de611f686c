package catalog_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"ciclo/cmd/internal/catalog"
)

// The parts of templates that the tests read. Tags such as !Ref are read as the
// name they tag.
type template struct {
	Parameters map[string]struct {
		MaxLength int     `yaml:"MaxLength"`
		Default   *string `yaml:"Default"`
	} `yaml:"Parameters"`
	Globals   any                 `yaml:"Globals"`
	Outputs   map[string]any      `yaml:"Outputs"`
	Resources map[string]resource `yaml:"Resources"`
}

type resource struct {
	Type       string     `yaml:"Type"`
	Condition  string     `yaml:"Condition"`
	Properties properties `yaml:"Properties"`
}

type properties struct {
	FunctionName string `yaml:"FunctionName"`
	CodeURI      string `yaml:"CodeUri"`
	Handler      string `yaml:"Handler"`

	VersionDescription pattern `yaml:"VersionDescription"`

	Environment struct {
		Variables map[string]reference `yaml:"Variables"`
	} `yaml:"Environment"`
	Policies []struct {
		Statement []statement `yaml:"Statement"`
	} `yaml:"Policies"`
	Events                 map[string]any `yaml:"Events"`
	KeySchema              []key          `yaml:"KeySchema"`
	GlobalSecondaryIndexes []any          `yaml:"GlobalSecondaryIndexes"`
	StreamSpecification    *yaml.Node     `yaml:"StreamSpecification"`
	TimeToLive             *struct {
		AttributeName string `yaml:"AttributeName"`
	} `yaml:"TimeToLiveSpecification"`

	// Of a nested stack.
	Location   string               `yaml:"Location"`
	Parameters map[string]reference `yaml:"Parameters"`
}

type statement struct {
	Effect   string   `yaml:"Effect"`
	Action   []string `yaml:"Action"`
	Resource []string `yaml:"Resource"`
}

type key struct {
	AttributeName string `yaml:"AttributeName"`
}

// rootTemplate is the template that everything is deployed with.
const rootTemplate = "template.yaml"

// definition is the file of a product's API, the one beside its templates that is none.
func definition(product string) string { return "functions/" + product + "/api.yaml" }

// productTemplate is the template of a product.
func productTemplate(product string) string { return "functions/" + product + "/template.yaml" }

func readYAML[T any](t *testing.T, name string) T {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := yaml.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// templates returns the root and the nested templates by file.
func templates(t *testing.T) map[string]template {
	t.Helper()
	all := map[string]template{rootTemplate: readYAML[template](t, rootTemplate)}
	relative := func(p string) string { return strings.TrimPrefix(p, root+"/") }
	for _, file := range slices.Concat(glob(t, "functions/*.yaml", relative), glob(t, "functions/*/*.yaml", relative)) {
		if path.Base(file) != "api.yaml" && path.Base(path.Dir(file)) != "own" {
			all[file] = readYAML[template](t, file)
		}
	}
	return all
}

// deployed is a function as its template has it.
type deployed struct {
	properties
	file string
}

// functions returns the functions of all templates by id.
func functions(t *testing.T) map[string]deployed {
	t.Helper()
	byLogicalID, found := map[string]catalog.Function{}, map[string]deployed{}
	for _, f := range catalog.Functions() {
		byLogicalID[logicalID(f.ID)] = f
	}
	for file, tpl := range templates(t) {
		for logical, r := range tpl.Resources {
			if r.Type != "AWS::Serverless::Function" {
				continue
			}
			f, known := byLogicalID[logical]
			p := r.Properties
			if want := ".build/" + f.Artifact.Name(); !known || path.Join(path.Dir(file), p.CodeURI) != want {
				t.Errorf("%s: %s has CodeUri %s, want %s; its name must be the id in Pascal case", file, logical, p.CodeURI, want)
			}
			if p.Handler != f.ID {
				t.Errorf("%s: %s has Handler %q, want %s", file, logical, p.Handler, f.ID)
			}
			if other, twice := found[f.ID]; twice {
				t.Errorf("%s and %s both have %s", file, other.file, logical)
			}
			found[f.ID] = deployed{p, file}
		}
	}
	return found
}

// TestNames holds the names of functions to what the API's definition calls them,
// and their length to Lambda's limit.
func TestNames(t *testing.T) {
	t.Parallel()
	const longest = 64
	room := longest
	for file, tpl := range templates(t) {
		if file == rootTemplate {
			continue
		}
		if n := tpl.Parameters["Prefix"].MaxLength; n == 0 {
			t.Errorf("%s: Prefix has no MaxLength", file)
		} else {
			room = min(room, longest-n-len("-"))
		}
	}
	for id, f := range functions(t) {
		if want := "${Prefix}-" + flat(id); f.FunctionName != want {
			t.Errorf("%s: %s is called %s, want %s", f.file, id, f.FunctionName, want)
		}
		if len(flat(id)) > room {
			t.Errorf("%s has %d characters; after a Prefix there is room for %d", id, len(flat(id)), room)
		}
	}
}

// TestTriggers finds functions that nothing calls.
func TestTriggers(t *testing.T) {
	t.Parallel()
	called := map[string]bool{"subscription/issue": true} // by hand, see its playbook
	for _, op := range catalog.Operations() {
		called[op.Describe().ID] = true // by its route
	}
	for _, p := range catalog.Products() {
		called[p.Authorizer] = true // by its API, see TestAuthorizers
	}
	for _, f := range catalog.Functions() {
		if f.Kind == "Site" {
			called[f.ID] = true // by its API, see TestSites
		}
	}
	for id, f := range functions(t) {
		if (len(f.Events) > 0) == called[id] {
			t.Errorf("%s: %s has %d events; is it called otherwise: %v", f.file, id, len(f.Events), called[id])
		}
	}
}

// TestNothingToThinkUp: a first deployment needs no parameter. The example issuer stands in
// for the issuer of access tokens wherever a product takes one.
func TestNothingToThinkUp(t *testing.T) {
	t.Parallel()
	whole := readYAML[template](t, rootTemplate)
	for name, p := range whole.Parameters {
		if p.Default == nil {
			t.Errorf("the parameter %s has no default", name)
		}
	}
	for _, p := range catalog.Products() {
		given := whole.Resources[logicalID(p.Name)].Properties.Parameters
		_, takes := given["IssuerUrl"]
		for _, name := range []string{"IssuerUrl", "Audience", "ClaimPrefix"} {
			if _, has := given[name]; has != takes || has && given[name] != reference("ExampleIssuer.Outputs."+name) {
				t.Errorf("%s gets %q as %s", p.Name, given[name], name)
			}
		}
	}
}

// TestAuthorizersVersions: the longest values that the parameters of an authorizer may have
// fit into the description of its version, so that none of them is left out of it.
func TestAuthorizersVersions(t *testing.T) {
	t.Parallel()
	const room = 256
	// Callers has the longest of its values but both, which is not said.
	longest := map[string]int{"LogLevel": len("DEBUG"), "Callers": len("organizations,card-issuers"), "Some": len("organizations")}
	whole := readYAML[template](t, rootTemplate).Parameters
	for _, name := range []string{"Audience", "SigningRevision", "OperatorClaim", "ClaimPrefix", "InteropRevision"} {
		longest[name] = whole[name].MaxLength
	}
	longest["Issuer"], longest["Jwks"] = whole["IssuerUrl"].MaxLength-len("https://"), whole["JwksUrl"].MaxLength-len("https://")
	for _, id := range []string{catalog.BearerAuthorizer, catalog.IssuerAuthorizer} {
		pattern := string(functions(t)[id].VersionDescription)
		n := len(strings.Join(strings.Fields(pattern), " "))
		for name, length := range longest {
			if strings.Contains(pattern, "${"+name+"}") {
				n += length - len("${"+name+"}")
			}
		}
		for _, name := range []string{"Issuer", "Jwks", "Audience", "SigningRevision", "ClaimPrefix"} {
			if !strings.Contains(pattern, "${"+name+"}") || longest[name] <= 0 {
				t.Errorf("%s: its version does not say its %s, or that has no limit", id, name)
			}
		}
		if n > room {
			t.Errorf("%s: the description of a version may have %d characters, there is room for %d", id, n, room)
		}
	}
}

// TestProductsAlone: each product is deployed under a condition of its own, which names
// it in the parameter Products, and refers to no other product.
func TestProductsAlone(t *testing.T) {
	t.Parallel()
	stacks := readYAML[template](t, rootTemplate).Resources
	for _, p := range catalog.Products() {
		stack := logicalID(p.Name)
		if stacks[stack].Condition != "Has"+stack {
			t.Errorf("%s is deployed under the condition %q", p.Name, stacks[stack].Condition)
		}
		for parameter, value := range stacks[stack].Properties.Parameters {
			for _, other := range catalog.Products() {
				if other.Name != p.Name && strings.HasPrefix(string(value), logicalID(other.Name)+".") {
					t.Errorf("%s gets %s from the stack of %s", p.Name, parameter, other.Name)
				}
			}
		}
	}
}

// reference is the value of a parameter; of a choice, what it comes to by default.
type reference string

// UnmarshalYAML implements [yaml.Unmarshaler].
func (r *reference) UnmarshalYAML(n *yaml.Node) error {
	for n.Kind == yaml.SequenceNode {
		n = n.Content[len(n.Content)-1]
	}
	*r = reference(n.Value)
	return nil
}

// pattern is the text of a !Sub, with or without a map beside it.
type pattern string

// UnmarshalYAML implements [yaml.Unmarshaler].
func (p *pattern) UnmarshalYAML(n *yaml.Node) error {
	for n.Kind == yaml.SequenceNode {
		n = n.Content[0]
	}
	*p = pattern(n.Value)
	return nil
}

// undotted is a reference as a nested template has it: a parameter is called
// ServicesTableArn after ServicesTable.Arn.
func undotted(reference string) string { return strings.ReplaceAll(reference, ".", "") }

// TestStackSize keeps every stack below CloudFormation's limits: 500 resources, 200
// parameters, 200 outputs, 1 MB of template. From 450 resources on a stack is divided.
func TestStackSize(t *testing.T) {
	t.Parallel()
	// SAM makes a role, version, alias and deployment group of each function next to
	// the function itself, and of all together an application of CodeDeploy and its role.
	const perFunction, shared, limit, others = 5, 2, 450, 200
	// What SAM makes of a template is about twice as long.
	const longest = 1_000_000 / 3
	for file, tpl := range templates(t) {
		n := shared
		for _, r := range tpl.Resources {
			if n++; r.Type == "AWS::Serverless::Function" {
				n += perFunction - 1
			}
		}
		if n >= limit {
			t.Errorf("the stack of %s has about %d resources; divide it", file, n)
		}
		if len(tpl.Parameters) > others || len(tpl.Outputs) > others {
			t.Errorf("%s has %d parameters and %d outputs, %d may be", file, len(tpl.Parameters), len(tpl.Outputs), others)
		}
		if info, err := os.Stat(filepath.Join(root, file)); err != nil || info.Size() > longest {
			t.Errorf("%s: %v, or more than %d bytes", file, err, longest)
		}
	}
}
