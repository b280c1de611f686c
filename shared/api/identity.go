package api

import (
	"context"
	"slices"
	"strings"
)

// Identity is what an authorizer found out about the caller.
type Identity struct {
	Subject string   // whom the token or key was issued to
	Tenants []string // whose paths the caller may use, e.g. issuer ids
	Scopes  []string
	Kind    string // issuer, aggregator, …
}

// Owns tells whether the caller may use the tenant's paths.
func (id Identity) Owns(tenant string) bool { return slices.Contains(id.Tenants, tenant) }

// HasScope tells whether the caller has one of scopes.
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
)

// AuthorizerContext is the identity as an authorizer returns it to API Gateway.
func (id Identity) AuthorizerContext() map[string]any {
	return map[string]any{
		identitySubject: id.Subject,
		identityTenants: strings.Join(id.Tenants, " "),
		identityScopes:  strings.Join(id.Scopes, " "),
		identityKind:    id.Kind,
	}
}

// IdentityFromAuthorizer reads what AuthorizerContext wrote; false when there is
// no subject, as on a route without an authorizer.
func IdentityFromAuthorizer(m map[string]any) (Identity, bool) {
	text := func(name string) string { s, _ := m[name].(string); return s }
	id := Identity{
		Subject: text(identitySubject),
		Tenants: strings.Fields(text(identityTenants)),
		Scopes:  strings.Fields(text(identityScopes)),
		Kind:    text(identityKind),
	}
	return id, id.Subject != ""
}

type identityKey struct{}

// WithIdentity returns a context for a request of that caller.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// IdentityFrom returns the caller; false when nobody was identified.
func IdentityFrom(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(Identity)
	return id, ok
}
