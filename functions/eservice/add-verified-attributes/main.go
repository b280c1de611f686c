// Command add-verified-attributes serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/verifiedAttributes/groups/{groupIndex}/attributes.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.AddVerifiedAttributes) }
