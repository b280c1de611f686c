// Command list-verified-attributes serves GET /eservices/{eserviceId}/descriptors/{descriptorId}/verifiedAttributes.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.ListVerifiedAttributes) }
