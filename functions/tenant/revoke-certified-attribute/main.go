// Command revoke-certified-attribute serves DELETE /tenants/{tenantId}/certifiedAttributes/{attributeId}.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.RevokeCertified) }
