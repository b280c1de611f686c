// Command list-verified-attributes serves GET /tenants/{tenantId}/verifiedAttributes.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.ListVerified) }
