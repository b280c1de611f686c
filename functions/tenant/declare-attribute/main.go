// Command declare-attribute serves POST /tenants/{tenantId}/declaredAttributes.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.Declare) }
