// Command create-certified-group serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/certifiedAttributes/groups.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.CreateCertifiedGroup) }
