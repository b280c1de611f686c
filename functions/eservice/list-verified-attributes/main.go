// Command list-verified-attributes serves GET /eservices/{eserviceId}/descriptors/{descriptorId}/verifiedAttributes.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.ListVerifiedAttributes) }
