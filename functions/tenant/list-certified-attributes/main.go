// Command list-certified-attributes serves GET /tenants/{tenantId}/certifiedAttributes.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.ListCertified) }
