// Command create-certified-group serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/certifiedAttributes/groups.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.CreateCertifiedGroup) }
