// Command list-certified-attributes serves GET /tenants/{tenantId}/certifiedAttributes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.ListCertified) }
