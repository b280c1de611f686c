// Package catalog lists everything that the products are made of, for what
// ranges over all of it: the sandbox, the generators, the benchmark and the
// parity test.
package catalog

import (
	"slices"
	"strings"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/interop/tenant"
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
	Authorizer string // the function that says who calls
}

// Products lists all products.
func Products() []Product {
	return []Product{
		{"consumers", slices.Concat(consumer.Operations(), operation.Operations(), issuer.Operations()), IssuerAuthorizer},
		{"services", service.Operations(), subscription.Authorizer.ID},
		{"interop", slices.Concat(
			eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations(),
			purpose.Operations(), client.Operations(), voucher.Operations(),
		), BearerAuthorizer},
	}
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
	return []*lifecycle.Machine{consumer.Machine, operation.Machine, service.Machine, service.Publication, eservice.Machine, agreement.Machine, purpose.Machine}
}

// Schemas lists the tables of all products.
func Schemas() []table.Schema {
	return []table.Schema{consumer.Consumers, retention.Operations, services.Table, interop.Table}
}

// Function is one Lambda function: its id, which is its folder below functions/,
// and what it does to tables.
type Function struct {
	ID     string
	Access []api.Access
}

// The functions that verify access tokens. That of the interop product also records
// tenants; that of the consumers product has no table.
const (
	BearerAuthorizer = "authorizer/bearer"
	IssuerAuthorizer = "authorizer/issuer"
)

// Functions lists all functions by id.
func Functions() []Function {
	functions := []Function{{BearerAuthorizer, tenant.RegisterAccess}, {IssuerAuthorizer, nil}, {subscription.Authorizer.ID, subscription.Authorizer.Access}}
	for _, op := range Operations() {
		spec := op.Describe()
		functions = append(functions, Function{spec.ID, spec.Access})
	}
	for _, describe := range []func() (string, []api.Access){
		consumer.Cascade.Describe, retention.PurgeOperations.Describe, subscription.Issue.Describe,
		agreement.Follow.Describe, tenant.Expire.Describe,
	} {
		id, access := describe()
		functions = append(functions, Function{id, access})
	}
	slices.SortFunc(functions, func(a, b Function) int { return strings.Compare(a.ID, b.ID) })
	return functions
}
