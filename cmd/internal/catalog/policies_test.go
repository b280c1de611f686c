package catalog_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/interop/door"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/sign/kms"
	"ciclo/shared/platform/table"
)

// TestPolicies compares what a function says it does to tables with what its
// policy allows: exactly the same, no wildcard.
func TestPolicies(t *testing.T) {
	t.Parallel()
	deployed := functions(t)
	for _, f := range catalog.Functions() {
		d := deployed[f.ID]
		if diff := cmp.Diff(neededActions(f), allowedActions(d)); diff != "" {
			t.Errorf("%s: its policy differs from its Access (-Access +policy):\n%s", f.ID, diff)
		}
		tables := map[string]string{}
		for _, a := range f.Access {
			tables["TABLE_"+strings.ToUpper(a.Table.Name)] = logicalTable(a.Table)
		}
		named := map[string]string{}
		for name, value := range d.Environment.Variables {
			if strings.HasPrefix(name, "TABLE_") {
				named[name] = string(value)
			}
		}
		if diff := cmp.Diff(tables, named); diff != "" {
			t.Errorf("%s: its TABLE_ variables differ from its Access (-Access +template):\n%s", f.ID, diff)
		}
	}
}

// neededActions are the actions that the Access of f names, by table or index.
func neededActions(f catalog.Function) map[string][]string {
	actions := map[string][]string{}
	for _, a := range f.Access {
		arn := logicalTable(a.Table) + "Arn"
		if a.Index != "" {
			arn = "${" + arn + "}/index/" + a.Index
		}
		for _, action := range a.Actions {
			actions[arn] = append(actions[arn], "dynamodb:"+action)
		}
		slices.Sort(actions[arn])
	}
	return actions
}

// allowedActions are the actions that the policies of f allow, by table or index.
func allowedActions(f deployed) map[string][]string {
	actions := map[string][]string{}
	for _, p := range f.Policies {
		for _, s := range p.Statement {
			if slices.ContainsFunc(s.Action, func(a string) bool { return !strings.HasPrefix(a, "dynamodb:") }) {
				continue
			}
			for _, r := range s.Resource {
				r = undotted(r)
				actions[r] = slices.Sorted(slices.Values(append(actions[r], s.Action...)))
			}
		}
	}
	return actions
}

func logicalTable(s table.Schema) string { return logicalID(s.Name) + "Table" }

// TestSettings holds the settings that operations name to what their code asks for, and
// the environment of functions to the settings. An operation that records operations must
// have the deployment's retention.
func TestSettings(t *testing.T) {
	t.Parallel()
	deployed := functions(t)
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		want := slices.Clone(spec.Settings)
		asked := map[string]bool{}
		_, err := api.NewHandler(api.Deps{Setting: func(name string) string { asked[name] = true; return "" }}, op)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(maps.Keys(asked))); diff != "" {
			t.Errorf("%s: its Settings differ from what its code asks for (-Settings +code):\n%s", spec.ID, diff)
		}
		var set []string
		for name := range deployed[spec.ID].Environment.Variables {
			if !strings.HasPrefix(name, "TABLE_") && (slices.Contains(want, name) || !isNeeded(name)) {
				set = append(set, name)
			}
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(set))); diff != "" {
			t.Errorf("%s: its environment differs from its Settings (-Settings +template):\n%s", spec.ID, diff)
		}
		records := spec.ID == voucher.Issue.Describe().ID || slices.ContainsFunc(spec.Access, func(a api.Access) bool {
			return a.Table.Name == "operations" && slices.Contains(a.Actions, "UpdateItem") // of the day's counter
		})
		if set := slices.Contains(want, retention.Setting); records != set {
			t.Errorf("%s: records operations: %v, has %s: %v", spec.ID, records, retention.Setting, set)
		}
	}
}

// TestVersions: the description of a function's version names every parameter that the
// function depends on. SAM publishes no new version for another one: the alias would keep the
// old value. SigningRevision stands for the keys of tokens.
func TestVersions(t *testing.T) {
	t.Parallel()
	short := map[string]string{"SignIssuer": "Issuer", "DynamoDBEndpoint": "Endpoint", "VoucherErrors": "Errors", "VoucherKey": "Key"}
	deployed := functions(t)
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		f := deployed[spec.ID]
		parameters := []string{"LogLevel", "DynamoDBEndpoint"}
		for _, name := range spec.Settings {
			// A value below the issuer's URL follows from the issuer.
			parameters = append(parameters, strings.TrimSuffix(strings.TrimPrefix(string(f.Environment.Variables[name]), "${"), "}/m2m"))
		}
		if slices.Contains(spec.AllNeeds(), api.NeedIntegrity) {
			parameters = append(parameters, string(f.Environment.Variables["INTEGRITY_ISSUER"]))
		}
		if slices.Contains(spec.Needs, api.NeedSign) || slices.Contains(spec.Needs, api.NeedPublicKeys) {
			parameters = append(parameters, "SigningRevision")
		}
		description := string(f.VersionDescription)
		for _, p := range parameters {
			if !strings.Contains(description, "${"+p+"}") && (short[p] == "" || !strings.Contains(description, "${"+short[p]+"}")) {
				t.Errorf("%s: its version %q does not name %s", spec.ID, description, p)
			}
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
		"SIGN_JWKS": `{"keys":[{"kid":"1","kty":"EC","crv":"P-256",` +
			`"x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}`,
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
			for _, name := range append(door.Settings, "PUBLIC_URL") {
				want[name] = true
			}
		}
		if diff := cmp.Diff(want, set); diff != "" {
			t.Errorf("settings of %s differ (-code +template):\n%s", id, diff)
		}
	}
}

