// Package services holds what every operation of the services product shares: the
// product's errors, permission groups, path parameters and table, as App IO
// publishes its manage API.
package services

import (
	"context"
	"net/netip"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Base is what all paths begin with.
const Base = "/api/v1/manage"

// Table is the table of services and subscriptions.
var Table = table.Schema{Name: "services"}

// Product is the services product. As in App IO, the kind of the key and its permission
// groups are checked before the request is read, and the address of the caller after.
var Product = &api.Product{
	Product: problems, Base: Base, Scheme: api.SubscriptionKey,
	Enter: checkGroups, Pass: checkNetwork, AnyMedia: true, Numbers: true,
}

// Kinds of subscriptions, as an identity names them.
const (
	KindManage  = "MANAGE"  // of an owner or a group; may call this API
	KindService = "SERVICE" // of one service; for messages, not for this API
)

// The permission groups that this API requires.
const (
	GroupWrite  = "ApiServiceWrite"
	GroupReview = "ApiServiceReview" // of the reviewers; App IO has them outside of its API

	// GroupSubscriptions is of the platform's operator, who sees who has keys. App IO has no
	// such group.
	GroupSubscriptions = "ApiSubscriptionRead"
)

// Groups lists the permission groups that a subscription may have.
var Groups = []string{
	GroupWrite, GroupReview, GroupSubscriptions, "ApiMessageWrite", "ApiInfoRead", "ApiMessageRead", "ApiLimitedProfileRead",
	"ApiLimitedMessageWrite", GroupRaisedRate, GroupNoRate,
}

// The permission groups that raise or lift the limit on the rate of calls.
const (
	GroupRaisedRate = "ApiRateLimit250"
	GroupNoRate     = "ApiNoRateLimit"
)

// The callers of operations: a key with one of the groups may call. An operation without
// groups is open to every key.
var (
	Owners            = []string{GroupWrite}
	Reviewers         = []string{GroupReview}
	OwnersOrReviewers = []string{GroupWrite, GroupReview}
	Operators         = []string{GroupSubscriptions}
)

// checkGroups returns NotAllowed or NoValidScopes unless the caller's key is a manage key
// with one of the permission groups of the operation.
func checkGroups(s api.Spec, id api.Identity) *problem.Problem {
	switch {
	case len(s.Scopes) == 0:
		return nil
	case id.Kind != KindManage:
		return problem.New(NotAllowed, "This is the key of a service, for sending messages. Call with the manage key of its owner.")
	case !id.HasScope(Groups...):
		return problem.New(NoValidScopes, "The key has no permission group.")
	case !id.HasScope(s.Scopes...):
		return problem.New(NotAllowed, "The key lacks the permission group %s.", s.Scopes[0])
	}
	return nil
}

// checkNetwork returns NotAllowed unless the call comes from one of the networks that the
// key may be used from.
func checkNetwork(ctx context.Context, s api.Spec, id api.Identity, _ any) *problem.Problem {
	if len(s.Scopes) == 0 || len(id.Networks) == 0 {
		return nil
	}
	from := api.Source(ctx)
	if slices.ContainsFunc(id.Networks, func(network string) bool { return contains(network, from) }) {
		return nil
	}
	return problem.New(NotAllowed, "The key may not be used from the address %s.", from)
}

// contains reports whether network, in CIDR notation or a single address, has the address.
func contains(network string, address netip.Addr) bool {
	if prefix, err := netip.ParsePrefix(network); err == nil {
		return prefix.Contains(address)
	}
	one, err := netip.ParseAddr(network)
	return err == nil && one == address
}

// ServicePath is embedded by the inputs of operations whose path names a service.
type ServicePath struct {
	ServiceID string `path:"serviceId" minLength:"1" example:"01HCEXAMPLE000000000000001" doc:"Unique identifier of the service, a ULID"`
	api.Correlated
}

// Paged is embedded by the inputs of lists that are read with offset and limit.
type Paged struct {
	Limit  int `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Most entries returned"`
	Offset int `query:"offset" minimum:"0" default:"0" doc:"Index of the first entry returned"`
}

// Resolve implements [huma.Resolver].
func (Paged) Resolve(ctx huma.Context) []error { return api.WholeNumbers(ctx, "offset", "limit") }

// Pagination is the part of a list that was returned.
type Pagination struct {
	Offset int `json:"offset" doc:"Index of the first entry returned"`
	Limit  int `json:"limit" doc:"Most entries returned"`
	Count  int `json:"count" doc:"Number of entries in the whole list"`
}

// Empty is the output of an operation that answers 204.
type Empty struct{}

// Changed is the output of a change that answers 204 with the new version.
type Changed struct {
	ETag string `header:"ETag" doc:"The version that the change made"`
}
