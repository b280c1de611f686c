// Command create-descriptor serves POST /eservices/{eserviceId}/descriptors.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.CreateDescriptor) }
