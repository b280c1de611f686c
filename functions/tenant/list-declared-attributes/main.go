// Command list-declared-attributes serves GET /tenants/{tenantId}/declaredAttributes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.ListDeclared) }
