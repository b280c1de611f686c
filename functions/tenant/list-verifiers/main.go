// Command list-verifiers serves GET /tenants/{tenantId}/verifiedAttributes/{attributeId}/verifiers.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.ListVerifiers) }
