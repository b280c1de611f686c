// Command update-certified-attribute serves PATCH /eservices/{eserviceId}/descriptors/{descriptorId}/certifiedAttributes/groups/{groupIndex}/attributes/{attributeId}.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.UpdateCertifiedAttribute) }
