// Command create-verified-group serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/verifiedAttributes/groups.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.CreateVerifiedGroup) }
