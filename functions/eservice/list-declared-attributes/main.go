// Command list-declared-attributes serves GET /eservices/{eserviceId}/descriptors/{descriptorId}/declaredAttributes.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.ListDeclaredAttributes) }
