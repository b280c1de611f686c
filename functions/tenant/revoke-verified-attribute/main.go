// Command revoke-verified-attribute serves DELETE /tenants/{tenantId}/verifiedAttributes/{attributeId}.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.RevokeVerification) }
