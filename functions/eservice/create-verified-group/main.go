// Command create-verified-group serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/verifiedAttributes/groups.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.CreateVerifiedGroup) }
