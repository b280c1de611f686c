// Command delete-descriptor serves DELETE /eservices/{eserviceId}/descriptors/{descriptorId}.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.DeleteDescriptor) }
