// Command get serves GET /tenants/{tenantId}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.Get) }
