// Command remove-verified-attribute serves DELETE /eservices/{eserviceId}/descriptors/{descriptorId}/verifiedAttributes/groups/{groupIndex}/attributes/{attributeId}.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.RemoveVerifiedAttribute) }
