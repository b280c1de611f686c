// Command list-verifiers serves GET /tenants/{tenantId}/verifiedAttributes/{attributeId}/verifiers.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.ListVerifiers) }
