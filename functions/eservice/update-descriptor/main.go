// Command update-descriptor serves PATCH /eservices/{eserviceId}/descriptors/{descriptorId}.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.UpdateDescriptor) }
