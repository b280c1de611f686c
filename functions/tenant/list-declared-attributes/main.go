// Command list-declared-attributes serves GET /tenants/{tenantId}/declaredAttributes.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.ListDeclared) }
