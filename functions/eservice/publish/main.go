// Command publish serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/publish.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.Publish) }
