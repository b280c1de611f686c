// Command add-declared-attributes serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/declaredAttributes/groups/{groupIndex}/attributes.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.AddDeclaredAttributes) }
