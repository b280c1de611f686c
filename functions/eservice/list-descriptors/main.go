// Command list-descriptors serves GET /eservices/{eserviceId}/descriptors.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.ListDescriptors) }
