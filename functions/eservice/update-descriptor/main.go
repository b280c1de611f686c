// Command update-descriptor serves PATCH /eservices/{eserviceId}/descriptors/{descriptorId}.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.UpdateDescriptor) }
