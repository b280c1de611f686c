package api

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Identity describes the caller, as an authorizer has identified it.
type Identity struct {
	Subject string   // owner of the token or key
	Tenants []string // tenants with paths that the caller may use, e.g. issuer ids
	Scopes  []string
	Kind    string // issuer, aggregator, MANAGE, …
	// Of subscription keys:
	Group    string   // the only group with items that the caller may use, "" for all
	Networks []string // CIDRs or addresses the key may be used from; none for anywhere
	UsageKey string   // names the caller's allowance in API Gateway's usage plans
	// Of tokens that a client of the deployment got for its API:
	Client    string    // the client
	User      string    // the user of the organization that the client acts for
	Allowance Allowance // of the caller, where an authorizer counts requests
}

// Owns reports whether the caller may use the tenant's paths.
func (id Identity) Owns(tenant string) bool { return slices.Contains(id.Tenants, tenant) }

// HasScope reports whether the caller has one of scopes.
func (id Identity) HasScope(scopes ...string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(id.Scopes, s) })
}

// Names of the members that carry an Identity in API Gateway's request context,
// where an authorizer can put flat strings only.
const (
	identitySubject = "subject"
	identityTenants = "issuers"
	identityScopes  = "scopes"
	identityKind    = "kind"
	identityGroup   = "group"
	identityNetwork = "networks"
	identityClient  = "client"
	identityUser    = "user"

	allowanceLimit     = "limit"
	allowanceRemaining = "remaining"
	allowanceInterval  = "interval" // milliseconds

	refusalCode   = "refusalCode"
	refusalReason = "refusal"
)

// AuthorizerContext is the identity as an authorizer returns it to API Gateway.
func (id Identity) AuthorizerContext() map[string]any {
	m := map[string]any{
		identitySubject: id.Subject,
		identityTenants: strings.Join(id.Tenants, " "),
		identityScopes:  strings.Join(id.Scopes, " "),
		identityKind:    id.Kind,
		identityGroup:   id.Group,
		identityNetwork: strings.Join(id.Networks, " "),
	}
	if id.Client != "" {
		m[identityClient] = id.Client
		m[identityUser] = id.User
	}
	return id.Allowance.into(m)
}

// AuthorizerContext is the refusal as an authorizer returns it to API Gateway.
func (r Refusal) AuthorizerContext() map[string]any {
	return r.Allowance.into(map[string]any{refusalCode: r.Code.Name, refusalReason: r.Reason})
}

// RefusalFromAuthorizer reads what AuthorizerContext wrote; false when there is nothing of
// it. Of the code it has the name. A part of a refusal is one, too: nobody comes in by a
// context that is damaged.
func RefusalFromAuthorizer(m map[string]any) (Refusal, bool) {
	r := Refusal{Reason: text(m, refusalReason), Allowance: allowanceFrom(m)}
	r.Code.Name = text(m, refusalCode)
	_, hasCode := m[refusalCode]
	_, hasReason := m[refusalReason]
	return r, hasCode || hasReason
}

func text(m map[string]any, name string) string { s, _ := m[name].(string); return s }

func (a Allowance) into(m map[string]any) map[string]any {
	if a.Limit > 0 {
		m[allowanceLimit] = strconv.Itoa(a.Limit)
		m[allowanceRemaining] = strconv.Itoa(a.Remaining)
		m[allowanceInterval] = strconv.FormatInt(a.Interval.Milliseconds(), 10)
	}
	return m
}

func allowanceFrom(m map[string]any) Allowance {
	number := func(name string) int { n, _ := strconv.Atoi(text(m, name)); return n }
	return Allowance{
		Limit: number(allowanceLimit), Remaining: number(allowanceRemaining),
		Interval: time.Duration(number(allowanceInterval)) * time.Millisecond,
	}
}

// IdentityFromAuthorizer reads what AuthorizerContext wrote; false when there is
// no subject, as on a route without an authorizer.
func IdentityFromAuthorizer(m map[string]any) (Identity, bool) {
	list := func(name string) []string {
		if all := strings.Fields(text(m, name)); len(all) > 0 {
			return all
		}
		return nil
	}
	id := Identity{
		Subject:  text(m, identitySubject),
		Tenants:  list(identityTenants),
		Scopes:   list(identityScopes),
		Kind:     text(m, identityKind),
		Group:    text(m, identityGroup),
		Networks: list(identityNetwork),
		Client:   text(m, identityClient), User: text(m, identityUser),
		Allowance: allowanceFrom(m),
	}
	return id, id.Subject != ""
}

type identityKey struct{}

// WithIdentity returns a context for a request of that caller.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityFrom returns the caller; false when no caller was identified.
func IdentityFrom(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(Identity)
	return id, ok
}

type sourceKey struct{}

// withSource notes the address that the request came from.
func withSource(r *http.Request) context.Context {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.Context()
	}
	return context.WithValue(r.Context(), sourceKey{}, from.Addr().Unmap())
}

// Source returns the address that the request came from; it is not valid when
// that is not known.
func Source(ctx context.Context) netip.Addr {
	from, _ := ctx.Value(sourceKey{}).(netip.Addr)
	return from
}
