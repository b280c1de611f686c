// Command verify-attribute serves POST /tenants/{tenantId}/verifiedAttributes.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.VerifyAttribute) }
