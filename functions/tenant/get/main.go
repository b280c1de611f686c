// Command get serves GET /tenants/{tenantId}.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.Get) }
