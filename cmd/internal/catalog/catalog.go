// Package catalog lists everything that the products are made of, for what
// ranges over all of it: the sandbox, the generators, the benchmark and the
// parity test.
package catalog

import (
	"path"
	"slices"
	"strings"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/consumers/purge"
	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/door"
	"ciclo/shared/interop/entry"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/ledger"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/interop/status"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/user"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
	"ciclo/shared/services/subscription"
)

// Product is what can be deployed without the others: functions/<Name> has its API.
type Product struct {
	Name       string
	Operations []api.Op
	Artifacts  []Artifact
	Authorizer string // the function that says who calls
}

// Products lists all products.
func Products() []Product {
	return []Product{
		product("consumers", IssuerAuthorizer,
			Artifact{
				Resource: "consumer", Stack: "functions", Operations: consumer.Operations(),
				Others: []Other{worker("Cascade", consumer.Cascade)},
			},
			Artifact{Resource: "operation", Stack: "functions", Operations: operation.Operations()},
			Artifact{Resource: "issuer", Stack: "functions", Operations: issuer.Operations()},
			Artifact{Resource: "purge", Stack: "functions", Operations: purge.Operations()},
			Artifact{Resource: authorizers, Others: []Other{{Kind: "Authorizer", ID: IssuerAuthorizer}}},
		),
		product("services", subscription.Authorizer.ID,
			Artifact{Resource: "service", Stack: "functions", Operations: service.Operations()},
			Artifact{Resource: "subscription", Stack: "functions", Operations: subscription.Operations(), Others: []Other{
				authorizer("Authorizer", subscription.Authorizer),
				job("Issue", subscription.Issue),
			}},
		),
		product("interop", BearerAuthorizer,
			Artifact{Resource: "eservice", Stack: "eservices", List: "EServiceOperations", Operations: eservice.EServiceOperations()},
			Artifact{
				Resource: "requirement", Package: "eservice", Stack: "eservices",
				List: "RequirementOperations", Operations: eservice.RequirementOperations(),
			},
			Artifact{Resource: "attribute", Stack: "eservices", Operations: attribute.Operations()},
			Artifact{Resource: "tenant", Stack: "eservices", Operations: tenant.Operations(), Others: []Other{job("Expire", tenant.Expire)}},
			Artifact{
				Resource: "agreement", Stack: "agreements", Operations: agreement.Operations(),
				Others: []Other{worker("Follow", agreement.Follow)},
			},
			Artifact{Resource: "ledger", Stack: "agreements", Operations: ledger.Operations()},
			Artifact{Resource: "entry", Stack: "agreements", Others: []Other{worker("Sweep", entry.Sweep)}},
			Artifact{Resource: "purpose", Stack: "purposes", List: "PurposeOperations", Operations: purpose.PurposeOperations()},
			Artifact{Resource: "load", Package: "purpose", Stack: "purposes", List: "LoadOperations", Operations: purpose.LoadOperations()},
			Artifact{Resource: "user", Stack: "clients", Operations: user.Operations()},
			Artifact{Resource: "client", Stack: "clients", Operations: client.Operations()},
			Artifact{
				Resource: "voucher", Stack: "clients", Operations: voucher.Operations(),
				Others: []Other{job("AnswerKeys", voucher.AnswerKeys)},
			},
			Artifact{Resource: "status", Stack: "clients", Operations: status.Operations()},
			Artifact{Resource: authorizers, Others: []Other{{Kind: "Authorizer", ID: BearerAuthorizer, Access: door.Access}}},
		),
	}
}

func product(name, authorizer string, artifacts ...Artifact) Product {
	p := Product{Name: name, Authorizer: authorizer}
	for _, a := range artifacts {
		a.Product = name
		p.Artifacts = append(p.Artifacts, a)
		p.Operations = append(p.Operations, a.Operations...)
	}
	return p
}

// Operations lists the operations of all products.
func Operations() []api.Op {
	var all []api.Op
	for _, p := range Products() {
		all = append(all, p.Operations...)
	}
	return all
}

// Machines lists the lifecycles of all products.
func Machines() []*lifecycle.Machine {
	return []*lifecycle.Machine{
		consumer.Machine, operation.Machine, service.Machine, service.Publication, eservice.Machine, agreement.Machine, purpose.Machine,
	}
}

// Schemas lists the tables of all products.
func Schemas() []table.Schema {
	return []table.Schema{consumer.Consumers, retention.Operations, services.Table, interop.Table}
}

// Cached returns for how many seconds API Gateway keeps what the product's authorizer says
// about a credential: a subscription key as long as a replaced one is accepted; a request that
// the authorizer examines as a whole not at all (docs/decisions/0021-the-authorizer-of-interop.md).
func (p Product) Cached() int {
	switch of := p.Operations[0].Describe().Product; {
	case of.Scheme.Name == api.SubscriptionKey.Name:
		return 60
	case len(of.Refusals) > 0:
		return 0
	}
	return 300
}

// The functions that verify access tokens. That of the interop product also records
// tenants; that of the consumers product has no table.
const (
	BearerAuthorizer = "authorizer/bearer"
	IssuerAuthorizer = "authorizer/issuer"
)

// Function is one Lambda function: its id, which is its handler, the artifact that has
// it, and what it does to tables and to anything else.
type Function struct {
	ID       string
	Kind     string // Operation, Worker, Job, Authorizer or Site
	Artifact Artifact
	Access   []api.Access
	Needs    []api.Need
	Queues   []string // of dead letters, which it counts
}

// Event returns the file of the function's event.
func (f Function) Event() string {
	return path.Join("events", f.Artifact.Product, strings.ReplaceAll(f.ID, "/", "-")+".json")
}

// FunctionOf returns the function with an id.
func FunctionOf(id string) (f Function, known bool) {
	all := Functions()
	i := slices.IndexFunc(all, func(f Function) bool { return f.ID == id })
	if i < 0 {
		return Function{}, false
	}
	return all[i], true
}

// Functions lists all functions by id.
func Functions() []Function {
	var functions []Function
	for _, a := range Artifacts() {
		for _, op := range a.Operations {
			spec := op.Describe()
			functions = append(functions, Function{
				ID: spec.ID, Kind: "Operation", Artifact: a, Access: spec.Access, Needs: spec.AllNeeds(), Queues: spec.Queues,
			})
		}
		for _, o := range a.Others {
			functions = append(functions, Function{ID: o.ID, Kind: o.Kind, Artifact: a, Access: o.Access, Needs: o.Needs})
		}
	}
	slices.SortFunc(functions, func(a, b Function) int { return strings.Compare(a.ID, b.ID) })
	return functions
}
