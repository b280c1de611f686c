// Command publish serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/publish.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.Publish) }
