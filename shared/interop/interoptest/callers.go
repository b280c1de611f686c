package interoptest

import (
	"fmt"

	"ciclo/shared/interop"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
)

// Organization returns the caller behind a token of an organization with those roles.
func Organization(id string, roles ...string) *api.Identity {
	return &api.Identity{Subject: id, Kind: interop.KindOrganization, Scopes: roles}
}

// Admin returns the caller of organization n who may change what it owns.
func Admin(n int) *api.Identity { return Organization(organizationID(n), interop.RoleAdmin) }

// Reader returns the caller of organization n who may read.
func Reader(n int) *api.Identity { return Organization(organizationID(n), interop.RoleReader) }

// Certifier returns the caller of organization n who may certify attributes.
func Certifier(n int) *api.Identity { return Organization(organizationID(n), interop.RoleCertifier) }

// organizationID is the id of organization n; ids are in the order of the numbers.
func organizationID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// Register records organizations in the registry of tenants, as their first calls do.
func (w *World) Register(callers ...*api.Identity) {
	w.Helper()
	registrar := tenant.NewRegistrar(w.Deps())
	for _, caller := range callers {
		if err := registrar.Register(w.Context(), interop.Organization{ID: caller.Subject}); err != nil {
			w.Fatal(err)
		}
	}
}
