package catalog_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/sign/kms"
	"ciclo/shared/platform/table"
)

// TestPolicies compares what a function says it does to tables with what its
// policy allows: exactly the same, no wildcard.
func TestPolicies(t *testing.T) {
	t.Parallel()
	deployed := functions(t)
	for _, f := range catalog.Functions() {
		want, tables := map[string][]string{}, map[string]string{}
		for _, a := range f.Access {
			arn := logicalTable(a.Table) + "Arn"
			if a.Index != "" {
				arn = "${" + arn + "}/index/" + a.Index
			}
			for _, action := range a.Actions {
				want[arn] = append(want[arn], "dynamodb:"+action)
			}
			slices.Sort(want[arn])
			tables["TABLE_"+strings.ToUpper(a.Table.Name)] = logicalTable(a.Table)
		}
		got := map[string][]string{}
		for _, p := range deployed[f.ID].Policies {
			for _, s := range p.Statement {
				if slices.ContainsFunc(s.Action, func(a string) bool { return !strings.HasPrefix(a, "dynamodb:") }) {
					continue
				}
				for _, r := range s.Resource {
					r = undotted(r)
					got[r] = slices.Sorted(slices.Values(append(got[r], s.Action...)))
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: its policy differs from its Access (-Access +policy):\n%s", f.ID, diff)
		}
		named := map[string]string{}
		for name, value := range deployed[f.ID].Environment.Variables {
			if strings.HasPrefix(name, "TABLE_") {
				named[name] = string(value)
			}
		}
		if diff := cmp.Diff(tables, named); diff != "" {
			t.Errorf("%s: its TABLE_ variables differ from its Access (-Access +template):\n%s", f.ID, diff)
		}
	}
}

func logicalTable(s table.Schema) string { return logicalID(s.Name) + "Table" }

// claiming are the settings of the functions that claim audiences; the one that
// publishes knows those of the deployment, too.
var claiming = map[string][]string{
	"eservice/publish": {"SHARED_AUDIENCES", "AUDIENCE", "SIGN_ISSUER"},
	"eservice/suspend": {"SHARED_AUDIENCES"}, "eservice/unsuspend": {"SHARED_AUDIENCES"}, "eservice/update-quotas": {"SHARED_AUDIENCES"},
}

// TestSettings holds the environment of functions to what the code asks for:
// whoever records operations must have the deployment's retention.
func TestSettings(t *testing.T) {
	t.Parallel()
	deployed := functions(t)
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		asked := map[string]bool{}
		_, err := api.NewHandler(api.Deps{Setting: func(name string) string { asked[name] = true; return "" }}, op)
		if err != nil {
			t.Fatal(err)
		}
		variables := deployed[spec.ID].Environment.Variables
		for _, name := range claiming[spec.ID] {
			if variables[name] == "" || !asked[name] {
				t.Errorf("%s: its template sets %s to %q, and the code asks for it: %v", spec.ID, name, variables[name], asked[name])
			}
		}
		for name := range variables {
			if !strings.HasPrefix(name, "TABLE_") && !asked[name] && !isNeeded(name) {
				t.Errorf("%s: its template sets %s, which the code never asks for", spec.ID, name)
			}
		}
		records := slices.ContainsFunc(spec.Access, func(a api.Access) bool {
			return a.Table.Name == "operations" && slices.Contains(a.Actions, "UpdateItem") // of the day's counter
		})
		if _, set := variables["RETENTION_MONTHS"]; records != set {
			t.Errorf("%s: records operations: %v, has RETENTION_MONTHS: %v", spec.ID, records, set)
		}
	}
}

// TestBearerSettings holds the environment of the bearer authorizers to what their code
// asks for, in both directions. PREWARM is for those who measure.
func TestBearerSettings(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	values := map[string]string{
		"ISSUER_URL": "https://issuer.example", "JWKS_URL": "https://issuer.example/jwks", "AUDIENCE": "a", "PREWARM": "off",
		"SIGN_ISSUER": "https://own.example", "SIGN_AUDIENCE": "b", "SIGN_KEY_ID": "k", "AWS_ENDPOINT_URL_KMS": "http://localhost:1",
		"SIGN_JWKS": `{"keys":[{"kid":"1","kty":"EC","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}`,
	}
	getenv := func(name string) string { asked[name] = true; return values[name] }
	for _, jwks := range []string{values["SIGN_JWKS"], ""} {
		values["SIGN_JWKS"] = jwks
		if _, err := auth.FromEnv(getenv, interop.Callers(nil).And(consumers.Callers()), kms.JWKS); err != nil {
			t.Fatal(err)
		}
	}
	// Lambda itself sets what the clients of AWS ask for.
	maps.DeleteFunc(asked, func(name string, _ bool) bool { return strings.HasPrefix(name, "AWS_") })
	delete(asked, "PREWARM")
	for _, id := range []string{catalog.BearerAuthorizer, catalog.IssuerAuthorizer} {
		set := map[string]bool{}
		for name := range functions(t)[id].Environment.Variables {
			if !strings.HasPrefix(name, "TABLE_") {
				set[name] = true
			}
		}
		want := maps.Clone(asked)
		if id == catalog.BearerAuthorizer {
			delete(want, "OPERATOR_CLAIM") // the operator is the consumers product's alone
		}
		if diff := cmp.Diff(want, set); diff != "" {
			t.Errorf("settings of %s differ (-code +template):\n%s", id, diff)
		}
	}
}

// needs are what functions are built with whose settings come from the template: a
// function with one has its variable and its right, and no other function has.
var needs = []struct {
	variable string         // "" for none
	built    *regexp.Regexp // in the function's main
	right    *regexp.Regexp // nil for none
}{
	{"SEAL_KEY_ID", regexp.MustCompile(`ciclo/shared/platform/seal/kms`), regexp.MustCompile(`^kms:(GenerateDataKey|Decrypt)`)},
	{"LOGO_BUCKET", regexp.MustCompile(`ciclo/shared/platform/blob/s3`), regexp.MustCompile(`^s3:`)},
	{"", regexp.MustCompile(`host\.Signer\b`), regexp.MustCompile(`^kms:Sign$`)},
	{"SIGN_KEY_ID", regexp.MustCompile(`host\.(Signer|Keys)\b|\*auth\.Bearer`), regexp.MustCompile(`^kms:GetPublicKey$`)},
	{"SIGN_JWKS", regexp.MustCompile(`ciclo/shared/platform/sign/kms`), nil},
	{"DEAD_LETTERS", regexp.MustCompile(`host\.StartWorker\(`), regexp.MustCompile(`^sqs:SendMessage$`)},
}

func isNeeded(variable string) bool {
	for _, n := range needs {
		if n.variable == variable {
			return true
		}
	}
	return false
}

// TestNeeds holds what a function is built with besides tables to its environment
// and policy.
func TestNeeds(t *testing.T) {
	t.Parallel()
	deployed := functions(t)
	for _, f := range catalog.Functions() {
		source, err := os.ReadFile(filepath.Join(root, "functions", f.ID, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range needs {
			_, set := deployed[f.ID].Environment.Variables[n.variable]
			allowed := false
			for _, p := range deployed[f.ID].Policies {
				for _, s := range p.Statement {
					allowed = allowed || n.right != nil && slices.ContainsFunc(s.Action, n.right.MatchString)
				}
			}
			if built := n.built.Match(source); n.variable != "" && built != set || n.right != nil && built != allowed {
				t.Errorf("%s: built with %s: %v, %s set: %v, allowed: %v", f.ID, n.built, built, n.variable, set, allowed)
			}
		}
	}
}
