// Command revoke-declared-attribute serves DELETE /tenants/{tenantId}/declaredAttributes/{attributeId}.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.RevokeDeclared) }
