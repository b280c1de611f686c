// Command revoke-declared-attribute serves DELETE /tenants/{tenantId}/declaredAttributes/{attributeId}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.RevokeDeclared) }
