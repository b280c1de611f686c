package api

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
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
)

// AuthorizerContext is the identity as an authorizer returns it to API Gateway.
func (id Identity) AuthorizerContext() map[string]any {
	return map[string]any{
		identitySubject: id.Subject,
		identityTenants: strings.Join(id.Tenants, " "),
		identityScopes:  strings.Join(id.Scopes, " "),
		identityKind:    id.Kind,
		identityGroup:   id.Group,
		identityNetwork: strings.Join(id.Networks, " "),
	}
}

// IdentityFromAuthorizer reads what AuthorizerContext wrote; false when there is
// no subject, as on a route without an authorizer.
func IdentityFromAuthorizer(m map[string]any) (Identity, bool) {
	text := func(name string) string { s, _ := m[name].(string); return s }
	list := func(name string) []string {
		if all := strings.Fields(text(name)); len(all) > 0 {
			return all
		}
		return nil
	}
	id := Identity{
		Subject:  text(identitySubject),
		Tenants:  list(identityTenants),
		Scopes:   list(identityScopes),
		Kind:     text(identityKind),
		Group:    text(identityGroup),
		Networks: list(identityNetwork),
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
