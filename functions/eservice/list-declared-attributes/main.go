// Command list-declared-attributes serves GET /eservices/{eserviceId}/descriptors/{descriptorId}/declaredAttributes.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.ListDeclaredAttributes) }
