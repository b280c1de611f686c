// Command list-revokers serves GET /tenants/{tenantId}/verifiedAttributes/{attributeId}/revokers.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.ListRevokers) }
