// Command assign-certified-attribute serves POST /tenants/{tenantId}/certifiedAttributes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.AssignCertified) }
