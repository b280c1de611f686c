// Command create-descriptor serves POST /eservices/{eserviceId}/descriptors.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.CreateDescriptor) }
