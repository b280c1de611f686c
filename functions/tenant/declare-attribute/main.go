// Command declare-attribute serves POST /tenants/{tenantId}/declaredAttributes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.Declare) }
