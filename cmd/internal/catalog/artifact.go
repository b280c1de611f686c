package catalog

import (
	"cmp"
	"path"
	"slices"

	"ciclo/shared/office/page"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
)

// Artifact is one binary: all that a resource package has to run in Lambda functions, each
// of which serves the one operation, worker, job or authorizer that its Handler names.
type Artifact struct {
	Product    string // or the office; "" for what belongs to the platform
	Resource   string // its package, whose operations may be on other resources too
	Package    string // where the package is called otherwise: it has several artifacts
	List       string // the function of the package that lists the operations, "" for Operations
	Stack      string // the nested stack of its functions, see StackOf
	Alone      bool   // it belongs to no product, so its stack is nested in the root
	Operations []api.Op
	Others     []Other
}

// Other is what an artifact has beside operations.
type Other struct {
	Kind   string // the function of package host that takes it: Worker, Job, Authorizer or Site
	Value  string // its name in the resource package; "" where the artifact's main has it
	ID     string
	Access []api.Access
	Needs  []api.Need

	Settings []string // of a site; those of others are in their hand-written parts
}

// stays are functions that are in another stack than the rest of their artifact. A
// function that was once deployed has to stay in its stack: CloudFormation would make it in
// the other one first, where its name is taken.
var stays = map[string]string{"tenant/verify-attribute": "eservices", "tenant/revoke-verified-attribute": "eservices"}

// StackOf returns the nested stack of one of the artifact's functions, "" for the product's
// own stack, where authorizers are.
func (a Artifact) StackOf(id string) string {
	for _, o := range a.Others {
		if o.ID == id && o.Kind == "Authorizer" {
			return ""
		}
	}
	if stack, ok := stays[id]; ok {
		return stack
	}
	return a.Stack
}

// authorizers is the folder of an authorizer of access tokens, which the platform has and
// a main puts together.
const authorizers = "authorizer"

// Artifacts lists the artifacts of all products, of the platform and of the front office.
func Artifacts() []Artifact {
	var all []Artifact
	for _, p := range Products() {
		all = append(all, p.Artifacts...)
	}
	return append(all,
		Artifact{Resource: "retention", Alone: true, Others: []Other{job("PurgeOperations", retention.PurgeOperations)}},
		Artifact{Product: "office", Resource: "page", Alone: true, Others: []Other{site("Site", page.Site)}},
	)
}

// Template returns the template of an artifact that is alone.
func (a Artifact) Template() string {
	name := a.Product
	if name == "" {
		name = a.Resource
	}
	return "functions/" + name + ".yaml"
}

// Name returns the artifact's name, which is its folder below .build/.
func (a Artifact) Name() string {
	if a.Product == "" {
		return a.Resource
	}
	return a.Product + "-" + a.Resource
}

// PackageName returns the name of the artifact's package.
func (a Artifact) PackageName() string { return cmp.Or(a.Package, a.Resource) }

// Folder returns the folder of the artifact's main.
func (a Artifact) Folder() string { return path.Join("functions", a.Product, a.Resource) }

func worker[S any](value string, w api.Worker[S]) Other {
	return Other{Kind: "Worker", Value: value, ID: w.ID, Access: w.Access()}
}

func job[S, I, O any](value string, j api.Job[S, I, O]) Other {
	return Other{Kind: "Job", Value: value, ID: j.ID, Access: j.Access(), Needs: j.Needs}
}

func authorizer[S any](value string, a api.Authorizer[S]) Other {
	return Other{Kind: "Authorizer", Value: value, ID: a.ID, Access: a.Access}
}

func site(value string, s api.Site) Other {
	return Other{Kind: "Site", Value: value, ID: s.ID, Needs: s.Needs, Settings: s.Settings}
}

// Needs lists what something in the artifact needs, each once.
func (a Artifact) Needs() []api.Need {
	var all []api.Need
	for _, op := range a.Operations {
		all = append(all, op.Describe().AllNeeds()...)
	}
	for _, o := range a.Others {
		all = append(all, o.Needs...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
