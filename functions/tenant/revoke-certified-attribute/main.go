// Command revoke-certified-attribute serves DELETE /tenants/{tenantId}/certifiedAttributes/{attributeId}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.RevokeCertified) }
