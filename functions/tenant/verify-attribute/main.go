// Command verify-attribute serves POST /tenants/{tenantId}/verifiedAttributes.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.VerifyAttribute) }
