// Command list-certified-attributes serves GET /eservices/{eserviceId}/descriptors/{descriptorId}/certifiedAttributes.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.ListCertifiedAttributes) }
