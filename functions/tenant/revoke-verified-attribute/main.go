// Command revoke-verified-attribute serves DELETE /tenants/{tenantId}/verifiedAttributes/{attributeId}.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.RevokeVerification) }
