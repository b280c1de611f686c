// Command list-verified-attributes serves GET /tenants/{tenantId}/verifiedAttributes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.ListVerified) }
