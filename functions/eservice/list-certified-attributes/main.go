// Command list-certified-attributes serves GET /eservices/{eserviceId}/descriptors/{descriptorId}/certifiedAttributes.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.ListCertifiedAttributes) }