// needs are what functions use other than tables: a function that does has the variable
// and the right for it, and no other function has.
var needs = []struct {
	variable string // "" for none
	has      func(catalog.Function) bool
	right    *regexp.Regexp // nil for none
}{
	{"SEAL_KEY_ID", needing(api.NeedSeal, api.NeedUnseal, api.NeedIntegrity, api.NeedTokenKey), nil},
	{"", needing(api.NeedSeal), regexp.MustCompile(`^kms:GenerateDataKey$`)},
	{"INTEGRITY_ISSUER", needing(api.NeedIntegrity), nil},
	{"", needing(api.NeedUnseal, api.NeedIntegrity, api.NeedTokenKey), regexp.MustCompile(`^kms:Decrypt$`)},
	{"DERIVE_KEY_ID", needing(api.NeedDerive), regexp.MustCompile(`^kms:GenerateMac$`)},
	{"LOGO_BUCKET", needing(api.NeedPutBlob, api.NeedGetBlob), nil},
	{"", needing(api.NeedPutBlob), regexp.MustCompile(`^s3:PutObject$`)},
	{"", needing(api.NeedGetBlob), regexp.MustCompile(`^s3:GetObject$`)},
	{"", needing(api.NeedGetBlob), regexp.MustCompile(`^s3:ListBucket$`)},
	{"", needing(api.NeedSign), regexp.MustCompile(`^kms:Sign$`)},
	{"SIGN_KEY_ID", publishes, regexp.MustCompile(`^kms:GetPublicKey$`)},
	{"SIGN_JWKS", publishes, nil},
	{"DEAD_LETTERS_CASCADE", counting("cascade"), nil},
	{"DEAD_LETTERS_PURGE", counting("purge"), nil},
	{"DEAD_LETTERS_FOLLOW", counting("follow"), nil},
	{"", counting("cascade", "purge", "follow"), regexp.MustCompile(`^sqs:GetQueueAttributes$`)},
	// The entries that entry/sweep leaves are ignored by readers.
	{"DEAD_LETTERS", func(f catalog.Function) bool {
		return f.Kind == "Worker" && f.ID != "entry/sweep"
	}, regexp.MustCompile(`^sqs:SendMessage$`)},
}

func needing(needs ...api.Need) func(catalog.Function) bool {
	return func(f catalog.Function) bool {
		return slices.ContainsFunc(needs, func(n api.Need) bool { return slices.Contains(f.Needs, n) })
	}
}

func counting(queues ...string) func(catalog.Function) bool {
	return func(f catalog.Function) bool {
		return slices.ContainsFunc(queues, func(name string) bool { return slices.Contains(f.Queues, name) })
	}
}

// publishes tells whether a function knows the keys of tokens: it signs by them, says
// them, or checks tokens that were signed by them.
func publishes(f catalog.Function) bool {
	return needing(api.NeedSign, api.NeedPublicKeys)(f) || f.ID == catalog.BearerAuthorizer || f.ID == catalog.IssuerAuthorizer
}

func isNeeded(variable string) bool {
	for _, n := range needs {
		if n.variable == variable {
			return true
		}
	}
	return false
}

// TestNeeds holds what a function needs to its environment and policy.
func TestNeeds(t *testing.T) {
	t.Parallel()
	deployed := functions(t)
	for _, f := range catalog.Functions() {
		for _, n := range needs {
			_, set := deployed[f.ID].Environment.Variables[n.variable]
			allowed := false
			for _, p := range deployed[f.ID].Policies {
				for _, s := range p.Statement {
					allowed = allowed || n.right != nil && slices.ContainsFunc(s.Action, n.right.MatchString)
				}
			}
			if has := n.has(f); n.variable != "" && has != set || n.right != nil && has != allowed {
				t.Errorf("%s: needs it: %v, %s set: %v, allowed %v: %v", f.ID, has, n.variable, set, n.right, allowed)
			}
		}
	}
}
