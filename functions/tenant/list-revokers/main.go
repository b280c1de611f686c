// Command list-revokers serves GET /tenants/{tenantId}/verifiedAttributes/{attributeId}/revokers.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.ListRevokers) }
